import AgentModel
import CSystem
import DriverCLI
import Foundation
import JSON
import Store
import StoreSQLite

@testable import HostCore

struct LoopError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A folder that goes when the test is over.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "core-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A host on a thread of this process, with pipes to and from it: so that a sanitizer sees all its threads.
final class LoopHost {
    private var input: Int32
    private var output: Int32
    private var bytes: [UInt8] = []
    private var lastID = 0
    private let end = ExitCode()
    private(set) var replies: [Int: JSON] = [:]
    private(set) var told: [JSON] = []

    // The condition guards the code.
    private final class ExitCode: @unchecked Sendable {
        private let condition = NSCondition()
        private var code: Result<Int32, any Error>?

        func set(_ code: Result<Int32, any Error>) {
            condition.lock()
            self.code = code
            condition.signal()
            condition.unlock()
        }

        func wait() throws -> Int32 {
            condition.lock()
            defer { condition.unlock() }
            while true {
                if let code { return try code.get() }
                guard condition.wait(until: Date(timeIntervalSinceNow: 60)) else {
                    throw LoopError("the host does not end")
                }
            }
        }
    }

    /// - Parameters:
    ///   - faults: of its store, at changes of that kind.
    ///   - change: of the options that it is started with.
    init(
        in folder: TemporaryFolder, faults: [Int: FailingStore.Fault] = [:],
        of kind: FailingStore.Kind = .changesOfPlans,
        _ change: @escaping @Sendable (inout HostOptions) -> Void = { _ in }
    ) throws {
        var toHost: [Int32] = [0, 0]
        var fromHost: [Int32] = [0, 0]
        guard cs_pipe(&toHost) == 0, cs_pipe(&fromHost) == 0 else { throw LoopError("no pipe") }
        cs_ignore_sigpipe()
        (input, output) = (toHost[1], fromHost[0])
        let (theirInput, theirOutput, end) = (toHost[0], fromHost[1], end)
        let thread = Thread {
            end.set(
                Result {
                    try Self.run(folder, theirInput, theirOutput, change) {
                        try FailingStore(faults, of: kind, $0, open: $1)
                    }
                })
            close(theirInput)
            close(theirOutput)
        }
        thread.stackSize = 8 << 20
        thread.start()
    }

    deinit {
        closeInput()
        closeOutput()
    }

    private static func run(
        _ folder: TemporaryFolder, _ input: Int32, _ output: Int32, _ change: (inout HostOptions) -> Void,
        makeStore: (@escaping StoreSink, (@escaping StoreSink) throws -> any Store) throws -> any Store
    ) throws -> Int32 {
        var options = HostOptions(
            version: "test", resultsRoot: "\(folder.path)/results", trashRoot: "\(folder.path)/.trash", worker: [],
            environment: .current())
        options.input = input
        options.output = output
        options.drivers = [
            CommandDriver(
                try CommandConfiguration([
                    "name": "fake", "executable": .string(fakeAgent), "output": "lines",
                    "capabilities": ["streams_text", "concurrent_runs_safe", "asks_permission"],
                ])),
            // Its script names its sessions.
            CommandDriver(
                try CommandConfiguration([
                    "name": "named", "executable": .string(fakeAgent), "output": "lines",
                    "capabilities": ["streams_text", "resumes", "reports_usage"],
                ])),
            WarmDriver(executable: fakeAgent, sessions: "\(folder.path)/agent"),
        ]
        options.defaultDriver = "fake"
        change(&options)
        let host = try Host(options) { sink in
            try makeStore(sink) { sink in
                try SQLiteStore.open(
                    StoreOptions(
                        folder: "\(folder.path)/store", hostID: HostClock().id(), pid: Int(getpid()),
                        startedAt: HostClock().now(), sink: sink))
            }
        }
        return host.run()
    }

    static let fakeAgent: String = {
        let own = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let folders = [own] + Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        let candidates = folders.map { $0.appending(path: "fake-agent").path }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? candidates[0]
    }()

    // MARK: - The client's side

    @discardableResult
    func send(_ method: String, _ params: JSON = [:]) -> Int { send([(method, params)])[0] }

    /// Requests that the host reads at once. Returns their numbers.
    func send(_ requests: [(method: String, params: JSON)]) -> [Int] {
        let numbers = requests.indices.map { lastID + 1 + $0 }
        lastID += requests.count
        let lines = zip(numbers, requests).flatMap { number, request in
            let message: JSON = [
                "jsonrpc": "2.0", "id": .int(Int64(number)), "method": .string(request.method),
                "params": request.params,
            ]
            return message.encoded() + [UInt8(ascii: "\n")]
        }
        _ = lines.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
        return numbers
    }

    func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    func closeOutput() {
        if output >= 0 { close(output) }
        output = -1
    }

    /// Listens until a condition holds.
    func listen(_ what: String, until condition: () -> Bool) throws {
        let end = cs_monotonic_ms() + 60_000
        while !condition() {
            var entry = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard cs_monotonic_ms() < end else { throw LoopError("nothing of \(what)") }
            guard poll(&entry, 1, 100) > 0 else { continue }
            let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = max(0, read(output, buffer.baseAddress, buffer.count))
            }
            guard !chunk.isEmpty else { throw LoopError("the host has ended before \(what)") }
            bytes += chunk
            while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                let message = try JSON.parse(Array(bytes[..<end]))
                bytes.removeFirst(end + 1)
                if let id = message["id"]?.intValue { replies[id] = message } else { told.append(message) }
            }
        }
    }

    func result(_ id: Int) throws -> JSON {
        try listen("request \(id)") { replies[id] != nil }
        guard let result = replies[id]?["result"] else { throw LoopError("\(replies[id] ?? .null)") }
        return result
    }

    @discardableResult
    func call(_ method: String, _ params: JSON = [:]) throws -> JSON { try result(send(method, params)) }

    /// The exit code, once the host has ended.
    func wait() throws -> Int32 { try end.wait() }
}
