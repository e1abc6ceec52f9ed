import Store

/// Goes through memories from the newest to the oldest, a stretch at a time, and tells those that meet a condition: by
/// an index where they are of one scope, else by their rows.
struct MemoryWalk {
    private let sql: String
    private let values: [SQLiteValue]
    /// What has been looked at has this number or a greater one.
    private var looked: Int
    private(set) var isAtEnd = false

    /// Rows that one look passes by at most: some 5 ms, and less than a read may last where pages come from the disk.
    private static let rowsPerLook = 2_000

    /// - Parameters:
    ///   - test: over memories as `m`.
    ///   - partition: `nil`: whatever the test says.
    ///   - before: only what has a lower number.
    init(_ test: Condition, partition: Int?, namespace: String?, before number: Int) {
        looked = number
        guard let partition else {
            // History is passed by as rows, too: there may be any amount of it.
            sql = """
                SELECT m.n, \(test.test) FROM memory m NOT INDEXED WHERE m.n < ? ORDER BY m.n DESC
                """
            values = test.values
            return
        }
        sql = """
            SELECT m.n, \(test.test) FROM memory m INDEXED BY \(namespace == nil ? "memory_partition" : "memory_namespace")
            WHERE m.partition = ? AND m.current = 1 \(namespace == nil ? "" : "AND m.namespace = ?") AND m.n < ?
            ORDER BY m.n DESC
            """
        values = test.values + [.int(partition)] + (namespace.map { [.text($0)] } ?? [])
    }

    /// The next numbers, at most so many; perhaps none although there are more.
    mutating func next(_ limit: Int, _ database: SQLiteConnection) throws -> [Int] {
        var found: [Int] = []
        var rows = 0
        var isAtEnd = true
        var looked = looked
        try database.each(sql, values + [.int(looked)]) { row in
            looked = row.int()
            if row.bool() { found.append(looked) }
            rows += 1
            isAtEnd = rows < Self.rowsPerLook && found.count < limit
            return isAtEnd
        }
        self.looked = looked
        self.isAtEnd = isAtEnd
        return found
    }
}
