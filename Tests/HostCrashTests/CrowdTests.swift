import CSystem
import Foundation
import JSON
import Testing

/// Many sessions, and many runs that end badly: the host stays small and keeps nothing.
extension CrashTests {
    @Suite struct CrowdTests {
        let home: HostHome
        let host: HostProcess

        init() throws {
            home = try HostHome()
            host = try home.host()
        }

        /// What a host at rest has, to be compared before and after.
        private struct Possessions: Equatable {
            var descriptors: Int
            var threads: Int
            var children: Int
            var agents: Int
        }

        private var possessions: Possessions {
            let facts = host.facts
            return Possessions(
                descriptors: facts.descriptors, threads: facts.threads, children: host.children.count,
                agents: home.agents.count)
        }

        /// One task and some reads at once, so that every thread and connection there is has been made.
        private func warmUp() throws {
            for _ in 0..<8 {
                _ = try host.call("task.execute", ["prompt": "hello"])
                let reads = (0..<100).map { _ in host.send("session.list") }
                for read in reads { _ = try host.result(read) }
            }
            #expect(eventually { host.children.isEmpty })
        }

        private func expectSame(_ before: Possessions) throws {
            let isSame = try eventually {
                try host.call("host.ping")
                return possessions == before
            }
            #expect(isSame, "\(possessions) after \(before)")
            let left = try FileManager.default.subpathsOfDirectory(atPath: home.store).filter { path in
                path.hasPrefix(".trash/") || path.hasSuffix(".tmp") || path.hasSuffix(".new")
            }
            #expect(left == [])
        }

        @Test func aThousandSessionsLeaveTheHostSmall() throws {
            try warmUp()
            let before = possessions
            let tasks = 1000
            let script = #"{"delta": "a delta of a text ", "times": 100}"#
            // No more in flight than the host takes.
            var requests: [Int] = []
            for _ in 0..<tasks {
                requests.append(host.send("task.execute", ["prompt": .string(script)]))
                if requests.count >= 500 {
                    let first = requests[requests.count - 500]
                    try host.listen(seconds: 120, "a task") { host.replies[first] != nil }
                }
                host.told = []
            }
            for request in requests {
                #expect(try host.result(request, seconds: 120)["status"] == "completed")
                host.told = []
            }
            // Without the pages of the program itself, which are many in a debug build and no session's.
            let code = host.kilobytes("RssFile:")
            #expect(code > 0 && host.facts.peakKilobytes - code < 18_000)
            try expectSame(before)
            host.closeInput()
            #expect(host.wait() == 0)
            #expect(
                try home.rows("SELECT status, count(*) FROM task GROUP BY 1") == ["completed|\(tasks + 8)"])
            #expect(try home.rows("PRAGMA integrity_check") == ["ok"])
        }

        @Test func runsThatEndBadlyLeaveNothing() throws {
            try warmUp()
            let before = possessions
            let seed = UInt64.random(in: 0..<1 << 32)
            var random = SeededRandom(seed: seed)
            var waiting: [Int] = []
            for _ in 0..<(isLong ? 3000 : 300) {
                waiting.append(try startOne(&random))
                try host.listen(milliseconds: random.below(5))
                if waiting.count > 40 {
                    let oldest = waiting.removeFirst()
                    try host.listen("seed \(seed)") { host.replies[oldest] != nil }
                }
                host.told = []
            }
            for request in waiting { try host.listen("seed \(seed)") { host.replies[request] != nil } }
            try expectSame(before)
            let open = try host.call("task.list", ["statuses": ["queued", "running"]])["items"]
            #expect(open?.arrayValue?.isEmpty == true, "seed \(seed)")
            host.closeInput()
            #expect(host.wait() == 0)
            let ends = try home.rows(
                "SELECT count(*) FROM task t WHERE (SELECT count(*) FROM event e WHERE e.task = t.n"
                    + " AND e.type BETWEEN 22 AND 25) != 1")
            #expect(ends == ["0"], "seed \(seed)")
        }

        private static let grandchild = #"{"grandchild": {"setsid": true, "ignore_sigterm": true}}"# + "\n"

        /// Starts a task and sees to its end in one way or another. Returns the request that tells of its end.
        private func startOne(_ random: inout SeededRandom) throws -> Int {
            let left = random.below(3) == 0 ? Self.grandchild : ""
            let sleep = left + #"{"sleep_ms": 600000}"#
            let milliseconds = Int64(1 + random.below(60))
            switch random.below(8) {
            case 0:
                let task = try host.word("task.start", ["prompt": .string(sleep)], "task_id")
                if random.below(2) == 0 { usleep(UInt32(random.below(30_000))) }
                host.send("task.cancel", ["task_id": .string(task)])
                return host.send("task.wait", ["task_id": .string(task)])
            case 1: return execute(sleep, ["timeout_ms": .int(milliseconds)])
            case 2: return execute(left + #"{"kill": 9}"#)
            case 3: return execute(left + #"{"sleep_ms": \#(milliseconds)}"# + "\n" + #"{"exit": 3}"#)
            case 4: return execute(left + #"{"tear": true}"#)
            case 5: return execute(left + #"{"close_stdout": true}"# + "\n" + #"{"exit": 0}"#)
            case 6: return execute(left + #"{"say": "fine"}"#)
            default:
                let session = try host.word("session.create", [:], "session_id")
                host.send("task.start", ["session_id": .string(session), "prompt": .string(sleep)])
                host.send("task.start", ["session_id": .string(session), "prompt": .string(sleep)])
                if random.below(2) == 0 { usleep(UInt32(random.below(30_000))) }
                return host.send("session.delete", ["session_id": .string(session), "force": true])
            }
        }

        private func execute(_ script: String, _ more: JSONObject = [:]) -> Int {
            var params = more
            params["prompt"] = .string(script)
            return host.send("task.execute", .object(params))
        }

        @Test func aClientThatIsKilledLeavesNothing() throws {
            for _ in 0..<4 {
                host.send("task.execute", ["prompt": .string(Self.grandchild + #"{"sleep_ms": 600000}"#)])
            }
            #expect(eventually { home.agents.count == 8 })
            host.closeBoth()
            host.wait()
            #expect(home.agents == [])
            #expect(try home.rows("SELECT DISTINCT status FROM task") == ["interrupted"])
        }

        @Test func anAgentThatSaysNothingIsEnded() throws {
            let strict = try home.host(["--stall-timeout-ms", "100"])
            let result = try strict.call(
                "task.execute", ["prompt": .string(Self.grandchild + #"{"sleep_ms": 600000}"#)])
            #expect(result["stop_reason"] == "stalled")
            #expect(eventually { home.agents.isEmpty && strict.children.isEmpty })
        }
    }
}
