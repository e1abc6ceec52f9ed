import CSystem
import Foundation
import JSON
import Testing

/// Agents that others have made, where a Python environment holds them: `AGENTHOST_AGENTS`, else `.venv-agents` in the
/// repository's root. One is built on the protocol's Python SDK (`agent-client-protocol`), one is `mistral-vibe`, with
/// a model on this machine.
enum RealAgents {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let folder =
        ProcessInfo.processInfo.environment["AGENTHOST_AGENTS"] ?? root.appending(path: ".venv-agents").path

    static func script(_ name: String) -> String { root.appending(path: "Tests/RealAgents/\(name)").path }

    /// A Python that has the SDK.
    static let python: String? = {
        let python = folder + "/bin/python"
        let packages = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/lib")) ?? []
        let hasSDK = packages.contains {
            FileManager.default.fileExists(atPath: "\(folder)/lib/\($0)/site-packages/acp/__init__.py")
        }
        return hasSDK && FileManager.default.isExecutableFile(atPath: python) ? python : nil
    }()

    static let vibe: String? = {
        let path = folder + "/bin/vibe-acp"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()
}

/// One session of an agent through the whole host.
private struct RealSession {
    let host: HostProcess
    let id: JSON
    let work: String

    init(_ home: HostHome, driver: JSON) throws {
        host = try HostProcess(in: home)
        work = home.path + "/work"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        try Data("from a file\n".utf8).write(to: URL(filePath: work + "/a.txt"))
        let params: JSON = [
            "driver": driver, "working_dir": .string(work), "permissions": ["tools": ["execute": "allow"]],
        ]
        id = try host.call("session.create", params)["session_id"] ?? .null
        _ = try host.call("session.subscribe", ["session_id": id, "after_seq": 0])
    }

    func execute(_ prompt: String) throws -> JSON {
        try host.call("task.execute", ["session_id": id, "prompt": .string(prompt), "stream": false])
    }

    /// Cancels a task as soon as it is heard of.
    func cancelled(_ prompt: String, at event: String) throws -> JSON {
        let task = try host.call("task.start", ["session_id": id, "prompt": .string(prompt)])["task_id"] ?? .null
        _ = try host.awaitUnasked(event) { $0["params"]?["task_id"] == task }
        _ = try host.call("task.cancel", ["task_id": task])
        return try host.call("task.wait", ["task_id": task])
    }
}

@Suite(.serialized) struct RealACPTests {
    @Test(.enabled(if: RealAgents.python != nil, "no Python environment with the protocol's SDK"))
    func anAgentOnThePythonSDK() throws {
        let python = try #require(RealAgents.python)
        let home = try HostHome { path in
            [
                [
                    "kind": "acp", "name": "echo", "executable": .string(python),
                    "arguments": [.string(RealAgents.script("echo_agent.py")), .string(path + "/agent")],
                ]
            ]
        }
        let session = try RealSession(home, driver: "echo")
        #expect(try session.execute("hello")["output"] == "echo 1: hello")
        let second = try session.execute("again")
        #expect(second["output"] == "echo 2: again")
        #expect(second["driver_resumed"] == true)
        #expect(try session.execute("ASK")["output"] == "yes")
        #expect(try session.execute("READ \(session.work)/a.txt")["output"] == "from a file\n")
        #expect(try session.execute("RUN echo from; pwd")["output"] == .string("from\n\(session.work)\n"))
        #expect(try session.execute("READ /etc/passwd")["status"] == "failed")
        #expect(try session.cancelled("SLOW", at: "text.delta")["status"] == "cancelled")
        #expect(session.host.leftovers() == [])
        for file in try FileManager.default.contentsOfDirectory(atPath: home.path + "/agent") {
            try FileManager.default.removeItem(atPath: home.path + "/agent/" + file)
        }
        let anew = try session.execute("hello")
        #expect(anew["status"] == "completed")
        #expect(anew["driver_resumed"] == false)
    }

    @Test(.enabled(if: RealAgents.vibe != nil, "no mistral-vibe"))
    func mistralVibe() throws {
        let vibe = try #require(RealAgents.vibe)
        let model = Process()
        let (input, output) = (Pipe(), Pipe())
        model.executableURL = URL(filePath: vibe).deletingLastPathComponent().appending(path: "python")
        model.arguments = [RealAgents.script("chat_model.py")]
        model.standardInput = input
        model.standardOutput = output
        model.standardError = FileHandle.nullDevice
        try model.run()
        defer { try? input.fileHandleForWriting.close() }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
        let home = try HostHome { path in
            [
                [
                    "kind": "acp", "preset": "vibe", "executable": .string(vibe), "mode": "ask",
                    "environment": ["VIBE_HOME": .string(path), "HOME": .string(path)],
                ]
            ]
        }
        try Data(Self.vibeConfiguration(port).utf8).write(to: URL(filePath: home.path + "/config.toml"))
        let session = try RealSession(home, driver: "vibe")
        let first = try session.execute("hello")
        #expect(first["output"] == "1 hello")
        #expect(first["usage"]?["input_tokens"] == 100)
        let second = try session.execute("TOOL echo from a tool > made.txt")
        #expect(second["output"] == "done")
        #expect(second["driver_resumed"] == true)
        #expect(second["usage"]?["input_tokens"] == 200, "its counts are of the session, the bill of the run")
        #expect(try String(contentsOfFile: session.work + "/made.txt", encoding: .utf8) == "from a tool\n")
        #expect(try session.cancelled("SLOW", at: "text.delta")["status"] == "cancelled")
        #expect(try session.cancelled("TOOL sleep 600", at: "permission.resolved")["status"] == "cancelled")
        #expect(session.host.leftovers() == [])
        #expect(try session.execute("still there")["driver_resumed"] == true)
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
