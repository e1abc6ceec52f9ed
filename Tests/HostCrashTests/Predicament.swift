import CSystem
import Foundation

/// What a host is at when it does not answer: for whoever reads why a test failed.
struct Predicament: CustomStringConvertible {
    let pid: pid_t
    let told: [String]

    var description: String {
        var pids = [pid_t](repeating: 0, count: 64)
        let count = Int(max(0, cs_descendants(pid, &pids, Int32(pids.count))))
        let processes = ([pid] + pids.prefix(count)).flatMap(Self.threads)
        return "\n  last told: \(told.suffix(12).joined(separator: ", "))\n  " + processes.joined(separator: "\n  ")
    }

    /// Each thread of a process: its state and where in the kernel it waits.
    private static func threads(of pid: pid_t) -> [String] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        let command = text("/proc/\(pid)/cmdline").replacing("\0", with: " ").prefix(120)
        return ["\(pid) \(command)"]
            + tasks.sorted().map { task in
                let folder = "/proc/\(pid)/task/\(task)"
                let state = text(folder + "/status").split(separator: "\n").first { $0.hasPrefix("State:") } ?? ""
                return "  \(task) \(state) \(text(folder + "/wchan")) \(text(folder + "/syscall").prefix(40))"
            }
    }

    private static func text(_ path: String) -> String {
        guard let bytes = try? Data(contentsOf: URL(filePath: path)) else { return "" }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
