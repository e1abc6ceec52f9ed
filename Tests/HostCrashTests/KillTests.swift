import CSystem
import Foundation
import JSON
import Testing

/// Hosts that are killed at any moment: nothing that was acknowledged is lost, and the next one repairs the rest.
@Suite(.serialized) struct CrashTests {}

extension CrashTests {
    @Suite struct KillTests {
        static let rounds = isLong ? 3000 : 200

        @Test func killedAtRandomMomentsNothingIsLost() throws {
            let given = ProcessInfo.processInfo.environment["AGENTHOST_TEST_SEED"].flatMap { UInt64($0) }
            let seed = given ?? UInt64.random(in: 0..<1 << 32)
            var random = SeededRandom(seed: seed)
            var home = try HostHome()
            var work = AckedWork()
            for round in 1...Self.rounds {
                try Self.round(home, &work, &random, "round \(round), seed \(seed)")
                // A store and a client's memory stay small enough to look at whole after each kill.
                if round % 20 == 0 {
                    try Self.lookAtWhole(home, "round \(round), seed \(seed)")
                    home = try HostHome()
                    work = AckedWork()
                }
            }
        }

        /// One life of a host: it repairs, is looked at, works, and is killed.
        static func round(
            _ home: HostHome, _ work: inout AckedWork, _ random: inout SeededRandom, _ name: String
        ) throws {
            if random.below(4) == 0 {
                // Killed again while it repairs.
                let host = try home.host()
                usleep(UInt32(random.below(25_000)))
                host.end(SIGKILL)
            }
            let host = try home.host()
            try awaitRepair(host, home, name)
            let losses = try work.losses(host)
            try #require(losses.isEmpty, "\(name): \(losses.joined(separator: "; "))")
            let end = cs_monotonic_ms() + UInt64(20 + random.below(80))
            for _ in 0..<3 { work.act(on: host, &random) }
            while cs_monotonic_ms() < end {
                work.act(on: host, &random)
                try host.listen(milliseconds: random.below(6))
                work.hear(host)
            }
            host.end(SIGKILL)
            work.hear(host)
            work.forget(host)
        }

        /// The tasks of dead hosts have ended, and so has whatever ran for them.
        static func awaitRepair(_ host: HostProcess, _ home: HostHome, _ name: String) throws {
            let isRepaired = try eventually {
                let open = try host.call("task.list", ["statuses": ["queued", "running"]])
                return open["items"]?.arrayValue?.isEmpty == true
            }
            try #require(isRepaired, "\(name): tasks of dead hosts go on")
            let isQuiet = eventually { home.agents.isEmpty }
            try #require(isQuiet, "\(name): agents are left: \(home.agents)")
        }

        static func lookAtWhole(_ home: HostHome, _ name: String) throws {
            let host = try home.host()
            try awaitRepair(host, home, name)
            host.closeInput()
            #expect(host.wait() == 0, "\(name)")
            #expect(try home.rows("PRAGMA integrity_check") == ["ok"], "\(name)")
            let none = [
                "SELECT id FROM session s WHERE s.seq != (SELECT count(*) FROM event e WHERE e.session = s.n)",
                "SELECT id FROM session s WHERE s.seq != (SELECT max(seq) FROM event e WHERE e.session = s.n)",
                "SELECT id FROM task t WHERE NOT EXISTS"
                    + "(SELECT 1 FROM event e WHERE e.task = t.n AND e.type BETWEEN 22 AND 25)",
                "SELECT id FROM run WHERE ended_at IS NULL",
                "SELECT session FROM lease",
                "SELECT id FROM session WHERE status = 'running' OR hidden_at IS NOT NULL",
            ]
            for sql in none { #expect(try home.rows(sql) == [], "\(name): \(sql)") }
        }
    }
}
