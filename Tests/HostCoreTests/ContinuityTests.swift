import Foundation
import JSON
import Testing

@testable import HostCore

/// What becomes of a conversation when its agent knows it, has lost it, or never had it.
@Suite(.serialized) struct ContinuityTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ host: LoopHost, _ session: JSON, _ more: JSONObject = [:], _ steps: JSON...) throws -> JSON {
        var params: JSONObject = ["session_id": session]
        params["prompt"] = .string(steps.map(\.description).joined(separator: "\n"))
        for (name, value) in more { params[name] = value }
        return try host.call("task.execute", .object(params))
    }

    @Test func anAgentWithoutSessionsIsToldTheConversation() throws {
        let host = try LoopHost(in: folder)
        let session = try host.call("session.create")["session_id"] ?? .null
        #expect(try run(host, session, [:], ["echo": "record"])["output"] == "null", "there was none")
        _ = try run(host, session, [:], ["tool": "sql"], ["say": "830 orders"])
        let told = try run(host, session, [:], ["echo": "record"])["output"]?.stringValue ?? ""
        #expect(told.contains(#"User: {\"tool\""#))
        #expect(told.contains(#"[Tool sql: done]\n\nAssistant: 830 orders"#))
        #expect(try run(host, session, ["resumption": false], ["echo": "record"])["output"] == "null")
    }

    @Test func anAgentThatStartsFreshIsToldItToo() throws {
        let host = try LoopHost(in: folder)
        let session = try host.call("session.create", ["driver": "warm"])["session_id"] ?? .null
        _ = try run(host, session, [:], ["say": "830 orders"])
        #expect(try run(host, session, [:], ["echo": "record"])["output"] == "null", "it knows")
        let fresh = try run(host, session, ["persistence": "fresh"], ["echo": "record"])
        #expect(fresh["output"]?.stringValue?.contains("Assistant: 830 orders") == true)
    }

    @Test func anAgentThatHasLostItsSessionIsToldIt() throws {
        let host = try LoopHost(in: folder) { $0.warmProcessesMax = 0 }
        let session = try host.call("session.create", ["driver": "warm"])["session_id"] ?? .null
        _ = try run(host, session, [:], ["say": "830 orders"])
        _ = try run(host, session, [:], ["say": "91 customers"])
        try FileManager.default.removeItem(atPath: folder.path + "/agent")
        let result = try run(host, session, [:], ["echo": "record"])
        #expect(result["status"] == "completed")
        #expect(result["driver_resumed"] == false)
        let told = result["output"]?.stringValue ?? ""
        #expect(told.contains(#"Assistant: 830 orders\n\nUser: "#))
        #expect(told.contains("Assistant: 91 customers"))
        let events = try host.call("session.events", ["session_id": session, "types": ["run.started"]])
        #expect(events["items"]?.arrayValue?.last?["data"]?["fallback"] != nil)
        let stats = try host.call("session.stats")
        #expect(stats["resumes_tried"] == 2)
        #expect(stats["resumes_succeeded"] == 1)
        #expect(stats["resume_success_rate"] == 0.5)
    }

    // MARK: - One writer for each driver session

    /// A session whose agent's own session is called `shared`.
    private func sharing(_ host: LoopHost) throws -> JSON {
        let session = try host.call("session.create", ["driver": "named"])["session_id"] ?? .null
        #expect(try run(host, session, [:], ["session": "shared"])["driver_session_id"] == "shared")
        return session
    }

    @Test func anotherHostIsToldWhoHasTheDriverSession() throws {
        let (one, other) = (try LoopHost(in: folder), try LoopHost(in: folder))
        let (mine, theirs) = (try sharing(one), try sharing(other))
        let busy = one.send("task.execute", ["session_id": mine, "prompt": #"{"sleep_ms": 600000}"#])
        func runs() -> [JSON] { one.told.filter { $0["params"]?["type"] == "run.started" } }
        try one.listen("the start") { runs().count == 2 }
        let started = runs().last?["params"]?["task_id"] ?? .null
        let refused = other.send("task.execute", ["session_id": theirs, "prompt": "x"])
        try other.listen("the refusal") { other.replies[refused] != nil }
        #expect(other.replies[refused]?["error"]?["code"] == 1003)
        #expect(other.replies[refused]?["error"]?["data"]?["holder"]?["pid"] == .int(Int64(getpid())))
        let waiting = other.send("task.execute", ["session_id": theirs, "prompt": "x", "wait_ms": 60_000])
        try one.call("task.cancel", ["task_id": started])
        #expect(try one.result(busy)["status"] == "cancelled")
        #expect(try other.result(waiting)["status"] == "completed")
    }

    @Test func withinOneHostTheyTakeTurns() throws {
        let host = try LoopHost(in: folder)
        let (first, second) = (try sharing(host), try sharing(host))
        let long = host.send("task.execute", ["session_id": first, "prompt": #"{"sleep_ms": 300}"#])
        try host.listen("its start") {
            host.told.filter { $0["params"]?["type"] == "run.started" }.count == 3
        }
        let next = host.send("task.execute", ["session_id": second, "prompt": "x"])
        #expect(try host.result(next)["status"] == "completed")
        #expect(host.replies[long]?["result"]?["status"] == "completed", "it came first")
    }
}
