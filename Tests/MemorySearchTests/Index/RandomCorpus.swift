import MemorySearch

/// Documents in several partitions, and an index of them: tails, folds, merges, tombs, hidden documents.
struct RandomCorpus {
    struct Document {
        let number: Int
        let partition: Int
        let importance: Double
        let length: Int
        let entries: [TailRow.Entry]

        var row: TailRow { TailRow(importance: importance, length: length, entries: entries) }
    }

    static let partitions = [3, 7, 12]
    static let stems = 60
    let index = HeldIndex()
    private(set) var documents: [Document] = []
    private var nextSegment = 1

    init(seed: UInt64, documents count: Int) throws {
        var random = IndexRandom(seed: seed)
        var number = 1
        let uniformImportance = random.chance(0.3)
        for _ in 0..<count {
            number += random.chance(0.02) ? random.below(20_000) + 1 : random.below(3) + 1
            let partition = Self.partitions[random.skewed(Self.partitions.count)]
            let importance = uniformImportance ? 0.5 : Double(random.below(11)) / 10
            documents.append(Self.document(number, partition, importance, &random))
            if random.chance(0.05) { index.hidden.insert(number) }
        }
        index.calendar = [(0, 100)]
        for document in documents where random.chance(0.01) {
            index.calendar.append((document.number, index.calendar[index.calendar.count - 1].day + random.below(20)))
        }
        for partition in Self.partitions { try fold(partition, &random) }
    }

    private static func document(
        _ number: Int, _ partition: Int, _ importance: Double, _ random: inout IndexRandom
    ) -> Document {
        var entries: [TailRow.Entry] = []
        for _ in 0..<random.below(12) {
            let tf = random.chance(0.02) ? random.below(100_000) + 1 : random.skewed(12) + 1
            let fields: FieldMask = random.chance(0.1) ? [.key, .tags] : .content
            entries.append(TailRow.Entry(stem: random.skewed(stems) * 3, tf: tf, fields: fields))
        }
        let length = random.chance(0.01) ? 1_000_000 : entries.count + random.below(80)
        return Document(number: number, partition: partition, importance: importance, length: length, entries: entries)
    }

    private mutating func fold(_ partition: Int, _ random: inout IndexRandom) throws {
        var left = documents.filter { $0.partition == partition }[...]
        while left.count > 40 {
            let part = left.prefix(random.below(400) + 1)
            left = left.dropFirst(part.count)
            let built = try SegmentBuilder.build(id: takeSegment(), tail: part.map { ($0.number, $0.row) })
            index.put(built.rows)
            index.live[partition, default: []].append(built.info)
            if random.chance(0.4) { try merge(partition, &random) }
        }
        index.tails[partition] = left.map { ($0.number, $0.row) }
    }

    private mutating func merge(_ partition: Int, _ random: inout IndexRandom) throws {
        let live = index.live[partition] ?? []
        let first = random.below(live.count)
        let sources = Array(live[first...].prefix(4))
        let target = takeSegment()
        let merger = SegmentMerger(sources: sources, target: target, tombs: [])
        var start: Int? = 0
        while let stem = start {
            let step = try merger.step(from: stem, rows: index, byteBudget: random.below(3_000) + 1)
            index.put(step.rows)
            start = step.nextStem
        }
        let info = SegmentInfo(id: target, merging: sources, dropped: 0)
        index.live[partition] = Array(live[..<first]) + [info] + live.dropFirst(first + sources.count)
    }

    private mutating func takeSegment() -> Int {
        defer { nextSegment += 1 }
        return nextSegment
    }

    static func query(seed: UInt64) -> RecallQuery {
        var random = IndexRandom(seed: seed)
        let words = (0...random.below(6)).map { _ in
            RecallWord(
                candidates: (0..<(random.chance(0.6) ? 1 : random.below(4))).map { _ in
                    RecallCandidate(
                        stem: random.chance(0.1) ? random.below(200) : random.skewed(stems) * 3,
                        weight: random.chance(0.5) ? 1 : 0.8)
                })
        }
        let partitions = partitions.enumerated().filter { _ in random.chance(0.8) }
            .map { RecallPartition(id: $0.element, weight: 1 - Double($0.offset) / 10) }
        var query = RecallQuery(
            words: words, partitions: partitions, limit: [1, 3, 10, 200][random.below(4)], today: 200)
        if random.chance(0.5) { query.minimumScore = 0 }
        return query
    }
}
