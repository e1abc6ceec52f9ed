import AgentEngine
import AgentModel
import Testing

@Suite struct SharedSpendingTests {
    private static let holder = SessionID(UUID128(high: 1, low: 1))

    private static func task(_ number: UInt64) -> TaskID { TaskID(UUID128(high: 2, low: number)) }

    private static func tokens(_ count: Int) -> Usage {
        var usage = Usage.none
        usage.inputTokens = count
        return usage
    }

    private static func purse(_ spent: Int, of holder: SessionID = holder) -> Purse {
        Purse(holder: holder, budget: Budget(tokens: 100), spent: tokens(spent))
    }

    @Test func eachIsToldWhatTheOthersHaveUsed() {
        var spending = SharedSpending()
        let tasks = (1...3).map { Self.task($0) }
        for task in tasks { #expect(spending.start(task, of: Self.purse(10)).tokens == 10) }
        #expect(spending.heard(Self.tokens(5), of: tasks[0]).mapValues(\.tokens) == [tasks[1]: 15, tasks[2]: 15])
        #expect(spending.heard(Self.tokens(7), of: tasks[1]).mapValues(\.tokens) == [tasks[0]: 17, tasks[2]: 22])
        #expect(spending.heard(Self.tokens(9), of: tasks[0]).mapValues(\.tokens) == [tasks[1]: 19, tasks[2]: 26])
        spending.end(tasks[0], usage: Self.tokens(11))
        #expect(spending.heard(Self.tokens(0), of: tasks[2]).mapValues(\.tokens) == [tasks[1]: 21])
        #expect(spending.heard(Self.tokens(1), of: tasks[0]) == [:], "it has ended")
    }

    @Test func whatWasReadMayBeOlderOrNewer() {
        var spending = SharedSpending()
        _ = spending.start(Self.task(1), of: Self.purse(10))
        // Read while the first runs: with what it has used by then, or without.
        #expect(spending.start(Self.task(2), of: Self.purse(30)).tokens == 10)
        spending.end(Self.task(1), usage: Self.tokens(20))
        spending.end(Self.task(2), usage: Self.tokens(5))
        #expect(spending.start(Self.task(3), of: Self.purse(10)).tokens == 35, "read before they had ended")
        spending.end(Self.task(3), usage: .none)
        #expect(spending.start(Self.task(4), of: Self.purse(50)).tokens == 50, "another host has spent of it")
    }

    @Test func otherPursesAreOthers() {
        var spending = SharedSpending()
        _ = spending.start(Self.task(1), of: Self.purse(0))
        let other = SessionID(UUID128(high: 1, low: 2))
        #expect(spending.start(Self.task(2), of: Self.purse(3, of: other)).tokens == 3)
        #expect(spending.heard(Self.tokens(5), of: Self.task(1)) == [:])
        for number: UInt64 in 10..<500 {
            let holder = SessionID(UUID128(high: 1, low: number))
            _ = spending.start(Self.task(number), of: Self.purse(1, of: holder))
            spending.end(Self.task(number), usage: Self.tokens(1))
        }
        #expect(spending.start(Self.task(3), of: Self.purse(0)).tokens == 5, "those that run are not forgotten")
    }
}
