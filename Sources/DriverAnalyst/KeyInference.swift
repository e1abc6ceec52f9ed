import Databases

/// The keys that lead from one table to another: those declared, and those that names and values give away.
enum KeyInference {
    static func edges(of catalog: Catalog, schemas: [TableSchema]) -> [JoinGraph.Edge] {
        var edges = declared(catalog, schemas)
        var bound = Set(edges.flatMap { edge in edge.fromColumns.map { ColumnRef(table: edge.from, column: $0) } })
        for from in catalog.tables.indices {
            for to in catalog.tables.indices where from != to {
                if let edge = composite(from, to, catalog), !edges.contains(where: { $0.from == from && $0.to == to }) {
                    edges.append(edge)
                }
            }
            for place in catalog.tables[from].columns.indices {
                let reference = ColumnRef(table: from, column: place)
                guard !bound.contains(reference), let edge = inferred(reference, catalog) else { continue }
                edges.append(edge)
                bound.insert(reference)
            }
        }
        return edges
    }

    private static func declared(_ catalog: Catalog, _ schemas: [TableSchema]) -> [JoinGraph.Edge] {
        var edges: [JoinGraph.Edge] = []
        for (from, schema) in schemas.enumerated() {
            for key in schema.foreignKeys {
                guard let to = catalog.tables.firstIndex(where: { $0.name.lowercased() == key.table.lowercased() })
                else { continue }
                let source = key.columns.compactMap { place(of: $0, in: catalog.tables[from]) }
                let named = key.targetColumns.compactMap { place(of: $0, in: catalog.tables[to]) }
                let target = named.isEmpty ? catalog.tables[to].key : named
                guard !source.isEmpty, source.count == target.count else { continue }
                edges.append(
                    JoinGraph.Edge(from: from, fromColumns: source, to: to, toColumns: target, isDeclared: true))
            }
        }
        return edges
    }

    private static func place(of column: String, in table: CatalogTable) -> Int? {
        table.columns.firstIndex { $0.name == column }
            ?? table.columns.firstIndex { $0.name.lowercased() == column.lowercased() }
    }

    /// A table that has all columns of another's key of several columns, by the same names.
    private static func composite(_ from: Int, _ to: Int, _ catalog: Catalog) -> JoinGraph.Edge? {
        let target = catalog.tables[to]
        guard target.key.count > 1 else { return nil }
        let source = target.key.compactMap { place(of: target.columns[$0].name, in: catalog.tables[from]) }
        guard source.count == target.key.count,
            Set(catalog.tables[from].key) != Set(source) || catalog.tables[from].key.count > source.count
        else { return nil }
        return JoinGraph.Edge(from: from, fromColumns: source, to: to, toColumns: target.key, isDeclared: false)
    }

    /// The table whose single key a column holds: its name says so and its values are found there.
    private static func inferred(_ reference: ColumnRef, _ catalog: Catalog) -> JoinGraph.Edge? {
        let column = catalog[reference]
        guard column.role == .key || column.role == .category || column.role == .measure || column.role == .text else {
            return nil
        }
        if catalog.tables[reference.table].key == [reference.column], column.words.count == 1 { return nil }
        var best: (to: Int, target: Int, score: Double)?
        for to in catalog.tables.indices where to != reference.table {
            guard let target = keyPlace(of: catalog.tables[to]) else { continue }
            let score = nameScore(column, catalog.tables[to], catalog.tables[to].columns[target])
            guard score > (best?.score ?? 0), valuesFit(column, catalog.tables[to], target) else { continue }
            if catalog.tables[reference.table].key == [reference.column], !leadsDown(reference.table, to, catalog) {
                continue
            }
            best = (to, target, score)
        }
        guard let best else { return nil }
        return JoinGraph.Edge(
            from: reference.table, fromColumns: [reference.column], to: best.to, toColumns: [best.target],
            isDeclared: false)
    }

    private static func keyPlace(of table: CatalogTable) -> Int? { table.key.count == 1 ? table.key.first : nil }

    /// Two tables that share a key have one row each for the same thing: the smaller one hangs on the larger.
    private static func leadsDown(_ from: Int, _ to: Int, _ catalog: Catalog) -> Bool {
        (catalog.tables[from].rowCount, to) < (catalog.tables[to].rowCount, from)
    }

    /// 3 for the key's own telling name, 2 for the table's name with or without an ending, 1 with words before it.
    private static func nameScore(_ column: CatalogColumn, _ table: CatalogTable, _ key: CatalogColumn) -> Double {
        if column.words == key.words, key.words.count > 1 || !Lexicon.keyWords.contains(key.words.first ?? "id") {
            return 3
        }
        var words = column.words
        if let last = words.last, Lexicon.keyWords.contains(last) {
            words.removeLast()
        } else if column.role != .key, words.count > 1 {
            return 0
        }
        guard !words.isEmpty else { return 0 }
        let target = table.words
        func same(_ left: ArraySlice<String>) -> Bool {
            left.count == target.count
                && zip(left, target).allSatisfy { Lexicon.stem($0) == Lexicon.stem($1) || Lexicon.areSynonyms($0, $1) }
        }
        if same(words[...]) { return 2 }
        if words.count > target.count, same(words.suffix(target.count)) { return 1 }
        if let last = target.last, words.count == 1, Lexicon.stem(last) == Lexicon.stem(words[0]) { return 0.8 }
        return 0
    }

    /// At least nine of ten of the values are keys of the other table, as far as the samples can tell.
    private static func valuesFit(_ column: CatalogColumn, _ table: CatalogTable, _ target: Int) -> Bool {
        let key = table.columns[target].statistics
        let values = column.statistics
        guard values.filled > 0, key.filled > 0 else {
            return values.kind == key.kind || values.kind == .empty || key.kind == .empty
        }
        if values.kind == .integer && key.kind == .integer {
            guard table.isSampleWhole else {
                return (values.minimum ?? 0) >= (key.minimum ?? 0) - 1
                    && (values.maximum ?? 0) <= (key.maximum ?? 0) * 1.1 + 1
            }
            let known = Set(key.numbers)
            return values.numbers.count { known.contains($0) } * 10 >= values.numbers.count * 9
        }
        guard values.kind == .text, key.kind == .text else { return false }
        guard table.isSampleWhole else { return true }
        let known = Set(key.texts.map(\.text))
        return values.texts.count { known.contains($0.text) } * 10 >= values.texts.count * 9
    }
}
