import JSON
import Store

extension StoreTransaction {
    func setSynonyms(_ set: SynonymSet) throws {
        try database.run(
            "INSERT OR REPLACE INTO synonym_set(name, root, synonyms, updated_at) VALUES (?, ?, ?, ?)",
            [.text(set.name), .string(set.root), .json(.array(set.synonyms.map { .string($0) })), .time(now)])
    }

    func setStopwords(_ set: StopwordSet) throws {
        try database.run(
            "INSERT OR REPLACE INTO stopword_set(name, locale, words, updated_at) VALUES (?, ?, ?, ?)",
            [.text(set.name), .string(set.locale), .json(.array(set.words.map { .string($0) })), .time(now)])
    }

    func deleteSet(_ name: String, _ table: String) throws {
        guard try database.run("DELETE FROM \(table) WHERE name = ?", [.text(name)]) == 1 else {
            throw StoreFailure.notFound(name)
        }
    }
}

extension SQLiteReader {
    func synonymSets() throws -> [SynonymSet] {
        try requireMemory()
        return try database.rows("SELECT name, root, synonyms FROM synonym_set ORDER BY name") { row in
            SynonymSet(name: row.text(), root: row.optionalText(), synonyms: try row.strings())
        }
    }

    func stopwordSets() throws -> [StopwordSet] {
        try requireMemory()
        return try database.rows("SELECT name, locale, words FROM stopword_set ORDER BY name") { row in
            StopwordSet(name: row.text(), locale: row.optionalText(), words: try row.strings())
        }
    }
}

extension SQLiteRow {
    mutating func strings() throws -> [String] { try json().arrayValue?.compactMap(\.stringValue) ?? [] }
}
