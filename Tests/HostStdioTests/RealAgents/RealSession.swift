import CSystem
import Foundation
import JSON
import Testing

/// One session of a real agent on the model server of this machine, through the whole host.
final class RealSession {
    let cli: RealCLI
    let model: RealModel
    let home: HostHome
    let id: JSON
    private(set) var host: HostProcess

    /// Where the agent works, and where it keeps its own records.
    var work: String { home.path + "/work" }
    var agentHome: String { home.path + "/home" }

    static let allowsAll: JSON = ["rules": [["tool": "*", "decision": "allow"]]]

    /// - Parameters:
    ///   - settings: further members of the driver's entry in the configuration.
    init(_ cli: RealCLI, permissions: JSON = allowsAll, settings: JSONObject = [:]) throws {
        let model = try RealModel()
        var failure: (any Error)?
        home = try HostHome { path in
            do {
                var driver = try cli.driver(model: model, home: path + "/home").objectValue ?? [:]
                for setting in settings { driver[setting.key] = setting.value }
                return [.object(driver)]
            } catch {
                failure = error
                return []
            }
        }
        if let failure { throw failure }
        (self.cli, self.model) = (cli, model)
        try FileManager.default.createDirectory(atPath: home.path + "/work", withIntermediateDirectories: true)
        host = try HostProcess(in: home)
        id =
            try host.call(
                "session.create",
                ["driver": "real", "working_dir": .string(home.path + "/work"), "permissions": permissions])["id"]
            ?? .null
        try subscribe()
    }

    /// Agents that are still there would write on into a folder that is being removed.
    deinit { _ = try? host.finish() }

    private func subscribe() throws { _ = try host.call("session.subscribe", ["session_id": id]) }

    /// Kills the host where it stands, and starts another one in its place.
    func killHost() throws {
        host.program.signal(SIGKILL)
        #expect(try host.program.wait() == -Int(SIGKILL))
        host = try HostProcess(in: home)
        try subscribe()
    }

    // MARK: - Tasks

    func execute(_ prompt: String, _ more: JSONObject = [:]) throws -> JSON {
        var params: JSONObject = ["session_id": id, "prompt": .string(prompt), "stream": false]
        for member in more { params[member.key] = member.value }
        return try host.call("task.execute", .object(params))
    }

    func start(_ prompt: String) throws -> JSON {
        let task = try host.call("task.start", ["session_id": id, "prompt": .string(prompt)])
        return try #require(task["task_id"])
    }

    func hear(_ event: String, of task: JSON) throws -> JSON {
        try host.awaitUnasked(event) { $0["params"]?["task_id"] == task }
    }

    func wait(_ task: JSON) throws -> JSON { try host.call("task.wait", ["task_id": task]) }

    /// A task that is under way and does not end by itself.
    /// - Parameter command: what it runs, twice, once in a session of its own; `nil`: it writes.
    func endless(command: String? = nil) throws -> JSON {
        let task = try start(command.map { "RUN setsid \($0) & \($0)" } ?? "SLOW")
        guard let command else {
            _ = try hear("text.delta", of: task)
            return task
        }
        #expect(eventually { Self.processes(command).count >= 2 }, "it never ran \(command)")
        return task
    }

    func cancel(_ task: JSON) throws -> JSON {
        _ = try host.call("task.cancel", ["task_id": task])
        return try wait(task)
    }

    /// The texts of the session's warnings.
    func warnings() throws -> [String] {
        let log = try host.call("session.events", ["session_id": id, "types": ["warning"]])
        return (log["items"]?.arrayValue ?? []).compactMap { $0["data"]?["message"]?.stringValue }
    }

    // MARK: - What is left and what it cost

    /// The processes with exactly this command line.
    static func processes(_ command: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { name in
            guard Int(name) != nil, let data = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
                return false
            }
            let words = String(decoding: data, as: UTF8.self).split(separator: "\0")
            return words.joined(separator: " ") == command
        }
    }

    /// No process of any run is there but those that wait warm.
    func expectNothingLeft(_ command: String = "no such command", _ location: SourceLocation = #_sourceLocation) {
        #expect(host.leftovers() == [], sourceLocation: location)
        #expect(Self.processes(command) == [], sourceLocation: location)
    }

    /// The ledger and the model server agree: to the token, and to the billionth of a dollar where the agent tells it.
    /// Of an answer that the agent cut short nobody knows how much had been written.
    /// - Parameter isUntold: what the agent tells nobody of.
    func expectBill(
        without isUntold: (RealModel.Exchange) -> Bool = { _ in false }, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let row = try #require(
            try host.call("usage.summary", ["session_id": id, "group_by": "total"])["items"]?.arrayValue?.first)
        let exchanges = try model.exchanges.filter { !isUntold($0) }
        #expect(row["outside"] == nil, sourceLocation: location)
        let isExact = exchanges.allSatisfy(\.isWhole)
        func billed(_ name: String) -> Int {
            ["known", "estimated"].reduce(0) { $0 + (row[$1]?[name]?.intValue ?? 0) }
        }
        for name in ["input_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "output_tokens"] {
            let whole = exchanges.filter { $0.isWhole || name != "output_tokens" }.reduce(0) { $0 + $1.tokens(name) }
            if isExact || name != "output_tokens" {
                #expect(billed(name) == whole, "\(name) in \(row)", sourceLocation: location)
            } else {
                #expect(billed(name) >= whole, "\(name) in \(row)", sourceLocation: location)
            }
        }
        guard isExact, cli == .claude else { return }
        let nano = (row["known"]?["cost_usd"]?.doubleValue ?? 0) * 1e9
        let sum = exchanges.reduce(0) { $0 + $1.nanoDollars }
        #expect(Int(nano.rounded()) == sum, sourceLocation: location)
    }
}
