import AgentModel
import Databases
import JSON

/// Works out what each column of a catalogue is for, from keys, names, types and values together.
enum ColumnRoles {
    static func assign(to catalog: inout Catalog, schemas: [TableSchema]) {
        for index in catalog.tables.indices {
            let foreign = Set(schemas[index].foreignKeys.flatMap(\.columns))
            let key = schemas[index].columns.indices.filter { schemas[index].columns[$0].primaryKeyPlace > 0 }
                .sorted { schemas[index].columns[$0].primaryKeyPlace < schemas[index].columns[$1].primaryKeyPlace }
            catalog.tables[index].key = key.isEmpty ? evidentKey(of: catalog.tables[index]) : key
            for place in catalog.tables[index].columns.indices {
                assign(
                    to: &catalog.tables[index], place,
                    isForeign: foreign.contains(catalog.tables[index].columns[place].name))
                if catalog.dialect.hasTimeTypes { useNativeTime(&catalog.tables[index].columns[place]) }
            }
            catalog.tables[index].label = label(of: catalog.tables[index])
        }
    }

    /// A column of a time type comes as ISO text, but is none in SQL.
    private static func useNativeTime(_ column: inout CatalogColumn) {
        if column.encoding == .isoText, TimeEncoding.isTimeType(column.declaredType) { column.encoding = .native }
    }

    /// The first column that is unique and named like a key, where none is declared.
    private static func evidentKey(of table: CatalogTable) -> [Int] {
        let unique = table.columns.indices.filter { place in
            let column = table.columns[place]
            guard column.statistics.isUnique, column.statistics.filled > 1 || table.rowCount <= 1 else { return false }
            guard let last = column.words.last, Lexicon.keyWords.contains(last) else { return false }
            return column.words.count == 1
                || column.words.dropLast().allSatisfy { word in
                    table.words.contains { Lexicon.areSynonyms($0, word) || Lexicon.stem($0) == Lexicon.stem(word) }
                }
        }
        return unique.first.map { [$0] } ?? []
    }

    private static func assign(to table: inout CatalogTable, _ place: Int, isForeign: Bool) {
        let column = table.columns[place]
        let values = column.statistics
        // A key of several columns may hold a time or a position; alone a primary key is a key.
        if isForeign || table.key == [place] || isNamedLikeKey(column) {
            table.columns[place].role = .key
            return
        }
        if let encoding = encoding(of: column) {
            table.columns[place].encoding = encoding
            table.columns[place].role = .time
        } else if let flag = flag(of: column) {
            table.columns[place].role = flag
        } else {
            table.columns[place].role = plainRole(of: column, values)
        }
    }

    private static func plainRole(of column: CatalogColumn, _ values: ColumnStatistics) -> ColumnRole {
        switch values.kind {
        case .empty:
            let type = column.declaredType.lowercased()
            return ["int", "real", "num", "dec", "float", "double"].contains { type.contains($0) } ? .measure : .empty
        case .binary: return .binary
        case .integer, .real: return isCode(column) ? .category : .measure
        case .boolean: return .category
        case .text, .mixed:
            if values.averageTextLength > 60 { return .text }
            let isRepeated =
                values.distinct <= 50 && values.filled > values.distinct || values.distinct * 2 <= values.filled
            return isRepeated ? .category : .text
        }
    }

    private static func isNamedLikeKey(_ column: CatalogColumn) -> Bool {
        guard let last = column.words.last, Lexicon.keyWords.contains(last) else { return false }
        let plain = ["id", "key", "uuid", "guid", "fk", "pk", "ref"].contains(last)
        return plain
            || column.words.count > 1 && last != "number" && last != "code" && !column.statistics.hasFractions
                && column.statistics.kind == .integer
    }

    /// Numbers that only name something: postal codes, phone numbers.
    private static func isCode(_ column: CatalogColumn) -> Bool {
        ["postal", "phone", "fax", "code", "number", "zip"].contains {
            Lexicon.means(column.words, Lexicon.stem($0)) || column.words.contains($0)
        }
            && !column.statistics.hasFractions
    }

