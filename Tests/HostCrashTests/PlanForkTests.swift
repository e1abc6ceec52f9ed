import Foundation
import JSON
import Testing

extension CrashTests {
    /// Plans whose independent steps run at the same time, each in a fork of the plan's session, and whose hosts are
    /// killed: nothing that was done is done again, and no fork is left over.
    @Suite struct PlanForkTests {
        private let home: HostHome

        init() throws { home = try HostHome() }

        private static func step(_ id: String, after: [String] = [], _ more: String...) -> JSON {
            let lines = ["Step \(id)"] + more + ["{\"usage\": {\"input_tokens\": 10, \"output_tokens\": 2}}"]
            return [
                "id": .string(id), "description": .string("The step \(id)"),
                "prompt": .string((lines + ["{\"say\": \"did \(id)\"}"]).joined(separator: "\n")),
                "depends_on": .array(after.map(JSON.string)),
            ]
        }

        /// One step, three beside each other, one that is told of them.
        private static func diamond(milliseconds: Int) -> JSON {
            let sleep = "{\"sleep_ms\": \(milliseconds)}"
            let sides = ["a", "b", "c"].map { step($0, after: ["first"], sleep) }
            let last = step("last", after: ["a", "b", "c"], "{\"echo\": \"message\"}")
            return [["steps": .array([step("first")] + sides + [last])]]
        }

        private func make(_ host: HostProcess, _ batches: JSON, parallel: Int = 3) throws -> JSON {
            let folder = "\(home.path)/work"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let made = try host.call(
                "plan.create",
                [
                    "title": "Forks", "driver": "claude", "batches": batches, "parallel": .int(Int64(parallel)),
                    "working_dir": .string(folder),
                ])
            return try #require(made["id"])
        }

        private static func news(_ host: HostProcess) -> [String] {
            host.told.compactMap { $0["params"] }.filter { $0["type"] == "progress" }
                .compactMap { $0["data"]?["message"]?.stringValue }
        }

        private static func states(_ plan: JSON) -> [String: JSON] {
            let steps = (plan["steps"]?.arrayValue ?? []).map { ($0["id"]?.stringValue ?? "", $0) }
            return Dictionary(steps) { first, _ in first }
        }

        /// Each step was completed once, in a session that is there, and there is no other session.
        private func expectTidy(_ host: HostProcess, _ plan: JSON, _ name: String = "") throws {
            let steps = Self.states(plan)
            for (id, step) in steps {
                let ends = try (step["task_ids"]?.arrayValue ?? []).map {
                    try host.call("task.get", ["task_id": $0])["status"]
                }
                #expect(ends.last == "completed" && ends.dropLast().allSatisfy { $0 == "interrupted" }, "\(id) \(name)")
            }
            let named = Set(steps.values.compactMap { $0["session_id"]?.stringValue })
            let listed = try host.call("session.list", ["limit": 100])["items"]?.arrayValue ?? []
            #expect(Set(listed.compactMap { $0["id"]?.stringValue }) == named, "\(name)")
            for session in listed where session["id"] != plan["session_id"] {
                #expect(session["status"] == "completed", "a fork takes no further task: \(name)")
                #expect(session["plan_id"] == plan["id"])
            }
            #expect(try home.rows("SELECT count(*) FROM session WHERE hidden_at NOT NULL") == ["0"], "\(name)")
            #expect(try home.rows("SELECT count(*) FROM lease") == ["0"], "\(name)")
        }

