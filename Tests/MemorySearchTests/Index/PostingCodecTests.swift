import Testing

@testable import MemorySearch

@Suite struct PostingCodecTests {
    private static func postings(seed: UInt64, count: Int) -> [Posting] {
        var random = IndexRandom(seed: seed)
        var document = random.chance(0.5) ? random.below(1_000) : 0
        let uniform = (importance: random.chance(0.4), fields: random.chance(0.4))
        return (0..<count).map { _ in
            document += random.chance(0.02) ? 1 << random.below(40) : random.below(300) + 1
            return Posting(
                document: document, tf: UInt32(random.chance(0.1) ? random.below(100_000) + 1 : random.below(9) + 1),
                lengthCode: LengthCode.encode(random.below(5_000)),
                importance: uniform.importance ? 128 : UInt8(random.below(256)),
                fields: uniform.fields ? .content : FieldMask(rawValue: UInt8(random.below(15) + 1)))
        }
    }

    private static func roundTrip(_ postings: [Posting]) throws -> [Posting] {
        var bytes: [UInt8] = []
        PostingBlock.append(postings, to: &bytes)
        let buffer = BlockBuffer()
        try bytes.withUnsafeBytes { try buffer.decode($0) }
        #expect(buffer.bounds == PostingBlock.bounds(of: postings))
        return (0..<buffer.count).map(buffer.posting)
    }

    @Test(arguments: [1, 2, 3, 63, 64, 511, 512])
    func blocksComeBack(count: Int) throws {
        for seed in 0..<30 as Range<UInt64> {
            let postings = Self.postings(seed: seed * 1_000 + UInt64(count), count: count)
            #expect(try Self.roundTrip(postings) == postings)
        }
    }

    @Test(arguments: [1, 7, 8, 9, 100_000, Posting.tfMax], [[0], [1 << 53], [0, 1 << 53], [1 << 53 - 1, 1 << 53]])
    func edgesComeBack(tf: UInt32, documents: [Int]) throws {
        let postings = documents.map {
            Posting(document: $0, tf: tf, lengthCode: LengthCode.encode(1_000_000), importance: 255, fields: [.value])
        }
        #expect(try Self.roundTrip(postings) == postings)
    }

    /// Of gaps that take so many bytes each.
    @Test(arguments: [[1], [2], [1, 2], [1, 1, 1, 2], [2, 2, 2, 1], [1, 2, 3], [3], [5, 1, 2]])
    func gapsOfEveryWidthComeBack(widths: [Int]) throws {
        var random = IndexRandom(seed: UInt64(widths.count * 10 + widths[0]))
        for count in [1, 2, 4, 5, 8, 9, 12, 13, 100, 512] {
            var documents = [random.below(100)]
            for _ in 1..<max(count, 1) {
                let width = widths[random.below(widths.count)]
                let low = width == 1 ? 0 : 1 << (7 * (width - 1))
                documents.append((documents.last ?? 0) + 1 + low + random.below(1 << (7 * width) - low))
            }
            var bytes: [UInt8] = []
            for (one, next) in zip(documents, documents.dropFirst().prefix(count - 1)) {
                bytes.append(varint: next - one - 1)
            }
            let buffer = BlockBuffer()
            buffer.documents[0] = documents[0]
            let last = try bytes.withUnsafeBytes { bytes in
                try DocumentGaps.decode(bytes, from: buffer.documents, count: count)
            }
            #expect((0..<count).map { buffer.documents[$0] } == Array(documents.prefix(count)))
            #expect(last == documents[count - 1])
            for wrong in [Array(bytes.dropLast()), bytes + [0]] where wrong != bytes {
                #expect(throws: IndexError.self) {
                    try wrong.withUnsafeBytes { try DocumentGaps.decode($0, from: buffer.documents, count: count) }
                }
            }
        }
    }

    @Test func placesAreFound() throws {
        let postings = Self.postings(seed: 5, count: 512)
        var bytes: [UInt8] = []
        PostingBlock.append(postings, to: &bytes)
        let buffer = BlockBuffer()
        try bytes.withUnsafeBytes { try buffer.decode($0) }
        for wanted in postings.flatMap({ [$0.document - 1, $0.document, $0.document + 1] }) {
            let expected = postings.firstIndex { $0.document >= wanted } ?? 512
            #expect(buffer.place(atOrAfter: wanted) == expected)
            for end in [0, 1, 100, 512] {
                let place = BlockBuffer.place(in: buffer.documents, atOrAfter: wanted, before: end)
                #expect(place == min(expected, end))
            }
        }
    }

    @Test(arguments: [
        (0, 4), (1, 4), (4, 4), (5, 5), (20, 19), (30, 30), (1_000, 1_059), (4_039, 4_039), (1_000_000, 4_039),
    ])
    func lengthsAreRounded(length: Int, kept: Int) {
        #expect(LengthCode.length(LengthCode.encode(length)) == kept)
    }

    @Test func lengthCodesAreTheirOwn() {
        for code in 0..<32 as Range<UInt8> { #expect(LengthCode.encode(LengthCode.length(code)) == code) }
        let codes = (0..<6_000).map(LengthCode.encode)
        #expect(zip(codes, codes.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test func varintsSayTheirSize() throws {
        for shift in 0..<63 {
            for value in [1 << shift, 1 << shift - 1] {
                var bytes: [UInt8] = []
                bytes.append(varint: value)
                #expect(bytes.count == varintSize(value))
                let read = try bytes.withUnsafeBytes { bytes in
                    var reader = ByteReader(bytes)
                    return (value: try reader.varint(), isAtEnd: reader.isAtEnd)
                }
                #expect(read == (value, true))
            }
        }
    }

    @Test func keysRefuseWhatDoesNotFit() throws {
        let key = try PostKey(segment: 1 << 20 - 1, stem: 1 << 27 - 1, block: 1 << 16 - 1)
        #expect(key.rawValue == .max)
        #expect([key.segment, key.stem, key.block] == [1 << 20 - 1, 1 << 27 - 1, 1 << 16 - 1])
        #expect(throws: IndexError.full("segment")) { try PostKey(segment: 1 << 20, stem: 0) }
        #expect(throws: IndexError.full("stem")) { try PostKey(segment: 0, stem: 1 << 27) }
        #expect(throws: IndexError.full("block")) { try PostKey(segment: 0, stem: 0, block: -1) }
    }

    @Test func tailRowsComeBack() throws {
        let row = TailRow(
            importance: 0.5, length: 31,
            entries: [
                .init(stem: 900, tf: 1, fields: .content), .init(stem: 0, tf: 100_000, fields: [.key, .value]),
                .init(stem: 900, tf: 2, fields: .tags), .init(stem: PostKey.stemMax, tf: 0, fields: .content),
            ])
        #expect(row.entries.map(\.stem) == [0, 900, PostKey.stemMax])
        #expect(row.entries.map(\.tf) == [100_000, 3, 1])
        #expect(row.entries[1].fields == [.content, .tags])
        #expect(try row.encoded().withUnsafeBytes { try TailRow(decoding: $0) } == row)
    }

    @Test(arguments: [0.001, 0.3, 1, 1.414_213_6, 2, 17, 1e6, 9e15])
    func logarithmsAgree(value: Double) {
        #expect(abs(exponential2(naturalLogarithm(value) / naturalLogarithm(2)) - value) <= value * 1e-13)
        #expect(abs(naturalLogarithm(value * 2) - naturalLogarithm(value) - 0.693_147_180_559_945_3) < 1e-13)
    }
}

