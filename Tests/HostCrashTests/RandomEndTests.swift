import CSystem
import Foundation
import JSON
import Testing

/// Runs in every protocol that end in a random way at a random time, over several lives of a host: each task has one
/// end, and nothing is left.
extension CrashTests {
    @Suite struct RandomEndTests {
        private let home: HostHome
        private let seed: UInt64

        init() throws {
            home = try HostHome()
            let given = ProcessInfo.processInfo.environment["AGENTHOST_TEST_SEED"].flatMap(UInt64.init)
            seed = given ?? UInt64.random(in: 0..<1 << 32)
        }

        /// How a life of a host ends. It is at rest then, but where its client or itself is killed.
        private enum Death: CaseIterable { case endOfInput, terminated, clientGone, killed }

        private static let drivers = ["fake", "text", "acp", "claude", "codex", "codex-exec"]
        private static let grandchild = #"{"grandchild": {"setsid": true, "ignore_sigterm": true}}"# + "\n"

        @Test func runsOfEveryProtocolLeaveNothing() throws {
            var random = SeededRandom(seed: seed)
            let (lives, runs) = isLong ? (4, 500) : (4, 160)
            for life in 0..<lives { try live(runs / lives, Death.allCases[life % 4], &random) }
            // A later host ends what killed ones left.
            let last = try home.host()
            try last.call("session.list")
            #expect(
                try eventually {
                    try last.call("task.list", ["statuses": ["queued", "running"]])["items"]?.arrayValue?.isEmpty
                        == true
                }, "seed \(seed)")
            last.closeInput()
            #expect(last.wait() == 0)
            #expect(eventually { home.agents.isEmpty }, "seed \(seed): \(home.agents)")
            let ends = try home.rows(
                "SELECT count(*) FROM task t WHERE (SELECT count(*) FROM event e WHERE e.task = t.n"
                    + " AND e.type BETWEEN 22 AND 25) != 1")
            #expect(ends == ["0"], "seed \(seed)")
            let count = try home.rows("SELECT count(*) FROM task").first.flatMap(Int.init) ?? 0
            #expect(count >= runs * 3 / 4, "seed \(seed): \(count) tasks")
            #expect(try FileManager.default.contentsOfDirectory(atPath: home.temporary) == [], "seed \(seed)")
        }

        private func live(_ runs: Int, _ death: Death, _ random: inout SeededRandom) throws {
            let host = try home.host(["--stall-timeout-ms", "400"])
            for driver in Self.drivers { _ = try host.call("task.execute", try task("hello", driver, host)) }
            for _ in 0..<3 {
                let reads = (0..<100).map { _ in host.send("session.list") }
                for read in reads { _ = try host.result(read) }
            }
            #expect(eventually { host.children.isEmpty }, "seed \(seed)")
            let before = host.facts
            var waiting: [Int] = []
            for _ in 0..<runs {
                waiting.append(try startOne(host, &random))
                try host.listen(milliseconds: random.below(6))
                while waiting.count > 30 {
                    let oldest = waiting.removeFirst()
                    try host.listen("seed \(seed)") { host.replies[oldest] != nil }
                }
                host.told = []
            }
            switch death {
            case .clientGone: host.closeBoth()
            case .killed:
                host.end(SIGKILL)
                return
            case .endOfInput, .terminated:
                for request in waiting { try host.listen("seed \(seed)") { host.replies[request] != nil } }
                try expectNothingLeft(host, before)
                if death == .endOfInput { host.closeInput() } else { kill(host.pid, SIGTERM) }
            }
            host.wait()
            #expect(eventually { home.agents.isEmpty }, "seed \(seed), \(death): \(home.agents)")
        }

