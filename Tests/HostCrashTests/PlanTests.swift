import Foundation
import JSON
import Testing

extension CrashTests {
    /// Plans whose hosts are killed: one driver session throughout, and nothing that was done is done again.
    @Suite struct PlanTests {
        /// The agent's own record of each of its sessions: the prompts that it was given, in their order.
        private struct Agent {
            let folder: String
            let home: HostHome

            init() throws {
                folder = FileManager.default.temporaryDirectory.appending(path: "plan-\(UUID().uuidString)").path
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                home = try HostHome(["--sessions", folder])
            }

            func sessions() throws -> [String: [String]] {
                var sessions: [String: [String]] = [:]
                for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                    let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                    sessions[name] = try text.split(separator: "\n").map {
                        try JSON.parse(Array($0.utf8)).stringValue ?? ""
                    }
                }
                return sessions
            }
        }

        private static func step(_ number: Int, _ milliseconds: Int = 20) -> JSON {
            let prompt = "Step \(number)\n{\"sleep_ms\": \(milliseconds)}\n{\"say\": \"did \(number)\"}"
            var step: JSONObject = [
                "id": .string("s\(number)"), "description": "One of twelve", "prompt": .string(prompt),
            ]
            if number > 1 { step["depends_on"] = [.string("s\(number - 1)")] }
            return .object(step)
        }

        private static func done(_ host: HostProcess) -> Int {
            host.told.compactMap { $0["params"] }.filter { $0["type"] == "progress" }
                .compactMap { $0["data"]?["done"]?.intValue }.max() ?? 0
        }

        @Test func aPlanOfTwelveStepsSurvivesTwoKills() throws {
            let agent = try Agent()
            var host = try agent.home.host()
            let batches = stride(from: 1, through: 12, by: 3).map { first -> JSON in
                ["steps": .array((first..<first + 3).map { Self.step($0, $0 == 5 || $0 == 9 ? 400 : 20) })]
            }
            let made = try host.call("plan.create", ["title": "Twelve", "batches": .array(batches)])
            let plan = try #require(made["id"])
            for steps in [4, 8] {
                // It is killed in the middle of the next step.
                host.send("plan.execute", ["plan_id": plan])
                try host.listen("\(steps) steps") { Self.done(host) >= steps }
                let before = try agent.sessions().values.first?.count ?? 0
                try #require(eventually { try agent.sessions().values.first?.count ?? 0 > before || before > steps })
                host.end(SIGKILL)
                host = try agent.home.host()
            }
            let ended = try host.result(host.send("plan.execute", ["plan_id": plan]))
            #expect(ended["status"] == "completed")
            #expect(ended["done"] == 12)
            let sessions = try agent.sessions()
            #expect(sessions.count == 1, "one driver session throughout")
            let steps = ended["steps"]?.arrayValue ?? []
            #expect(Set(steps.compactMap { $0["driver_session_id"] }).count == 1)
            #expect(Set(steps.compactMap { $0["session_id"] }).count == 1)
            let prompts = sessions.values.first ?? []
            for (number, step) in zip(1..., steps) {
                let tasks = step["task_ids"]?.arrayValue ?? []
                // Only what a kill has interrupted was begun once more.
                let heard = prompts.count { $0.hasPrefix("Step \(number)\n") }
                #expect((1...tasks.count).contains(heard), "step \(number)")
                #expect(tasks.count == ([5, 9].contains(number) ? 2 : 1), "step \(number)")
                let ends = try tasks.map { try host.call("task.get", ["task_id": $0])["status"] }
                #expect(ends == (tasks.count == 1 ? ["completed"] : ["interrupted", "completed"]), "step \(number)")
            }
            // In the order of the plan, whatever happened.
            let order = prompts.compactMap { Int($0.dropFirst(5).prefix { $0.isNumber }) }
            #expect(order == order.sorted())
        }

