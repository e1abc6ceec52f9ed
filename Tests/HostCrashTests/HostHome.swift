import CSQLite
import CSystem
import Foundation
import JSON

struct CrashError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A store in a folder of its own, and a configuration whose drivers are the scripted agent in each protocol, that of
/// lines by default. Everything that ever runs for it carries a mark in its environment.
final class HostHome {
    let path: String
    let mark: String

    var store: String { "\(path)/store" }
    var database: String { "\(store)/agenthost.db" }

    /// - Parameters:
    ///   - arguments: of the scripted agent.
    ///   - resumes: whether it keeps sessions of its own.
    ///   - capabilities: what else it can.
    init(_ arguments: [String] = [], resumes: Bool = true, capabilities: [JSON] = []) throws {
        let name = UUID().uuidString
        path = FileManager.default.temporaryDirectory.appending(path: "crash-\(name)").path
        mark = "AGENTHOST_TEST_MARK=\(name)"
        for folder in ["agent", "tmp"] {
            try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
        }
        let driver: JSON = [
            "name": "fake", "executable": .string(Self.program("fake-agent")), "output": "lines",
            "arguments": .array(arguments.map(JSON.string)),
            "environment": ["AGENTHOST_TEST_MARK": .string(name)],
            "capabilities": .array(
                ["streams_text", "concurrent_runs_safe", "asks_permission", "reports_usage"]
                    + (resumes ? ["resumes"] : []) + capabilities),
        ]
        let configuration: JSON = [
            "default_driver": "fake", "drivers": .array([driver] + Self.others(mark: name, sessions: path + "/agent")),
            "warm": ["processes": 3, "idle_s": 1],
        ]
        try Data(configuration.encoded()).write(to: URL(filePath: "\(path)/config.json"))
    }

    /// The scripted agent, standing for others.
    private static func others(mark: String, sessions: String) -> [JSON] {
        let text: JSON = ["name": "text", "output": "text", "arguments": ["--text"]]
        let exec: JSON = ["transport": "exec"]
        let tongues: [(name: String, kind: String, more: JSON)] = [
            ("text", "command", text), ("acp", "acp", [:]), ("claude", "claude", [:]), ("codex", "codex", [:]),
            ("codex-exec", "codex", exec),
        ]
        return tongues.map { name, kind, more in
            var driver: JSONObject = [
                "name": .string(name), "kind": .string(kind), "executable": .string(program("fake-agent")),
                "environment": ["AGENTHOST_TEST_MARK": .string(mark)],
                "arguments": ["--speak", .string(kind), "--sessions", .string(sessions)],
            ]
            for member in more.objectValue ?? [:] { driver[member.key] = member.value }
            return .object(driver)
        }
    }

    deinit {
        for pid in agents { kill(pid, SIGKILL) }
        try? FileManager.default.removeItem(atPath: path)
    }

    func host(_ arguments: [String] = []) throws -> HostProcess {
        try HostProcess(
            Self.program("agenthost"),
            ["serve", "--store", store, "--config", "\(path)/config.json", "--quiet"] + arguments, log: "\(path)/log",
            temporary: temporary)
    }

    /// Where its hosts and their agents put what they do not keep.
    var temporary: String { "\(path)/tmp" }

    /// The processes that were started for a task of this store and still are there.
    var agents: [pid_t] {
        var pids = [pid_t](repeating: 0, count: 1024)
        let count = cs_find_by_environment(mark, &pids, Int32(pids.count))
        return Array(pids.prefix(Int(max(0, count))))
    }

    /// A program that is built beside the tests.
    static func program(_ name: String) -> String {
        let own = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let folders = [own] + Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        let candidates = folders.map { $0.appending(path: name).path }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? candidates[0]
    }

    /// The rows of a statement, each as its columns joined by `|`; for when no host is in the store, or only to look.
    func rows(_ sql: String) throws -> [String] {
        var handle: OpaquePointer?
        defer { sqlite3_close(handle) }
        guard sqlite3_open_v2(database, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
            throw CrashError("cannot open \(database)")
        }
        sqlite3_busy_timeout(handle, 10_000)
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else {
            throw CrashError(String(cString: sqlite3_errmsg(handle)))
        }
        var rows: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            let columns = (0..<sqlite3_column_count(statement)).map { column in
                sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
            }
            rows.append(columns.joined(separator: "|"))
        }
        return rows
    }
}

/// Asks again until it is so.
func eventually(within seconds: Double = 20, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = cs_monotonic_ms() + UInt64(seconds * 1000)
    while cs_monotonic_ms() < end {
        if try condition() { return true }
        usleep(3000)
    }
    return try condition()
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
}

/// Whether the long runs are asked for.
let isLong = ProcessInfo.processInfo.environment["AGENTHOST_TEST_LONG"] != nil
