import AgentModel
import MemorySearch
import Store

/// How the index follows the rows of `memory`, in the transaction that changes them.
extension StoreTransaction {
    /// Puts a new version at the end of its partition's tail.
    /// - Parameter before: the words of the version that it replaces.
    func index(_ row: MemoryRow, replacing before: Set<String> = []) throws {
        let document = row.analyzed()
        let entries = try dictionary.add(document, replacing: before)
        if !before.isEmpty { try dictionary.remove(before.subtracting(document.words.map(\.word))) }
        let tail = TailRow(importance: row.value.importance, length: document.length, entries: entries)
        try database.run(
            Self.addToTail, [.integer(row.partition), .integer(row.number), .blob(tail.encoded())])
    }

    private static let addToTail = SQLiteQuery("INSERT INTO tail(partition, n, data) VALUES (?, ?, ?)")

    /// Has a version that became history found no more: it leaves the tail, or is marked for the merge to leave it out.
    func unindex(_ row: MemoryRow) throws {
        let place: [SQLiteValue] = [.integer(row.partition), .integer(row.number)]
        if try database.run("DELETE FROM tail WHERE partition = ? AND n = ?", place) > 0 {
            try changeGeneration(of: row.partition)
        } else {
            try database.run("INSERT OR IGNORE INTO tomb(partition, n) VALUES (?, ?)", place)
        }
    }

    /// What was planned for the partition's index before is void.
    func changeGeneration(of partition: Int64) throws {
        try database.run("UPDATE partition SET generation = generation + 1 WHERE id = ?", [.integer(partition)])
    }

    /// Takes a version out of every row of the index that has it, and returns how many rows these were.
    func eraseFromIndex(_ row: MemoryRow, _ document: AnalyzedDocument) throws -> Int {
        let place: [SQLiteValue] = [.integer(row.partition), .integer(row.number)]
        try database.run("DELETE FROM tomb WHERE n = ?", [.integer(row.number)])
        try changeGeneration(of: row.partition)
        if try database.run("DELETE FROM tail WHERE partition = ? AND n = ?", place) > 0 { return 1 }
        let segments = try database.rows(
            """
            SELECT id FROM segment WHERE partition = ?1 AND first_n <= ?2 AND last_n >= ?2
            """, place
        ) { $0.int() }
        guard !segments.isEmpty else { return 0 }
        let isReadAnew = try database.integer("SELECT analysis FROM memory_index") == TextAnalyzer.version
        let stems = Set(try document.words.compactMap { try dictionary.entry($0.word)?.stem }).sorted()
        return try segments.reduce(0) { count, segment in
            let stems = try isReadAnew ? stems : self.stems(of: Int(row.number), in: segment)
            return try count + erase(Int(row.number), stems, from: segment)
        }
    }

    /// The stems that a document has in a segment, by a look at all of it: what another analysis took for words of a
    /// text, this one cannot tell.
    private func stems(of document: Int, in segment: Int) throws -> [Int] {
        var stems: [Int] = []
        try SegmentPostings.forEach(of: segment, in: PostTable(database)) { stem, posting in
            if posting.document == document { stems.append(stem) }
        }
        return stems
    }

    private func erase(_ document: Int, _ stems: [Int], from segment: Int) throws -> Int {
        let posts = PostTable(database)
        var changed = 0
        var lengthCode: UInt8?
        for stem in stems {
            guard let removal = try SegmentEditor.remove(document, stem: stem, segment: segment, rows: posts) else {
                continue
            }
            for change in removal.changes { try posts.apply(change) }
            changed += removal.changes.count
            lengthCode = removal.lengthCode
        }
        if let lengthCode {
            try database.run(
                """
                UPDATE segment SET documents = max(0, documents - 1), total_length = max(0, total_length - ?)
                WHERE id = ? AND state = 1
                """, [.int(LengthCode.length(lengthCode)), .int(segment)])
        }
        return changed
    }
}
