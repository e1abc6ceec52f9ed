/// What a question asks for, in terms of its words: nothing here is bound to one column yet where several fit.
struct Intent: Sendable {
    enum Kind: Hashable, Sendable { case figure, list, trend, profile, schema }

    /// What is worked out.
    enum Measure: Sendable {
        case count(table: Int)
        case columns([ColumnMatch], Aggregate?)
        case metric(Metric, Aggregate?)
        /// What an adjective measures: `price` for "most expensive".
        case concept(String)
        /// What makes a row of this table good: nothing else was said.
        case worth(table: Int)
    }

    enum Group: Sendable {
        case table(TableMatch, columns: [ColumnMatch])
        case columns([ColumnMatch])
        case time(TimeUnit)
        /// The rows that have one of these values.
        case holder([ValueMatch])
    }

    enum Filter: Sendable {
        case values([ValueMatch], isNegated: Bool, spoken: String)
        case flag([ColumnMatch], isNegated: Bool)
        case compare(Operand, Comparison, Double)
        case between(Operand, Double, Double)
        /// Rows to which no row of this table belongs.
        case absent(table: Int)
    }

    /// What a number is compared with.
    enum Operand: Sendable {
        case columns([ColumnMatch])
        case metric(Metric)
        case count(table: Int)
        /// The worth of a row, of whatever column says it.
        case value
    }

    struct Rank: Hashable, Sendable {
        var isDescending: Bool
        var limit: Int?
        /// `latest` and the like: by time, whatever the measure.
        var isByTime = false
    }

    /// The table of a column that a filter names, where the question names no table: "amount over 300".
    var filteredTable: Int? {
        for filter in filters {
            switch filter {
            case .flag(let columns, _), .compare(.columns(let columns), _, _), .between(.columns(let columns), _, _):
                return columns.first?.reference.table
            default: continue
            }
        }
        return nil
    }

    var kind: Kind?
    var measures: [Measure] = []
    var groups: [Group] = []
    var filters: [Filter] = []
    var times: [TimePhrase] = []
    /// Time columns that the question names.
    var timeColumns: [ColumnMatch] = []
    var rank: Rank?
    /// What the question is about, where it says so.
    var subject: Int?
    /// Every table it speaks of, in order.
    var tables: [Int] = []
    /// Columns named without a role: shown in a list.
    var shown: [[ColumnMatch]] = []
    /// Whether it asks for a column before any table: "which cities do our customers live in".
    var asksForColumn = false
    var wantsShare = false
    /// Whether the figure is worked out for each group and then averaged: "average order value".
    var averagesGroups = false
    var isDistinct = false
    var isAnalysis = false
    var comparesTimes = false
    /// The stems of all its words.
    var spoken: Set<String> = []
    /// Words that mean nothing here.
    var unknown: [String] = []
    var corrections: [Correction] = []
    /// Words that were left out on purpose, with why.
    var ignored: [String] = []
}
