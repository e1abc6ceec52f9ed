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
        }
    }
}