        /// However many forks there are, they spend of one budget.
        @Test func forksSpendWhatTheSessionMay() throws {
            let host = try home.host()
            let session =
                try host.call("session.create", ["driver": "claude", "budget": ["tokens": 30]])["id"] ?? .null
            let sides = ["a", "b", "c"].enumerated().map { number, id in
                Self.step(id, after: ["first"], "{\"sleep_ms\": \(200 + 600 * number)}")
            }
            let plan = try host.call(
                "plan.create",
                [
                    "title": "Forks", "session_id": session, "parallel": 3, "continue_on_failure": true,
                    "batches": [["steps": .array([Self.step("first")] + sides)]],
                ])["id"]
            let ended = try host.result(host.send("plan.execute", ["plan_id": plan ?? .null]))
            let steps = Self.states(ended)
            #expect(steps["first"]?["status"] == "completed" && steps["a"]?["status"] == "completed")
            // The session and the first fork have used 24 of 30 tokens by now: the other two may not use 12 each.
            func used() throws -> Int {
                try host.call("usage.summary", ["group_by": "total"])["items"]?.arrayValue?.reduce(0) {
                    $0 + ($1["known"]?["input_tokens"]?.intValue ?? 0) + ($1["known"]?["output_tokens"]?.intValue ?? 0)
                } ?? 0
            }
            #expect(try used() <= 30 + 12, "beyond it by what one run says at its end")
            #expect(["b", "c"].contains { steps[$0]?["status"] == "failed" })
            #expect(ended["status"] == "failed")
            let forks = steps.values.compactMap { $0["session_id"] }.filter { $0 != session }
            for fork in Set(forks) {
                _ = try host.call("session.resume", ["session_id": fork])
            }
            for id in forks + [session] {
                let error = try host.error(host.send("task.execute", ["session_id": id, "prompt": "More"]))
                #expect(error["data"]?["reason"] == "budget_exceeded", "nothing is left in any of them")
            }
            // Who raises the session's raises that of all.
            _ = try host.call("session.update", ["session_id": session, "budget": ["tokens": 1000]])
            for id in forks + [session] {
                let more = try host.call("task.execute", ["session_id": id, "prompt": "More", "stream": false])
                #expect(more["status"] == "completed")
            }
            host.end(SIGTERM)
        }

