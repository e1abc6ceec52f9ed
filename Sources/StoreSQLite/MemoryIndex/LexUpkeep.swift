import MemorySearch
import Store

/// Appends new words to the chunks that are scanned for misspelt words. Until then they are read one by one.
final class LexUpkeep {
    private let database: SQLiteConnection
    /// The last word that is known of.
    private var newest = 0
    private var lexed = 0

    /// New words that make it due, and the most that one step takes.
    private static let wordsMin = 512
    private static let wordsMax = 64

    init(_ database: SQLiteConnection) { self.database = database }

    /// Tells of a word that this process has made.
    func note(word: Int) { newest = max(newest, word) }

    /// Looks for words that other processes have made.
    func look() { newest = (try? database.integer("SELECT coalesce(max(id), 0) FROM word")) ?? 0 }

    /// What there is to do, as the last word that is there tells.
    var isDue: Bool {
        guard newest - lexed >= Self.wordsMin else { return false }
        // That word may be gone, and others may have been here.
        look()
        lexed = (try? database.integer("SELECT lexed_word FROM memory_index")) ?? newest
        return newest - lexed >= Self.wordsMin
    }

    /// Always true: there was something to do.
    func step(_ writer: IndexWriter) throws -> Bool {
        let step = try writer.read { try plan() }
        try database.execute("PRAGMA synchronous=NORMAL")
        defer { try? database.execute("PRAGMA synchronous=FULL") }
        try writer.write {
            guard try marks() == step.marks else { throw IndexOutdated() }
            for (chunk, words) in step.chunks {
                try database.run(
                    "INSERT OR REPLACE INTO lex(letter, length, chunk, words) VALUES (?, ?, ?, ?)",
                    [
                        .text(String(Character(chunk.place.letter))), .int(chunk.place.length), .int(chunk.number),
                        .blob(words),
                    ])
            }
            try database.run("UPDATE memory_index SET lexed_word = ?", [.int(step.last)])
        }
        lexed = step.last
        return true
    }

    private struct Chunk: Hashable {
        let place: LexChunk.Place
        var number: Int
    }

    /// What must not have changed since the plan: how far the words are in chunks, and how many have ever gone.
    private struct Marks: Equatable {
        let lexed: Int
        let gone: Int
    }

    private func marks() throws -> Marks {
        try database.first("SELECT lexed_word, erasures FROM memory_index") {
            Marks(lexed: $0.int(), gone: $0.int())
        } ?? Marks(lexed: 0, gone: 0)
    }

    private func plan() throws -> (marks: Marks, chunks: [Chunk: [UInt8]], last: Int) {
        let marks = try marks()
        var chunks: [Chunk: [UInt8]] = [:]
        var open: [LexChunk.Place: Chunk] = [:]
        var last = marks.lexed
        let words = try database.rows(
            "SELECT id, word FROM word WHERE id > ? ORDER BY id LIMIT ?", [.int(last), .int(Self.wordsMax)]
        ) { (id: $0.int(), text: $0.blob()) }
        for word in words {
            last = word.id
            guard let place = LexChunk.Place(word.text) else { continue }
            var chunk = try open[place] ?? lastChunk(of: place)
            var bytes = try chunks[chunk] ?? self.words(of: chunk)
            if !LexChunk.append(word.id, word.text, to: &bytes) {
                chunk.number += 1
                bytes = []
                _ = LexChunk.append(word.id, word.text, to: &bytes)
            }
            open[place] = chunk
            chunks[chunk] = bytes
        }
        return (marks, chunks, last)
    }

    private func lastChunk(of place: LexChunk.Place) throws -> Chunk {
        let number = try database.integer(
            "SELECT coalesce(max(chunk), 0) FROM lex WHERE letter = ? AND length = ?",
            [.text(String(Character(place.letter))), .int(place.length)])
        return Chunk(place: place, number: number)
    }

    private func words(of chunk: Chunk) throws -> [UInt8] {
        try database.first(
            "SELECT words FROM lex WHERE letter = ? AND length = ? AND chunk = ?",
            [.text(String(Character(chunk.place.letter))), .int(chunk.place.length), .int(chunk.number)]
        ) { $0.blob() } ?? []
    }
}
