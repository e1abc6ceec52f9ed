import JSON
import Testing

/// What agents use, what they may use, and what is told them while they work: in a whole host.
@Suite(.serialized) struct SpendingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ host: LoopHost, _ session: JSON, _ steps: JSON...) throws -> JSON {
        try host.call(
            "task.execute",
            ["session_id": session, "prompt": .string(steps.map(\.description).joined(separator: "\n"))])
    }

    private func used(_ tokens: Int) -> JSON { ["input_tokens": .int(Int64(tokens)), "cost_usd": 0.01] }

    @Test func countsOverResumesBecomeBillsOfRuns() throws {
        let host = try LoopHost(in: folder)
        let session = try host.call("session.create", ["driver": "named"])["session_id"] ?? .null
        func tokens(_ result: JSON) -> JSON? { result["usage"]?["input_tokens"] }
        #expect(tokens(try run(host, session, ["session": "s"], ["usage_total": used(100)])) == 100)
        #expect(tokens(try run(host, session, ["usage_total": used(130)])) == 30)
        let dead = try run(host, session, ["usage_total": used(150)], ["kill": 9])
        #expect(dead["stop_reason"] == "no_result")
        #expect(dead["usage"]?["input_tokens"] == 20)
        #expect(dead["usage"]?["accuracy"] == "estimated")
        #expect(tokens(try run(host, session, ["usage_before": used(180)], ["usage_total": used(200)])) == 20)
        let task = try host.call("task.get", ["task_id": dead["task_id"] ?? .null])
        #expect(task["runs"]?.arrayValue?.first?["usage"]?["input_tokens"] == 50, "what it had not told is its own")
        #expect(tokens(try run(host, session, ["usage_before": used(207)], ["usage_total": used(210)])) == 3)
        let row = try host.call("usage.summary")["items"]?.arrayValue?.first ?? .null
        #expect(row["known"]?["input_tokens"] == 153)
        #expect(row["estimated"]?["input_tokens"] == 50)
        #expect(row["outside"]?["input_tokens"] == 7)
        #expect(row["runs"] == 5)
        #expect(try host.call("session.get", ["session_id": session])["usage"]?["input_tokens"] == 203)
    }

    @Test func aSessionHasOneBudgetForAllItsTasks() throws {
        let host = try LoopHost(in: folder)
        let created = try host.call("session.create", ["budget": ["tokens": 100]])
        #expect(created["budget"] == ["tokens": 100])
        let session = created["session_id"] ?? .null
        #expect(try run(host, session, ["usage": used(60)])["status"] == "completed")
        let over = try run(host, session, ["usage": used(60)], ["sleep_ms": 600_000])
        #expect(over["stop_reason"] == "budget")
        #expect(over["error"]?["code"] == 1010)
        #expect(over["usage"]?["input_tokens"] == 60, "what was spent is recorded")
        let refused = host.send("task.execute", ["session_id": session, "prompt": "x"])
        try host.listen("the refusal") { host.replies[refused] != nil }
        #expect(host.replies[refused]?["error"]?["code"] == 1010)
        let raised = try host.call("session.update", ["session_id": session, "budget": ["tokens": 1000]])
        #expect(raised["budget"] == ["tokens": 1000])
        #expect(try run(host, session, ["say": "x"])["status"] == "completed")
        let cleared = try host.call("session.update", ["session_id": session, "budget": nil])
        #expect(cleared["budget"] == nil)
        #expect(try host.call("session.get", ["session_id": session])["budget"] == nil)
    }

    @Test func aRunningTaskTakesSomethingIn() throws {
        let host = try LoopHost(in: folder)
        func steer(_ task: JSON) throws -> JSON {
            let id = host.send("task.steer", ["task_id": task, "text": "leave May out"])
            try host.listen("the answer") { host.replies[id] != nil }
            return host.replies[id] ?? .null
        }
        let session = try host.call("session.create", ["driver": "warm"])["session_id"] ?? .null
        let execute = host.send("task.execute", ["session_id": session, "prompt": #"{"say": "?"}\#n{"steered": 1}"#])
        func isTold(_ type: JSON) -> Bool { host.told.contains { $0["params"]?["type"] == type } }
        try host.listen("its first word") { isTold("message") }
        let task = host.told.first { $0["params"]?["type"] == "message" }?["params"]?["task_id"] ?? .null
        #expect(try steer(task)["result"]?["task_id"] == task)
        #expect(try host.result(execute)["output"] == "?\nsteered: leave May out")
        let log = try host.call("session.events", ["session_id": session, "types": ["message"]])
        #expect(log["items"]?.arrayValue?.map { $0["data"]?["role"] } == ["assistant", "user", "assistant"])
        #expect(try steer(task)["error"]?["code"] == 1002, "it has ended")
        let deaf = host.send("task.execute", ["driver": "fake", "prompt": #"{"say": "?"}\#n{"sleep_ms": 600000}"#])
        try host.listen("its first word") { host.told.filter { $0["params"]?["type"] == "message" }.count > 3 }
        let other = host.told.last { $0["params"]?["type"] == "message" }?["params"]?["task_id"] ?? .null
        #expect(try steer(other)["error"]?["code"] == 1013)
        try host.call("task.cancel", ["task_id": other])
        #expect(try host.result(deaf)["status"] == "cancelled")
        #expect(try steer("task_0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d0011")["error"]?["code"] == 1001)
    }

    @Test func anAnswerHasToMeetItsSchema() throws {
        let host = try LoopHost(in: folder)
        let schema: JSON = ["type": "object", "properties": ["n": ["type": "integer"]], "required": ["n"]]
        func run(_ steps: JSON) throws -> JSON {
            try host.call("task.execute", ["prompt": .string(steps.description), "output_schema": schema])
        }
        let good = try run(["say": #"{"n": 830}"#])
        #expect(good["status"] == "completed")
        #expect(good["structured_output"] == ["n": 830])
        let bad = try run(["say": #"{"n": "830"}"#])
        #expect(bad["stop_reason"] == "schema_unsatisfied")
        #expect(bad["error"]?["raw"]?["path"] == "$.n")
        #expect(try run(["say": "830"])["status"] == "failed")
        let prompt = try run(["echo": "prompt"])["output"]?.stringValue ?? ""
        #expect(prompt.contains("JSON Schema"), "it is told what it has to meet")
        let refused = host.send("task.execute", ["prompt": "x", "output_schema": ["items": ["type": "text"]]])
        try host.listen("the refusal") { host.replies[refused] != nil }
        #expect(host.replies[refused]?["error"]?["code"] == -32602)
        #expect(host.replies[refused]?["error"]?["data"]?["path"] == "params.output_schema.items.type")
    }
}
