extension QueryBinder {
    /// Adds every condition on single rows to a statement, with the joins that they need.
    mutating func addConditions(to statement: inout SelectStatement) throws(CannotAnswer) {
        var isTimeUsed = false
        var values: [(ValueMatch, Bool)] = []
        for filter in intent.filters {
            switch filter {
            case .values(let matches, let isNegated, let spoken):
                guard let match = nearestValue(matches) else {
                    throw CannotAnswer(
                        reason:
                            "'\(spoken)' occurs only in tables that no key connects with \(catalog.tables[root].name).")
                }
                values.append((match, isNegated))
            case .flag(let columns, let isNegated): try addFlag(columns, isNegated, to: &statement)
            case .compare(.columns(let columns), let comparison, let number):
                try add(
                    columns, "\(comparison.rawValue) \(catalog.dialect.literal(number))",
                    "\(comparison.words) \(NumberText.plain(number))", to: &statement)
            case .between(.columns(let columns), let low, let high):
                let bounds = "BETWEEN \(catalog.dialect.literal(low)) AND \(catalog.dialect.literal(high))"
                try add(columns, bounds, "from \(NumberText.plain(low)) to \(NumberText.plain(high))", to: &statement)
            case .absent(let table):
                isTimeUsed = true
                try addAbsence(of: table, to: &statement)
            case .compare, .between: break
            }
        }
        addValues(values, to: &statement)
        if !isTimeUsed, !intent.times.isEmpty { try addTimes(to: &statement) }
    }

    /// Values of one column are alternatives, values of different columns must all hold.
    private mutating func addValues(_ values: [(ValueMatch, Bool)], to statement: inout SelectStatement) {
        for reference in values.map(\.0.reference).uniqued() {
            for isNegated in [false, true] {
                let texts = values.filter { $0.0.reference == reference && $0.1 == isNegated }.flatMap(\.0.texts)
                    .uniqued()
                guard !texts.isEmpty, let path = paths[reference.table] else { continue }
                statement.join(path)
                let literals = texts.map { catalog.dialect.literal($0) }
                let column = catalog.qualified(reference)
                let test =
                    literals.count == 1
                    ? "\(isNegated ? "<>" : "=") \(literals[0])"
                    : "\(isNegated ? "NOT " : "")IN (\(literals.joined(separator: ", ")))"
                statement.conditions.append("\(column) \(test)")
                let shown = texts.prefix(5).map { "'\($0)'" }.joined(separator: ", ") + (texts.count > 5 ? ", …" : "")
                filterWords.append("\(catalog.name(reference)) is \(isNegated ? "not " : "")\(shown)")
            }
        }
    }

    private mutating func addFlag(_ columns: [ColumnMatch], _ isNegated: Bool, to statement: inout SelectStatement)
        throws(CannotAnswer)
    {
        let flags = columns.filter { if case .flag = catalog[$0.reference].role { true } else { false } }
        guard let best = nearest(flags), let path = paths[best.reference.table],
            case .flag(let yes, let no) = catalog[best.reference].role
        else { throw CannotAnswer(reason: "The flag that the question names is out of reach.") }
        let value = isNegated ? no ?? yes : yes
        let literal = value.isText ? catalog.dialect.literal(value.text) : value.text
        statement.join(path)
        statement.conditions.append("\(catalog.qualified(best.reference)) = \(literal)")
        filterWords.append("\(catalog.name(best.reference)) is \(value.text)")
    }

    private mutating func add(
        _ columns: [ColumnMatch], _ test: String, _ words: String, to statement: inout SelectStatement
    ) throws(CannotAnswer) {
        let numeric = columns.filter { catalog[$0.reference].isNumeric }
        guard let best = nearest(numeric), let path = paths[best.reference.table] else {
            throw CannotAnswer(reason: "No column of numbers matches the comparison.")
        }
        statement.join(path)
        statement.conditions.append("\(catalog.qualified(best.reference)) \(test)")
        filterWords.append("\(catalog.name(best.reference)) \(words)")
        notes += alternatives(numeric, to: best)
    }

    private mutating func addTimes(to statement: inout SelectStatement) throws(CannotAnswer) {
        let time = try timeColumn()
        guard let path = paths[time.reference.table] else { return }
        statement.join(path)
        statement.conditions.append(timeCondition(time))
        filterWords.append("\(catalog.name(time.reference)) \(intent.times.map(\.words).joined(separator: " and "))")
        if let first = time.first, let last = time.last {
            notes.append("The data of \(catalog.name(time.reference)) runs from \(first.iso) to \(last.iso).")
        }
    }

