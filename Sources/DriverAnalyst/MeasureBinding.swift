/// What is worked out, bound to columns.
struct BoundMeasure {
    let root: Int
    /// Of one row of the root; `nil` counts rows.
    let expression: String?
    let aggregate: Aggregate
    let title: String
    var tables: Set<Int> = []
    var notes: [String] = []
    var isAdditive: Bool { aggregate == .sum || aggregate == .count }
}

extension QueryBinder {
    mutating func bound(_ measure: Intent.Measure) throws(CannotAnswer) -> BoundMeasure {
        switch measure {
        case .count(let table): return count(table)
        case .metric(let metric, let aggregate): return try bound(metric, aggregate)
        case .columns(let columns, let aggregate): return try bound(columns, aggregate)
        case .concept(let concept): return try bound(concept: concept)
        case .worth(let table): return try worth(ofRowsIn: table)
        }
    }

    func count(_ table: Int) -> BoundMeasure {
        BoundMeasure(
            root: table, expression: nil, aggregate: .count, title: "number of \(catalog.tables[table].name)",
            notes: ["Counted: rows of \(catalog.tables[table].name)."])
    }

    /// What rows of a table are ranked by when the question only says "best": the revenue that belongs to them, else
    /// how many rows of the largest table lead to them.
    private func worth(ofRowsIn table: Int) throws(CannotAnswer) -> BoundMeasure {
        if var revenue = try? bound(.revenue, nil) {
            let path = graph.paths(from: revenue.root, tableCount: catalog.tables.count)[table]
            if let path, !path.fansOut {
                revenue.notes.insert("The question does not say by what they are ranked; taken: revenue.", at: 0)
                return revenue
            }
        }
        let children = graph.edges.filter { $0.to == table && $0.from != table }.map(\.from)
        guard let largest = children.max(by: { (catalog.tables[$0].rowCount, $1) < (catalog.tables[$1].rowCount, $0) })
        else {
            throw CannotAnswer(reason: "The question does not say by what \(catalog.tables[table].name) are ranked.")
        }
        var measure = count(largest)
        measure.notes.insert("The question does not say by what they are ranked; taken: their number of rows.", at: 0)
        return measure
    }

    func bound(_ metric: Metric, _ aggregate: Aggregate?) throws(CannotAnswer) -> BoundMeasure {
        guard let formula = MetricResolver(catalog: catalog, graph: graph).formula(metric) else {
            throw CannotAnswer(reason: Self.missing(metric))
        }
        let aggregate = aggregate ?? .sum
        var notes =
            ["\(metric.title) is \(formula.words), per row of \(catalog.tables[formula.root].name)."]
            + formula.assumptions
        notes += voidNotes(formula.root)
        let title = aggregate == .sum ? metric.rawValue : "\(aggregate.words) \(metric.rawValue)"
        return BoundMeasure(
            root: formula.root, expression: formula.expression, aggregate: aggregate, title: title,
            tables: formula.tables, notes: notes)
    }

    private static func missing(_ metric: Metric) -> String {
        switch metric {
        case .revenue:
            "No column holds a revenue or an amount of sales, and no table with a quantity reaches a price to "
                + "multiply it with."
        case .quantity: "No table of sales with a quantity was found."
        case .profit: "A profit needs a column of costs beside prices and quantities; none was found."
        }
    }

    /// A status that says a sale did not stand is told, since the sum contains it.
    private func voidNotes(_ table: Int) -> [String] {
        let paths = graph.paths(from: table, tableCount: catalog.tables.count)
        return catalog.columns.compactMap { reference in
            guard catalog[reference].role == .category, let path = paths[reference.table], !path.fansOut else {
                return nil
            }
            let void = catalog[reference].statistics.texts.filter { Lexicon.voidWords.contains($0.text.lowercased()) }
            guard !void.isEmpty, intent.filters.allSatisfy({ !$0.speaksOf(reference) }) else { return nil }
            let values = void.map { "'\($0.text)'" }.sorted().joined(separator: ", ")
            return "Rows whose \(catalog.name(reference)) is \(values) are included."
        }
    }

