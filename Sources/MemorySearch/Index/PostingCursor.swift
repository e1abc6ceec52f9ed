/// The postings of some stems in some partitions, each to be walked by itself.
package final class TermPostings {
    fileprivate let terms: GatheredTerms
    fileprivate let source: any IndexSource
    private let partitions: Int

    /// Throws what `source` throws, and `IndexError.damaged`; so does everything that reads on.
    package init(stems: [Int], partitions: [Int], source: any IndexSource) throws {
        terms = try GatheredTerms(stems, in: partitions, source: source)
        self.source = source
        self.partitions = partitions.count
    }

    /// In the partitions.
    package var documents: Int { terms.documents }

    /// How many documents have a stem, dropped ones that no merge has left out yet among them.
    package func documents(with stem: Int) -> Int { terms.place(of: stem).map { terms.df[$0] } ?? 0 }

    /// Before the first posting of one of the stems; without postings for any other stem.
    package func cursor(_ stem: Int) -> PostingCursor {
        let lists = terms.place(of: stem).map { place in
            (0..<partitions).map { PartitionCursor(self, stem: place, partition: $0) }
        }
        return PostingCursor(lists ?? [])
    }
}

/// Walks the documents of one stem, ascending over all partitions.
package final class PostingCursor {
    private let lists: [PartitionCursor]
    /// Whose document is the current one.
    private var current: PartitionCursor?
    private var isStarted = false

    fileprivate init(_ lists: [PartitionCursor]) { self.lists = lists }

    /// Moves to the first document that is not below `document`, never back.
    ///
    /// - Returns: that document; `nil` when there is none
    package func seek(_ document: Int) throws -> Int? {
        if isStarted, (current?.document ?? Int.max) >= document { return current?.document }
        isStarted = true
        current = nil
        for list in lists {
            try list.seek(document)
            if let found = list.document, found < current?.document ?? Int.max { current = list }
        }
        return current?.document
    }

    /// Of the current document, if there is one.
    package func posting() throws -> Posting? { try current?.posting() }
}

/// Walks the documents of one stem in one partition: segment by segment, then the tail.
private final class PartitionCursor {
    private let postings: TermPostings
    private let stem: Int
    /// Those of the partition.
    private let segments: [Int]
    /// Of the partition: documents with the stem, by their places in the gathered tail.
    private let tail: [(document: Int, match: Int, row: Int)]
    private lazy var buffer = BlockBuffer()
    private var segment = 0
    private var block = 0
    /// Block and segment that `buffer` holds.
    private var decoded = (segment: -1, block: -1)
    private var nextTail = 0
    private(set) var document: Int?

    init(_ postings: TermPostings, stem: Int, partition: Int) {
        self.postings = postings
        self.stem = stem
        let terms = postings.terms
        segments = terms.segments.indices.filter { terms.segments[$0].partition == partition }
        var tail: [(Int, Int, Int)] = []
        for (place, row) in terms.tail.enumerated() where row.partition == partition {
            guard let match = row.matches.first(where: { terms.tailMatches[$0].stem == stem }) else { continue }
            tail.append((row.document, match, place))
        }
        self.tail = tail
        block = segments.first.map { terms.list(stem, in: $0).blocks.lowerBound } ?? 0
    }

    func seek(_ wanted: Int) throws {
        if let document, document >= wanted { return }
        let terms = postings.terms
        while segment < segments.count {
            let blocks = terms.list(stem, in: segments[segment]).blocks
            while block < blocks.upperBound, terms.blocks[block].bounds.last < wanted { block += 1 }
            if block < blocks.upperBound { return document = try first(from: wanted, terms.blocks[block].bounds) }
            segment += 1
            if segment < segments.count { block = terms.list(stem, in: segments[segment]).blocks.lowerBound }
        }
        while nextTail < tail.count, tail[nextTail].document < wanted { nextTail += 1 }
        document = nextTail < tail.count ? tail[nextTail].document : nil
    }

    /// The first document of a block needs no decoding; the block has one, for its last is not below `wanted`.
    private func first(from wanted: Int, _ bounds: BlockBounds) throws -> Int {
        if bounds.first >= wanted { return bounds.first }
        try decode()
        let place = buffer.place(atOrAfter: wanted)
        return place < buffer.count ? buffer.documents[place] : bounds.last
    }

    private func decode() throws {
        if decoded == (segment, block) { return }
        try postings.terms.load(block, of: stem, in: segments[segment], postings.source, into: buffer)
        guard buffer.bounds == postings.terms.blocks[block].bounds else {
            throw IndexError.damaged("a block is not what it was")
        }
        decoded = (segment, block)
    }

    func posting() throws -> Posting? {
        guard let document else { return nil }
        if segment < segments.count {
            try decode()
            let place = buffer.place(atOrAfter: document)
            return place < buffer.count ? buffer.posting(place) : nil
        }
        let row = postings.terms.tail[tail[nextTail].row]
        let match = postings.terms.tailMatches[tail[nextTail].match]
        return Posting(
            document: document, tf: match.tf, lengthCode: row.lengthCode, importance: row.importance,
            fields: match.fields)
    }
}
