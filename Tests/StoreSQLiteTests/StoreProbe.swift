import Foundation

/// A process of the program `store-probe`, which tells line by line what a store has acknowledged.
struct StoreProbe {
    private static let program: String = {
        let beside = Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        let own = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let candidates = ([own] + beside).map { $0.appending(path: "store-probe").path }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? candidates[0]
    }()

    let process = Process()
    let output = Pipe()

    init(_ arguments: [String]) throws {
        process.executableURL = URL(filePath: Self.program)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
    }

    /// Reads until so many bytes were told, kills the process, and returns all its whole lines.
    func killed(afterBytes count: Int) -> [[Substring]] {
        var told = Data()
        while told.count < count {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            told += more
        }
        kill(process.processIdentifier, SIGKILL)
        return ended(told)
    }

    /// Waits for its end and returns all its whole lines.
    func finished() -> [[Substring]] { ended(Data()) }

    private func ended(_ begun: Data) -> [[Substring]] {
        let told = begun + output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let whole = told.prefix(upTo: told.lastIndex(of: 10) ?? told.startIndex)
        return String(decoding: whole, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
    }

    /// By SIGKILL, once it has ended.
    var wasKilled: Bool { process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL }
}
