/// Reads the mentions of a question from left to right into what it asks for. Words such as "by" or "most" set what
/// the next noun is for; at the end `IntentCompletion` fills in what went without saying.
struct Interpreter {
    /// What the words read so far want of the next noun.
    struct Expectation {
        var isCount = false
        var isDistinct = false
        var isGroup = false
        var isMeasureAfterBy = false
        var isRanked = false
        var isMost = false
        var isSubject = false
        var isAbsent = false
        var isNegated = false
        var aggregate: Aggregate?
        var comparison: Comparison?
        var limit: Int?
    }

    let catalog: Catalog
    let mentions: [Mention]
    var intent = Intent()
    var expected = Expectation()
    /// What a comparison would be about: the noun before it.
    var operand: Intent.Operand?
    var verb: Metric?
    private var wasGroup = false
    private var index = 0

    init(_ catalog: Catalog, _ mentions: [Mention]) {
        self.catalog = catalog
        self.mentions = mentions
    }

    static func intent(of mentions: [Mention], corrections: [Correction], in catalog: Catalog) -> Intent {
        var interpreter = Interpreter(catalog, mentions)
        interpreter.intent.corrections = corrections
        interpreter.intent.spoken = Set(mentions.flatMap(\.tokens).map(\.stem))
        while interpreter.index < mentions.count { interpreter.step() }
        return IntentCompletion.complete(interpreter)
    }

    private var next: Mention? { mentions.indices.contains(index) ? mentions[index] : nil }

    private mutating func step() {
        let mention = mentions[index]
        index += 1
        if let time = mention.time {
            intent.times.append(time)
        } else if let cue = mention.cue, !prefersNoun(mention, cue) {
            handle(cue)
        } else if mention.isNoun {
            wasGroup = false
            noun(mention)
        } else if let number = mention.number {
            self.number(number, mention)
        } else if let count = mention.integer {
            self.number(Double(count), mention)
        } else if mention.isUnknown {
            intent.unknown.append(mention.text)
        }
    }

    /// Whether a word that may be grammar names a thing here: "how many sales", "average total".
    private func prefersNoun(_ mention: Mention, _ cue: Cue) -> Bool {
        guard mention.isNoun else { return false }
        let table = mention.table?.score ?? 0
        let column = mention.columns.first?.score ?? 0
        switch cue {
        case .metric: return (expected.isCount || expected.isMost) && table > 0.9
        case .time, .periodic, .groupBy, .each, .and, .or, .between, .compare, .preposition: return false
        case .verb: return false
        default: return (expected.isGroup || expected.aggregate != nil) && max(table, column) > 0.9
        }
    }

    // MARK: Words that say what to do

    private mutating func handle(_ cue: Cue) {
        switch cue {
        case .count: expected.isCount = true
        case .distinct:
            expected.isDistinct = true
            intent.isDistinct = true
        case .aggregate(let aggregate): expected.aggregate = aggregate
        case .rank(let descending): rank(descending)
        case .most(let descending):
            rank(descending)
            expected.isMost = true
        case .adjective(let concept, let descending):
            rank(descending)
            intent.measures.append(concept == "profit" ? .metric(.profit, nil) : .concept(concept))
        case .latest(let descending):
            rank(descending)
            intent.rank?.isByTime = true
        case .groupBy:
            expected.isMeasureAfterBy = intent.rank != nil && intent.measures.isEmpty
            expected.isGroup = !expected.isMeasureAfterBy
        case .each: expected.isGroup = true
        case .and, .or: expected.isGroup = wasGroup
        case .without: expected.isAbsent = true
        case .negation: expected.isNegated = true
        case .compare(let comparison): expected.comparison = comparison
        case .between: between()
        case .time(let unit): group(unit)
        case .periodic(let unit): intent.groups.append(.time(unit))
        case .metric(let metric): measure(metric)
        case .verb(let metric): verb = metric
        case .preposition: break
        default: purpose(cue)
        }
    }

    private mutating func purpose(_ cue: Cue) {
        switch cue {
        case .trend: intent.kind = .trend
        case .profile: intent.kind = intent.kind ?? .profile
        case .schema: intent.kind = intent.kind ?? .schema
        case .share: intent.wantsShare = true
        case .analyze: intent.isAnalysis = true
        case .compareTimes: intent.comparesTimes = true
        case .list: expected.isSubject = true
        default: break
        }
    }