    /// The spans of one phrase are alternatives; several phrases must all hold.
    private func timeCondition(_ time: BoundTime) -> String {
        let column = catalog.qualified(time.reference)
        let dialect = catalog.dialect
        let isText = catalog[time.reference].statistics.kind == .text
        let comparable = dialect.comparable(column, time.encoding)
        let last = time.last ?? Day(number: 0)
        let conditions = intent.times.map { phrase in
            let spans = phrase.spans(endingAt: last).map { span -> String in
                if let month = span.month {
                    return "substr(\(dialect.day(column, time.encoding)), 6, 2) = \(dialect.literal(padded(month, 2)))"
                }
                let from = span.from.map { "\(comparable) >= \(dialect.bound($0, time.encoding, isText: isText))" }
                let to = span.to.map { "\(comparable) < \(dialect.bound($0, time.encoding, isText: isText))" }
                return [from, to].compactMap(\.self).joined(separator: " AND ")
            }.filter { !$0.isEmpty }
            return spans.count > 1
                ? "(" + spans.map { "(\($0))" }.joined(separator: " OR ") + ")" : spans.first ?? "1 = 1"
        }
        return conditions.joined(separator: " AND ")
    }

    /// Rows to which nothing of another table belongs.
    private mutating func addAbsence(of table: Int, to statement: inout SelectStatement) throws(CannotAnswer) {
        guard let path = paths[table], let first = path.steps.first else { throw unreachable(table) }
        let dialect = catalog.dialect
        func name(_ table: Int) -> String { dialect.table(catalog.tables[table].namespace, catalog.tables[table].name) }
        var text = "SELECT 1 FROM \(name(first.target))"
        for step in path.steps.dropFirst() { text += " JOIN \(name(step.target)) ON \(statement.condition(step))" }
        text += " WHERE \(statement.condition(first))"
        if !intent.times.isEmpty {
            let time = try timeColumn()
            if path.steps.contains(where: { $0.target == time.reference.table }) {
                text += " AND \(timeCondition(time))"
            }
        }
        statement.conditions.append("NOT EXISTS (\(text))")
        filterWords.append("no row of \(catalog.tables[table].name) belongs to it")
    }

    // MARK: Conditions on groups

    /// The first comparison that needs rows to be added up first.
    var havingFilter: (Intent.Operand, String, String)? {
        for filter in intent.filters {
            switch filter {
            case .compare(.columns, _, _), .between(.columns, _, _): continue
            case .compare(let operand, let comparison, let number):
                return (
                    operand, "\(comparison.rawValue) \(catalog.dialect.literal(number))",
                    "\(words(of: operand)) \(comparison.words) \(NumberText.plain(number))"
                )
            case .between(let operand, let low, let high):
                let test = "BETWEEN \(catalog.dialect.literal(low)) AND \(catalog.dialect.literal(high))"
                return (
                    operand, test, "\(words(of: operand)) from \(NumberText.plain(low)) to \(NumberText.plain(high))"
                )
            default: continue
            }
        }
        return nil
    }

    private func words(of operand: Intent.Operand) -> String {
        switch operand {
        case .columns: "a column"
        case .metric(let metric): metric.rawValue
        case .count(let table): "number of \(catalog.tables[table].name)"
        case .value: "value"
        }
    }

    func operandMeasure(_ operand: Intent.Operand) throws(CannotAnswer) -> BoundMeasure {
        switch operand {
        case .count(let table): return count(table)
        case .metric(let metric): return try bound(metric, nil)
        case .columns, .value:
            if let table = intent.subject ?? intent.tables.first, let own = worth(of: table) {
                return BoundMeasure(
                    root: table, expression: catalog.qualified(own), aggregate: .sum, title: catalog[own].name,
                    notes: ["The value of a row of \(catalog.tables[table].name) is \(catalog.name(own))."])
            }
            return try bound(.revenue, nil)
        }
    }

    /// A column of a table that says what a row is worth.
    private func worth(of table: Int) -> ColumnRef? {
        let places = catalog.tables[table].columns.indices.filter { place in
            let column = catalog.tables[table].columns[place]
            guard column.role == .measure,
                !column.words.contains(where: {
                    Lexicon.stockWords.contains($0) || Lexicon.sideAmountWords.contains($0)
                })
            else { return false }
            return ["amount", "price", "revenue", "salary"].contains { Lexicon.means(column.words, $0) }
                || column.words.contains("total")
        }
        return places.first.map { ColumnRef(table: table, column: $0) }
    }
}
