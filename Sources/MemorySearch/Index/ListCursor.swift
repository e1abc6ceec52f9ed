/// Walks the postings of one candidate in one segment from the newest to the oldest, decoding a block only when one of
/// its documents is looked at.
///
/// Unsafe pointers for the reasons of `BlockBuffer`, and copied out of the objects that hold them, because counting
/// references would cost more than a look-up. Safe, because these belong to the recall, which outlives its cursors.
struct ListCursor {
    typealias Blocks = UnsafeBufferPointer<GatheredTerms.Block>

    /// Its place among the gathered stems.
    let stem: Int
    unowned(unsafe) let scorer: TermScorer
    unowned(unsafe) let buffer: BlockBuffer
    private let documents: UnsafeMutablePointer<Int>
    private let codes: UnsafeMutablePointer<UInt8>
    private let importances: UnsafeMutablePointer<UInt8>
    private let scores: UnsafeMutablePointer<UInt32>
    private let blocks: Blocks
    private let first: Int
    /// Blocks `first..<end` are left.
    private(set) var end: Int
    /// The documents of block `end - 1`, and what they do not exceed; nothing is in `0...(-1)`.
    private var headFirst = 0
    private(set) var headLast = -1
    private var headBound: UInt32 = 0
    /// Which block `buffer` holds, else -1.
    private var decoded = -1
    /// Postings `0..<place` of the decoded block are left.
    private(set) var place = 0

    init(stem: Int, scorer: TermScorer, buffer: BlockBuffer, in range: Range<Int>, of blocks: Blocks) {
        self.stem = stem
        self.scorer = scorer
        self.buffer = buffer
        self.blocks = blocks
        documents = buffer.documents
        codes = buffer.tfAndLength
        importances = buffer.importances
        scores = scorer.table
        first = range.lowerBound
        end = range.upperBound
        readHead()
    }

    private mutating func readHead() {
        guard end > first else {
            (headFirst, headLast, headBound) = (0, -1, 0)
            return
        }
        let bounds = blocks[end &- 1].bounds
        (headFirst, headLast, headBound) = (bounds.first, bounds.last, scorer.bound(bounds))
    }

    /// Of those left; any block is asked for only while there is one.
    var block: Int? { end > first ? end - 1 : nil }

    /// The newest document left that is not above `limit`, or what it cannot exceed; -1 when there is none. Leaves out
    /// what is above.
    mutating func top(upTo limit: Int) -> Int {
        while end > first {
            leaveOut(above: limit)
            guard end > first else { return -1 }
            guard decoded == end &- 1 else { return min(headLast, limit) }
            trim(limit)
            if place > 0 { return documents[place &- 1] }
            end &-= 1
            readHead()
        }
        return -1
    }

    /// Leaves out the blocks that begin above `document`.
    @inline(__always)
    private mutating func leaveOut(above document: Int) {
        guard headFirst > document else { return }
        repeat { end &-= 1 } while end > first && blocks[end &- 1].bounds.first > document
        readHead()
    }

    private mutating func trim(_ limit: Int) {
        if place > 0, documents[place &- 1] > limit { place = buffer.place(atOrAfter: limit &+ 1) }
    }

    /// What no document of `low...` scores, of those left.
    ///
    /// - Returns: that, the best importance, and above which document the same blocks bound them
    func bound(from low: Int) -> (score: UInt32, importance: UInt8, floor: Int) {
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
            score = max(score, block == end &- 1 ? headBound : scorer.bound(bounds))
            importance = max(importance, bounds.importanceMax)
            floor = bounds.first
        }
        return (score, importance, max(floor, 0))
    }

    /// How many documents of each the next block has, if it has any from `low` on.
    func density(from low: Int) -> Double {
        headLast < low ? 0 : Double(blocks[end &- 1].bounds.count) / Double(headLast &- headFirst &+ 1)
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
        if place > 0 { return }
        end &-= 1
        readHead()
    }

    /// Of the decoded block, the newest document left that is not below where it was entered from; -1 without one.
    private(set) var head = -1
    private var low = 0

    mutating func leaveMerge() { head = -1 }

    /// Begins to take the postings of the decoded block down to `low`; leaves the block out when it has none left.
    ///
    /// - Returns: whether there is one; `false` too when the next block is to be asked
    mutating func enter(from low: Int) -> Bool {
        self.low = low
        guard place > 0 else {
            moveBack(to: 0)
            return false
        }
        stand(at: place)
        return true
    }

    /// Leaves postings out down to one that scores `least` by itself, or to a document that is not above `other`.
    ///
    /// - Returns: whether `head` is such a one
    @inline(__always)
    mutating func leaveOut(above other: Int, below least: UInt32) -> Bool {
        let end = max(other, low &- 1)
        var place = place
        while place > 0, documents[place &- 1] > end, score(at: place &- 1) < least { place &-= 1 }
        stand(at: place)
        return head > end
    }

    private mutating func stand(at place: Int) {
        self.place = place
        head = place > 0 && documents[place &- 1] >= low ? documents[place &- 1] : -1
    }

    /// What `head` scores, which is left out then.
    @inline(__always)
    mutating func take() -> (score: UInt32, importance: UInt8) {
        stand(at: place &- 1)
        return (score(at: place), importances[place])
    }

    /// What `document` cannot exceed; leaves out the blocks above. Block `end - 1` may hold it unless this is 0.
    @inline(__always)
    mutating func bound(at document: Int) -> UInt32 {
        leaveOut(above: document)
        return headLast >= document ? headBound : 0
    }

    /// What `document` scores in the decoded block, 0 when it is not there; leaves out what is above. Quick where it is
    /// one of the last that are left.
    mutating func score(of document: Int) -> UInt32 {
        let low = BlockBuffer.place(in: documents, atOrAfter: document, before: place)
        let isThere = low < place && documents[low] == document
        place = isThere ? low &+ 1 : low
        return isThere ? score(at: low) : 0
    }

    /// What a posting of the decoded block scores.
    @inline(__always)
    func score(at place: Int) -> UInt32 {
        let code = codes[place]
        return code < PostingBlock.tfEscapeByte
            ? scores[Int(code)] : scorer.score(tf: buffer.tf(place), lengthCode: code & 31)
    }
}