    private mutating func rank(_ isDescending: Bool) {
        intent.rank = Intent.Rank(isDescending: isDescending, limit: expected.limit ?? intent.rank?.limit)
        expected.limit = nil
        expected.isRanked = true
        if let limit = next?.integer, (1...10_000).contains(limit) {
            intent.rank?.limit = limit
            index += 1
        }
    }

    private mutating func group(_ unit: TimeUnit) {
        intent.groups.append(.time(unit))
        expected.isGroup = false
        expected.isSubject = false
        expected.isRanked = false
        wasGroup = true
    }

    private mutating func measure(_ metric: Metric) {
        if expected.isGroup, intent.rank == nil { expected.isGroup = false }
        intent.measures.append(.metric(metric, expected.aggregate))
        expected.aggregate = nil
        expected.isMeasureAfterBy = false
        expected.isRanked = false
        expected.isMost = false
        operand = .metric(metric)
    }

    // MARK: Numbers

    private mutating func number(_ value: Double, _ mention: Mention) {
        if let comparison = expected.comparison {
            expected.comparison = nil
            compare(comparison, value)
        } else if case .compare(let comparison)? = next?.cue, next?.tokens.first?.folded == "or" {
            index += 1
            compare(comparison, value)
        } else if let limit = mention.integer, next.map(Self.asksForRank) ?? false {
            expected.limit = limit
        } else if let limit = mention.integer, let following = next, following.table != nil, intent.rank == nil,
            (1...10_000).contains(limit)
        {
            intent.rank = Intent.Rank(isDescending: true, limit: limit)
            intent.rank?.isByTime = intent.spoken.contains("last")
        } else if let table = intent.tables.last, let key = catalog.tables[table].key.first,
            catalog.tables[table].key.count == 1
        {
            let reference = ColumnRef(table: table, column: key)
            intent.filters.append(.compare(.columns([ColumnMatch(reference: reference, score: 1)]), .equal, value))
        } else {
            intent.unknown.append(mention.text)
        }
    }

    private static func asksForRank(_ mention: Mention) -> Bool {
        switch mention.cue {
        case .rank, .most, .adjective, .latest: true
        default: false
        }
    }

    /// A comparison with a number: about the noun after the number ("more than 10 orders"), else the one before.
    private mutating func compare(_ comparison: Comparison, _ value: Double) {
        if let following = next, following.time == nil {
            if let table = following.table, table.score > 0.9, following.cue == nil {
                index += 1
                intent.tables.append(table.table)
                intent.filters.append(.compare(.count(table: table.table), comparison, value))
                return
            }
            let numeric = following.columns.filter { catalog[$0.reference].isNumeric }
            if !numeric.isEmpty, following.cue == nil, operand == nil {
                index += 1
                intent.filters.append(.compare(.columns(numeric), comparison, value))
                return
            }
        }
        intent.filters.append(.compare(operand ?? .value, comparison, value))
    }

    private mutating func between() {
        guard let low = next?.number, mentions.indices.contains(index + 2), mentions[index + 1].cue == .and,
            let high = mentions[index + 2].number
        else { return }
        index += 3
        intent.filters.append(.between(operand ?? .value, min(low, high), max(low, high)))
    }

    // MARK: Nouns

    private mutating func noun(_ mention: Mention) {
        defer { expected.isNegated = false }
        let table = mention.table
        let column = mention.columns.first
        let isTable = (table?.score ?? 0) >= (column?.score ?? 0) && table != nil
        if let value = mention.values.first, value.isWhole || !isTable && column == nil,
            max(table?.score ?? 0, column?.score ?? 0) < 0.9
        {
            return filter(mention)
        }
        if let table { intent.tables.append(table.table) }
        if expected.isCount {
            count(mention, isTable: isTable)
        } else if expected.isAbsent, let table {
            expected.isAbsent = false
            intent.filters.append(.absent(table: table.table))
        } else if expected.isGroup {
            group(mention, isTable: isTable)
        } else if expected.isMeasureAfterBy {
            expected.isMeasureAfterBy = false
            measureAfterBy(mention, isTable: isTable)
        } else if let aggregate = expected.aggregate, aggregates(mention, aggregate, isTable: isTable) {
            expected.aggregate = nil
        } else if expected.isMost, most(mention, isTable: isTable) {
            expected.isMost = false
            expected.isRanked = false
        } else if expected.isRanked {
            expected.isRanked = false
            ranked(mention, isTable: isTable)
        } else if isTable, let table {
            if intent.subject == nil || expected.isSubject { intent.subject = intent.subject ?? table.table }
            expected.isSubject = false
            operand = nil
        } else {
            self.column(mention)
        }
    }

