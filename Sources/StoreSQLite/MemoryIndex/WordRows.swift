import MemorySearch
import Store

/// The dictionary as one read transaction sees it. See `WordSource`.
final class WordRows: WordSource {
    private let database: SQLiteConnection
    /// Words that no chunk of `lex` has yet, by first letter and length, once they were asked for.
    private var unlexed: [LexChunk.Place: [(id: Int, bytes: [UInt8])]]?

    private static let columns = "id, word, stem, freq"
    /// The words with a prefix that are looked at when few of them are frequent.
    private static let prefixScanMax = 1024

    init(_ database: SQLiteConnection) { self.database = database }

    func word(_ text: String) throws -> DictionaryWord? {
        try database.first("SELECT \(Self.columns) FROM word WHERE word = ?", [.text(text)], Self.read)
    }

    func word(id: Int) throws -> DictionaryWord? {
        try database.first("SELECT \(Self.columns) FROM word WHERE id = ? AND uses > 0", [.int(id)], Self.read)
    }

    func firstLetters() throws -> [Unicode.Scalar] {
        let lexed = try database.rows("SELECT DISTINCT letter FROM lex") { $0.text().unicodeScalars.first }
        let letters = try Set(lexed.compactMap { $0 }).union(unlexedWords().keys.map(\.letter))
        return letters.sorted()
    }

    func words(
        letter: Unicode.Scalar, length: Int, _ body: (Int, UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        let place = LexChunk.Place(letter: letter, length: length)
        var goesOn = true
        try database.each(
            "SELECT words FROM lex WHERE letter = ? AND length = ? ORDER BY chunk",
            [.text(String(Character(letter))), .int(length)]
        ) { row in
            goesOn = try LexChunk.each(row.bytes(), body)
            return goesOn
        }
        guard goesOn else { return }
        for word in try unlexedWords()[place] ?? [] {
            guard try word.bytes.withUnsafeBytes({ try body(word.id, $0) }) else { return }
        }
    }

    func words(prefix: String, limit: Int) throws -> [DictionaryWord] {
        guard !prefix.isEmpty else { return [] }
        // No word has a scalar after U+10FFFF.
        let range: [SQLiteValue] = [.text(prefix), .text(prefix + "\u{10FFFF}"), .int(Self.prefixScanMax)]
        var found = try database.rows(
            """
            SELECT \(Self.columns) FROM word INDEXED BY word_frequent WHERE word >= ? AND word < ? AND freq > 0 LIMIT ?
            """, range, Self.read)
        if found.count < limit {
            let seen = Set(found.map(\.id))
            found += try database.rows(
                "SELECT \(Self.columns) FROM word WHERE word >= ? AND word < ? AND uses > 0 LIMIT ?", range, Self.read
            ).filter { !seen.contains($0.id) }
        }
        found.sort { ($0.frequency, $1.text) > ($1.frequency, $0.text) }
        return Array(found.prefix(limit))
    }

    private static func read(_ row: inout SQLiteRow) -> DictionaryWord {
        DictionaryWord(id: row.int(), text: row.text(), stem: row.int(), frequency: row.int())
    }

    private func unlexedWords() throws -> [LexChunk.Place: [(id: Int, bytes: [UInt8])]] {
        if let unlexed { return unlexed }
        var found: [LexChunk.Place: [(id: Int, bytes: [UInt8])]] = [:]
        try database.each(
            "SELECT id, word FROM word WHERE id > (SELECT lexed_word FROM memory_index) ORDER BY id"
        ) { row in
            let id = row.int()
            let bytes = Array(row.bytes())
            if let place = LexChunk.Place(bytes) { found[place, default: []].append((id, bytes)) }
            return true
        }
        unlexed = found
        return found
    }
}
