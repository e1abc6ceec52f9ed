import Foundation
import JSON
import Testing

extension CrashTests {
    /// Tasks that run again until their result is accepted, with an agent's processes and the host's checks.
    @Suite struct IterationTests {
        private static func home(resumes: Bool) throws -> (HostHome, HostProcess, folder: String) {
            let sessions = FileManager.default.temporaryDirectory.appending(path: "runs-\(UUID().uuidString)").path
            let home = try HostHome(["--sessions", sessions], resumes: resumes)
            let folder = "\(home.path)/work"
            try FileManager.default.createDirectory(atPath: sessions, withIntermediateDirectories: true)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            return (home, try home.host(), folder)
        }

        @Test(arguments: [true, false]) func aCheckIsRepeatedUntilItSucceeds(resumes: Bool) throws {
            let (home, host, folder) = try Self.home(resumes: resumes)
            defer { withExtendedLifetime(home) {} }
            let session = try #require(try host.call("session.create", ["working_dir": .string(folder)])["id"])
            let check = "echo x >> count; test $(wc -l < count) -ge 3 || { echo once more; exit 4; }"
            let result = try host.call(
                "task.execute",
                ["session_id": session, "prompt": "Count", "check": .string(check), "max_iterations": 5])
            #expect(result["status"] == "completed")
            let told = result["output"]?.stringValue ?? ""
            #expect(told.contains("It ended with 4.") && told.contains("once more"), "\(told)")
            // An agent that knows its prompt is told only what is wrong.
            #expect(told.contains("Count") == !resumes, "\(told)")
            let task = try host.call("task.get", ["task_id": result["task_id"] ?? .null])
            let runs = task["runs"]?.arrayValue ?? []
            #expect(runs.map { $0["driver_resumed"] } == [false, .bool(resumes), .bool(resumes)])
            if resumes { #expect(Set(runs.compactMap { $0["driver_session_id"] }).count == 1) }
            #expect(runs.allSatisfy { $0["ended_at"] != nil })
        }

        @Test func whatIsNeverAcceptedFails() throws {
            let (home, host, folder) = try Self.home(resumes: true)
            defer { withExtendedLifetime(home) {} }
            let session = try #require(try host.call("session.create", ["working_dir": .string(folder)])["id"])
            let result = try host.call(
                "task.execute", ["session_id": session, "prompt": "x", "check": "false", "max_iterations": 2])
            #expect(result["status"] == "failed")
            let message = result["error"]?["message"]?.stringValue ?? ""
            #expect(message.hasPrefix("The result was not accepted after 2 runs: The check false failed. It ended"))
        }

        @Test func theCallerAcceptsOrNot() throws {
            let (home, host, _) = try Self.home(resumes: true)
            defer { withExtendedLifetime(home) {} }
            host.send("host.initialize", ["capabilities": ["permissions": true]])
            let task = host.send("task.execute", ["prompt": "x", "accept": "permission", "max_iterations": 3])
            for (number, option) in zip(1..., ["reject", "accept"]) {
                func asks() -> [JSON] { host.told.filter { $0["method"] == "permission.request" } }
                try host.listen("ask \(number)") { asks().count == number }
                let ask = try #require(asks().last)
                #expect(ask["params"]?["tool"] == "task.result")
                host.answer(ask, ["option_id": .string(option)])
            }
            let result = try host.result(task)
            #expect(result["status"] == "completed")
            #expect(result["output"]?.stringValue?.contains("The caller did not accept it.") == true)
        }

        /// Two runs are not accepted; the host is killed in the third of four, and so is the one that goes on with it.
        @Test func aCrashGivesATaskNoMoreRunsThanItMayTake() throws {
            let (home, first, folder) = try Self.home(resumes: true)
            var host = first
            let session = try #require(try host.call("session.create", ["working_dir": .string(folder)])["id"])
            let check = "echo x >> count; touch ran; while [ -e hold$(wc -l < count) ]; do sleep 0.02; done; false"
            func hold(_ run: Int) throws { try Data().write(to: URL(filePath: "\(folder)/hold\(run)")) }
            func dieWhileItIsJudged(_ run: Int) throws {
                #expect(
                    eventually {
                        let count = try? String(contentsOfFile: "\(folder)/count", encoding: .utf8)
                        return count?.count == 2 * run
                    })
                host.end(SIGKILL)
                try FileManager.default.removeItem(atPath: "\(folder)/hold\(run)")
                host = try home.host()
                #expect(
                    try eventually {
                        let tasks = try host.call("task.list", ["session_id": session])["items"]?.arrayValue ?? []
                        return tasks.allSatisfy { $0["status"] == "interrupted" }
                    })
            }
            try hold(3)
            try hold(4)
            host.send(
                "task.execute",
                ["session_id": session, "prompt": "Count", "check": .string(check), "max_iterations": 4])
            try dieWhileItIsJudged(3)
            let lost = try #require(try host.call("task.list", ["session_id": session])["items"]?.arrayValue?.first)
            let again = try host.call("task.retry", ["task_id": lost["id"] ?? .null, "from": "checkpoint"])
            try dieWhileItIsJudged(4)
            let last = try host.call("task.retry", ["task_id": again["task_id"] ?? .null, "from": "checkpoint"])
            let result = try host.call("task.wait", ["task_id": last["task_id"] ?? .null])
            #expect(result["status"] == "failed")
            let message = result["error"]?["message"]?.stringValue ?? ""
            #expect(message.hasPrefix("The result was not accepted after 4 runs"), "\(message)")
            // Two before the crashes, the two that were hit, and the two that were left.
            let count = try String(contentsOfFile: "\(folder)/count", encoding: .utf8).count / 2
            #expect(count == 6)
        }