    private mutating func filter(_ mention: Mention) {
        // "by sales representative", where that is a title: by those whose title it is.
        if expected.isGroup, mention.values.contains(where: \.isWhole) {
            intent.groups.append(.holder(mention.values))
            wasGroup = true
        }
        intent.filters.append(.values(mention.values, isNegated: expected.isNegated, spoken: mention.text))
        expected.isGroup = false
    }

    private mutating func count(_ mention: Mention, isTable: Bool) {
        expected.isCount = false
        if isTable, let table = mention.table {
            intent.measures.append(.count(table: table.table))
            operand = nil
        } else {
            intent.measures.append(.columns(mention.columns, .countDistinct))
        }
    }

    private mutating func group(_ mention: Mention, isTable: Bool) {
        expected.isGroup = false
        wasGroup = true
        if isTable, let table = mention.table {
            intent.groups.append(.table(table, columns: mention.columns))
        } else {
            intent.groups.append(.columns(mention.columns))
        }
    }

    /// "top 5 customers by orders", "by freight", but also "top sales by country".
    private mutating func measureAfterBy(_ mention: Mention, isTable: Bool) {
        let numeric = numericColumns(mention)
        if !numeric.isEmpty, !isTable {
            intent.measures.append(.columns(numeric, expected.aggregate))
            expected.aggregate = nil
        } else if isTable, let table = mention.table, !intent.groups.isEmpty {
            intent.measures.append(.count(table: table.table))
        } else {
            group(mention, isTable: isTable)
        }
    }

    private func numericColumns(_ mention: Mention) -> [ColumnMatch] {
        mention.columns.filter { catalog[$0.reference].role == .measure }
    }

    private mutating func aggregates(_ mention: Mention, _ aggregate: Aggregate, isTable: Bool) -> Bool {
        let numeric = numericColumns(mention)
        if !numeric.isEmpty, !isTable || numeric[0].score > 0.9 {
            intent.measures.append(.columns(numeric, aggregate))
            operand = .columns(numeric)
            return true
        }
        let times = mention.columns.filter { catalog[$0.reference].role == .time }
        if !times.isEmpty, aggregate == .minimum || aggregate == .maximum {
            intent.measures.append(.columns(times, aggregate))
            return true
        }
        if isTable, let table = mention.table, aggregate == .sum {
            intent.measures.append(.count(table: table.table))
            return true
        }
        return false
    }

    private mutating func most(_ mention: Mention, isTable: Bool) -> Bool {
        if isTable, let table = mention.table {
            intent.measures.append(.count(table: table.table))
            return true
        }
        let numeric = numericColumns(mention)
        guard !numeric.isEmpty else { return false }
        intent.measures.append(.columns(numeric, nil))
        return true
    }

    private mutating func ranked(_ mention: Mention, isTable: Bool) {
        let numeric = numericColumns(mention)
        if isTable, let table = mention.table {
            intent.groups.append(.table(table, columns: mention.columns))
            intent.subject = intent.subject ?? table.table
        } else if !numeric.isEmpty {
            intent.measures.append(.columns(numeric, expected.aggregate))
            expected.aggregate = nil
            operand = .columns(numeric)
        } else {
            intent.groups.append(.columns(mention.columns))
        }
    }

    private mutating func column(_ mention: Mention) {
        guard let best = mention.columns.first else { return filter(mention) }
        let times = mention.columns.filter { catalog[$0.reference].role == .time }
        // "orders due" names a table with its column.
        if mention.tokens.count > 1, intent.subject == nil, !times.isEmpty { intent.subject = best.reference.table }
        // "shipped", "hired": part of several names, of which the time is meant.
        if best.score < 0.5 || mention.tokens.last?.isPastTense == true && best.score < 0.9, !times.isEmpty {
            intent.timeColumns += times
            return
        }
        switch catalog[best.reference].role {
        case .flag:
            intent.filters.append(.flag(mention.columns, isNegated: expected.isNegated))
        case .time:
            intent.timeColumns += times
            operand = nil
        default:
            if best.score < 0.5, !mention.values.isEmpty { return filter(mention) }
            operand = .columns(mention.columns)
            if !comparesNext { intent.shown.append(mention.columns) }
            if expected.isSubject, intent.subject == nil { intent.asksForColumn = true }
            expected.isSubject = false
        }
    }

    /// Whether a comparison follows, words without weight aside: "price is above".
    private var comparesNext: Bool {
        for mention in mentions[index...] {
            if mention.isFiller { continue }
            switch mention.cue {
            case .compare, .between: return true
            default: return false
            }
        }
        return false
    }
}
