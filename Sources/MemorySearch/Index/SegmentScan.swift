/// Goes through one segment, window by window, from the newest document to the oldest (MaxScore over windows with
/// block maxima). Words whose bounds together cannot bring a document past the bar are not gone through in a window:
/// they are only looked up for the documents that the other words have.
struct SegmentScan {
    private struct Word {
        /// In `cursors`.
        let cursors: Range<Int>
        /// In the window.
        var bound: UInt32 = 0
    }

    private let scan: RecallScan
    private let segment: Int
    private let blocks: ListCursor.Blocks
    private var cursors: [ListCursor] = []
    /// Those that the segment has; in each window the least bound first.
    private var words: [Word] = []
    /// Of the words in `words[..<place]`, in the window.
    private var boundsBelow: [UInt32] = []

    init(_ scan: RecallScan, segment: Int, blocks: ListCursor.Blocks) {
        self.scan = scan
        self.segment = segment
        self.blocks = blocks
        for word in scan.weights.words {
            let first = cursors.count
            for candidate in word.candidates {
                let list = scan.terms.list(candidate.stem, in: segment)
                if list.blocks.isEmpty { continue }
                cursors.append(
                    ListCursor(
                        stem: candidate.stem, scorer: candidate.scorer, buffer: scan.buffers[candidate.scorer],
                        blocks: list.blocks))
            }
            if cursors.count > first { words.append(Word(cursors: first..<cursors.count)) }
        }
        boundsBelow = Array(repeating: 0, count: words.count + 1)
    }

    mutating func run() throws {
        var limit = Posting.documentMax
        while limit >= 0 {
            var top = -1
            for place in cursors.indices { top = max(top, cursors[place].top(upTo: limit, blocks)) }
            if top < 0 { return }
            let low = max(0, top - ScoreWindow.width + 1)
            let (importance, floor) = boundWords(from: low)
            let recency = try scan.factor.recency(of: top)
            let factor = scan.factor.factor(importance: importance, recency: recency)
            let idle = wordsBelowBar(factor, top)
            if idle == words.count {
                limit = min(low, floor) - 1
            } else {
                try scanWindow(low...top, idle: idle, factor)
                limit = low - 1
            }
        }
    }

    /// Bounds each word in the window that starts at `low`, and sorts them by that.
    ///
    /// - Returns: the best importance, and above which document these bounds hold too
    private mutating func boundWords(from low: Int) -> (importance: UInt8, floor: Int) {
        var importance: UInt8 = 0
        var floor = 0
        for word in words.indices {
            words[word].bound = 0
            for cursor in words[word].cursors {
                let bound = cursors[cursor].bound(from: low, blocks, scan.weights.scorers[cursors[cursor].scorer])
                words[word].bound = max(words[word].bound, bound.score)
                importance = max(importance, bound.importance)
                floor = max(floor, bound.floor)
            }
        }
        words.sort { $0.bound < $1.bound }
        for word in words.indices { boundsBelow[word + 1] = boundsBelow[word] &+ words[word].bound }
        return (importance, floor)
    }

    /// How many words, from the least bound on, do not bring a document past the bar together.
    private func wordsBelowBar(_ factor: Double, _ top: Int) -> Int {
        var count = 0
        while count < words.count, !scan.best.admits(Double(boundsBelow[count + 1]) * factor, top) { count += 1 }
        return count
    }

    private mutating func scanWindow(_ range: ClosedRange<Int>, idle: Int, _ factor: Double) throws {
        for word in idle..<words.count {
            for cursor in words[word].cursors { try add(cursor, range, alone: words[word].cursors.count == 1) }
            if words[word].cursors.count > 1 { scan.window.endWord() }
        }
        let rest = boundsBelow[idle]
        try scan.window.drain(low: range.lowerBound) { document, sum, importance in
            guard scan.best.admits(Double(sum &+ rest) * factor, document) else { return }
            let recency = try scan.factor.recency(of: document)
            let factor = scan.factor.factor(importance: importance, recency: recency)
            guard scan.best.admits(Double(sum &+ rest) * factor, document) else { return }
            scan.work.documentsScored += 1
            guard let whole = try complete(document, sum, idle, factor) else { return }
            try scan.offer(document, Double(whole) * factor, place: segment)
        }
    }

    /// Adds a list's postings of the window to the window's sums.
    private mutating func add(_ cursor: Int, _ range: ClosedRange<Int>, alone: Bool) throws {
        let scorer = scan.weights.scorers[cursors[cursor].scorer]
        while let block = cursors[cursor].block, blocks[block].bounds.last >= range.lowerBound {
            if cursors[cursor].needsLoad { try load(cursor, block, upTo: range.upperBound) }
            let buffer = cursors[cursor].buffer
            let end = cursors[cursor].place
            let place =
                alone
                ? scan.window.add(buffer, before: end, low: range.lowerBound, scorer)
                : scan.window.addCandidate(buffer, before: end, low: range.lowerBound, scorer)
            cursors[cursor].moveBack(to: place)
            if place > 0 { return }
        }
    }

    private mutating func load(_ cursor: Int, _ block: Int, upTo limit: Int) throws {
        let buffer = cursors[cursor].buffer
        try scan.load(block, of: cursors[cursor].stem, in: segment, into: buffer)
        guard buffer.bounds == blocks[block].bounds else { throw IndexError.damaged("a block is not what it was") }
        cursors[cursor].didLoad(upTo: limit)
    }

    /// The sum with the idle words', unless the document cannot pass the bar any more.
    private mutating func complete(_ document: Int, _ sum: UInt32, _ idle: Int, _ factor: Double) throws -> UInt32? {
        var sum = sum
        var word = idle
        while word > 0 {
            word -= 1
            let rest = sum &+ boundsBelow[word]
            var bound: UInt32 = 0
            for cursor in words[word].cursors {
                guard let block = cursors[cursor].block(of: document, blocks) else { continue }
                bound = max(bound, scan.weights.scorers[cursors[cursor].scorer].bound(blocks[block].bounds))
            }
            guard scan.best.admits(Double(rest &+ bound) * factor, document) else { return nil }
            if bound == 0 { continue }
            var score: UInt32 = 0
            for cursor in words[word].cursors { score = max(score, try find(cursor, document)) }
            sum &+= score
            guard scan.best.admits(Double(sum &+ boundsBelow[word]) * factor, document) else { return nil }
        }
        return sum
    }

    private mutating func find(_ cursor: Int, _ document: Int) throws -> UInt32 {
        guard let block = cursors[cursor].block(of: document, blocks) else { return 0 }
        if cursors[cursor].needsLoad { try load(cursor, block, upTo: document) }
        guard let place = cursors[cursor].find(document) else { return 0 }
        let buffer = cursors[cursor].buffer
        let scorer = scan.weights.scorers[cursors[cursor].scorer]
        return scorer.score(tf: buffer.tf(place), lengthCode: buffer.tfAndLength[place] & 31)
    }
}
