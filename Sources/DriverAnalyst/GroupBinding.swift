/// What rows are put together by, bound to a table's label, a column or a period.
struct BoundGroup {
    let title: String
    let label: String
    /// Keeps apart rows that bear the same label.
    var keys: [String] = []
    var path = JoinGraph.Path()
    var unit: TimeUnit?
}

extension QueryBinder {
    mutating func bound(_ group: Intent.Group) throws(CannotAnswer) -> BoundGroup {
        switch group {
        case .time(let unit): return try bound(unit)
        case .columns(let columns): return try bound(columns)
        case .holder(let values):
            guard let table = nearestValue(values)?.reference.table, let path = paths[table] else {
                throw CannotAnswer(reason: "The rows to group by are out of reach.")
            }
            return labelled(table, path)
        case .table(let match, let columns):
            let path = paths[match.table]
            let near = columns.filter { (paths[$0.reference.table]?.fansOut ?? true) == false && $0.score >= 0.8 }
            if path == nil || path?.fansOut == true, !near.isEmpty { return try bound(near) }
            guard let path else { throw unreachable(match.table) }
            return labelled(match.table, path)
        }
    }

    func unreachable(_ table: Int) -> CannotAnswer {
        CannotAnswer(
            reason:
                "No key leads from \(catalog.tables[root].name) to \(catalog.tables[table].name), declared or by name "
                + "and values."
        )
    }

    private mutating func labelled(_ table: Int, _ path: JoinGraph.Path) -> BoundGroup {
        let label = labelExpression(table)
        let keys = catalog.tables[table].key.map { catalog.qualified(ColumnRef(table: table, column: $0)) }
        let names = catalog.tables[table].label.map { catalog.name(ColumnRef(table: table, column: $0)) }
        if !names.isEmpty {
            notes.append("\(catalog.tables[table].name) are shown by \(names.joined(separator: " and ")).")
        }
        return BoundGroup(title: catalog.tables[table].name, label: label, keys: keys, path: path)
    }

    /// What tells a reader which row of a table it is.
    func labelExpression(_ table: Int) -> String {
        let entry = catalog.tables[table]
        let places = entry.label.isEmpty ? entry.key : entry.label
        let columns = places.map { catalog.qualified(ColumnRef(table: table, column: $0)) }
        if columns.count == 1 { return columns[0] }
        guard !columns.isEmpty else { return catalog.qualified(ColumnRef(table: table, column: 0)) }
        if places.allSatisfy({ entry.columns[$0].statistics.nulls == 0 }) {
            return columns.joined(separator: " || ' ' || ")
        }
        return columns.map { "COALESCE(\($0), '')" }.joined(separator: " || ' ' || ")
            .wrappedForNull(if: entry.key.first.map { catalog.qualified(ColumnRef(table: table, column: $0)) })
    }

    private mutating func bound(_ columns: [ColumnMatch]) throws(CannotAnswer) -> BoundGroup {
        guard let best = nearest(columns), let path = paths[best.reference.table] else {
            let names = columns.prefix(3).map { catalog.name($0.reference) }.joined(separator: ", ")
            throw CannotAnswer(reason: "No key leads from \(catalog.tables[root].name) to \(names).")
        }
        let column = catalog[best.reference]
        if column.role == .time { return try bound(.month, of: best.reference) }
        if let target = graph.edges.first(where: {
            $0.from == best.reference.table && $0.fromColumns == [best.reference.column]
        }) {
            let step = JoinGraph.Step(edge: target, isFanOut: false)
            return labelled(target.to, JoinGraph.Path(steps: path.steps + [step], cost: path.cost + 1))
        }
        notes.append("Grouped by \(catalog.name(best.reference)).")
        notes += alternatives(columns.filter { paths[$0.reference.table]?.fansOut == false }, to: best)
        return BoundGroup(title: column.name, label: catalog.qualified(best.reference), path: path)
    }

    /// The best of several columns for grouping rows of the root: by name, then by how few joins away.
    func nearest(_ columns: [ColumnMatch]) -> ColumnMatch? {
        let scored = columns.compactMap { match -> (ColumnMatch, Double)? in
            guard let path = paths[match.reference.table] else { return nil }
            return (match, match.score + nearness(match.reference, path))
        }
        return scored.max { ($0.1, $1.0.reference) < ($1.1, $0.0.reference) }?.0
    }

