import Foundation
import Testing

/// Plans and workflows on real hosts and a real store, with simulated time, agents and faults. A life that goes wrong
/// is repeated by its seed: `AGENTHOST_SIM_SEED=n`, with `SWIFT_DETERMINISTIC_HASHING=1` to the last detail.
@Suite struct SimulatorTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seeds: Range<UInt64> =
        if let only = environment["AGENTHOST_SIM_SEED"].flatMap(UInt64.init) {
            only..<only + 1
        } else if let first = environment["AGENTHOST_SIM_FROM"].flatMap(UInt64.init) {
            first..<first + 1000
        } else {
            0..<(environment["AGENTHOST_TEST_LONG"] == "1" ? 3000 : 24)
        }

    @Test(arguments: seeds) func whateverHappensEndsWell(seed: UInt64) throws {
        let life = try Simulation(seed: seed)
        try life.run()
        if Self.seeds.count == 1 { print(life.trace.lines.joined(separator: "\n")) }
    }

    @Test func noTwoSeedsHaveWordsInCommon() {
        let words = (0..<200 as Range<UInt64>).flatMap { seed in
            let chance = Chance(seed: seed)
            return (0..<200).map { _ in chance.word() }
        }
        #expect(Set(words).count == words.count)
    }

    /// Without these the lives would prove little.
    @Test func agentsAndFaultsAreOfEveryKind() throws {
        var behaviours: Set<Behaviour> = []
        var (kills, faults) = (0, 0)
        var seed: UInt64 = 0
        while seed < 30 || behaviours.count < Behaviour.allCases.count && seed < 300 {
            let life = try Simulation(seed: seed)
            try life.run()
            behaviours.formUnion(life.agents.behaviours.keys)
            kills += life.kills
            faults += life.faults
            seed += 1
        }
        #expect(behaviours == Set(Behaviour.allCases))
        #expect(kills > 10 && faults > 40)
    }
}
