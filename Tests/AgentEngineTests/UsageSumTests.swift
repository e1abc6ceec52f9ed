import AgentEngine
import AgentModel
import Testing

/// Random lives of driver sessions: what is billed adds up to what the model's server has served.
@Suite struct UsageSumTests {
    /// What an agent tells.
    enum Kind: CaseIterable { case beforeAndTotal, usageAndTotal, total, usage }

    /// An agent's own count, and what the server has really served.
    struct Agent {
        let kind: Kind
        var count = Usage.none
        var served = Usage.none

        mutating func use(_ usage: Usage) {
            count.add(usage)
            served.add(usage)
        }
    }

    /// What the store does with bills and readings.
    struct Books {
        var reading: UsageReading?
        var isLastOpen = false
        var billed = Usage.none
        var outside = Usage.none

        mutating func keep(_ reading: UsageReading, rise: Usage) {
            self.reading = reading
            if isLastOpen { billed.add(rise) } else { outside.add(rise) }
        }
    }

    static func sum(_ usages: Usage...) -> Usage {
        var sum = Usage.none
        for usage in usages { sum.add(usage) }
        sum.accuracy = .known
        return sum
    }

    struct World {
        var random: SeededRandom
        var agents: [Agent] = []
        var books: [Books] = []
        /// What agents used that never reached their count.
        var lost = Usage.none

        mutating func some() -> Usage { UsageLedgerTests.usage(2 * (1 + random.below(500))) }

        /// A run of the session: new, resumed or forked from another; it may die at any moment.
        mutating func run(_ index: Int, _ start: UsageLedger.Start, parent: Int? = nil, mayDie: Bool) {
            var ledger = UsageLedger(start)
            let kind = agents[index].kind
            if kind == .beforeAndTotal, let found = ledger.hear(before: agents[index].count) {
                books[parent ?? index].keep(found.reading, rise: found.rise)
            }
            var own = Usage.none
            var isDead = false
            for _ in 0..<(1 + random.below(3)) {
                let used = some()
                agents[index].use(used)
                own.add(used)
                if mayDie, kind != .usageAndTotal || own == used, random.below(4) == 0 {
                    isDead = true
                    break
                }
                if kind == .total || kind == .beforeAndTotal { ledger.hear(total: agents[index].count) }
                if kind == .usage { ledger.hear(usage: own) }
            }
            // One that tells of itself alone, and only at its end, takes what it did not tell to its grave.
            if isDead, kind == .usage { lost.add(own.beyond(ledger.bill(isWhole: false))) }
            if !isDead, kind == .usageAndTotal {
                ledger.hear(usage: own)
                ledger.hear(total: agents[index].count)
            }
            if let reading = ledger.reading {
                books[index].keep(reading, rise: isDead ? .none : ledger.riseBefore)
            }
            books[index].billed.add(ledger.bill(isWhole: !isDead))
            books[index].isLastOpen = isDead && ledger.bill(isWhole: false).accuracy != .known
        }

        mutating func step() {
            let choice = random.below(10)
            guard !agents.isEmpty, choice > 1 else {
                agents.append(Agent(kind: Kind.allCases[random.below(4)]))
                books.append(Books())
                return run(agents.count - 1, .new, mayDie: true)
            }
            let index = random.below(agents.count)
            switch choice {
            case 2 where agents[index].kind == .beforeAndTotal:
                // A fork's count goes on from its parent's; what it was forked from stays used once.
                agents.append(Agent(kind: agents[index].kind, count: agents[index].count))
                books.append(Books())
                run(agents.count - 1, .forked(books[index].reading), parent: index, mayDie: true)
            case 3 where agents[index].kind == .beforeAndTotal:
                // The agent begins to count anew: what it has not told by then it never will.
                lost.add(agents[index].count.beyond(books[index].reading?.total ?? .none))
                agents[index].count = .none
                // Seen by the next run, before the new count passes the old one: else nothing tells the two apart.
                run(index, .resumed(books[index].reading), mayDie: false)
            case 4 where agents[index].kind == .beforeAndTotal || agents[index].kind == .usageAndTotal:
                // Somebody works with the session elsewhere.
                agents[index].use(some())
            default: run(index, .resumed(books[index].reading), mayDie: true)
            }
        }
    }

    /// What died last comes to light with the run after it.
    @Test(arguments: 0..<200) func allThatWasServedIsBilled(seed: Int) {
        var world = World(random: SeededRandom(seed: UInt64(seed)))
        for _ in 0..<40 { world.step() }
        for index in world.agents.indices {
            world.run(index, .resumed(world.books[index].reading), mayDie: false)
        }
        var (billed, served) = (Usage.none, Usage.none)
        for books in world.books { billed = Self.sum(billed, books.billed, books.outside) }
        for agent in world.agents { served = Self.sum(served, agent.served) }
        #expect(Self.sum(billed, world.lost) == served)
    }
}
