import AgentModel
import MemorySearch
import Store

/// Compares the memory index with the memories: each current version is in the tail or in one live segment with the
/// words, counts, fields and length that an analysis of it gives, and nothing else is there; words are counted right.
///
/// Keeps some 20 bytes for each document of one segment and one for each word.
struct IndexChecker {
    private let database: SQLiteConnection
    private let progress: (_ done: Int, _ of: Int) -> Void
    private var words: [String: (id: Int, stem: Int)] = [:]
    private var uses: [UInt8] = []
    private var done = 0
    private var total = 0
    private(set) var problems: [String] = []

    private static let wordsKept = 50_000
    private static let problemsMax = 100

    init(_ database: SQLiteConnection, progress: @escaping (_ done: Int, _ of: Int) -> Void) {
        self.database = database
        self.progress = progress
    }

    mutating func check() throws {
        total = try database.integer("SELECT count(*) FROM memory WHERE current = 1")
        uses = [UInt8](repeating: 0, count: try database.integer("SELECT coalesce(max(id), 0) + 1 FROM word"))
        let partitions = try database.rows("SELECT id FROM partition WHERE hidden = 0 ORDER BY id") { $0.int64() }
        let analysis = try database.integer("SELECT analysis FROM memory_index")
        if analysis != TextAnalyzer.version {
            tell("it has the words of text analysis \(analysis), this is \(TextAnalyzer.version): rebuild it")
        }
        for partition in partitions where problems.count < Self.problemsMax { try check(partition) }
        let hidden = try database.integer("SELECT count(*) FROM partition WHERE hidden <> 0")
        if hidden == 0, problems.isEmpty { try checkUses() }
        progress(total, total)
    }

    private mutating func tell(_ problem: String) {
        if problems.count < Self.problemsMax { problems.append("the memory index: \(problem)") }
    }

    private mutating func check(_ partition: Int64) throws {
        let rows = try database.rows(SegmentRow.ofPartition, [.integer(partition)]) { try SegmentRow(&$0) }
        var end: Int64 = -1
        for row in rows where row.segment.state == .live {
            if row.segment.documents.lowerBound <= end { tell("segments of partition \(partition) overlap") }
            try uncovered(partition, after: end, before: row.segment.documents.lowerBound)
            end = max(end, row.segment.documents.upperBound)
            if row.analysis == TextAnalyzer.version { try check(row) }
        }
        try checkTail(partition, after: end)
    }

    /// Current versions between two segments are in neither.
    private mutating func uncovered(_ partition: Int64, after first: Int64, before last: Int64) throws {
        let lost = try database.rows(
            "SELECT n FROM memory WHERE partition = ? AND n > ? AND n < ? AND current = 1 LIMIT 10",
            [.integer(partition), .integer(first), .integer(last)]
        ) { $0.int() }
        for document in lost { tell("document \(document) is not in it") }
    }

    private mutating func check(_ row: SegmentRow) throws {
        let range: [SQLiteValue] = [
            .integer(row.partition), .integer(row.segment.documents.lowerBound),
            .integer(row.segment.documents.upperBound),
        ]
        let current = try database.rows(
            "SELECT n FROM memory WHERE partition = ? AND n BETWEEN ? AND ? AND current = 1 ORDER BY n", range
        ) { $0.int() }
        let tombs = Set(
            try database.rows("SELECT n FROM tomb WHERE partition = ? AND n BETWEEN ? AND ?", range) { $0.int() })
        let left = try database.integer(
            "SELECT count(*) FROM tomb WHERE partition = ? AND n BETWEEN ? AND ? AND segment IS NOT ?",
            range + [.integer(row.segment.id)])
        if row.documents != current.count + left {
            tell("segment \(row.segment.id) counts \(row.documents) documents instead of \(current.count + left)")
        }
        var sums = [UInt64](repeating: 0, count: current.count)
        var stray: Int?
        do {
            try SegmentPostings.forEach(of: Int(row.segment.id), in: PostTable(database)) { stem, posting in
                if let place = current.place(of: posting.document) {
                    sums[place] &+= Self.sum(
                        stem, posting.tf, posting.fields, posting.lengthCode, posting.importance)
                } else if !tombs.contains(posting.document) {
                    stray = posting.document
                }
            }
        } catch let error as IndexError {
            return tell("segment \(row.segment.id) cannot be read: \(error)")
        }
        if let stray { tell("segment \(row.segment.id) has document \(stray), which is no memory") }
        for (document, sum) in zip(current, sums) where try expected(document) != sum {
            tell("document \(document) is not as it is in segment \(row.segment.id)")
        }
    }

