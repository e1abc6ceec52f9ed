import CSystem
import Foundation

struct StdioError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Long enough for the busiest machine: nothing is measured with it, it only ends what hangs.
let patienceMilliseconds: Int32 = 20_000

/// A program that a test has started. It is killed, with its group, when the test lets go of it.
final class Program {
    let pid: pid_t
    private var status: Int?

    /// - Parameters: what become its descriptors 0, 1 and 2; those of the caller stay open.
    init(_ words: [String], environment: [String: String], input: Int32, output: Int32, error: Int32) throws {
        let texts = (words + environment.map { "\($0.key)=\($0.value)" }).map { strdup($0) }
        defer { texts.forEach { free($0) } }
        let pointers = texts.map { UnsafePointer($0) }
        let (argv, envp) = (Array(pointers.prefix(words.count)) + [nil], Array(pointers.dropFirst(words.count)) + [nil])
        var pid: pid_t = 0
        let result = argv.withUnsafeBufferPointer { argv in
            envp.withUnsafeBufferPointer { envp in
                var options = cs_spawn_options()
                options.path = pointers[0]
                options.arguments = argv.baseAddress
                options.environment = envp.baseAddress
                (options.input, options.output, options.error) = (input, output, error)
                return cs_spawn(&options, &pid)
            }
        }
        guard result == 0 else { throw StdioError("cannot start \(words[0]): \(String(cString: strerror(-result)))") }
        self.pid = pid
    }

    deinit {
        guard status == nil else { return }
        kill(pid, SIGKILL)
        cs_signal_group(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    /// Its exit code, or the negated number of the signal that ended it.
    func wait() throws -> Int {
        if let status { return status }
        let descriptor = cs_exit_descriptor(pid)
        guard descriptor >= 0 else { throw StdioError("no exit descriptor") }
        defer { close(descriptor) }
        try awaitReady(descriptor, POLLIN, "the program to end")
        var code: Int32 = 0
        guard cs_reap(pid, &code) == 1 else { throw StdioError("it has not ended") }
        status = Int(code)
        return Int(code)
    }

    func signal(_ signal: Int32) { kill(pid, signal) }
}

/// Waits until a descriptor is ready or at its end.
func awaitReady(_ descriptor: Int32, _ events: some BinaryInteger, _ what: String) throws {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    while true {
        let count = poll(&entry, 1, patienceMilliseconds)
        if count > 0 { return }
        guard count < 0, errno == EINTR else { throw StdioError("waited in vain for \(what)") }
    }
}

/// Asks again until it is so: for what another process is about to do.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<12_000 {
        if try condition() { return true }
        usleep(5000)
    }
    return false
}

/// A folder that is removed with everything in it when the test lets go of it.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "stdio-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The programs under test, built beside the tests.
enum Built {
    static let host = path("agenthost")
    static let agent = path("fake-agent")

    private static func path(_ name: String) -> String {
        let beside = Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let candidates = ([program] + beside).map { $0.appending(path: name).path }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? candidates[0]
    }
}
