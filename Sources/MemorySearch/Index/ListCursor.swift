/// Walks the postings of one candidate in one segment from the newest to the oldest, decoding a block only when one of
/// its documents is looked at.
struct ListCursor {
    typealias Blocks = UnsafeBufferPointer<GatheredTerms.Block>

    /// Its place among the gathered stems.
    let stem: Int
    // Both belong to the recall, which outlives its cursors: counting who holds them would cost more than a look-up.
    unowned(unsafe) let scorer: TermScorer
    unowned(unsafe) let buffer: BlockBuffer
    private let first: Int
    /// Blocks `first..<end` are left.
    private(set) var end: Int
    /// Which block `buffer` holds, else -1.
    private var decoded = -1
    /// Postings `0..<place` of the decoded block are left.
    private(set) var place = 0

    init(stem: Int, scorer: TermScorer, buffer: BlockBuffer, blocks: Range<Int>) {
        self.stem = stem
        self.scorer = scorer
        self.buffer = buffer
        first = blocks.lowerBound
        end = blocks.upperBound
    }

    /// Of those left; any block is asked for only while there is one.
    var block: Int? { end > first ? end - 1 : nil }

    /// The newest document left that is not above `limit`, or what it cannot exceed; -1 when there is none. Leaves out
    /// what is above.
    mutating func top(upTo limit: Int, _ blocks: Blocks) -> Int {
        while end > first {
            let bounds = blocks[end &- 1].bounds
            if bounds.first <= limit {
                guard decoded == end &- 1 else { return min(bounds.last, limit) }
                trim(limit)
                if place > 0 { return buffer.documents[place &- 1] }
            }
            end &-= 1
        }
        return -1
    }

    private mutating func trim(_ limit: Int) {
        if place > 0, buffer.documents[place &- 1] > limit { place = buffer.place(atOrAfter: limit &+ 1) }
    }

    /// What no document of `low...` scores, of those left.
    ///
    /// - Returns: that, the best importance, and above which document the same blocks bound them
    func bound(from low: Int, _ blocks: Blocks) -> (score: UInt32, importance: UInt8, floor: Int) {
        var score: UInt32 = 0
        var importance: UInt8 = 0
        var floor = -1
        var block = end
        while block > first {
            block &-= 1
            let bounds = blocks[block].bounds
            if bounds.last < low {
                if floor < 0 { floor = bounds.last &+ 1 }
                break
            }
            score = max(score, scorer.bound(bounds))
            importance = max(importance, bounds.importanceMax)
            floor = bounds.first
        }
        return (score, importance, max(floor, 0))
    }

    /// Whether block `end - 1` is to be loaded before its postings are looked at.
    var needsLoad: Bool { decoded != end &- 1 }

    /// - Parameter limit: the newest document that is wanted
    mutating func didLoad(upTo limit: Int) {
        decoded = end &- 1
        place = buffer.count
        trim(limit)
    }

    mutating func moveBack(to place: Int) {
        self.place = place
        if place == 0 { end &-= 1 }
    }

    /// The block that would hold `document`; leaves out what is above.
    mutating func block(of document: Int, _ blocks: Blocks) -> Int? {
        while end > first, blocks[end &- 1].bounds.first > document { end &-= 1 }
        return end > first && blocks[end &- 1].bounds.last >= document ? end - 1 : nil
    }

    /// What `document` cannot exceed; leaves out what is above.
    mutating func bound(at document: Int, _ blocks: Blocks) -> UInt32 {
        block(of: document, blocks).map { scorer.bound(blocks[$0].bounds) } ?? 0
    }

    /// The place of `document` in the decoded block.
    mutating func find(_ document: Int) -> Int? {
        let found = buffer.place(atOrAfter: document, before: place)
        let isThere = found < place && buffer.documents[found] == document
        place = isThere ? found &+ 1 : found
        return isThere ? found : nil
    }
}
