import AgentModel
import MemorySearch

/// Goes through the memories of some partitions by ascending number, a stretch at a time, and tells those that fulfil
/// what their columns can tell.
struct MemoryScan {
    /// One partition, or one namespace of it.
    private struct Lane {
        let partition: Int
        let namespace: String?
        /// Up to which number it has been looked at.
        var looked: Int64
        /// Of those, the ones that were found and not told yet.
        var found: [Int64] = []
        var isAtEnd = false
    }

    private var lanes: [Lane]
    private let test: Condition

    /// Rows that one look passes by at most: some 20 ms.
    private static let rowsPerLook = 10_000

    /// - Parameter visible: what each has to meet besides.
    init(
        _ pushdown: FilterPushdown, _ partitions: [Int], _ namespace: String?, _ visible: Condition, after number: Int64
    ) {
        let namespaces = namespace.map { [$0] } ?? pushdown.namespaces
        lanes = partitions.flatMap { partition in
            Self.distinct(namespaces).map { Lane(partition: partition, namespace: $0, looked: number) }
        }
        test = Self.test(pushdown, visible)
    }

    /// `nil` alone stands for all.
    private static func distinct(_ namespaces: [String]?) -> [String?] {
        guard let namespaces else { return [nil] }
        var seen: Set<[UInt8]> = []
        return namespaces.filter { seen.insert(Array($0.utf8)).inserted }
    }

    /// What of the pushdown the columns can tell, and what each has to meet besides.
    static func test(_ pushdown: FilterPushdown, _ visible: Condition) -> Condition {
        var test = visible
        if let namespaces = pushdown.namespaces { test.and("m.namespace", isAnyOf: namespaces) }
        if let keys = pushdown.keys { test.and(SQLiteReader.keyText, isAnyOf: keys) }
        // SQLite ends a text inside JSON at a zero.
        for tags in pushdown.tags where !tags.contains(where: { $0.utf8.contains(0) }) {
            test.andTag(isAnyOf: tags)
        }
        if let low = pushdown.importance.low { test.and("m.importance >= ?", .double(low)) }
        if let high = pushdown.importance.high { test.and("m.importance <= ?", .double(high)) }
        for (column, bounds) in [("created_at", pushdown.createdAt), ("updated_at", pushdown.updatedAt)] {
            if let low = bounds.low { test.and("m.\(column) >= ?", .integer(low)) }
            if let high = bounds.high { test.and("m.\(column) <= ?", .integer(high)) }
        }
        return test
    }

    /// The next ones, ascending; perhaps none although there are more.
    /// - Parameter renew: called where another transaction may begin
    /// - Returns: `nil` when there are no more.
    mutating func next(_ limit: Int, _ database: SQLiteConnection, renew: () throws -> Void) throws -> [Int64]? {
        for index in lanes.indices where lanes[index].found.isEmpty && !lanes[index].isAtEnd {
            try renew()
            try look(index, limit, database)
        }
        // Beyond this number a lane may have more.
        let end = lanes.lazy.filter { !$0.isAtEnd }.map(\.looked).min() ?? .max
        var numbers: [Int64] = []
        for lane in lanes { numbers += lane.found.prefix { $0 <= end } }
        numbers = Array(numbers.sorted().prefix(limit))
        if let last = numbers.last {
            for index in lanes.indices { lanes[index].found.removeAll { $0 <= last } }
        }
        let isAtEnd = numbers.isEmpty && lanes.allSatisfy { $0.isAtEnd && $0.found.isEmpty }
        return isAtEnd ? nil : numbers
    }

    private mutating func look(_ index: Int, _ limit: Int, _ database: SQLiteConnection) throws {
        var lane = lanes[index]
        let place = lane.namespace.map { [SQLiteValue.text($0)] } ?? []
        var rows = 0
        lane.isAtEnd = true
        try database.each(
            """
            SELECT m.n, \(test.test) FROM memory m INDEXED BY \(place.isEmpty ? "memory_partition" : "memory_namespace")
            WHERE m.partition = ? AND m.current = 1 \(place.isEmpty ? "" : "AND m.namespace = ?") AND m.n > ?
            ORDER BY m.n
            """, test.values + [.int(lane.partition)] + place + [.integer(lane.looked)]
        ) { row in
            lane.looked = row.int64()
            if row.bool() { lane.found.append(lane.looked) }
            rows += 1
            lane.isAtEnd = rows < Self.rowsPerLook && lane.found.count < limit
            return lane.isAtEnd
        }
        lanes[index] = lane
    }
}
