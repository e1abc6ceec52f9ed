import Foundation
import JSON
import Testing

/// One session of an agent through the whole host.
private final class ACPSession {
    private(set) var host: HostProcess
    let id: JSON
    let work: String

    init(_ home: HostHome, driver: JSON) throws {
        host = try HostProcess(in: home)
        work = home.path + "/work"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        try Data("from a file\n".utf8).write(to: URL(filePath: work + "/a.txt"))
        id = try host.call("session.create", ["driver": driver, "working_dir": .string(work)])["session_id"] ?? .null
        try decide("allow")
    }

    /// Agents that are still there would write on into a folder that is being removed.
    deinit { _ = try? host.finish() }

    /// What the session says to every ask from now on.
    func decide(_ decision: JSON) throws {
        _ = try host.call(
            "session.update", ["session_id": id, "permissions": ["tools": ["execute": decision]]])
    }

    /// Another host, and so another process of the agent: it has to load the session.
    func restart() throws {
        #expect(try host.finish() == 0)
        #expect(host.leftovers() == [])
        host = try HostProcess(in: host.home)
    }

    func execute(_ prompt: String, planOnly: Bool = false) throws -> JSON {
        try host.call(
            "task.execute",
            ["session_id": id, "prompt": .string(prompt), "stream": false, "plan_only": .bool(planOnly)])
    }

    /// Cancels a task as soon as it is heard of.
    func cancelled(_ prompt: String, at event: String) throws -> JSON {
        _ = try host.call("session.subscribe", ["session_id": id])
        let task = try host.call("task.start", ["session_id": id, "prompt": .string(prompt)])["task_id"] ?? .null
        _ = try host.awaitUnasked(event) { $0["params"]?["task_id"] == task }
        _ = try host.call("task.cancel", ["task_id": task])
        return try host.call("task.wait", ["task_id": task])
    }
}

/// Agents of the Agent Client Protocol that others have made: one on its Python SDK, and `mistral-vibe`.
@Suite(.serialized) struct RealACPTests {
    @Test(.needs(RealAgents.pythonSDK, "the SDK of the Agent Client Protocol"))
    func anAgentOnThePythonSDK() throws {
        let python = try #require(RealAgents.pythonSDK)
        let home = try HostHome { path in
            [
                [
                    "kind": "acp", "name": "echo", "executable": .string(python),
                    "arguments": [.string(RealAgents.script("echo_agent.py")), .string(path + "/agent")],
                ]
            ]
        }
        let session = try ACPSession(home, driver: "echo")
        let first = try session.execute("hello")
        #expect(first["output"] == "echo 1: hello")
        #expect(first["driver_resumed"] == false)
        #expect(try session.execute("again")["output"] == "echo 2: again")

        #expect(try session.execute("ASK")["output"] == "yes")
        try session.decide("deny")
        #expect(try session.execute("ASK")["output"] == "no")
        try session.decide("allow")
        #expect(try session.execute("READ \(session.work)/a.txt")["output"] == "from a file\n")
        #expect(try session.execute("RUN echo from; pwd")["output"] == .string("from\n\(session.work)\n"))
        #expect(try session.execute("READ /etc/passwd")["status"] == "failed")

        #expect(try session.cancelled("SLOW", at: "text.delta")["status"] == "cancelled")
        #expect(session.host.leftovers() == [])

        try session.restart()
        let loaded = try session.execute("still there")
        #expect(loaded["output"] == "echo 9: still there")
        #expect(loaded["driver_resumed"] == true)
        #expect(loaded["driver_session_id"] == first["driver_session_id"])
        try session.restart()
        for file in try FileManager.default.contentsOfDirectory(atPath: home.path + "/agent") {
            try FileManager.default.removeItem(atPath: home.path + "/agent/" + file)
        }
        let anew = try session.execute("hello")
        #expect(anew["status"] == "completed")
        #expect(anew["driver_resumed"] == false)
    }

    @Test(.needs(RealAgents.vibe, "mistral-vibe"))
    func mistralVibe() throws {
        let vibe = try #require(RealAgents.vibe)
        let model = try RealModel()
        let home = try HostHome { path in
            [
                [
                    "kind": "acp", "preset": "vibe", "executable": .string(vibe), "mode": "ask",
                    "environment": ["VIBE_HOME": .string(path), "HOME": .string(path)],
                ]
            ]
        }
        try Data(Self.vibeConfiguration(model.port).utf8).write(to: URL(filePath: home.path + "/config.toml"))
        let session = try ACPSession(home, driver: "vibe")
        let first = try session.execute("hello")
        #expect(first["output"] == "1 hello", "\(first)")
        try writesOnlyWhereItMay(session)
        #expect(first["driver_resumed"] == false)

        let second = try session.execute("RUN echo from a tool > made.txt")
        #expect(second["output"]?.stringValue?.hasPrefix("done: ") == true, "\(second)")
        let made = session.work + "/made.txt"
        #expect(try String(contentsOfFile: made, encoding: .utf8) == "from a tool\n")
        try session.decide("deny")
        #expect(try session.execute("RUN echo denied > made.txt")["status"] == "completed")
        #expect(try String(contentsOfFile: made, encoding: .utf8) == "from a tool\n")
        try session.decide("allow")
        // What it asks to find a title for the conversation it counts nowhere.
        let counted = try model.exchanges.filter { $0.prompts.first == "hello" }
        let told = counted.reduce(0) { $0 + $1.tokens("input_tokens") }
        let usage = try session.host.call("session.get", ["session_id": session.id])["usage"]
        #expect(usage?["input_tokens"]?.intValue == told, "its counts are of the session, the bills of the runs")

        #expect(try session.cancelled("SLOW", at: "text.delta")["status"] == "cancelled")
        #expect(try session.cancelled("RUN sleep 3103", at: "permission.resolved")["status"] == "cancelled")
        #expect(session.host.leftovers() == [])
        #expect(RealSession.processes("sleep 3103") == [])

        try session.restart()
        let loaded = try session.execute("still there")
        #expect(loaded["driver_resumed"] == true)
        #expect(loaded["driver_session_id"] == first["driver_session_id"])
        let prompts = try #require(try model.exchanges.last).prompts
        #expect(prompts.first == "hello", "it has loaded the conversation")
        #expect(prompts.last == "still there")
    }

    /// Held to reading, it writes nothing, whichever tool it tries and whatever the session allows.
    private func writesOnlyWhereItMay(_ session: ACPSession) throws {
        let allowsAll: JSON = ["rules": [["tool": "*", "decision": "allow"]]]
        _ = try session.host.call("session.update", ["session_id": session.id, "permissions": allowsAll])
        for planOnly in [true, false] {
            for tool in ["RUN touch", "CALL"] {
                let file = "\(session.work)/\(tool.prefix(3))\(planOnly).txt"
                let prompt =
                    tool == "CALL"
                    ? "CALL write_file {\"path\": \"\(file)\", \"content\": \"written\"}" : "RUN touch \(file)"
                let result = try session.execute(prompt, planOnly: planOnly)
                #expect(FileManager.default.fileExists(atPath: file) == !planOnly, "\(prompt): \(result)")
            }
        }
        try session.decide("allow")
    }

    private static func vibeConfiguration(_ port: Int) -> String {
        """
        active_model = "loopback"
        enable_telemetry = false
        enable_update_checks = false
        enable_auto_update = false

        [[providers]]
        name = "loopback"
        api_base = "http://127.0.0.1:\(port)/v1"

        [[models]]
        name = "loopback"
        provider = "loopback"
        alias = "loopback"
        """
    }
}