    private static func encoding(of column: CatalogColumn) -> TimeEncoding? {
        let values =
            column.statistics.numbers.isEmpty
            ? column.statistics.texts.map { JSON.string($0.text) } : column.statistics.numbers.map { JSON.double($0) }
        guard column.statistics.kind != .mixed else { return nil }
        return TimeEncoding.inferred(from: values, type: column.declaredType, words: column.words)
    }

    private static func flag(of column: CatalogColumn) -> ColumnRole? {
        let values = column.statistics
        if values.kind == .boolean {
            return .flag(
                yes: FlagValue(text: "TRUE", isText: false, isBoolean: true),
                no: FlagValue(text: "FALSE", isText: false, isBoolean: true))
        }
        let present: [String]
        switch values.kind {
        case .integer: present = Set(values.numbers).sorted().map { String(Int64(exactly: $0) ?? 0) }
        case .text: present = values.texts.map(\.text)
        default: return nil
        }
        guard (1...2).contains(Set(present).count) else { return nil }
        for pair in Lexicon.flagValues {
            let known = present.allSatisfy { $0.lowercased() == pair.yes || $0.lowercased() == pair.no }
            guard known, present.count == 2 || isFlagType(column.declaredType) else { continue }
            let isText = values.kind == .text
            func value(_ word: String) -> FlagValue {
                FlagValue(text: present.first { $0.lowercased() == word } ?? word, isText: isText, isBoolean: false)
            }
            return .flag(yes: value(pair.yes), no: value(pair.no))
        }
        return nil
    }

    private static func isFlagType(_ type: String) -> Bool {
        let type = type.lowercased()
        return type.contains("bool") || type.contains("bit")
    }

    /// The columns that name a row: first and last name, else the best of the texts by name and by how unique it is.
    private static func label(of table: CatalogTable) -> [Int] {
        let texts = table.columns.indices.filter { place in
            let column = table.columns[place]
            guard column.role != .time, column.statistics.kind == .text, column.statistics.averageTextLength <= 80
            else { return false }
            if case .flag = column.role { return false }
            return true
        }
        /// A name that many rows share does not name a row.
        func isTelling(_ place: Int) -> Bool {
            let values = table.columns[place].statistics
            return values.distinct * 10 >= values.filled * 7
        }
        func place(_ words: [String]) -> Int? { texts.first { table.columns[$0].words == words } }
        for (given, family) in [
            (["first", "name"], ["last", "name"]), (["vorname"], ["nachname"]), (["forename"], ["surname"]),
            (["firstname"], ["lastname"]), (["given", "name"], ["family", "name"]), (["fname"], ["lname"]),
        ] {
            if let first = place(given), let last = place(family) { return [first, last] }
        }
        let scored = texts.map { (place: $0, score: labelScore(table.columns[$0], of: table)) }.filter {
            $0.score > 0 && isTelling($0.place)
        }
        let best = scored.max { ($0.score, $1.place) < ($1.score, $0.place) }
        return best.map { [$0.place] } ?? []
    }

    private static func labelScore(_ column: CatalogColumn, of table: CatalogTable) -> Double {
        let isOwnKey = table.key == [table.columns.firstIndex { $0.name == column.name } ?? -1]
        let hits = Lexicon.labelWords.indices.filter { index in
            column.words.contains {
                Lexicon.areSynonyms($0, Lexicon.labelWords[index]) || $0.hasSuffix(Lexicon.labelWords[index])
            }
        }
        guard let best = hits.first else {
            return isOwnKey || column.role == .key || column.role == .category ? 0 : 0.2
        }
        var score = 10.0 - Double(best)
        let others = column.words.filter { word in
            !Lexicon.labelWords.contains(word) && !table.words.contains { Lexicon.areSynonyms($0, word) }
        }
        score -= Double(others.count) * 1.5
        if hits.contains(where: { Lexicon.labelWords[$0] == "company" }) { score += 1.6 }
        if column.role == .key || isOwnKey { score -= 8 }
        if column.statistics.filled > 0 {
            score += 2 * Double(column.statistics.distinct) / Double(column.statistics.filled)
        }
        return score
    }
}
