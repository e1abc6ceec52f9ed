import AgentModel
import Foundation
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

/// Processes that fold and merge while they remember, killed by SIGKILL: at each place of upkeep, and at any moment.
@Suite struct UpkeepCrashTests {
    /// What one process or more have told by the time that they were killed.
    private struct Told {
        /// The word of the memory that has a key; `nil` when it was forgotten.
        private(set) var kept: [String: String?] = [:]
        /// Keys of which nothing is known: whatever was tried last may have been done or not.
        private var open: Set<String> = []

        mutating func take(_ lines: [[Substring]]) {
            for line in lines where line.count >= 3 {
                let key = "\(line[1]) \(line[2])"
                switch line[0] {
                case "trying": open.insert(key)
                case "kept" where line.count == 4:
                    open.remove(key)
                    kept[key] = String(line[3])
                case "forgotten":
                    open.remove(key)
                    kept[key] = .some(nil)
                default: Issue.record("\(line)")
                }
            }
        }

        var certain: [(key: String, word: String?)] {
            kept.filter { !open.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
    }

    /// Each place and how often it is passed before the kill; `words` are the chunks that misspelt words are looked
    /// for in.
    static let places: [(String, Int)] = [
        ("fold began", 1), ("fold removeTail", 2), ("fold insertSegment", 3), ("fold putPosts", 4),
        ("fold bumpGeneration", 5), ("fold committed", 6),
        ("merge began", 1), ("merge insertSegment", 2), ("merge expect", 3), ("merge markTombs", 1),
        ("merge clearPosts", 4), ("merge putPosts", 5), ("merge advance", 6), ("merge setDead", 2),
        ("merge bumpGeneration", 3), ("merge committed", 9), ("merge committed", 10), ("merge committed", 11),
        ("dropTombs began", 1), ("dropTombs dropTombs", 2), ("dropTombs committed", 1),
        ("sweep began", 1), ("sweep sweep", 3), ("sweep committed", 2),
        ("words began", 1), ("words committed", 2),
    ]

    @Test(arguments: places) func aKillAtAnyPlaceLosesNothing(place: String, nth: Int) throws {
        let folder = try TemporaryFolder()
        var told = Told()
        // Twice, so that the second process also goes on with what the first has left.
        for seed in 1...2 {
            let probe = try StoreProbe(["\(folder.path)", "remember", "\(seed)", place, "\(nth)"])
            told.take(probe.finished())
            #expect(probe.wasKilled, "\(place) was not reached")
        }
        try expectSound(folder, told)
    }

    @Test(arguments: 1...4) func aKillAtAnyMomentLosesNothing(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let folder = try TemporaryFolder()
        var told = Told()
        for round in 0..<3 {
            let probes = try (0..<2).map { number in
                try StoreProbe([folder.path, "remember", "\(seed * 100 + round * 10 + number)"])
            }
            for probe in probes { told.take(probe.killed(afterBytes: 500 + random.below(12_000))) }
        }
        try expectSound(folder, told)
    }

    /// The store opens without fault, has everything that was acknowledged, and upkeep ends its work.
    private func expectSound(_ folder: TemporaryFolder, _ told: Told) throws {
        #expect(try StoreMaintenance(folder: folder.path).check().problems == [])
        let host = try folder.host {
            $0.indexLimits = .small
            $0.upkeepMillisecondsMax = 60_000
        }
        #expect(told.certain.count > 3)
        for (key, word) in told.certain {
            if let word {
                let found = try host.recalled(word, limit: 3).map(\.text)
                #expect(found.first?.hasSuffix(" \(word)") == true, "\(key)")
            } else {
                #expect(try host.read { try $0.memory(.user, namespace: "probe", key: key, at: nil) } == nil)
            }
        }
        // Whoever remembers next goes on with what was left, and to the end since nobody waits.
        try host.write(.remember(host.remembered("the last one")))
        host.store.close()
        let database = try folder.connection()
        defer { database.close() }
        #expect(try database.integer("SELECT count(*) FROM segment WHERE state <> 1") == 0)
        #expect(try database.integer("SELECT count(*) FROM tail") < IndexLimits.small.fold)
        #expect(
            try database.integer("SELECT count(*) FROM post WHERE id >> 43 NOT IN (SELECT id FROM segment)") == 0)
        #expect(try StoreMaintenance(folder: folder.path).check().problems == [])
    }
}
