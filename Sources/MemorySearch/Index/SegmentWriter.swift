/// Lays the postings of stems out as rows: stems that fit in one block share pages, the others get a directory and
/// blocks. Stems are to come ascending, the documents of each ascending too.
struct SegmentWriter {
    private let segment: Int
    /// Ascending by key.
    private(set) var rows: [PostRow] = []
    /// Of `rows`.
    private(set) var byteCount = 0
    private var page = PageWriter()
    private var stem = 0
    private var block: [Posting] = []
    private var blockBytes = BlockSize()
    private var closed: [(bounds: BlockBounds, bytes: [UInt8])] = []

    init(segment: Int) { self.segment = segment }

    mutating func beginStem(_ stem: Int) { self.stem = stem }

    mutating func add(_ posting: Posting) {
        if block.count == PostingBlock.postingsMax || !blockBytes.hasRoom(for: posting, after: block.last) {
            closeBlock()
        }
        blockBytes.add(posting, after: block.last)
        block.append(posting)
    }

    mutating func endStem() throws(IndexError) {
        defer { closed.removeAll(keepingCapacity: true) }
        if block.isEmpty && closed.isEmpty { return }
        if closed.isEmpty { return try addToPage() }
        try closePage()
        closeBlock()
        try addRow(block: 0, TermDirectory(blocks: closed.map(\.bounds)).encoded())
        for (place, block) in closed.enumerated() { try addRow(block: place + 1, block.bytes) }
    }

    /// To be called after the last stem.
    mutating func finish() throws(IndexError) { try closePage() }

    private mutating func closeBlock() {
        var bytes = [RowKind.block.rawValue]
        PostingBlock.append(block, to: &bytes)
        closed.append((PostingBlock.bounds(of: block), bytes))
        startBlock()
    }

    private mutating func startBlock() {
        block.removeAll(keepingCapacity: true)
        blockBytes = BlockSize()
    }

    private mutating func addToPage() throws(IndexError) {
        var bytes: [UInt8] = []
        PostingBlock.append(block, to: &bytes)
        startBlock()
        if !page.hasRoom(for: bytes) { try closePage() }
        page.add(stem, bytes)
    }

    private mutating func closePage() throws(IndexError) {
        guard !page.isEmpty else { return }
        let key = try PostKey(segment: segment, stem: page.firstStem)
        rows.append(PostRow(key: key, bytes: page.bytes))
        byteCount += page.bytes.count
        page = PageWriter()
    }

    private mutating func addRow(block: Int, _ bytes: [UInt8]) throws(IndexError) {
        rows.append(PostRow(key: try PostKey(segment: segment, stem: stem, block: block), bytes: bytes))
        byteCount += bytes.count
    }
}

/// The most bytes that a block can take, known while it is gathered.
private struct BlockSize {
    private static let header = 40
    private var fixed = Self.header
    private var count = 0
    private var first: Posting?
    private var importancesDiffer = false
    private var fieldsDiffer = false

    func hasRoom(for posting: Posting, after last: Posting?) -> Bool {
        var grown = self
        grown.add(posting, after: last)
        return grown.bytes <= PostingBlock.bytesMax
    }

    mutating func add(_ posting: Posting, after last: Posting?) {
        if let last { fixed += varintSize(posting.document - last.document - 1) }
        if posting.tf >= Posting.tfEscape { fixed += varintSize(Int(posting.tf - Posting.tfEscape)) }
        if let first {
            if posting.importance != first.importance { importancesDiffer = true }
            if posting.fields != first.fields { fieldsDiffer = true }
        } else {
            first = posting
        }
        count += 1
    }

    private var bytes: Int { fixed + count * (1 + (importancesDiffer ? 1 : 0) + (fieldsDiffer ? 1 : 0)) }
}
