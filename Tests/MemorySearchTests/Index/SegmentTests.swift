import MemorySearch
import Testing

@Suite struct SegmentTests {
    private static func tail(seed: UInt64, count: Int) throws -> [(document: Int, row: TailRow)] {
        try RandomCorpus(seed: seed, documents: count).documents.map { ($0.number, $0.row) }
    }

    private static func info(_ index: HeldIndex, _ tail: ArraySlice<(document: Int, row: TailRow)>, id: Int) throws
        -> SegmentInfo
    {
        let built = try SegmentBuilder.build(id: id, tail: Array(tail))
        index.put(built.rows)
        return built.info
    }

    private static func merge(
        _ sources: [SegmentInfo], into target: Int, _ index: HeldIndex, tombs: [Int] = [], byteBudget: Int = .max
    ) throws -> [PostRow] {
        let merger = SegmentMerger(sources: sources, target: target, tombs: tombs)
        var rows: [PostRow] = []
        var start: Int? = 0
        while let stem = start {
            let step = try merger.step(from: stem, rows: index, byteBudget: byteBudget)
            #expect(step.nextStem.map { $0 > stem } ?? true)
            rows += step.rows
            start = step.nextStem
        }
        return rows
    }

    /// Every posting of a segment.
    private static func postings(_ index: HeldIndex, _ info: SegmentInfo) throws -> [Int: [Posting]] {
        index.live = [1: [info]]
        index.tails = [:]
        let stems = Array(0..<RandomCorpus.stems * 3)
        let terms = try TermPostings(stems: stems, partitions: [1], source: index)
        var all: [Int: [Posting]] = [:]
        for stem in stems {
            let cursor = terms.cursor(stem)
            var next = 0
            while let document = try cursor.seek(next), let posting = try cursor.posting() {
                all[stem, default: []].append(posting)
                next = document + 1
            }
            #expect(terms.documents(with: stem) == all[stem]?.count ?? 0)
        }
        return all
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func aSegmentHoldsWhatTheTailHeld(seed: UInt64) throws {
        let tail = try Self.tail(seed: seed, count: 2_500)
        let index = HeldIndex()
        let info = try Self.info(index, tail[...], id: 9)
        #expect(info.documents == tail.count)
        #expect(info.firstDocument == tail.first?.document && info.lastDocument == tail.last?.document)
        var expected: [Int: [Posting]] = [:]
        for (document, row) in tail {
            for entry in row.entries {
                expected[entry.stem, default: []].append(
                    Posting(
                        document: document, tf: entry.tf, lengthCode: row.lengthCode, importance: row.importance,
                        fields: entry.fields))
            }
        }
        #expect(try Self.postings(index, info) == expected)
        let rows = index.allRows
        #expect(rows.contains { $0.key.block > 1 }, "some stem has several blocks")
        #expect(rows.allSatisfy { $0.bytes.count <= 1_950 })
        #expect(rows.map(\.key) == rows.map(\.key).sorted())
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func mergingEqualsBuildingAtOnce(seed: UInt64) throws {
        var random = IndexRandom(seed: seed)
        let tail = try Self.tail(seed: seed, count: 2_000)
        let index = HeldIndex()
        var cuts = (0..<random.below(6)).map { _ in random.below(tail.count) } + [0, tail.count]
        cuts.sort()
        let sources = try zip(cuts, cuts.dropFirst()).enumerated().compactMap { place, cut in
            cut.0 < cut.1 ? try Self.info(index, tail[cut.0..<cut.1], id: place + 1) : nil
        }
        let whole = try SegmentBuilder.build(id: 100, tail: tail)
        #expect(try Self.merge(sources, into: 100, index) == whole.rows)
        #expect(SegmentInfo(id: 100, merging: sources, dropped: 0) == whole.info)
        let steps = HeldIndex()
        steps.put(try Self.merge(sources, into: 100, index, byteBudget: random.below(5_000) + 1))
        index.put(whole.rows)
        #expect(try Self.postings(steps, whole.info) == Self.postings(index, whole.info))
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func mergingLeavesTombsOut(seed: UInt64) throws {
        var random = IndexRandom(seed: seed)
        let tail = try Self.tail(seed: seed, count: 1_500)
        let tombs = tail.map(\.document).filter { _ in random.chance(0.2) }
        let index = HeldIndex()
        let sources = try [
            Self.info(index, tail[..<700], id: 1), Self.info(index, tail[700..<900], id: 2),
            Self.info(index, tail[900...], id: 3),
        ]
        let left = tail.filter { !tombs.contains($0.document) }
        let expected = try SegmentBuilder.build(id: 100, tail: left)
        #expect(try Self.merge(sources, into: 100, index, tombs: tombs) == expected.rows)
        let info = SegmentInfo(id: 100, merging: sources, dropped: tombs.count)
        #expect(info.documents == left.count)
        #expect(abs(info.totalLength - expected.info.totalLength) * 10 < expected.info.totalLength * 3)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func removingEqualsNeverHavingHadIt(seed: UInt64) throws {
        var random = IndexRandom(seed: seed)
        let tail = try Self.tail(seed: seed, count: 1_200)
        let index = HeldIndex()
        var info = try Self.info(index, tail[...], id: 5)
        let forgotten = seed == 0 ? tail : tail.filter { _ in random.chance(0.1) }
        for (document, row) in forgotten {
            for entry in row.entries {
                let removal = try SegmentEditor.remove(document, stem: entry.stem, segment: 5, rows: index)
                #expect(removal?.lengthCode == row.lengthCode)
                if let removal { index.apply(removal) }
                #expect(try SegmentEditor.remove(document, stem: entry.stem, segment: 5, rows: index) == nil)
            }
            info = info.without(documentOfLength: row.lengthCode)
        }
        let gone = Set(forgotten.map(\.document))
        let never = HeldIndex()
        let built = try Self.info(never, tail.filter { !gone.contains($0.document) }[...], id: 5)
        #expect(info.documents == built.documents && info.totalLength == built.totalLength)
        #expect(try Self.postings(index, info) == Self.postings(never, built))
        #expect(index.allRows.isEmpty == never.allRows.isEmpty)
        #expect(try Self.merge([info], into: 77, index) == Self.merge([built], into: 77, never))
    }

    @Test func removingLooksAtOneSegmentOnly() throws {
        let index = HeldIndex()
        let row = TailRow(importance: 0, length: 4, entries: [.init(stem: 8, tf: 1, fields: .content)])
        _ = try Self.info(index, [(4, row)], id: 1)
        #expect(try SegmentEditor.remove(4, stem: 8, segment: 2, rows: index) == nil)
        #expect(try SegmentEditor.remove(4, stem: 9, segment: 1, rows: index) == nil)
        #expect(try SegmentEditor.remove(5, stem: 8, segment: 1, rows: index) == nil)
        #expect(throws: IndexError.full("stem")) {
            try SegmentEditor.remove(5, stem: 1 << 40, segment: 1, rows: index)
        }
    }
}
