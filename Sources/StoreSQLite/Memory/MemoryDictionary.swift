import MemorySearch
import Store

/// The dictionary as the writer keeps it: `word`, within its transaction. See docs/decisions/0074.
///
/// `uses` says in how many current documents a word stands, exactly below `usesMax`; from there on it says "that many,
/// at some time", and a hot word is written no more. A row without uses is there for its stem's sake, or for a version
/// that is history.
final class MemoryDictionary {
    /// Where counting ends.
    static let usesMax = 2

    /// About 1.5 MB.
    private static let knownMax = 16_384

    struct Entry {
        let id: Int
        let stem: Int
        let uses: Int
    }

    private static let find = SQLiteQuery("SELECT id, stem, uses FROM word WHERE word = ?")
    private static let add = SQLiteQuery("INSERT INTO word(word, id, stem, uses) VALUES (?, ?, ?, ?)")
    private static let count = SQLiteQuery("UPDATE word SET uses = uses + 1 WHERE word = ?")
    private static let erasures = SQLiteQuery("SELECT erasures FROM memory_index")
    private static let greatestID = SQLiteQuery(
        "SELECT max(last_word, lexed_word, coalesce((SELECT max(id) FROM word), 0)) FROM memory_index")

    private let database: SQLiteConnection
    /// Words that are counted no more: for these nothing is read or written.
    private var known = RecentWords<Entry>(countMax: MemoryDictionary.knownMax)
    /// How often words had been erased when `known` was begun.
    private var erasures = 0
    private var isCurrent = false
    /// The last word that was made here.
    private(set) var lastMade = 0
    /// The greatest id that was ever given, of this transaction; `nil` before it was asked for.
    private var lastID: Int?

    init(_ database: SQLiteConnection) { self.database = database }

    /// Forgets what it knows of a transaction that was rolled back.
    func rolledBack() {
        known.removeAll()
        erasures = -1
        begin()
    }

    /// Begins a transaction: another process may have removed words before it.
    func begin() {
        isCurrent = false
        lastID = nil
    }

    private func lookForOthers() throws {
        guard !isCurrent else { return }
        let gone = try database.integer(Self.erasures)
        if gone != erasures { known.removeAll() }
        erasures = gone
        isCurrent = true
    }

    func entry(_ word: String) throws -> Entry? {
        try lookForOthers()
        if let entry = known.value(of: word) { return entry }
        let found = try database.first(Self.find, [.text(word)]) {
            Entry(id: $0.int(), stem: $0.int(), uses: $0.int())
        }
        if let found, found.uses >= Self.usesMax { known.keep(found, of: word) }
        return found
    }

    // MARK: - Documents that come

    /// Counts the words of a document that becomes current, and returns their postings.
    /// - Parameter before: the words of the version that it replaces, which are counted already.
    func add(_ document: AnalyzedDocument, replacing before: Set<String> = []) throws -> [TailRow.Entry] {
        try document.words.map { word in
            let stem = try add(word, isCounted: before.contains(word.word))
            return TailRow.Entry(stem: stem, tf: word.tf, fields: word.fields)
        }
    }

    /// Returns the id of the word's stem.
    private func add(_ word: AnalyzedWord, isCounted: Bool) throws -> Int {
        guard let entry = try entry(word.word) else { return try insert(word) }
        guard !isCounted || entry.uses == 0, entry.uses < Self.usesMax else { return entry.stem }
        if entry.uses > 0 {
            try database.run(Self.count, [.text(word.word)])
            return entry.stem
        }
        // Until now it was there for another word, or for a version that is history.
        let text = word.stem
        let stem = text == word.word ? entry.id : try stemRow(text)
        try database.run("UPDATE word SET uses = 1, stem = ? WHERE word = ?", [.int(stem), .text(word.word)])
        return stem
    }

    private func insert(_ word: AnalyzedWord) throws -> Int {
        let id = try nextID()
        let text = word.stem
        let stem = text == word.word ? id : try entry(text)?.id ?? id + 1
        try insertRow(word.word, id: id, stem: stem, uses: 1)
        if stem == id + 1 { try insertRow(text, id: stem, stem: stem, uses: 0) }
        return stem
    }

