import Foundation
import JSON
import Testing

extension CrashTests {
    /// Plans that are stopped in the middle of a step, and go on.
    @Suite struct PlanStopTests {
        private static func plan(_ host: HostProcess, _ steps: [JSON], driver: String = "fake") throws -> JSON {
            let params: JSON = ["title": "Stops", "driver": .string(driver), "batches": [["steps": .array(steps)]]]
            return try #require(try host.call("plan.create", params)["id"])
        }

        private static func step(_ id: String, _ lines: String...) -> JSON {
            ["id": .string(id), "description": .string(id), "prompt": .string(lines.joined(separator: "\n"))]
        }

        /// What a session's log says of that type.
        private static func events(_ type: String, _ host: HostProcess, _ session: JSON?) throws -> [JSON] {
            try host.events(session?.stringValue ?? "").filter { $0["type"] == .string(type) }
        }

        @Test func aStepGoesOnFromItsCheckpointAndRepeatsNoToolCall() throws {
            let home = try HostHome(resumes: false, capabilities: ["checkpoints"])
            var host = try home.host()
            let plan = try Self.plan(
                host,
                [
                    Self.step(
                        "a", "{\"tool\": \"one\"}", "{\"checkpoint\": {}}", "{\"tool\": \"two\"}",
                        "{\"checkpoint\": {}}", "{\"unless_continued\": [{\"stall\": true}]}",
                        "{\"tool\": \"three\"}", "{\"say\": \"done\"}")
                ])
            host.send("plan.execute", ["plan_id": plan])
            var saved = 0
            try host.listen("two checkpoints") {
                saved = host.told.count { $0["params"]?["type"] == "checkpoint.saved" }
                return saved >= 2
            }
            host.end(SIGKILL)
            host = try home.host()
            let ended = try host.result(host.send("plan.execute", ["plan_id": plan]))
            #expect(ended["status"] == "completed")
            let tools = try Self.events("tool.started", host, ended["session_id"]).map { $0["data"]?["name"] }
            #expect(tools == ["one", "two", "three"], "each once")
            let tasks = ended["steps"]?.arrayValue?.first?["task_ids"]?.arrayValue ?? []
            #expect(tasks.count == 2)
            #expect(try host.call("task.get", ["task_id": tasks.last ?? .null])["retry_of"] == tasks.first)
            let runs = try Self.events("run.started", host, ended["session_id"])
            #expect(runs.last?["data"]?["from_checkpoint_id"] != nil)
        }

        @Test func anAgentThatHasHeardOfItsStepIsToldToGoOn() throws {
            let home = try HostHome()
            var host = try home.host()
            let plan = try Self.plan(
                host, [Self.step("a", "{\"say\": \"begun\"}", "{\"stall\": true}")], driver: "claude")
            host.send("plan.execute", ["plan_id": plan])
            try host.listen("a word") { host.told.contains { $0["params"]?["type"] == "message" } }
            host.end(SIGKILL)
            host = try home.host()
            let ended = try host.result(host.send("plan.execute", ["plan_id": plan]))
            #expect(ended["status"] == "completed")
            let tasks = ended["steps"]?.arrayValue?.first?["task_ids"]?.arrayValue ?? []
            let result = try host.call("task.get", ["task_id": tasks.last ?? .null])["result"]
            let output = result?["output"]?.stringValue ?? ""
            #expect(output.hasPrefix("You said: Go on where you stopped"), "\(output)")
            #expect(!output.contains("begun"), "it knows what it was asked for")
            #expect(result?["driver_resumed"] == true)
        }

        @Test func aPausedSessionHoldsItsPlanWithoutCostingAnAttempt() throws {
            let home = try HostHome()
            let host = try home.host()
            let plan = try Self.plan(
                host, [Self.step("a", "{\"sleep_ms\": 300}", "{\"say\": \"a\"}"), Self.step("b", "{\"say\": \"b\"}")])
            let execution = host.send("plan.execute", ["plan_id": plan])
            try host.listen("the first step") { host.told.contains { $0["params"]?["type"] == "run.started" } }
            let session = try host.call("plan.get", ["plan_id": plan])["session_id"] ?? .null
            try host.call("session.pause", ["session_id": session])
            let held = try host.result(execution)
            #expect(held["status"] == "interrupted")
            #expect(held["reason"]?.stringValue?.contains("paused") == true)
            let steps = held["steps"]?.arrayValue ?? []
            #expect(steps.map { $0["status"] } == ["completed", "pending"])
            #expect(steps.map { $0["attempts"] } == [1, 0])
            try host.call("session.resume", ["session_id": session])
            let ended = try host.call("plan.execute", ["plan_id": plan])
            #expect(ended["status"] == "completed")
            #expect((ended["steps"]?.arrayValue ?? []).map { $0["attempts"] } == [1, 1])
        }

        @Test func anotherHostCancelsAPlanThatRunsHere() throws {
            let home = try HostHome()
            let (host, other) = (try home.host(), try home.host())
            let plan = try Self.plan(host, [Self.step("a", "{\"stall\": true}"), Self.step("b", "{\"say\": \"b\"}")])
            let execution = host.send("plan.execute", ["plan_id": plan])
            try host.listen("the first step") { host.told.contains { $0["params"]?["type"] == "run.started" } }
            #expect(try other.call("plan.cancel", ["plan_id": plan])["accepted"] == true)
            let ended = try host.result(execution)
            #expect(ended["status"] == "cancelled")
            #expect((ended["steps"]?.arrayValue ?? []).map { $0["status"] } == ["cancelled", "pending"])
        }

        @Test func aCancelThatWasHandedOverHoldsWhenTheOtherHostDies() throws {
            let home = try HostHome()
            let (host, other) = (try home.host(), try home.host())
            let plan = try Self.plan(host, [Self.step("a", "{\"stall\": true}"), Self.step("b", "{\"say\": \"b\"}")])
            host.send("plan.execute", ["plan_id": plan])
            try host.listen("the first step") { host.told.contains { $0["params"]?["type"] == "run.started" } }
            // It hears of nothing any more.
            kill(host.pid, SIGSTOP)
            let cancel = other.send("plan.cancel", ["plan_id": plan])
            for _ in 0..<20 { try other.call("plan.get", ["plan_id": plan]) }
            #expect(other.replies[cancel] == nil, "nobody has cancelled it")
            host.end(SIGKILL)
            #expect(try other.result(cancel)["accepted"] == true)
            #expect(try other.call("plan.get", ["plan_id": plan])["status"] == "cancelled")
        }

        @Test func aRetryIsJudgedAsItsTaskWas() throws {
            let home = try HostHome()
            let host = try home.host()
            let params: JSON = ["prompt": "{\"say\": \"x\"}", "check": "echo too short; false", "max_iterations": 2]
            let first = host.send("task.execute", params)
            let failed = try host.result(first)
            #expect(failed["status"] == "failed")
            let task = failed["task_id"] ?? .null
            // A temporary session takes no further task until it is resumed.
            try host.call("session.resume", ["session_id": failed["session_id"] ?? .null])
            let retried = try host.call("task.retry", ["task_id": task])
            let again = try host.call("task.wait", ["task_id": retried["task_id"] ?? .null])
            #expect(again["status"] == "failed", "the check is the task's")
            let found = try host.call("task.get", ["task_id": retried["task_id"] ?? .null])
            #expect(found["runs"]?.arrayValue?.count == 2, "and so is what it may take")
            let queued = try Self.events("task.queued", host, failed["session_id"])
            #expect(queued.map { $0["data"]?["check"] } == ["echo too short; false", "echo too short; false"])
        }
    }
}
