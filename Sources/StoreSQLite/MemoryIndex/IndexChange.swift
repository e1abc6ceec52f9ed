import MemorySearch
import Store

/// One change of the index rows. What was planned from rows that are not as they were any more throws `IndexOutdated`.
enum IndexChange: Hashable, Sendable {
    /// Nothing, if the building segment is where it was; two processes may be at one merge.
    case expect(SegmentRow)
    case insertSegment(SegmentRow)
    /// Of one segment.
    case putPosts([PostRow])
    /// All rows of the segment from this stem on.
    case clearPosts(segment: Int64, fromStem: Int64)
    /// The oldest rows of a tail, which are that many.
    case removeTail(partition: Int64, through: Int64, count: Int)
    /// A building segment goes on from another stem, or becomes live.
    case advance(SegmentRow)
    case setDead([Int64])
    /// Tombs that a building segment leaves out.
    case markTombs([Int64], segment: Int64)
    case removeTombs([Int64])
    /// At most so many tombs that the live segment was made without; with the last one the segment forgets of them.
    case dropTombs(SegmentRow, limit: Int)
    /// At most so many rows of a dead segment; with the last one the segment.
    case sweep(Int64, limit: Int)
    /// Documents that words of these stems stand in, more than before.
    case countWords([WordCount])
    case bumpGeneration(partition: Int64)

    struct WordCount: Hashable, Sendable {
        let word: Int
        let documents: Int
    }
}

/// Another process, or a command of this one, has changed what a step was planned from.
struct IndexOutdated: Error {}

extension IndexChange {
    func apply(to database: SQLiteConnection) throws {
        switch self {
        case .expect(let row):
            let isThere = try database.integer(
                "SELECT count(*) FROM segment WHERE id = ? AND partition = ? AND state = 0 AND cursor IS ?",
                [.integer(row.segment.id), .integer(row.partition), row.cursorValue])
            guard isThere == 1 else { throw IndexOutdated() }
        case .insertSegment(let row):
            let taken = try database.integer(
                "SELECT count(*) FROM segment WHERE id = ?", [.integer(row.segment.id)])
            guard taken == 0 else { throw IndexOutdated() }
            try database.run(SegmentRow.insert, row.values)
        case .putPosts(let rows):
            for row in rows {
                try database.run(
                    "INSERT OR REPLACE INTO post(id, data) VALUES (?, ?)",
                    [.integer(row.key.rawValue), .blob(row.bytes)])
            }
        case .clearPosts(let segment, let stem):
            try database.run("DELETE FROM post WHERE id BETWEEN ? AND ?", PostTable.keys(of: segment, from: stem))
        case .removeTail(let partition, let last, let count):
            let removed = try database.run(
                "DELETE FROM tail WHERE partition = ? AND n <= ?", [.integer(partition), .integer(last)])
            guard removed == count else { throw IndexOutdated() }
        case .advance(let row): try advance(row, database)
        case .setDead(let ids):
            for id in ids { try database.run("UPDATE segment SET state = 2 WHERE id = ?", [.integer(id)]) }
        case .markTombs(let documents, let segment):
            for document in documents {
                try database.run(
                    "UPDATE tomb SET segment = ? WHERE n = ?", [.integer(segment), .integer(document)])
            }
        case .removeTombs(let documents):
            for document in documents { try database.run("DELETE FROM tomb WHERE n = ?", [.integer(document)]) }
        case .dropTombs(let row, let limit): try dropTombs(row, limit, database)
        case .sweep(let id, let limit): try sweep(id, limit, database)
        case .countWords(let counts):
            for count in counts {
                try database.run(
                    "UPDATE word SET freq = freq + ? WHERE id = ?", [.int(count.documents), .int(count.word)])
            }
        case .bumpGeneration(let partition):
            try database.run(
                "UPDATE partition SET generation = generation + 1 WHERE id = ?", [.integer(partition)])
        }
    }

    private func advance(_ row: SegmentRow, _ database: SQLiteConnection) throws {
        let changed = try database.run(
            """
            UPDATE segment SET state = ?, documents = ?, total_length = ?, bytes = ?, cursor = ?, sources = ?
            WHERE id = ? AND partition = ? AND state = 0
            """,
            [
                .int(row.segment.state.rawValue), .int(row.documents), .int(row.totalLength), .int(row.bytes),
                row.cursorValue, row.sourcesValue, .integer(row.segment.id),
                .integer(row.partition),
            ])
        guard changed == 1 else { throw IndexOutdated() }
    }

    private func dropTombs(_ row: SegmentRow, _ limit: Int, _ database: SQLiteConnection) throws {
        let removed = try database.run(
            """
            DELETE FROM tomb WHERE n IN (
                SELECT n FROM tomb WHERE n BETWEEN ? AND ? AND partition = ? AND segment = ? LIMIT ?)
            """,
            [
                .integer(row.segment.documents.lowerBound), .integer(row.segment.documents.upperBound),
                .integer(row.partition), .integer(row.segment.id), .int(limit),
            ])
        guard removed < limit else { return }
        try database.run("UPDATE segment SET cursor = NULL WHERE id = ? AND state = 1", [.integer(row.segment.id)])
    }

    private func sweep(_ id: Int64, _ limit: Int, _ database: SQLiteConnection) throws {
        let dead = try database.integer("SELECT count(*) FROM segment WHERE id = ? AND state = 2", [.integer(id)])
        guard dead == 1 else { throw IndexOutdated() }
        let removed = try database.run(
            "DELETE FROM post WHERE id IN (SELECT id FROM post WHERE id BETWEEN ? AND ? LIMIT ?)",
            PostTable.keys(of: id) + [.int(limit)])
        guard removed < limit else { return }
        try database.run("DELETE FROM segment WHERE id = ?", [.integer(id)])
    }

    /// Rows that it writes or removes, at most.
    var rowCount: Int {
        switch self {
        case .insertSegment, .advance, .bumpGeneration: 1
        case .putPosts(let rows): rows.count
        case .expect, .clearPosts: 0
        case .removeTail(_, _, let count): count
        case .setDead(let ids): ids.count
        case .markTombs(let documents, _), .removeTombs(let documents): documents.count
        case .dropTombs(_, let limit), .sweep(_, let limit): limit
        case .countWords(let counts): counts.count
        }
    }

    /// Of the rows that it writes.
    var byteCount: Int {
        guard case .putPosts(let rows) = self else { return 0 }
        return rows.reduce(0) { $0 + $1.bytes.count }
    }
}