    private func stemRow(_ stem: String) throws -> Int {
        if let entry = try entry(stem) { return entry.id }
        let id = try nextID()
        try insertRow(stem, id: id, stem: id, uses: 0)
        return id
    }

    private func insertRow(_ word: String, id: Int, stem: Int, uses: Int) throws {
        try database.run(Self.add, [.text(word), .int(id), .int(stem), .int(uses)])
        lastID = id
        lastMade = id
    }

    private func nextID() throws -> Int {
        let last = try lastID ?? database.integer(Self.greatestID)
        guard last < PostKey.stemMax - 1 else { throw StoreFailure.limit("the dictionary of memory is full") }
        return last + 1
    }

    // MARK: - Documents that go

    /// Takes words off the count that a new version of their document has no more. Their rows stay for the old one.
    func remove(_ words: some Sequence<String>) throws {
        for word in words {
            try database.run(
                "UPDATE word SET uses = uses - 1 WHERE word = ? AND uses BETWEEN 1 AND ?",
                [.text(word), .int(Self.usesMax - 1)])
        }
    }

    /// Removes a word that no document has, with all that is kept of it; or what makes it more than a stem, while other
    /// words have it for one. Returns how many words went.
    func delete(_ word: String) throws -> Int {
        guard let entry = try entry(word) else { return 0 }
        known.remove(word)
        try removeFromLex(word, entry.id)
        if try isStem(entry.id) {
            try database.run("UPDATE word SET uses = 0, stem = id, freq = 0 WHERE word = ?", [.text(word)])
        } else {
            try database.run("DELETE FROM word WHERE word = ?", [.text(word)])
        }
        try database.run(
            "UPDATE memory_index SET last_word = max(last_word, ?), erasures = erasures + 1", [.int(entry.id)])
        erasures += 1
        guard entry.stem != entry.id else { return 1 }
        return 1 + (try deleteIfUnused(stem: entry.stem))
    }

    private func isStem(_ id: Int) throws -> Bool {
        try database.first("SELECT 1 FROM word WHERE stem = ?1 AND stem <> id", [.int(id)]) { _ in } != nil
    }

    /// A row that was there as a stem only goes with the last word that has it for one.
    private func deleteIfUnused(stem: Int) throws -> Int {
        let row = try database.first("SELECT word, uses FROM word WHERE id = ?", [.int(stem)]) {
            (word: $0.text(), uses: $0.int())
        }
        guard let row, row.uses == 0, try !isStem(stem) else { return 0 }
        return try delete(row.word)
    }

    /// Takes a word out of the chunk of `lex` that has it, if one has.
    private func removeFromLex(_ word: String, _ id: Int) throws {
        guard let letter = word.unicodeScalars.first else { return }
        let place: [SQLiteValue] = [.text(String(Character(letter))), .int(word.unicodeScalars.count)]
        let chunks = try database.rows(
            "SELECT chunk, words FROM lex WHERE letter = ? AND length = ? ORDER BY chunk", place
        ) { (number: $0.int(), words: $0.blob()) }
        for chunk in chunks {
            guard let left = Self.without(id, in: chunk.words) else { continue }
            try database.run(
                "UPDATE lex SET words = ? WHERE letter = ? AND length = ? AND chunk = ?",
                [.blob(left)] + place + [.int(chunk.number)])
            return
        }
    }

    /// A chunk is `[id u32, little-endian][bytes u8][UTF-8]` for each word. `nil` when the word is not in it.
    private static func without(_ id: Int, in chunk: [UInt8]) -> [UInt8]? {
        var start = 0
        while start + 5 <= chunk.count {
            let end = start + 5 + Int(chunk[start + 4])
            let found = (0..<4).reduce(0) { $0 | Int(chunk[start + $1]) << ($1 * 8) }
            if found == id { return Array(chunk[..<start] + chunk.dropFirst(end)) }
            start = end
        }
        return nil
    }
}