    private func nearness(_ reference: ColumnRef, _ path: JoinGraph.Path) -> Double {
        var score = -0.12 * path.cost
        let table = catalog.tables[reference.table]
        if intent.tables.contains(reference.table) { score += 0.3 }
        if Lexicon.counterparties.contains(where: { Lexicon.means(table.words, $0) }) { score += 0.05 }
        return score
    }

    // MARK: Values that several columns have

    func nearestValue(_ matches: [ValueMatch]) -> ValueMatch? {
        let scored = matches.compactMap { match -> (ValueMatch, Double)? in
            guard let path = paths[match.reference.table] else { return nil }
            let column = catalog[match.reference]
            var score = 1 + nearness(match.reference, path)
            let content = column.words.filter { !Lexicon.keyWords.contains($0) }
            if content.count == 1 { score += 0.15 }
            if content.contains(where: { word in isSpoken(word) }) { score += 0.35 }
            if catalog.tables[match.reference.table].label.contains(match.reference.column) { score += 0.05 }
            if column.role == .key { score -= 0.2 }
            return (match, score)
        }
        return scored.max { ($0.1, $1.0.reference) < ($1.1, $0.0.reference) }?.0
    }

    private func isSpoken(_ word: String) -> Bool {
        intent.spoken.contains(Lexicon.stem(word))
    }

    // MARK: Time

    mutating func trendGroup() throws(CannotAnswer) -> BoundGroup {
        let time = try timeColumn()
        guard let first = time.first, let last = time.last else { return try bound(.month) }
        let days = last.number - first.number
        return try bound(
            time.encoding == .year || days > 12 * 366 ? .year : days > 100 ? .month : days > 3 ? .day : .hour)
    }

    private mutating func bound(_ unit: TimeUnit) throws(CannotAnswer) -> BoundGroup {
        let time = try timeColumn()
        return try bound(unit, of: time.reference)
    }

    private mutating func bound(_ unit: TimeUnit, of reference: ColumnRef) throws(CannotAnswer) -> BoundGroup {
        guard let encoding = catalog[reference].encoding, let path = paths[reference.table] else {
            throw CannotAnswer(reason: "\(catalog.name(reference)) cannot be cut into periods.")
        }
        if time == nil { time = range(BoundTime(reference: reference, encoding: encoding)) }
        let period = catalog.dialect.period(catalog.qualified(reference), encoding, unit)
        notes.append("Time is \(catalog.name(reference)), by \(unit.rawValue).")
        return BoundGroup(title: unit.rawValue, label: period, path: path, unit: unit)
    }

    /// The time column that the question is about: named, else that of what happened, nearest to the root.
    mutating func timeColumn() throws(CannotAnswer) -> BoundTime {
        if let time { return time }
        let hints = Dictionary(intent.timeColumns.map { ($0.reference, $0.score) }, uniquingKeysWith: max)
        let scored = catalog.columns.compactMap { reference -> (ColumnRef, Double)? in
            guard catalog[reference].encoding != nil, let path = paths[reference.table] else { return nil }
            let column = catalog[reference]
            var score = 1 + nearness(reference, path)
            if let hint = hints[reference] { score += 0.5 + 0.6 * hint }
            if hints[reference] == nil, column.words.contains(where: { Lexicon.secondaryTimeWords.contains($0) }) {
                score -= 0.45
            }
            if column.words.contains(where: { word in
                catalog.tables[reference.table].words.contains { Lexicon.stem($0) == Lexicon.stem(word) }
            }) {
                score += 0.1
            }
            if column.words.contains("date") || column.words.count == 1 { score += 0.05 }
            if column.encoding == .year { score -= 0.2 }
            return (reference, score)
        }
        guard let best = scored.max(by: { ($0.1, $1.0) < ($1.1, $0.0) })?.0, let encoding = catalog[best].encoding
        else {
            throw CannotAnswer(reason: "No column with dates or times is within reach of \(catalog.tables[root].name).")
        }
        let bound = range(BoundTime(reference: best, encoding: encoding))
        time = bound
        return bound
    }
}

extension String {
    /// Null where the row is missing, which a concatenation of texts would hide.
    fileprivate func wrappedForNull(if key: String?) -> String {
        key.map { "CASE WHEN \($0) IS NOT NULL THEN \(self) END" } ?? self
    }
}
