import MemorySearch
import Store

/// A row of `segment`.
struct SegmentRow: Hashable, Sendable {
    var segment: IndexSegment
    var partition: Int64
    /// Documents in it, and the sum of their lengths.
    var documents: Int
    var totalLength: Int
    var bytes: Int
    /// The version of the text analysis that its words come from.
    var analysis: Int
    /// Of a building segment: the stem that the next step begins with, `nil` while tombs are being marked as left out
    /// of it. Of a live one: whether such tombs may still be there.
    var cursor: Int64?

    static let levelMax = 40

    static let insert = Columns.insert(
        "segment",
        [
            "id", "partition", "level", "state", "first_n", "last_n", "documents", "total_length", "bytes", "analysis",
            "cursor", "sources",
        ])

    var values: [SQLiteValue] {
        [
            .integer(segment.id), .integer(partition), .int(segment.level), .int(segment.state.rawValue),
            .integer(segment.documents.lowerBound), .integer(segment.documents.upperBound), .int(documents),
            .int(totalLength), .int(bytes), .int(analysis), cursorValue, sourcesValue,
        ]
    }

    var cursorValue: SQLiteValue { cursor.map { .integer($0) } ?? .null }

    var sourcesValue: SQLiteValue {
        segment.sources.isEmpty ? .null : .text(segment.sources.map { String($0) }.joined(separator: ","))
    }

    /// All of a partition, by their documents.
    static let ofPartition = """
        SELECT id, partition, level, state, first_n, last_n, documents, total_length, bytes, analysis, cursor, sources
        FROM segment WHERE partition = ? ORDER BY first_n, id
        """

    /// What readers read, oldest first: of whatever analysis, see docs/decisions/0089.
    static let live = """
        SELECT id, partition, level, state, first_n, last_n, documents, total_length, bytes, analysis, cursor, sources
        FROM segment WHERE partition = ? AND state = 1 ORDER BY first_n
        """

    init(
        _ segment: IndexSegment, partition: Int64, documents: Int, totalLength: Int, bytes: Int = 0,
        cursor: Int64? = nil
    ) {
        self.segment = segment
        self.partition = partition
        self.documents = documents
        self.totalLength = totalLength
        self.bytes = bytes
        analysis = TextAnalyzer.version
        self.cursor = cursor
    }

    init(_ row: inout SQLiteRow) throws {
        let id = row.int64()
        partition = row.int64()
        let level = row.int()
        let state = IndexSegment.State(rawValue: row.int())
        let (first, last) = (row.int64(), row.int64())
        guard let state, 0...Self.levelMax ~= level, 0...Posting.documentMax ~= Int(first), first <= last,
            0...PostKey.segmentMax ~= Int(id)
        else { throw StoreFailure.damaged("segment \(id) of the memory index") }
        segment = IndexSegment(id: id, level: level, state: state, documents: first...last)
        documents = max(0, row.int())
        totalLength = max(0, row.int())
        bytes = row.int()
        analysis = row.int()
        cursor = row.optionalInt64()
        segment.sources = (row.optionalText() ?? "").split(separator: ",").compactMap { Int64($0) }
        segment.leavesTombs = state == .live && cursor != nil
    }
}

extension PostTable {
    /// The first and the last key that a row of a segment can have, from a stem on.
    static func keys(of segment: Int64, from stem: Int64 = 0) -> [SQLiteValue] {
        [.integer(segment &<< 43 | stem &<< 16), .integer(((segment &+ 1) &<< 43) &- 1)]
    }
}
