import MemorySearch

/// What a reader's connection keeps of the index from one query to the next. A partition's part is as it was read for
/// as long as the partition has the same generation; new rows of its tail are read as they come.
final class MemoryIndexCache {
    struct Partition {
        let generation: Int
        let segments: [SegmentInfo]
        /// The rows of the tail one behind the other.
        var bytes: [UInt8] = []
        var tail: [(document: Int, range: Range<Int>, stems: Range<Int>)] = []
        /// Of the rows of the tail, ascending in each.
        var stems: [Int] = []
        var tailLength = 0

        /// Whether a row of the tail has one of these.
        func has(_ wanted: [Int], _ row: Range<Int>) -> Bool {
            wanted.contains { stem in
                var (low, high) = (row.lowerBound, row.upperBound)
                while low < high {
                    let middle = (low + high) / 2
                    if stems[middle] < stem { low = middle + 1 } else { high = middle }
                }
                return low < row.upperBound && stems[low] == stem
            }
        }
    }

    /// When the days began: documents ascending.
    struct Calendar {
        var days: [(first: Int, day: Int)] = []

        func span(of document: Int) -> CalendarSpan {
            var low = 0
            var high = days.count
            while low < high {
                let middle = (low + high) / 2
                if days[middle].first <= document { low = middle + 1 } else { high = middle }
            }
            let end = low < days.count ? days[low].first - 1 : Posting.documentMax
            // What is older than the calendar is as old as its first day.
            guard low > 0 else { return CalendarSpan(day: days.first?.day ?? 0, documents: min(0, end)...end) }
            return CalendarSpan(day: days[low - 1].day, documents: days[low - 1].first...max(end, days[low - 1].first))
        }
    }

    private var partitions: [Int: Partition] = [:]
    private var calendar = Calendar()

    private static let partitionsMax = 64

    /// The partition as the transaction sees it.
    func partition(_ id: Int, _ database: SQLiteConnection) throws -> Partition {
        let generation = try database.integer("SELECT generation FROM partition WHERE id = ?", [.int(id)])
        var partition: Partition
        if let known = partitions[id], known.generation == generation {
            partition = known
        } else {
            if partitions.count >= Self.partitionsMax { partitions = [:] }
            let live = try database.rows(SegmentRow.live, [.int(id)]) { try SegmentRow(&$0).info }
            partition = Partition(generation: generation, segments: live)
        }
        partitions[id] = nil
        try readTail(of: id, into: &partition, database)
        partitions[id] = partition
        return partition
    }

    private func readTail(of id: Int, into partition: inout Partition, _ database: SQLiteConnection) throws {
        let last = partition.tail.last?.document ?? -1
        try database.each(
            "SELECT n, data FROM tail WHERE partition = ? AND n > ? ORDER BY n", [.int(id), .int(last)]
        ) { row in
            let document = row.int()
            let bytes = row.bytes()
            let decoded = try TailRow(decoding: bytes)
            let (start, firstStem) = (partition.bytes.count, partition.stems.count)
            partition.bytes.append(contentsOf: bytes)
            partition.stems.append(contentsOf: decoded.entries.lazy.map(\.stem))
            partition.tail.append((document, start..<partition.bytes.count, firstStem..<partition.stems.count))
            partition.tailLength += LengthCode.length(decoded.lengthCode)
            return true
        }
    }

    private struct CountKey: Hashable {
        let partition: Int
        let namespace: String?
    }

    /// How many memories a partition has, and the newest one of all and the generation when they were counted.
    private var counts: [CountKey: (newest: Int, generation: Int, count: Int)] = [:]
    private static let countsMax = 256
    /// Rows that are counted in one go: some 10 ms.
    private static let rowsPerCount = 100_000

    /// How many current memories a partition has, or a namespace of it: counted again only when one was remembered
    /// anywhere, which may be in the place of one of these, or the partition has changed.
    /// - Parameter renew: called where another transaction may begin
    func count(
        _ partition: Int, _ namespace: String?, _ database: SQLiteConnection, renew: () throws -> Void
    ) throws -> Int {
        let newest = try database.integer("SELECT coalesce(max(n), 0) FROM memory")
        let generation = try database.integer("SELECT generation FROM partition WHERE id = ?", [.int(partition)])
        let key = CountKey(partition: partition, namespace: namespace)
        if let known = counts[key], known.newest == newest, known.generation == generation { return known.count }
        let place = [.int(partition)] + (namespace.map { [SQLiteValue.text($0)] } ?? [])
        var (count, last, isAtEnd) = (0, 0, false)
        while !isAtEnd {
            try renew()
            let found = try database.first(
                """
                SELECT count(*), coalesce(max(n), 0) FROM (SELECT n FROM memory
                    INDEXED BY \(namespace == nil ? "memory_partition" : "memory_namespace")
                    WHERE partition = ? AND current = 1 \(namespace == nil ? "" : "AND namespace = ?") AND n > ?
                    ORDER BY n LIMIT ?)
                """, place + [.int(last), .int(Self.rowsPerCount)]
            ) { (count: $0.int(), last: $0.int()) }
            count += found?.count ?? 0
            last = found?.last ?? last
            isAtEnd = (found?.count ?? 0) < Self.rowsPerCount
        }
        if counts.count >= Self.countsMax { counts = [:] }
        counts[key] = (newest, generation, count)
        return count
    }

    func calendar(_ database: SQLiteConnection) throws -> Calendar {
        let last = calendar.days.last?.first ?? -1
        calendar.days += try database.rows(
            "SELECT first_n, day FROM calendar WHERE first_n > ? ORDER BY first_n", [.int(last)]
        ) { (first: $0.int(), day: $0.int()) }
        return calendar
    }
}
