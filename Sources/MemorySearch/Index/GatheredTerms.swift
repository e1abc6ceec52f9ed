/// Where the postings of some stems lie in the partitions of a query: one look-up for each stem and segment, and one
/// walk over the tails. Document frequencies and the average length come out of it.
struct GatheredTerms {
    /// The blocks of one stem in one segment.
    struct List {
        /// In `blocks`, ascending by document; empty when the segment does not have the stem.
        var blocks = 0..<0
        /// In `inlineBytes`, when a page holds the only block.
        var inlineBytes: Range<Int>?
        /// Of all its blocks.
        var bounds = BlockBounds(lengthMin: 31)
    }

    struct Block {
        var bounds: BlockBounds
        /// In the key of its row.
        var number: Int
    }

    struct Segment {
        let info: SegmentInfo
        /// In the query.
        let partition: Int
    }

    /// A document of a tail that has one of the stems.
    struct TailDocument {
        let document: Int
        let partition: Int
        let importance: UInt8
        let lengthCode: UInt8
        /// In `tailMatches`.
        var matches: Range<Int>
    }

    struct TailMatch {
        /// Its place among `stems`.
        let stem: Int
        let tf: UInt32
        let fields: FieldMask
    }

    /// Ascending, each once.
    let stems: [Int]
    /// Of each of `stems`.
    private(set) var df: [Int]
    /// Partition by partition, oldest first.
    private(set) var segments: [Segment] = []
    private var lists: [List] = []
    private(set) var blocks: [Block] = []
    private(set) var inlineBytes: [UInt8] = []
    /// Partition by partition, ascending.
    private(set) var tail: [TailDocument] = []
    private(set) var tailMatches: [TailMatch] = []
    private(set) var documents = 0
    private(set) var totalLength = 0
    private(set) var rowsRead = 0

    var averageLength: Double { documents > 0 ? Double(totalLength) / Double(documents) : 0 }

    /// - Parameters:
    ///   - stems: in any order
    ///   - partitions: their ids
    init(_ stems: [Int], in partitions: [Int], source: any IndexSource) throws {
        self.stems = Set(stems.filter { 0...PostKey.stemMax ~= $0 }).sorted()
        df = Array(repeating: 0, count: self.stems.count)
        for (place, partition) in partitions.enumerated() {
            for info in try source.segments(of: partition) { try add(info, place, source) }
            let tail = try source.tail(of: partition, having: self.stems) { document, bytes in
                try addTail(document, place, bytes)
            }
            documents += tail.documents
            totalLength += tail.totalLength
        }
    }

    /// The list of a stem, both by their places.
    func list(_ stem: Int, in segment: Int) -> List { lists[segment * stems.count + stem] }

    func place(of stem: Int) -> Int? {
        let place = stems.firstPlace(atOrAfter: stem)
        return place < stems.count && stems[place] == stem ? place : nil
    }

    private mutating func add(_ info: SegmentInfo, _ partition: Int, _ source: any IndexSource) throws {
        segments.append(Segment(info: info, partition: partition))
        documents += info.documents
        totalLength += info.totalLength
        for place in stems.indices {
            let stem = stems[place]
            let key = try PostKey(segment: info.id, stem: stem)
            var list = List()
            _ = try source.row(atOrBefore: key) { found, bytes in
                rowsRead += 1
                if found.segment == info.id { list = try read(stem, found, bytes) }
            }
            for block in blocks[list.blocks] { list.bounds.extend(block.bounds) }
            df[place] += list.bounds.count
            lists.append(list)
        }
    }

    private mutating func read(
        _ stem: Int, _ key: PostKey, _ bytes: UnsafeRawBufferPointer
    ) throws(IndexError) -> List {
        let start = blocks.count
        var reader = ByteReader(bytes)
        switch try RowKind.read(&reader) {
        case .block:
            return List()
        case .directory:
            guard key.stem == stem else { return List() }
            _ = try TermDirectory.read(bytes) { place, bounds in
                if bounds.count > 0 { blocks.append(Block(bounds: bounds, number: place + 1)) }
            }
            return List(blocks: start..<blocks.count)
        case .page:
            guard let block = try PackedPage.find(stem, reader, key: key) else { return List() }
            var header = ByteReader(block)
            blocks.append(Block(bounds: try PostingBlock.Header(&header).bounds, number: 0))
            let first = inlineBytes.count
            inlineBytes.append(contentsOf: block)
            return List(blocks: start..<blocks.count, inlineBytes: first..<inlineBytes.count)
        }
    }

    private mutating func addTail(
        _ document: Int, _ partition: Int, _ bytes: UnsafeRawBufferPointer
    ) throws(IndexError) {
        var reader = try TailReader(bytes)
        rowsRead += 1
        let first = tailMatches.count
        var place = 0
        while place < stems.count, let entry = try reader.next() {
            while place < stems.count, stems[place] < entry.stem { place += 1 }
            guard place < stems.count, stems[place] == entry.stem else { continue }
            tailMatches.append(TailMatch(stem: place, tf: entry.tf, fields: entry.fields))
            df[place] += 1
        }
        guard tailMatches.count > first else { return }
        tail.append(
            TailDocument(
                document: document, partition: partition, importance: reader.importance,
                lengthCode: reader.lengthCode, matches: first..<tailMatches.count))
    }

    /// Decodes a block of a list.
    func load(_ block: Int, of stem: Int, in segment: Int, _ source: any IndexSource, into buffer: BlockBuffer) throws {
        if let bytes = list(stem, in: segment).inlineBytes {
            return try inlineBytes.withUnsafeBytes { try buffer.decode(UnsafeRawBufferPointer(rebasing: $0[bytes])) }
        }
        let key = try PostKey(segment: segments[segment].info.id, stem: stems[stem], block: blocks[block].number)
        try source.loadBlock(key, into: buffer)
    }
}