/// Rows that no code of ours wrote end in an error, never in a trap or a read outside.
@Suite struct DamagedRowTests {
    /// Changes, cuts or lengthens bytes.
    private static func damage(_ bytes: [UInt8], _ random: inout IndexRandom) -> [UInt8] {
        var damaged = bytes
        for _ in 0...random.below(4) {
            let place = random.below(max(1, damaged.count))
            switch random.below(5) {
            case 0: damaged = Array(damaged.prefix(place))
            case 1: damaged.insert(UInt8(random.below(256)), at: min(place, damaged.count))
            case 2 where place < damaged.count: damaged[place] = 0xFF
            case 3 where place < damaged.count: damaged[place] ^= 1 << UInt8(random.below(8))
            default: if place < damaged.count { damaged[place] = UInt8(random.below(256)) }
            }
        }
        return damaged
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func damagedRowsNeverTrap(seed: UInt64) throws {
        var random = IndexRandom(seed: seed)
        let corpus = try RandomCorpus(seed: seed % 6, documents: 1_500)
        let whole = corpus.index.allRows
        for round in 0..<10 as Range<UInt64> {
            let index = corpus.index
            index.put(whole)
            let damaged = (0..<5).map { _ in
                let row = whole[random.below(whole.count)]
                return PostRow(key: row.key, bytes: Self.damage(row.bytes, &random))
            }
            index.put(damaged)
            var query = RandomCorpus.query(seed: seed * 100 + round)
            query.minimumScore = 0
            query.explain = true
            Self.tolerate { _ = try RecallRanker.recall(query, from: index) }
            for info in index.live.values.joined() {
                let merger = SegmentMerger(sources: [info], target: 1_000, tombs: [])
                Self.tolerate { _ = try merger.step(from: 0, rows: index, byteBudget: 1 << 30) }
                let document = random.below(5_000)
                Self.tolerate { _ = try SegmentEditor.remove(document, stem: 0, segment: info.id, rows: index) }
            }
        }
    }

    /// Lets pass what a damaged row may cause: an answer, or the one error.
    private static func tolerate(_ work: () throws -> Void) {
        do {
            try work()
        } catch {
            if case IndexError.damaged = error { return }
            Issue.record("\(error)")
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func randomBytesAreNoRows(seed: UInt64) {
        var random = IndexRandom(seed: seed)
        let buffer = BlockBuffer()
        for _ in 0..<2_000 {
            let bytes = (0..<random.below(40)).map { _ in UInt8(random.below(256) >> random.below(6)) }
            bytes.withUnsafeBytes { bytes in
                Self.tolerate { try buffer.decode(bytes) }
                Self.tolerate { _ = try TailRow(decoding: bytes) }
                Self.tolerate { _ = try TermDirectory(decoding: bytes) }
            }
            #expect(buffer.count <= PostingBlock.postingsMax)
        }
    }
}
