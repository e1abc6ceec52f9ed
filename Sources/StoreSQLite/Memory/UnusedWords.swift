import MemorySearch
import Store

/// Removes words from the dictionary that no document has any more.
///
/// One document that has the word is enough, which is looked for among the documents of its stem; commonly the first
/// one has it. A version that is history counts while the index has it: without the word it could not be taken out.
struct UnusedWords {
    private let database: SQLiteConnection
    private let dictionary: MemoryDictionary
    /// Words that no document was found for yet, by their stems.
    private var wanted: [Int: Set<String>] = [:]
    private var documentsLeft = UnusedWords.documentsMax

    /// Documents that are read at most; words that are in doubt then stay.
    private static let documentsMax = 10_000

    init(_ database: SQLiteConnection, _ dictionary: MemoryDictionary) {
        self.database = database
        self.dictionary = dictionary
    }

    /// - Parameter words: of documents that are gone.
    mutating func delete(among words: Set<String>) throws -> Int {
        var unused: [String] = []
        let hasHistory = try database.first("SELECT 1 FROM tomb LIMIT 1") { _ in } != nil
        for word in words.sorted() {
            guard let entry = try dictionary.entry(word) else { continue }
            if entry.uses == 0, !hasHistory {
                // It is counted exactly, and what is current is all that the index has.
                unused.append(word)
            } else if entry.uses == 0 || entry.uses >= MemoryDictionary.usesMax {
                wanted[entry.stem, default: []].insert(word)
            }
        }
        try lookInSegments()
        if !wanted.isEmpty { try lookInTail() }
        if documentsLeft > 0 { unused += wanted.values.joined().sorted() }
        return try unused.reduce(0) { try $0 + dictionary.delete($1) }
    }

    private mutating func lookInSegments() throws {
        let segments = try database.rows("SELECT id FROM segment WHERE state = 1 ORDER BY documents DESC") { $0.int() }
        let posts = PostTable(database)
        for stem in wanted.keys.sorted() {
            for segment in segments where wanted[stem] != nil {
                try posts.documents(of: stem, in: segment) { document in
                    try look(at: document)
                    return wanted[stem] != nil && documentsLeft > 0
                }
            }
        }
    }

    /// Newest first: what is forgotten together was commonly remembered together.
    private mutating func lookInTail() throws {
        var documents: [Int] = []
        try database.each("SELECT n, data FROM tail ORDER BY partition DESC, n DESC") { row in
            let number = row.int()
            let tail = try TailRow(decoding: row.bytes())
            if tail.entries.contains(where: { wanted[$0.stem] != nil }) { documents.append(number) }
            return documents.count < Self.documentsMax
        }
        for document in documents where !wanted.isEmpty && documentsLeft > 0 { try look(at: document) }
    }

    /// Takes the words that a document has off what is wanted.
    private mutating func look(at document: Int) throws {
        documentsLeft -= 1
        let row = try database.first(MemoryRow.select("WHERE m.n = ?"), [.int(document)]) {
            try MemoryRow(&$0)
        }
        guard let row else { return }
        for word in row.analyzed().words {
            guard let stem = try dictionary.entry(word.word)?.stem else { continue }
            wanted[stem]?.remove(word.word)
            if wanted[stem]?.isEmpty == true { wanted[stem] = nil }
        }
    }
}
