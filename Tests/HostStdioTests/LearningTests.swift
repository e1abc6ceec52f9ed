import Foundation
import JSON
import Testing

/// What sessions that learn are told and teach, and that none of it ever costs a task.
@Suite struct LearningTests {
    let host: HostProcess

    init() throws { host = try HostProcess() }

    func session(_ more: JSONObject = [:]) throws -> JSON {
        var params: JSONObject = ["learning": ["enabled": true]]
        for member in more { params[member.key] = member.value }
        return try host.call("session.create", .object(params))["id"] ?? .null
    }

    func execute(_ session: JSON, _ prompt: String) throws -> JSON {
        try host.call("task.execute", ["session_id": session, "stream": false, "prompt": .string(prompt)])
    }

    func log(_ session: JSON) throws -> [JSON] {
        try host.call("session.events", ["session_id": session, "limit": 1000])["items"]?.arrayValue ?? []
    }

    func texts(_ place: JSONObject) throws -> [String] {
        let items = try host.call("memory.list", .object(place))["items"]?.arrayValue ?? []
        return items.compactMap { $0["content_text"]?.stringValue }
    }

    func sql(_ statement: String) throws {
        let file = "\(host.home.store)/agenthost.db"
        let shell = try Shell("sqlite3 -cmd '.timeout 5000' '\(file)' '\(statement)'", in: host.home)
        #expect(shell.code == 0, "\(host.home.said)")
    }

    // MARK: - Faults

    /// A table is gone: what needs it fails, at whatever point of the task that is.
    @Test(arguments: ["memory", "partition", "tail", "word", "calendar"])
    func memoryThatFailsNeverFailsATask(table: String) throws {
        _ = try host.call("memory.remember", ["key": "zebra", "value": "A zebra is an order that was returned."])
        let session = try session()
        try sql("ALTER TABLE \(table) RENAME TO away")
        let prompt = #"{"say": "How many zebra orders? Two."}"#
        let result = try execute(session, prompt)
        #expect(result["status"] == "completed", "\(result)")
        #expect(result["output"] == "How many zebra orders? Two.")
        let events = try log(session)
        #expect(events.compactMap { $0["seq"]?.intValue } == Array(1...events.count))
        #expect(events.last?["type"] == "task.completed")
        let warnings = events.filter { $0["type"] == "warning" }.compactMap { $0["data"]?["message"]?.stringValue }
        #expect(!warnings.isEmpty, "\(events)")
        #expect(!events.contains { $0["type"] == "memory.captured" })
        // The session is none the worse for it.
        try sql("ALTER TABLE away RENAME TO \(table)")
        #expect(try execute(session, #"{"say": "Zebra again"}"#)["status"] == "completed")
        #expect(try log(session).contains { $0["type"] == "memory.captured" })
        #expect(try texts(["session_id": session]).contains("Zebra again"))
        #expect(try host.finish() == 0)
    }

    @Test func aPlaceThatIsGoneIsAWarning() throws {
        let project = try host.call("project.create", ["name": "Shop"])["id"] ?? .null
        let session = try session(["project_id": project])
        _ = try host.call("project.delete", ["project_id": project])
        let finding = #"{"result": {"output": "x", "findings": [{"text": "Tills close at nine."}]}}"#
        let result = try execute(session, finding)
        #expect(result["status"] == "completed")
        let events = try log(session)
        #expect(events.last?["type"] == "task.completed")
        #expect(events.contains { $0["type"] == "warning" })
        #expect(try host.finish() == 0)
    }

    // MARK: - What is captured

    @Test func findingsAreTheProjectsWhereThereIsNoDatabase() throws {
        let project = try host.call("project.create", ["name": "Shop"])["id"] ?? .null
        let finding = #"{"result": {"output": "x", "findings": [{"text": "Tills close at nine.", "key": "till"}]}}"#
        for _ in 0..<2 {
            let session = try session(["project_id": project])
            #expect(try execute(session, finding)["status"] == "completed")
        }
        #expect(try texts(["project_id": project]) == ["Tills close at nine."])
        let found = try host.call("memory.get", ["project_id": project, "namespace": "findings", "key": "till"])
        #expect(found["source"]?["task_id"]?.stringValue?.hasPrefix("task_") == true, "\(found)")
        #expect(try host.finish() == 0)
    }

    /// An agent that has no other way states in its answer what is worth knowing.
    @Test func whatAnAnswerStatesIsCaptured() throws {
        let project = try host.call("project.create", ["name": "Shop"])["id"] ?? .null
        let session = try session(["project_id": project, "driver": "text"])
        let prompt = "Look\n- **Remember:** Tills close at nine.\nRemember: Tills close at nine.\nDone"
        let answer = try execute(session, prompt)
        #expect(answer["status"] == "completed")
        #expect(try texts(["project_id": project]) == ["Tills close at nine."])
        #expect(try host.finish() == 0)
    }

    @Test func ofATaskThatFailsTheReasonIsKept() throws {
        let session = try session()
        _ = try execute(session, "{\"say\": \"half\"}\n{\"exit\": 3}")
        let texts = try texts(["session_id": session])
        #expect(texts.contains { $0.contains("The task failed: The agent exited with code 3") }, "\(texts)")
        #expect(try host.finish() == 0)
    }

    /// The agent's own session holds what was said in it; another agent is told.
    @Test func whatTheAgentKnowsItIsNotTold() throws {
        let session = try session()
        for _ in 0..<2 {
            #expect(try execute(session, #"{"say": "The zebra has stripes."}"#)["status"] == "completed")
        }
        #expect(try !log(session).contains { $0["type"] == "memory.injected" })
        let afresh = try host.call(
            "task.execute",
            [
                "session_id": session, "stream": false, "resumption": false,
                "prompt": #"{"say": "Does the zebra have stripes?"}"#,
            ])
        #expect(afresh["status"] == "completed")
        #expect(try log(session).contains { $0["type"] == "memory.injected" })
        #expect(try host.finish() == 0)
    }

    /// Each in a process of its own, as the command line asks: what a session's end hands on counts them.
    @Test func recallsAreCountedWhoeverAsks() throws {
        let home = try HostHome()
        func asking(_ body: (HostProcess) throws -> Void) throws {
            let host = try HostProcess(in: home)
            try body(host)
            #expect(try host.finish() == 0)
        }
        var (project, session): (JSON, JSON) = (.null, .null)
        try asking { host in
            project = try host.call("project.create", ["name": "Shop"])["id"] ?? .null
            session =
                try host.call(
                    "session.create", ["project_id": project, "learning": ["enabled": true, "promote_after": 2]])["id"]
                ?? .null
            for (key, value) in [("till", "The till closes at nine."), ("door", "The door is green.")] {
                _ = try host.call(
                    "memory.remember",
                    ["session_id": session, "scope": "session", "key": .string(key), "value": .string(value)])
            }
        }
        for query in ["when does the till close?", "the till", "which colour has the door?"] as [JSON] {
            try asking { host in
                _ = try host.call("memory.recall", ["session_id": session, "query": query, "limit": 1])
            }
        }
        try asking { host in
            _ = try host.call("session.complete", ["session_id": session])
            let promoted = try host.call("memory.list", ["project_id": project])["items"]?.arrayValue ?? []
            #expect(promoted.map { $0["key"] } == ["till"])
            #expect(promoted.first?["recall_count"] == 2)
        }
    }
}