        @Test func aBatchOfHighRiskWaitsOverTheDeathOfItsHost() throws {
            let agent = try Agent()
            var host = try agent.home.host()
            host.send("host.initialize", ["capabilities": ["permissions": true]])
            let batches: JSON = [["steps": [Self.step(1)]], ["risk": "high", "steps": [Self.step(2)]]]
            let plan = try #require(try host.call("plan.create", ["title": "Risky", "batches": batches])["id"])
            host.send("plan.execute", ["plan_id": plan])
            try host.listen("the ask") { host.told.contains { $0["method"] == "permission.request" } }
            host.end(SIGKILL)
            host = try agent.home.host()
            host.send("host.initialize", ["capabilities": ["permissions": true]])
            #expect(try host.call("plan.get", ["plan_id": plan])["waits_for"] != nil)
            let execution = host.send("plan.execute", ["plan_id": plan])
            try host.listen("the ask") { host.told.contains { $0["method"] == "permission.request" } }
            let ask = try #require(host.told.last { $0["method"] == "permission.request" })
            #expect(ask["params"]?["tool"] == "plan.batch")
            #expect(ask["params"]?["default"] == "deny")
            host.answer(ask, ["option_id": "allow"])
            #expect(try host.result(execution)["status"] == "completed")
            #expect(try agent.sessions().values.map(\.count) == [2])
            let asks = try host.call("permission.list")
            #expect(asks["items"] == [], "none is left open")
        }

        @Test(arguments: [false, true]) func filesThatAStepMadeAreItsArtifacts(inGit: Bool) throws {
            let home = try HostHome(resumes: false)
            let folder = "\(home.path)/work"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            if inGit {
                let git = Process()
                (git.executableURL, git.arguments) = (URL(filePath: "/usr/bin/git"), ["init", "-q", folder])
                try git.run()
                git.waitUntilExit()
                try Data("ignored.txt\n".utf8).write(to: URL(filePath: "\(folder)/.gitignore"))
            }
            try Data("old".utf8).write(to: URL(filePath: "\(folder)/old.txt"))
            func write(_ name: String, _ text: String) -> String {
                "{\"write_file\": {\"path\": \"\(folder)/\(name)\", \"text\": \"\(text)\"}}\n"
            }
            try FileManager.default.createDirectory(atPath: "\(folder)/.cache", withIntermediateDirectories: true)
            let ignored = inGit ? "ignored.txt" : ".cache/x.txt"
            let first = "Make it\n" + write("shop.py", "def sell(): pass") + write(ignored, "x")
            let second = "Change it\n" + write("old.txt", "newer") + "{\"echo\": \"context\"}"
            let steps: JSON = [
                ["id": "make", "description": .string(first)],
                ["id": "change", "description": .string(second), "depends_on": ["make"]],
            ]
            let host = try home.host()
            let made = try host.call(
                "plan.create", ["title": "Files", "working_dir": .string(folder), "batches": [["steps": steps]]])
            let ended = try host.call("plan.execute", ["plan_id": made["id"] ?? .null])
            #expect(ended["status"] == "completed")
            let files = (ended["steps"]?.arrayValue ?? []).map { $0["artifacts"]?.arrayValue ?? [] }
            #expect(files.map { $0.map { $0["path"] } } == [["shop.py"], ["old.txt"]])
            #expect(files.map { $0.map { $0["change"] } } == [["created"], ["modified"]])
            #expect(files[0].first?["sha256"]?.stringValue?.count == 64)
            // An agent without sessions of its own is told what the step before did.
            let task = ended["steps"]?.arrayValue?.last?["task_ids"]?.arrayValue?.first ?? .null
            let told = try host.call("task.get", ["task_id": task])["result"]?["output"]?.stringValue ?? ""
            #expect(told.contains("shop.py (created): exports sell"))
        }

        @Test func aStepThatFailsIsTriedAgainAndWhatDependsOnItIsBlocked() throws {
            let agent = try Agent()
            let host = try agent.home.host()
            var bad: JSONObject = ["id": "bad", "description": "It breaks"]
            bad["prompt"] = "Bad\n{\"result\": {\"stop_reason\": \"error\", \"error\": \"no\"}}"
            let steps: JSON = [
                .object(bad), ["id": "after", "description": "x", "depends_on": ["bad"]],
                ["id": "other", "description": "Other\n{\"say\": \"fine\"}"],
            ]
            let plan = try #require(
                try host.call(
                    "plan.create", ["title": "Bad", "batches": [["steps": steps]], "continue_on_failure": true])["id"])
            let ended = try host.result(host.send("plan.execute", ["plan_id": plan, "stream": false]))
            #expect(ended["status"] == "failed")
            let states = ended["steps"]?.arrayValue ?? []
            #expect(states.map { $0["status"] } == ["failed", "blocked", "completed"])
            #expect(states.map { $0["attempts"] } == [4, 0, 1])
            #expect(states[1]["blocked_by"] == "bad")
            #expect(try agent.sessions().count == 2, "the last attempt has a new driver session")
            #expect(host.told.isEmpty, "nobody asked to be told")
            let unknown = host.send("plan.get", ["plan_id": "plan_0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d0061"])
            #expect(try host.error(unknown)["code"] == 1001)
        }
    }
}