        @Test func independentStepsRunBesideEachOtherOverTwoKills() throws {
            var host = try home.host()
            let plan = try make(host, Self.diamond(milliseconds: 600))
            // Killed while all three run.
            host.send("plan.execute", ["plan_id": plan])
            try host.listen("three steps") {
                ["a", "b", "c"].allSatisfy { Self.news(host).contains("\"\($0)\" begins.") }
            }
            try #require(eventually { home.agents.count >= 3 })
            let before = try host.call("plan.get", ["plan_id": plan])
            host.end(SIGKILL)
            // And while two of them still do, once more.
            host = try home.host()
            host.send("plan.execute", ["plan_id": plan])
            try host.listen("three steps") { Self.news(host).count { $0.hasSuffix("begins.") } >= 3 }
            let after = try host.call("plan.get", ["plan_id": plan])
            for id in ["a", "b", "c"] {
                #expect(Self.states(before)[id]?["session_id"] == Self.states(after)[id]?["session_id"], "its own fork")
            }
            host.end(SIGKILL)
            host = try home.host()
            let ended = try host.result(host.send("plan.execute", ["plan_id": plan]))
            #expect(ended["status"] == "completed")
            try expectTidy(host, ended)
            let steps = Self.states(ended)
            let sides = ["a", "b", "c"].compactMap { steps[$0] }
            #expect(Set(sides.compactMap { $0["session_id"] } + [ended["session_id"] ?? .null]).count == 4)
            #expect(Set(sides.compactMap { $0["driver_session_id"] }).count == 3)
            #expect(sides.allSatisfy { $0["task_ids"]?.arrayValue?.count == 3 })
            // Side by side: each began before any ended.
            let times = try sides.map { step in
                try host.call("task.get", ["task_id": step["task_ids"]?.arrayValue?.last ?? .null])
            }
            let lastStart = times.compactMap { $0["started_at"]?.stringValue }.max() ?? ""
            #expect(times.allSatisfy { ($0["ended_at"]?.stringValue ?? "") > lastStart })
            // The plan's own agent goes on where it was, and is told what the others did.
            #expect(steps["last"]?["session_id"] == ended["session_id"])
            #expect(steps["last"]?["driver_session_id"] == steps["first"]?["driver_session_id"])
            let told = try output(host, steps["last"])
            for id in ["a", "b", "c"] { #expect(told.contains("did \(id)"), "\(told)") }
            #expect(!told.contains("The step first"), "that it knows")
            // What a kill has hit is not known to have cost anything.
            #expect(ended["usage"]?["input_tokens"] == 50)
        }

        private func output(_ host: HostProcess, _ step: JSON?) throws -> String {
            let task = step?["task_ids"]?.arrayValue?.last ?? .null
            return try host.call("task.get", ["task_id": task])["result"]?["output"]?.stringValue ?? ""
        }

        @Test func killedAtAnyMomentItLeavesNoForks() throws {
            let seed = UInt64.random(in: 0..<1 << 32)
            var random = SeededRandom(seed: seed)
            var host = try home.host()
            let plan = try make(host, Self.diamond(milliseconds: 20), parallel: 2)
            for _ in 0..<(isLong ? 100 : 8) {
                host.send("plan.execute", ["plan_id": plan])
                try host.listen(milliseconds: random.below(30))
                usleep(UInt32(random.below(60_000)))
                host.end(SIGKILL)
                host = try home.host()
            }
            let ended = try host.result(host.send("plan.execute", ["plan_id": plan]))
            #expect(ended["status"] == "completed", "seed \(seed): \(ended)")
            try #require(eventually { try home.rows("SELECT 1 FROM session WHERE hidden_at NOT NULL").isEmpty })
            try expectTidy(host, ended, "seed \(seed)")
        }

        @Test func cancellingEndsAllForks() throws {
            let host = try home.host()
            let plan = try make(host, Self.diamond(milliseconds: 60_000))
            let execution = host.send("plan.execute", ["plan_id": plan])
            try host.listen("three steps") { Self.news(host).contains("\"c\" begins.") }
            try host.call("plan.cancel", ["plan_id": plan])
            let ended = try host.result(execution)
            #expect(ended["status"] == "cancelled")
            let steps = Self.states(ended)
            #expect(["a", "b", "c"].allSatisfy { steps[$0]?["status"] == "cancelled" })
            #expect(eventually { home.agents.isEmpty })
            let open = try eventually {
                let sessions = try host.call("session.list")["items"]?.arrayValue ?? []
                return sessions.filter { $0["status"] != "completed" }.map { $0["id"] } == [ended["session_id"]]
            }
            #expect(open, "forks are closed")
        }

        @Test func aStepThatFailsIsTriedAgainInItsOwnFork() throws {
            let host = try home.host()
            let fail = "{\"result\": {\"stop_reason\": \"error\", \"error\": \"no\"}}"
            let batches: JSON = [["steps": [Self.step("bad", fail), Self.step("good")]]]
            let ended = try host.call("plan.execute", ["plan_id": try make(host, batches)])
            #expect(ended["status"] == "failed")
            let bad = try #require(Self.states(ended)["bad"])
            #expect(bad["attempts"] == 4)
            let sessions = try (bad["task_ids"]?.arrayValue ?? []).map {
                try host.call("task.get", ["task_id": $0])["session_id"]
            }
            #expect(sessions == Array(repeating: bad["session_id"], count: 4))
            #expect(bad["session_id"] != ended["session_id"])
            #expect(Self.states(ended)["good"]?["status"] == "completed")
        }

        @Test func filesOfStepsThatOverlapAreWhoseToolsNamedThem() throws {
            let host = try home.host()
            let folder = "\(home.path)/work"
            func write(_ name: String, isNamed: Bool) -> [String] {
                let path = "\(folder)/\(name)"
                let tool = "{\"tool\": {\"name\": \"Write\", \"input\": {\"file_path\": \"\(path)\"}}}"
                return (isNamed ? [tool] : []) + ["{\"write_file\": {\"path\": \"\(path)\", \"text\": \"x\"}}"]
            }
            func step(_ id: String) -> JSON {
                var lines = ["{\"sleep_ms\": 300}"] + write("\(id).txt", isNamed: true) + ["{\"sleep_ms\": 300}"]
                if id == "a" { lines += write("by-somebody.txt", isNamed: false) }
                return Self.step(id, lines.joined(separator: "\n"))
            }
            let plan = try make(host, [["steps": [step("a"), step("b")]]])
            let ended = try host.call("plan.execute", ["plan_id": plan])
            #expect(ended["status"] == "completed", "\(ended)")
            for (id, step) in Self.states(ended) {
                let files = step["artifacts"]?.arrayValue ?? []
                let own = files.filter { $0["shared"] == nil }.compactMap { $0["path"]?.stringValue }
                #expect(own == ["\(id).txt"])
                let shared = files.filter { $0["shared"] == true }.compactMap { $0["path"]?.stringValue }
                #expect(shared == [] || shared == ["by-somebody.txt"])
                if id == "a" { #expect(shared == ["by-somebody.txt"]) }
            }
        }

        @Test func oneAtATimeAllRunInThePlansSession() throws {
            let host = try home.host()
            let ended = try host.call(
                "plan.execute", ["plan_id": try make(host, Self.diamond(milliseconds: 1), parallel: 1)])
            #expect(ended["parallel"] == 1)
            let steps = Self.states(ended).values
            #expect(Set(steps.compactMap { $0["session_id"] }).count == 1)
            #expect(Set(steps.compactMap { $0["driver_session_id"] }).count == 1)
        }
    }
}
