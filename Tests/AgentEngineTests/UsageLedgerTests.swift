import AgentEngine
import AgentModel
import Testing

@Suite struct UsageLedgerTests {
    static func usage(_ tokens: Int, _ accuracy: Accuracy = .known) -> Usage {
        var usage = Usage.none
        usage.inputTokens = tokens
        usage.outputTokens = tokens / 2
        usage.cost = Cost(nanoDollars: Int64(tokens) * 1_000_000)
        usage.accuracy = accuracy
        return usage
    }

    enum Word { case says(Usage), before(Usage), total(Usage) }

    struct Row: CustomTestStringConvertible {
        var name: String
        var start: UsageLedger.Start
        var words: [Word]
        var bill: Usage
        var isWhole = true
        var rise = Usage.none
        var reading: UsageReading?
        var testDescription: String { name }
    }

    static func read(_ tokens: Int, billed: Int = 0) -> UsageReading {
        UsageReading(total: usage(tokens), billed: billed == 0 ? .none : usage(billed, .estimated))
    }

    static let table = [
        Row(name: "nothing said", start: .new, words: [], bill: .none, reading: UsageReading(total: .none)),
        Row(
            name: "a new session's count is the run's", start: .new, words: [.total(usage(10)), .total(usage(30))],
            bill: usage(30), reading: read(30)),
        Row(
            name: "a resumed session's count is taken from where it stood", start: .resumed(read(100)),
            words: [.total(usage(130))], bill: usage(30), reading: read(130)),
        Row(
            name: "a lower count has begun anew", start: .resumed(read(100)), words: [.total(usage(30))],
            bill: usage(30), reading: read(30)),
        Row(
            name: "also in mid-run", start: .resumed(read(100)),
            words: [.total(usage(130)), .total(usage(20))], bill: usage(50), reading: read(20)),
        Row(
            name: "a fork is taken from its parent", start: .forked(read(100)), words: [.total(usage(110))],
            bill: usage(10), reading: read(110)),
        Row(
            name: "a count whose start nobody knows says nothing of the run", start: .resumed(nil),
            words: [.total(usage(500))], bill: .none, reading: read(500)),
        Row(
            name: "then messages are added up", start: .resumed(nil),
            words: [.says(usage(7, .estimated)), .total(usage(500))], bill: usage(7, .estimated), reading: read(500)),
        Row(
            name: "what the agent says of the run itself is exact", start: .resumed(nil),
            words: [.says(usage(7)), .total(usage(500))], bill: usage(7), reading: read(500)),
        Row(
            name: "counts are better than added messages", start: .resumed(read(100)),
            words: [.says(usage(7, .estimated)), .total(usage(130))], bill: usage(30), reading: read(130)),
        Row(
            name: "messages after the last count are added to it", start: .resumed(read(100)),
            words: [.says(usage(7, .estimated)), .total(usage(130)), .says(usage(9, .estimated))],
            bill: usage(32, .estimated), reading: read(130, billed: 2)),
        Row(
            name: "what was used before is known from the agent", start: .resumed(nil),
            words: [.before(usage(90)), .total(usage(100))], bill: usage(10), reading: read(100)),
        Row(
            name: "and a rise meanwhile is told", start: .resumed(read(80)),
            words: [.before(usage(90)), .total(usage(100))], bill: usage(10), rise: usage(10), reading: read(100)),
        Row(
            name: "but for what was billed already", start: .resumed(read(80, billed: 6)),
            words: [.before(usage(90)), .total(usage(100))], bill: usage(10), rise: usage(4, .estimated),
            reading: read(100)),
        Row(
            name: "a rise is what counts hold beyond the run's own words", start: .resumed(read(80)),
            words: [.says(usage(10)), .total(usage(100))], bill: usage(10), rise: usage(10), reading: read(100)),
        Row(
            name: "what was billed without a count is in the next one", start: .resumed(read(80, billed: 6)),
            words: [.total(usage(100))], bill: usage(14, .estimated), reading: read(100)),
        Row(
            name: "unless the count lost it", start: .resumed(read(80, billed: 60)),
            words: [.total(usage(100))], bill: usage(20), reading: read(100)),
        Row(
            name: "a run that died is an estimate", start: .resumed(read(80)), words: [.total(usage(100))],
            bill: usage(20, .estimated), isWhole: false, reading: read(100)),
        Row(
            name: "and is remembered as billed where no count came", start: .resumed(read(80)),
            words: [.says(usage(5))], bill: usage(5, .estimated), isWhole: false,
            reading: UsageReading(total: usage(80), billed: usage(5))),
    ]

    @Test(arguments: table) func theBillIsThatOfTheTable(row: Row) {
        var ledger = UsageLedger(row.start)
        var rise = Usage.none
        for word in row.words {
            switch word {
            case .says(let usage): ledger.hear(usage: usage)
            case .before(let usage): rise.add(ledger.hear(before: usage)?.rise ?? .none)
            case .total(let usage): ledger.hear(total: usage)
            }
        }
        if row.isWhole { rise.add(ledger.riseBefore) }
        #expect(ledger.bill(isWhole: row.isWhole) == row.bill)
        #expect(rise == row.rise)
        #expect(ledger.reading == row.reading)
    }

    @Test func aCountOfMoneyAloneMayBeRounded() {
        var exact = Usage.none
        exact.cost = Cost(nanoDollars: 5_000_000)
        var rounded = exact
        rounded.cost = Cost(nanoDollars: 4_999_999)
        #expect(!rounded.isLower(than: exact))
        #expect(rounded.risen(since: exact).isNegligible)
        rounded.cost = Cost(nanoDollars: 1_000_000)
        #expect(rounded.isLower(than: exact))
        #expect(rounded.risen(since: exact) == rounded)
    }

    @Test func absurdCountsDoNotTrap() {
        var huge = Usage.none
        (huge.inputTokens, huge.turns, huge.cost) = (.max, .max, Cost(nanoDollars: .max))
        var tiny = Usage.none
        (tiny.inputTokens, tiny.turns, tiny.cost) = (.min, .min, Cost(nanoDollars: .min))
        for start in [UsageLedger.Start.new, .resumed(UsageReading(total: tiny, billed: tiny))] {
            var ledger = UsageLedger(start)
            for usage in [huge, tiny, huge, tiny] {
                _ = ledger.hear(before: usage)
                ledger.hear(usage: usage)
                ledger.hear(total: usage)
            }
            _ = (ledger.usage, ledger.bill(isWhole: false), ledger.riseBefore, ledger.reading)
        }
    }
}
