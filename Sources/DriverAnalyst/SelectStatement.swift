/// One SELECT over a tree of joins, as text for a dialect.
struct SelectStatement: Sendable {
    struct Item: Hashable, Sendable {
        let expression: String
        let title: String
    }

    var catalog: Catalog
    let root: Int
    /// The ways to the tables that are needed, in the order in which they are joined.
    var steps: [JoinGraph.Step] = []
    /// What rows are put together by; shown first.
    var groups: [Item] = []
    /// Further columns that keep apart what has the same label.
    var groupKeys: [String] = []
    var measure: Measure?
    /// Shown after the groups without being grouped by: a list's columns.
    var columns: [Item] = []
    var conditions: [String] = []
    var having: String?
    /// As it stands after ORDER BY.
    var order: [String] = []
    var limit: Int?

    struct Measure: Sendable {
        let aggregate: Aggregate
        /// Of one row of the root; `nil` counts rows.
        let expression: String?
        let title: String
    }

    private var dialect: SQLDialect { catalog.dialect }
    private var fansOut: Bool { steps.contains(where: \.isFanOut) }

    mutating func join(_ path: JoinGraph.Path) {
        for step in path.steps where !steps.contains(step) { steps.append(step) }
    }

    var sql: String { measure == nil ? list : needsDistinctRows ? overDistinctRows : direct }

    /// Whether joins multiply the rows that are added up; the lowest and the highest stay the same.
    private var needsDistinctRows: Bool {
        guard fansOut, let measure else { return false }
        switch measure.aggregate {
        case .minimum, .maximum, .countDistinct: return false
        case .count: return catalog.tables[root].key.count != 1
        case .sum, .average, .median: return true
        }
    }

    private var direct: String {
        guard let measure else { return list }
        let expression: String
        if measure.aggregate == .count, fansOut, let key = catalog.tables[root].key.first {
            expression = "COUNT(DISTINCT \(column(ColumnRef(table: root, column: key))))"
        } else {
            expression = aggregate(measure, of: measure.expression)
        }
        let items = groups.map(selected) + ["\(expression) AS \(dialect.identifier(measure.title))"]
        return assemble(
            select: items, from: source, grouping: groups.map(\.expression) + groupKeys,
            having: having.map { "\(expression) \($0)" })
    }

    /// Each row of the root once per group, then added up: a join to the many must not count it twice.
    private var overDistinctRows: String {
        guard let measure else { return list }
        let identity =
            catalog.tables[root].key.isEmpty
            ? [dialect.rowIdentity(dialect.identifier(catalog.tables[root].name))]
            : catalog.tables[root].key.map { column(ColumnRef(table: root, column: $0)) }
        var inner = identity.enumerated().map { "\($1) AS k\($0 + 1)" }
        inner += groups.enumerated().map { "\($1.expression) AS g\($0 + 1)" }
        inner += groupKeys.enumerated().map { "\($1) AS h\($0 + 1)" }
        inner.append("\(measure.expression ?? "1") AS m")
        let rows =
            "(SELECT DISTINCT " + inner.joined(separator: ", ") + "\nFROM " + source + whereClause + ") AS rows_once"
        let aggregated = aggregate(measure, of: measure.aggregate == .count ? nil : "m")
        let items =
            groups.enumerated().map { "g\($0 + 1) AS \(dialect.identifier($1.title))" }
            + ["\(aggregated) AS \(dialect.identifier(measure.title))"]
        let keys = groups.indices.map { "g\($0 + 1)" } + groupKeys.indices.map { "h\($0 + 1)" }
        var text = "SELECT " + items.joined(separator: ", ") + "\nFROM " + rows
        if !keys.isEmpty { text += "\nGROUP BY " + keys.joined(separator: ", ") }
        if let having { text += "\nHAVING \(aggregated) \(having)" }
        return text + tail
    }

    private var list: String {
        let items = columns.map(selected)
        return "SELECT " + (fansOut ? "DISTINCT " : "") + items.joined(separator: ", ") + "\nFROM " + source
            + whereClause + tail
    }

    private func selected(_ item: Item) -> String {
        let name = dialect.identifier(item.title)
        return item.expression.hasSuffix("." + name) ? item.expression : "\(item.expression) AS \(name)"
    }

    private func assemble(select: [String], from: String, grouping: [String], having: String?) -> String {
        var text = "SELECT " + select.joined(separator: ", ") + "\nFROM " + from + whereClause
        if !grouping.isEmpty { text += "\nGROUP BY " + grouping.uniqued().joined(separator: ", ") }
        if let having { text += "\nHAVING " + having }
        return text + tail
    }

    private func aggregate(_ measure: Measure, of expression: String?) -> String {
        switch measure.aggregate {
        case .count: return "COUNT(\(expression ?? "*"))"
        case .countDistinct: return "COUNT(DISTINCT \(expression ?? "*"))"
        case .median where dialect.hasMedian:
            return "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY \(expression ?? "1"))"
        default: return "\(measure.aggregate.sql)(\(expression ?? "1"))"
        }
    }

    private var source: String {
        var text = dialect.table(catalog.tables[root].namespace, catalog.tables[root].name)
        for step in steps {
            let target = catalog.tables[step.target]
            text += "\nLEFT JOIN \(dialect.table(target.namespace, target.name)) ON \(condition(step))"
        }
        return text
    }

    func condition(_ step: JoinGraph.Step) -> String {
        zip(step.edge.fromColumns, step.edge.toColumns).map { from, to in
            column(ColumnRef(table: step.edge.to, column: to)) + " = "
                + column(ColumnRef(table: step.edge.from, column: from))
        }.joined(separator: " AND ")
    }

    private var whereClause: String {
        conditions.isEmpty ? "" : "\nWHERE " + conditions.joined(separator: " AND ")
    }

    private var tail: String {
        (order.isEmpty ? "" : "\nORDER BY " + order.joined(separator: ", ")) + (limit.map { "\nLIMIT \($0)" } ?? "")
    }

    func column(_ reference: ColumnRef) -> String { catalog.qualified(reference) }
}

extension Catalog {
    /// `"Table"."Column"`.
    func qualified(_ reference: ColumnRef) -> String {
        dialect.identifier(tables[reference.table].name) + "." + dialect.identifier(self[reference].name)
    }
}

extension Sequence where Element: Hashable {
    /// The elements without repetitions, in order.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
