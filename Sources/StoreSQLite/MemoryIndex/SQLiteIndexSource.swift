import AgentModel
import MemorySearch
import Store

/// The index as one read transaction sees it, for memories that may be found at a time.
final class SQLiteIndexSource: IndexSource {
    private let database: SQLiteConnection
    private let cache: MemoryIndexCache
    private let posts: PostTable
    private var partitions: [Int: MemoryIndexCache.Partition] = [:]
    private var calendar: MemoryIndexCache.Calendar?
    private let visibility: Condition

    /// - Parameter namespaces: any of these; `nil` for all
    init(_ database: SQLiteConnection, _ cache: MemoryIndexCache, at now: Timestamp, namespaces: [String]?) {
        self.database = database
        self.cache = cache
        posts = PostTable(database)
        var visibility = Condition("m.current = 1")
        visibility.andActive(at: now)
        if let namespaces { visibility.and("m.namespace", isAnyOf: namespaces) }
        self.visibility = visibility
        visible = "SELECT 1 FROM memory m \(visibility.sql) AND m.n = ?"
        isAnyNamespace = namespaces == nil
    }

    private let visible: String
    private let isAnyNamespace: Bool
    /// A document of the index that may not be found: one that was replaced, or that time or another memory bounds.
    private static let doubtful = SQLiteQuery(
        """
        SELECT 1 FROM tomb WHERE n = ?1 UNION ALL SELECT 1 FROM memory INDEXED BY memory_bounded
            WHERE n = ?1 AND \(bounded)
        """)
    private static let bounded = """
        current = 1 AND (expires_at IS NOT NULL OR valid_from IS NOT NULL OR valid_to IS NOT NULL
            OR superseded_by IS NOT NULL)
        """
    /// Of both kinds the first and the last.
    private static let doubtfulEnds = SQLiteQuery(
        """
        SELECT (SELECT min(n) FROM tomb), (SELECT max(n) FROM tomb),
            (SELECT min(n) FROM memory INDEXED BY memory_bounded WHERE \(bounded)),
            (SELECT max(n) FROM memory INDEXED BY memory_bounded WHERE \(bounded))
        """)
    /// No document outside is doubtful; `nil` before it was asked for.
    private var doubtfulRanges: [ClosedRange<Int>]?

    func row(atOrBefore key: PostKey, _ body: (PostKey, UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        try posts.row(atOrBefore: key, body)
    }

    func row(atOrAfter key: PostKey, _ body: (PostKey, UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        try posts.row(atOrAfter: key, body)
    }

    func segments(of partition: Int) throws -> [SegmentInfo] { try self.partition(partition).segments }

    func tail(
        of partition: Int, having stems: [Int], _ body: (Int, UnsafeRawBufferPointer) throws -> Void
    ) throws -> (documents: Int, totalLength: Int) {
        let partition = try self.partition(partition)
        try partition.bytes.withUnsafeBytes { bytes in
            for row in partition.tail where partition.has(stems, row.stems) {
                try body(row.document, UnsafeRawBufferPointer(rebasing: bytes[row.range]))
            }
        }
        return (partition.tail.count, partition.tailLength)
    }

    /// Few are doubtful, and that is told without a look at the memory itself, which is on a page of its own.
    func isVisible(_ document: Int) throws -> Bool {
        let isDoubtful = try !isAnyNamespace || isDoubtful(document)
        guard isDoubtful else { return true }
        return try database.integer(visible, visibility.values + [.int(document)]) == 1
    }

    private func isDoubtful(_ document: Int) throws -> Bool {
        let ranges = try doubtfulRanges ?? readDoubtfulRanges()
        guard ranges.contains(where: { $0.contains(document) }) else { return false }
        return try database.first(Self.doubtful, [.int(document)]) { _ in } != nil
    }

    private func readDoubtfulRanges() throws -> [ClosedRange<Int>] {
        let ends = try database.first(Self.doubtfulEnds, []) { row in (0..<4).map { _ in row.optionalInt() } } ?? []
        var ranges: [ClosedRange<Int>] = []
        for place in stride(from: 0, to: ends.count - 1, by: 2) {
            if let first = ends[place], let last = ends[place + 1], first <= last { ranges.append(first...last) }
        }
        doubtfulRanges = ranges
        return ranges
    }

    func day(of document: Int) throws -> CalendarSpan {
        let known = try calendar ?? cache.calendar(database)
        calendar = known
        return known.span(of: document)
    }

    private func partition(_ id: Int) throws -> MemoryIndexCache.Partition {
        if let known = partitions[id] { return known }
        let found = try cache.partition(id, database)
        partitions[id] = found
        return found
    }
}