        /// The sum of what the runs used is what the task, its session and the ledger say.
        @Test func theBillIsThatOfAllRuns() throws {
            let (home, host, folder) = try Self.home(resumes: false)
            defer { withExtendedLifetime(home) {} }
            let made = try host.call("session.create", ["milestone_id": "beta", "working_dir": .string(folder)])
            let session = made["id"] ?? .null
            let prompt = #"{"usage": {"input_tokens": 10, "output_tokens": 2, "cost_usd": 0.01}}"#
            func execute(_ more: JSONObject) throws -> (result: JSON, runs: [JSON]) {
                var params: JSONObject = ["session_id": session, "prompt": .string(prompt), "max_iterations": 5]
                for (name, value) in more { params[name] = value }
                let result = try host.call("task.execute", .object(params))
                let task = try host.call("task.get", ["task_id": result["task_id"] ?? .null])
                return (result, task["runs"]?.arrayValue ?? [])
            }
            let (accepted, runs) = try execute(["check": "echo x >> count; test $(wc -l < count) -ge 3"])
            #expect(accepted["status"] == "completed" && runs.count == 3)
            #expect(accepted["usage"]?["cost_usd"] == 0.03)
            // A budget is the task's, whichever run uses it up.
            let (spent, tried) = try execute(["check": "false", "budget": ["cost_usd": 0.015]])
            #expect(spent["status"] == "failed" && spent["stop_reason"] == "budget", "\(spent)")
            #expect(tried.count == 2)
            let ended = try host.call("session.complete", ["session_id": session])
            #expect(ended["usage"]?["input_tokens"] == 50 && ended["usage"]?["cost_usd"] == 0.05)
            let bill = try host.call("usage.summary", ["group_by": "session"])["items"]?.arrayValue?.first
            #expect(bill?["runs"] == 5 && bill?["known"]?["cost_usd"] == 0.05, "\(bill ?? .null)")
        }

        @Test func aCancelEndsTheCheckAndTheTask() throws {
            let (home, host, folder) = try Self.home(resumes: true)
            defer { withExtendedLifetime(home) {} }
            let session = try #require(try host.call("session.create", ["working_dir": .string(folder)])["id"])
            let execution = host.send(
                "task.execute",
                ["session_id": session, "prompt": "x", "check": "touch began; sleep 60; false", "max_iterations": 3])
            #expect(eventually { FileManager.default.fileExists(atPath: "\(folder)/began") })
            let task = try host.call("task.list", ["session_id": session])["items"]?.arrayValue?.first?["id"] ?? .null
            try host.call("task.cancel", ["task_id": task])
            let result = try host.result(execution)
            #expect(result["status"] == "cancelled")
            #expect(try host.call("task.get", ["task_id": task])["runs"]?.arrayValue?.count == 1, "no further run")
            #expect(try host.call("task.execute", ["session_id": session, "prompt": "y"])["status"] == "completed")
        }

        @Test func aMilestonesSessionIsCompletedWithItsTotals() throws {
            let (home, host, _) = try Self.home(resumes: true)
            defer { withExtendedLifetime(home) {} }
            let made = try host.call("session.create", ["milestone_id": "beta"])
            let session = try #require(made["id"])
            #expect(made["milestone_id"] == "beta")
            for prompt in ["one", "{\"result\": {\"stop_reason\": \"error\", \"error\": \"no\"}}", "three"] {
                try host.call("task.execute", ["session_id": session, "prompt": .string(prompt)])
            }
            let ended = try host.call("session.complete", ["session_id": session])
            #expect(ended["ended_at"] != nil && ended["task_count"] == 3)
            #expect(ended["totals"]?["tasks_by_status"] == ["completed": 2, "failed": 1])
            #expect(ended["totals"]?["failures_by_reason"] == ["error": 1])
            // What belongs to the milestone is found by it.
            try host.call("task.execute", ["prompt": "another"])
            let found = try host.call("session.list", ["milestone_id": "beta"])["items"]?.arrayValue ?? []
            #expect(found.map { $0["id"] } == [session])
            #expect(try host.call("task.list", ["milestone_id": "beta"])["items"]?.arrayValue?.count == 3)
            let stats = try host.call("session.stats", ["milestone_id": "beta"])
            #expect(stats["tasks_by_status"] == ["completed": 2, "failed": 1])
            #expect(try host.call("session.list", ["milestone_id": "other"])["items"] == [])
        }
    }
}