    private mutating func checkTail(_ partition: Int64, after end: Int64) throws {
        let rows = try database.rows(
            "SELECT n, data FROM tail WHERE partition = ? ORDER BY n", [.integer(partition)]
        ) { (document: $0.int(), row: try? TailRow(decoding: $0.bytes())) }
        var known: Set<Int> = []
        for (document, row) in rows {
            known.insert(document)
            guard let row, Int64(document) > end else {
                tell("document \(document) of the tail cannot be read, or is in a segment as well")
                continue
            }
            let sum = row.entries.reduce(0 as UInt64) {
                $0 &+ Self.sum($1.stem, $1.tf, $1.fields, row.lengthCode, row.importance)
            }
            if try expected(document) != sum { tell("document \(document) is not as it is in the tail") }
        }
        let current = try database.rows(
            "SELECT n FROM memory WHERE partition = ? AND n > ? AND current = 1", [.integer(partition), .integer(end)]
        ) { $0.int() }
        for document in current where !known.contains(document) { tell("document \(document) is not in it") }
    }

    /// What the postings of a current version add up to; `nil` of any other. Counts its words.
    private mutating func expected(_ document: Int) throws -> UInt64? {
        let found = try database.first(MemoryRow.select("WHERE m.n = ? AND m.current = 1"), [.int(document)]) {
            try MemoryRow(&$0)
        }
        guard let found else { return nil }
        done += 1
        if done % 1024 == 0 { progress(done, total) }
        let analyzed = found.analyzed()
        var entries: [TailRow.Entry] = []
        for word in analyzed.words {
            guard let known = try entry(word.word) else { return nil }
            if uses.indices.contains(known.id), uses[known.id] < .max { uses[known.id] += 1 }
            entries.append(TailRow.Entry(stem: known.stem, tf: word.tf, fields: word.fields))
        }
        let row = TailRow(importance: found.value.importance, length: analyzed.length, entries: entries)
        return row.entries.reduce(0) {
            $0 &+ Self.sum($1.stem, $1.tf, $1.fields, row.lengthCode, row.importance)
        }
    }

    private mutating func entry(_ word: String) throws -> (id: Int, stem: Int)? {
        if let known = words[word] { return known }
        let found = try database.first("SELECT id, stem FROM word WHERE word = ?", [.text(word)]) {
            (id: $0.int(), stem: $0.int())
        }
        if words.count >= Self.wordsKept { words = [:] }
        words[word] = found
        return found
    }

    private mutating func checkUses() throws {
        var wrong: [String] = []
        try database.each("SELECT id, uses, word FROM word WHERE uses < ?", [.int(MemoryDictionary.usesMax)]) { row in
            let id = row.int()
            let counted = row.int()
            if uses.indices.contains(id), Int(uses[id]) != counted {
                wrong.append("the word \(row.text()) is in \(uses[id]) documents and not in \(counted)")
            }
            return wrong.count < 10
        }
        for problem in wrong { tell(problem) }
    }

    /// Of one posting; those of a document are added up, in whatever order they come.
    private static func sum(
        _ stem: Int, _ tf: UInt32, _ fields: FieldMask, _ length: UInt8, _ importance: UInt8
    ) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: stem) &* 0x9e37_79b9_7f4a_7c15
        let rest = UInt64(tf) << 24 | UInt64(fields.rawValue) << 16 | UInt64(length & 31) << 8 | UInt64(importance)
        hash = (hash ^ (hash >> 31) ^ rest) &* 0xbf58_476d_1ce4_e5b9
        return (hash ^ (hash >> 29)) &* 0x94d0_49bb_1331_11eb
    }
}

extension [Int] {
    /// Of ascending numbers, where one stands.
    fileprivate func place(of value: Int) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == value ? low : nil
    }
}