        private func expectNothingLeft(_ host: HostProcess, _ before: (descriptors: Int, threads: Int, Int)) throws {
            let isSame = try eventually {
                try host.call("host.ping")
                let now = host.facts
                return now.descriptors == before.descriptors && now.threads == before.threads
                    && host.children.isEmpty && home.agents.isEmpty
            }
            #expect(isSame, "seed \(seed): \(host.facts) after \(before), \(host.children), \(home.agents)")
            let left = try FileManager.default.subpathsOfDirectory(atPath: home.store).filter { path in
                path.hasPrefix(".trash/") || path.hasSuffix(".tmp") || path.hasSuffix(".new")
            }
            #expect(left == [], "seed \(seed)")
        }

        /// What `task.execute` takes for a run in a new session of a driver's.
        private func task(
            _ prompt: String, _ driver: String, _ host: HostProcess, _ more: JSONObject = [:],
            permissions: JSON = [:]
        ) throws -> JSON {
            let session = try host.word(
                "session.create", ["driver": .string(driver), "permissions": permissions], "session_id")
            var params: JSONObject = ["session_id": .string(session), "prompt": .string(prompt)]
            for member in more { params[member.key] = member.value }
            return .object(params)
        }

        /// Starts a task and sees to its end in one way or another. Returns the request that tells of its end.
        private func startOne(_ host: HostProcess, _ random: inout SeededRandom) throws -> Int {
            let driver = Self.drivers[random.below(Self.drivers.count)]
            let milliseconds = Int64(1 + random.below(80))
            let left = random.below(4) == 0 ? Self.grandchild : ""
            let chatter = left + #"{"delta": "word ", "times": 5}"# + "\n"
            let sleep = chatter + #"{"sleep_ms": 600000}"#
            let pause = chatter + #"{"sleep_ms": \#(milliseconds)}"# + "\n"
            func execute(_ prompt: String, _ more: JSONObject = [:], permissions: JSON = [:]) throws -> Int {
                host.send("task.execute", try task(prompt, driver, host, more, permissions: permissions))
            }
            switch random.below(12) {
            case 0: return try execute(pause + #"{"say": "fine"}"#)
            case 1:
                let task = try host.word("task.start", try task(sleep, driver, host), "task_id")
                try host.listen(milliseconds: Int(milliseconds))
                host.send("task.cancel", ["task_id": .string(task)])
                return host.send("task.wait", ["task_id": .string(task)])
            case 2: return try execute(sleep, ["timeout_ms": .int(milliseconds)])
            // Deaf to its cancel and to the end of its input: the stall limit, and the ladder to its end.
            case 3:
                return try execute(
                    chatter + #"{"ignore_cancel": true}"# + "\n" + #"{"ignore_sigterm": true}"# + "\n"
                        + #"{"stall": true}"#, ["timeout_ms": .int(200 + milliseconds)])
            case 4: return try execute(sleep)
            case 5:
                let usage = #"{"usage": {"input_tokens": 90, "output_tokens": 90, "cost_usd": 2}}"#
                return try execute(
                    pause + usage + "\n" + #"{"sleep_ms": 600000}"#, ["budget": ["tokens": 100, "cost_usd": 1]])
            case 6: return try execute(pause + #"{"kill": 9}"#)
            case 7: return try execute(pause + #"{"tear": true, "code": \#(random.below(3))}"#)
            case 8: return try execute(pause + #"{"exit": \#(random.below(4))}"#)
            case 9:
                return try execute(
                    pause + #"{"ask": {"id": "q", "tool": "edit", "title": "May I?"}}"#,
                    permissions: ["deadline_ms": .int(milliseconds)])
            case 10: return try execute(pause + #"{"close_stdout": true}"# + "\n" + #"{"exit": 0}"#)
            default:
                let sleeper = try task(sleep, driver, host)
                host.send("task.start", sleeper)
                host.send("task.start", sleeper)
                try host.listen(milliseconds: Int(milliseconds))
                return host.send("session.delete", ["session_id": sleeper["session_id"] ?? .null, "force": true])
            }
        }
    }
}
