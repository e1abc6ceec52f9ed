/// Binds what a question asks for to tables and columns, and writes the query.
struct QueryBinder {
    let catalog: Catalog
    let graph: JoinGraph
    let intent: Intent
    /// Looks up the first and last day of a time column; costs a query.
    let range: (BoundTime) -> BoundTime

    var paths: [JoinGraph.Path?] = []
    var root = 0
    var notes: [String] = []
    var filterWords: [String] = []
    var time: BoundTime?

    init(_ catalog: Catalog, _ edges: [JoinGraph.Edge], _ intent: Intent, range: @escaping (BoundTime) -> BoundTime) {
        self.catalog = catalog
        graph = JoinGraph(edges: edges, catalog: catalog, spoken: intent.spoken)
        self.intent = intent
        self.range = range
    }

    /// - Throws: when what is asked for is not in the database.
    mutating func plan() throws(CannotAnswer) -> QueryPlan {
        if let having = havingFilter, intent.kind == .list || intent.measures.isEmpty || isCountOfGroups(having) {
            return try figure(measure: try operandMeasure(having.0), having: having)
        }
        if intent.kind == .list { return try list() }
        if let ordered = try rowOrder() { return try list(orderedBy: ordered) }
        guard let first = intent.measures.first else {
            throw CannotAnswer(reason: "The question does not say what to work out.")
        }
        if intent.measures.count > 1 { notes.append("Only the first of the figures asked for is worked out.") }
        return try figure(measure: try bound(first), having: havingFilter)
    }

    mutating func setRoot(_ table: Int) {
        root = table
        paths = graph.paths(from: table, tableCount: catalog.tables.count)
    }

    // MARK: Figures

    private mutating func figure(
        measure: BoundMeasure, having: (Intent.Operand, String, String)?
    ) throws(CannotAnswer) -> QueryPlan {
        setRoot(measure.root)
        var statement = SelectStatement(catalog: catalog, root: root)
        for table in measure.tables.sorted() { if let path = paths[table] { statement.join(path) } }
        var groups: [BoundGroup] = []
        for group in figureGroups(having) { groups.append(try bound(group)) }
        if intent.kind == .trend, !groups.contains(where: { $0.unit != nil }) { groups.insert(try trendGroup(), at: 0) }
        for group in groups {
            statement.join(group.path)
            statement.groups.append(SelectStatement.Item(expression: group.label, title: group.title))
            statement.groupKeys += group.keys
        }
        statement.measure = SelectStatement.Measure(
            aggregate: measure.aggregate, expression: measure.expression, title: measure.title)
        try addConditions(to: &statement)
        if let having {
            statement.having = "\(having.1)"
            filterWords.append(having.2)
        }
        notes.insert(contentsOf: measure.notes, at: 0)
        noteFanOut(statement, measure)
        let shape = order(&statement, groups)
        var sql = statement.sql
        if let having, isCountOfGroups(having), let table = groups.first?.title {
            statement.order = []
            statement.limit = nil
            sql = "SELECT COUNT(*) AS \(catalog.dialect.identifier("count"))\nFROM (" + statement.sql + ") AS chosen"
            return finished(.figure, sql, measure: "number of \(table)", [], isAdditive: true, statement)
        }
        if intent.averagesGroups, let table = groups.first?.title {
            return finished(
                .figure, average(statement), measure: "average \(measure.title) per row of \(table)", [],
                isAdditive: false, statement)
        }
        return finished(
            shape, sql, measure: measure.title, groups.map(\.title), isAdditive: measure.isAdditive, statement,
            groups.first?.unit)
    }

    /// The average of a figure over its groups.
    private mutating func average(_ statement: SelectStatement) -> String {
        var inner = statement
        inner.order = []
        notes.append("The average is over those that have any.")
        let title = catalog.dialect.identifier(statement.measure?.title ?? "")
        return "SELECT AVG(\(title)) AS \(catalog.dialect.identifier("average"))\nFROM (" + inner.sql + ") AS each_one"
    }

    private func figureGroups(_ having: (Intent.Operand, String, String)?) -> [Intent.Group] {
        guard intent.groups.isEmpty, having != nil else { return intent.groups }
        let counted: Int? = intent.measures.lazy.compactMap { if case .count(let table) = $0 { table } else { nil } }
            .first
        return (intent.subject ?? counted ?? intent.tables.first).map {
            [.table(TableMatch(table: $0, score: 1), columns: [])]
        } ?? []
    }

    /// "how many customers have more than 10 orders" counts the groups that pass.
    private func isCountOfGroups(_ having: (Intent.Operand, String, String)) -> Bool {
        guard case .count(let counted)? = intent.measures.first, intent.groups.isEmpty else { return false }
        if case .count(let table) = having.0 { return table != counted }
        return true
    }

    private func order(_ statement: inout SelectStatement, _ groups: [BoundGroup]) -> QueryPlan.Shape {
        guard !groups.isEmpty else { return .figure }
        let measureColumn = groups.count + 1
        let labels = groups.indices.map { "\($0 + 1)" }
        if let rank = intent.rank, !rank.isByTime {
            statement.order = ["\(measureColumn) \(rank.isDescending ? "DESC" : "ASC") NULLS LAST"] + labels
            statement.limit = rank.limit ?? 10
            return .ranking(isDescending: rank.isDescending)
        }
        if let unit = groups.first?.unit {
            statement.order = labels
            return .series(unit)
        }
        if groups.contains(where: { $0.unit != nil }) {
            statement.order = labels
        } else {
            statement.order = ["\(measureColumn) DESC NULLS LAST"] + labels
        }
        return .groups
    }

    private mutating func noteFanOut(_ statement: SelectStatement, _ measure: BoundMeasure) {
        guard !statement.groups.isEmpty, statement.steps.contains(where: \.isFanOut), measure.isAdditive else { return }
        let name = catalog.tables[root].name
        notes.append("A row of \(name) that belongs to several groups is counted once in each.")
    }

    func finished(
        _ shape: QueryPlan.Shape, _ sql: String, measure: String, _ groups: [String], isAdditive: Bool,
        _ statement: SelectStatement, _ unit: TimeUnit? = nil
    ) -> QueryPlan {
        var interpretation = notes
        for step in statement.steps {
            let edge = step.edge
            let columns = zip(edge.fromColumns, edge.toColumns).map { from, to in
                catalog.name(ColumnRef(table: edge.from, column: from)) + " = "
                    + catalog.name(ColumnRef(table: edge.to, column: to))
            }.joined(separator: " and ")
            interpretation.append("Joined \(columns)" + (edge.isDeclared ? "." : " (inferred from names and values)."))
        }
        return QueryPlan(
            shape: shape, sql: sql, measure: measure, groups: groups, timeGroup: unit, isAdditive: isAdditive,
            interpretation: interpretation.uniqued(), time: time, limit: statement.limit,
            filters: filterWords)
    }
}
