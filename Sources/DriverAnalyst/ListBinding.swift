extension QueryBinder {
    /// How a list is ordered where the question ranks rows by a column of their own table.
    struct RowOrder {
        let reference: ColumnRef
        let isDescending: Bool
    }

    /// "most expensive products", "top 3 products by price": rows in order, nothing to add up.
    mutating func rowOrder() throws(CannotAnswer) -> RowOrder? {
        guard let rank = intent.rank, intent.filters.allSatisfy({ !$0.isOnGroups }) else { return nil }
        let subject: Int
        if case .table(let match, _)? = intent.groups.first, intent.groups.count == 1 {
            subject = match.table
        } else {
            return nil
        }
        switch intent.measures.first {
        case .concept(let concept)?:
            guard let reference = column(of: concept), reference.table == subject else { return nil }
            // The oldest has the earliest birth.
            let isReversed = catalog[reference].role == .time
            return RowOrder(reference: reference, isDescending: rank.isDescending != isReversed)
        case .columns(let columns, nil)?:
            guard let best = preferred(columns), best.reference.table == subject else { return nil }
            return RowOrder(reference: best.reference, isDescending: rank.isDescending)
        default: return nil
        }
    }

    mutating func list(orderedBy order: RowOrder? = nil) throws(CannotAnswer) -> QueryPlan {
        guard let subject = listSubject else { throw CannotAnswer(reason: "The question does not say what to list.") }
        setRoot(subject)
        var statement = SelectStatement(catalog: catalog, root: subject)
        let projection = isProjection
        if projection {
            try addProjection(to: &statement)
        } else {
            addRowColumns(to: &statement)
        }
        try addConditions(to: &statement)
        try addOrder(order, to: &statement)
        addFilterColumns(to: &statement, order)
        let shown = statement.groups.map(\.title)
        let measure = projection ? "different \(shown.joined(separator: ", "))" : catalog.tables[subject].name
        var plan = finished(.list, statement.sql, measure: measure, [], isAdditive: false, statement)
        plan.names = projection ? shown : nameColumns(of: subject)
        if intent.rank != nil { plan.orderedBy = (order?.reference ?? time?.reference).map { catalog[$0].name } }
        return plan
    }

    /// The columns of a list that say which row it is.
    private func nameColumns(of table: Int) -> [String] {
        let entry = catalog.tables[table]
        return (entry.label.isEmpty ? entry.key : entry.label).map { entry.columns[$0].name }
    }

    private var listSubject: Int? {
        if let subject = intent.subject { return subject }
        if case .table(let match, _)? = intent.groups.first { return match.table }
        return intent.shown.first?.first?.reference.table ?? intent.tables.first ?? intent.filteredTable
    }

    /// "which countries do customers come from": the different values of a column, not rows.
    private var isProjection: Bool {
        guard intent.rank == nil, let first = intent.shown.first, let best = first.first, best.score >= 0.5 else {
            return false
        }
        return intent.subject == nil || intent.isDistinct || intent.asksForColumn
    }

    private mutating func addProjection(to statement: inout SelectStatement) throws(CannotAnswer) {
        for columns in intent.shown {
            guard let best = nearest(columns), let path = paths[best.reference.table] else { continue }
            statement.join(path)
            let column = catalog.qualified(best.reference)
            statement.groups.append(SelectStatement.Item(expression: column, title: catalog[best.reference].name))
            statement.conditions.append("\(column) IS NOT NULL")
            notes.append("The different values of \(catalog.name(best.reference)) are listed.")
            notes += alternatives(columns, to: best)
        }
        statement.measure = SelectStatement.Measure(
            aggregate: .count, expression: nil, title: "number of \(catalog.tables[root].name)")
    }

    /// Key and label, then what the question names.
    private mutating func addRowColumns(to statement: inout SelectStatement) {
        let table = catalog.tables[root]
        var places = (table.key.count == 1 ? table.key : []) + table.label
        if places.isEmpty { places = Array(table.columns.indices.prefix(4)) }
        if table.label.isEmpty {
            places += table.columns.indices.filter { [.time, .measure, .category].contains(table.columns[$0].role) }
                .prefix(4)
        }
        for place in places.uniqued() { show(ColumnRef(table: root, column: place), in: &statement) }
        for columns in intent.shown {
            guard let best = nearest(columns), best.score >= 0.5, let path = paths[best.reference.table], !path.fansOut
            else { continue }
            statement.join(path)
            show(best.reference, in: &statement)
        }
    }

    private func show(_ reference: ColumnRef, in statement: inout SelectStatement) {
        let expression = catalog.qualified(reference)
        guard !statement.columns.contains(where: { $0.expression == expression }) else { return }
        let name = catalog[reference].name
        let isTaken = statement.columns.contains { $0.title == name }
        statement.columns.append(
            SelectStatement.Item(expression: expression, title: isTaken ? catalog.name(reference) : name))
    }

    private mutating func addOrder(_ order: RowOrder?, to statement: inout SelectStatement) throws(CannotAnswer) {
        if isProjection {
            statement.order = ["\(statement.groups.count + 1) DESC"] + statement.groups.indices.map { "\($0 + 1)" }
            return
        }
        if let order {
            show(order.reference, in: &statement)
            place(order.reference, order.isDescending, in: &statement)
            notes.append("Ordered by \(catalog.name(order.reference)).")
        } else if let rank = intent.rank, rank.isByTime || intent.measures.isEmpty {
            let time = try timeColumn()
            if let path = paths[time.reference.table] { statement.join(path) }
            show(time.reference, in: &statement)
            place(time.reference, rank.isDescending, in: &statement)
            notes.append("Ordered by \(catalog.name(time.reference)).")
        }
        statement.limit = intent.rank.map { $0.limit ?? 10 }
        let label = catalog.tables[root].label.first ?? catalog.tables[root].key.first
        if let label, let index = index(of: ColumnRef(table: root, column: label), in: statement) {
            statement.order.append("\(index)")
        }
        if statement.columns.count > 0, !statement.order.contains("1") { statement.order.append("1") }
    }

    private func place(_ reference: ColumnRef, _ isDescending: Bool, in statement: inout SelectStatement) {
        guard let index = index(of: reference, in: statement) else { return }
        statement.order.append("\(index) \(isDescending ? "DESC" : "ASC") NULLS LAST")
    }

    private func index(of reference: ColumnRef, in statement: SelectStatement) -> Int? {
        statement.columns.firstIndex { $0.expression == catalog.qualified(reference) }.map { $0 + 1 }
    }

    /// What a row was chosen by is shown, unless it is the same in all rows.
    private func addFilterColumns(to statement: inout SelectStatement, _ order: RowOrder?) {
        guard statement.measure == nil else { return }
        for filter in intent.filters {
            if case .compare(.columns(let columns), let comparison, _) = filter, comparison != .equal,
                let best = nearest(columns)
            {
                show(best.reference, in: &statement)
            }
        }
        if let time, !intent.times.isEmpty, paths[time.reference.table]?.fansOut == false {
            show(time.reference, in: &statement)
        }
    }
}

extension Intent.Filter {
    /// Whether it holds of rows added up, not of single ones.
    var isOnGroups: Bool {
        switch self {
        case .compare(.columns, _, _), .between(.columns, _, _): false
        case .compare, .between: true
        default: false
        }
    }
}