    private func bound(_ columns: [ColumnMatch], _ aggregate: Aggregate?) throws(CannotAnswer) -> BoundMeasure {
        guard let best = preferred(columns) else {
            throw CannotAnswer(reason: "No column of numbers matches what is asked for.")
        }
        let column = catalog[best.reference]
        let name = catalog.name(best.reference)
        if column.role != .measure, aggregate != .countDistinct, column.role != .time {
            return BoundMeasure(
                root: best.reference.table, expression: catalog.qualified(best.reference), aggregate: .countDistinct,
                title: "number of different \(column.name)", notes: ["Counted: different values of \(name)."])
        }
        let chosen = aggregate ?? naturalAggregate(column)
        if chosen == .countDistinct {
            return BoundMeasure(
                root: best.reference.table, expression: catalog.qualified(best.reference), aggregate: chosen,
                title: "number of different \(column.name)",
                notes: ["Counted: different values of \(name)."] + alternatives(columns, to: best))
        }
        var notes = [
            "\(chosen.words.prefix(1).uppercased() + chosen.words.dropFirst()) of \(name)"
                + (aggregate == nil ? ", as nothing else was asked." : ".")
        ]
        if chosen == .median, !catalog.dialect.hasMedian {
            throw CannotAnswer(
                reason: "This database has no median; the average, the lowest and the highest can be had.")
        }
        notes += alternatives(columns, to: best)
        return BoundMeasure(
            root: best.reference.table, expression: catalog.qualified(best.reference), aggregate: chosen,
            title: "\(chosen.words) \(column.name)", notes: notes)
    }

    private func naturalAggregate(_ column: CatalogColumn) -> Aggregate {
        if intent.groups.isEmpty, let rank = intent.rank { return rank.isDescending ? .maximum : .minimum }
        return Lexicon.isIntensive(column.words) ? .average : .sum
    }

    /// The best of several columns by name, by how near the tables are that the question speaks of, and by use.
    func preferred(_ columns: [ColumnMatch]) -> ColumnMatch? {
        let scored = columns.map { match -> (ColumnMatch, Double) in
            var score = match.score
            if intent.tables.contains(match.reference.table) { score += 0.3 }
            if intent.subject == match.reference.table { score += 0.1 }
            if catalog[match.reference].role == .measure { score += 0.2 }
            if !intent.tables.isEmpty, !intent.tables.contains(match.reference.table) {
                let near = graph.paths(from: match.reference.table, tableCount: catalog.tables.count)
                score -= 0.05 * (intent.tables.compactMap { near[$0]?.cost }.min() ?? 10)
            }
            return (match, score)
        }
        return scored.max { ($0.1, $1.0.reference) < ($1.1, $0.0.reference) }?.0
    }

    /// Other columns of the same fit, for the reader to object.
    func alternatives(_ columns: [ColumnMatch], to best: ColumnMatch) -> [String] {
        let others = columns.filter { $0.reference != best.reference && $0.score >= best.score - 0.15 }.prefix(3)
        guard !others.isEmpty else { return [] }
        let names = others.map { catalog.name($0.reference) }.joined(separator: ", ")
        return ["\(catalog.name(best.reference)) was chosen; it could also have been \(names)."]
    }

    private func bound(concept: String) throws(CannotAnswer) -> BoundMeasure {
        guard let reference = column(of: concept) else {
            throw CannotAnswer(reason: "No column says the \(concept) that the question is about.")
        }
        let descending = intent.rank?.isDescending ?? true
        return BoundMeasure(
            root: reference.table, expression: catalog.qualified(reference),
            aggregate: descending ? .maximum : .minimum,
            title: catalog[reference].name, notes: ["Ordered by \(catalog.name(reference))."])
    }

    /// A column that measures what an adjective speaks of, near what the question is about.
    func column(of concept: String) -> ColumnRef? {
        let matches = catalog.columns.compactMap { reference -> ColumnMatch? in
            let column = catalog[reference]
            let isAge = concept == "age" && column.role == .time && Lexicon.means(column.words, "birth")
            guard column.role == .measure && Lexicon.means(column.words, concept) || isAge else { return nil }
            return ColumnMatch(reference: reference, score: 1 / Double(max(1, column.words.count)))
        }
        return preferred(matches)?.reference
    }
}

extension Metric {
    var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

extension Intent.Filter {
    func speaksOf(_ reference: ColumnRef) -> Bool {
        if case .values(let matches, _, _) = self { matches.contains { $0.reference == reference } } else { false }
    }
}
