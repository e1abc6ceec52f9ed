/// What the blocks of a stem hold, without their postings: `df varint, blocks varint`, then of each block `count
/// varint` and, unless that is 0, `first - last of the one before varint, span varint, tf maximum varint, length
/// minimum u8, importance maximum u8`. The block in place `i` is the row with block number `i + 1`.
struct TermDirectory: Equatable {
    /// A block that lost all its postings keeps its place with a count of 0.
    var blocks: [BlockBounds]

    var df: Int { blocks.reduce(0) { $0 + $1.count } }

    func encoded() -> [UInt8] {
        var bytes = [RowKind.directory.rawValue]
        bytes.append(varint: df)
        bytes.append(varint: blocks.count)
        var last = 0
        for block in blocks {
            bytes.append(varint: block.count)
            guard block.count > 0 else { continue }
            bytes.append(varint: block.first - last)
            bytes.append(varint: block.last - block.first)
            bytes.append(varint: Int(block.tfMax))
            bytes.append(block.lengthMin)
            bytes.append(block.importanceMax)
            last = block.last
        }
        return bytes
    }

    init(blocks: [BlockBounds]) { self.blocks = blocks }

    /// - Parameter bytes: the whole row
    init(decoding bytes: UnsafeRawBufferPointer) throws(IndexError) {
        blocks = []
        _ = try Self.read(bytes) { _, bounds in blocks.append(bounds) }
    }

    /// Hands each block to `body` with its place; returns df.
    static func read(
        _ bytes: UnsafeRawBufferPointer, _ body: (_ place: Int, BlockBounds) -> Void
    ) throws(IndexError) -> Int {
        var reader = ByteReader(bytes)
        try RowKind.expect(.directory, &reader)
        let df = try reader.varint(max: Posting.documentMax)
        let places = try reader.varint(max: PostKey.blockMax)
        var last = 0
        var sum = 0
        for place in 0..<places {
            var bounds = BlockBounds(count: try reader.varint(max: PostingBlock.postingsMax))
            if bounds.count > 0 {
                let gap = try reader.varint(max: Posting.documentMax)
                guard gap > 0 || sum == 0 else { throw .damaged("blocks out of order") }
                bounds.first = last + gap
                bounds.last = bounds.first + (try reader.varint(max: Posting.documentMax))
                guard bounds.last <= Posting.documentMax else { throw .damaged("document too large") }
                bounds.tfMax = UInt32(try reader.varint(max: Int(Posting.tfMax)))
                bounds.lengthMin = try reader.byte() & 31
                bounds.importanceMax = try reader.byte()
                guard bounds.tfMax > 0 else { throw .damaged("no occurrence") }
                last = bounds.last
                sum += bounds.count
            }
            body(place, bounds)
        }
        guard sum == df, reader.isAtEnd else { throw .damaged("blocks do not add up") }
        return df
    }
}
