import MemorySearch

/// An index in memory: what a store keeps as rows.
final class HeldIndex: IndexSource {
    private var rows: [Int64: [UInt8]] = [:]
    private var keys: [Int64] = []
    var live: [Int: [SegmentInfo]] = [:]
    var tails: [Int: [(document: Int, row: TailRow)]] = [:]
    var hidden: Set<Int> = []
    /// Ascending.
    var calendar: [(first: Int, day: Int)] = []

    var allRows: [PostRow] { keys.map { PostRow(key: PostKey(rawValue: $0), bytes: rows[$0] ?? []) } }

    func rows(ofSegment segment: Int) -> [PostRow] { allRows.filter { $0.key.segment == segment } }

    func put(_ added: [PostRow]) {
        for row in added { rows[row.key.rawValue] = row.bytes }
        keys = rows.keys.sorted()
    }

    func apply(_ removal: SegmentEditor.Removal) {
        for change in removal.changes {
            switch change {
            case .replace(let row): rows[row.key.rawValue] = row.bytes
            case .delete(let key): rows[key.rawValue] = nil
            }
        }
        keys = rows.keys.sorted()
    }

    /// The place of the first key that is not below `key`.
    private func place(atOrAfter key: PostKey) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key.rawValue { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func hand(_ place: Int, _ body: (PostKey, UnsafeRawBufferPointer) throws -> Void) rethrows -> Bool {
        guard keys.indices.contains(place), let row = rows[keys[place]] else { return false }
        try row.withUnsafeBytes { try body(PostKey(rawValue: keys[place]), $0) }
        return true
    }

    func row(atOrBefore key: PostKey, _ body: (PostKey, UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        let after = place(atOrAfter: key)
        let isThere = after < keys.count && keys[after] == key.rawValue
        return try hand(isThere ? after : after - 1, body)
    }

    func row(atOrAfter key: PostKey, _ body: (PostKey, UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        try hand(place(atOrAfter: key), body)
    }

    func segments(of partition: Int) throws -> [SegmentInfo] { live[partition] ?? [] }

    func tail(
        of partition: Int, having stems: [Int], _ body: (Int, UnsafeRawBufferPointer) throws -> Void
    ) throws -> (documents: Int, totalLength: Int) {
        let rows = tails[partition] ?? []
        for (document, row) in rows where row.entries.contains(where: { stems.contains($0.stem) }) {
            try row.encoded().withUnsafeBytes { try body(document, $0) }
        }
        return (rows.count, rows.reduce(0) { $0 + LengthCode.length($1.row.lengthCode) })
    }

    func isVisible(_ document: Int) throws -> Bool { !hidden.contains(document) }

    func day(of document: Int) throws -> CalendarSpan {
        let place = calendar.lastIndex { $0.first <= document } ?? 0
        guard calendar.indices.contains(place) else { return CalendarSpan(day: 0, documents: 0...Int.max) }
        let end = place + 1 < calendar.count ? calendar[place + 1].first - 1 : Int.max
        return CalendarSpan(day: calendar[place].day, documents: calendar[place].first...end)
    }
}
