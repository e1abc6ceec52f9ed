/// Goes through one segment, window by window, from the newest document to the oldest (MaxScore over windows with
/// block maxima). Words whose bounds together cannot bring a document past the bar are idle in a window: they are only
/// looked up for the documents that the other words have.
struct SegmentScan {
    struct Word {
        /// In `cursors`.
        let cursors: Range<Int>
        /// In the whole segment.
        var widest: UInt32 = 0
        /// In the window.
        var bound: UInt32 = 0
        /// In the whole segment.
        var isIdle = false
    }

    /// So many documents are added rather than one is asked about. Measured: decision 0072.
    private static let addedPerAsked = 2.0

    let scan: RecallScan
    let segment: Int
    let blocks: ListCursor.Blocks
    /// One for each candidate that the segment has.
    let cursors: UnsafeMutablePointer<ListCursor>
    var cursorCount = 0
    /// Those that the segment has; in each window the least bound first.
    var words: [Word] = []
    /// Of the words in `words[..<place]`, in the window.
    var boundsBelow: [UInt32] = []
    /// Of the segment.
    private var importanceMax: UInt8 = 0
    private var factor: DocumentFactor
    private(set) var best: BestHits
    private(set) var documentsScored = 0

    init(_ scan: RecallScan, segment: Int, blocks: ListCursor.Blocks) {
        self.scan = scan
        self.segment = segment
        self.blocks = blocks
        cursors = scan.cursors
        factor = scan.factor
        best = scan.best
        for word in scan.weights.words {
            let first = cursorCount
            var widest: UInt32 = 0
            for candidate in word.candidates {
                let list = scan.terms.list(candidate.stem, in: segment)
                if list.blocks.isEmpty { continue }
                let scorer = scan.weights.scorers[candidate.scorer]
                widest = max(widest, scorer.bound(list.bounds))
                importanceMax = max(importanceMax, list.bounds.importanceMax)
                (cursors + cursorCount).initialize(
                    to: ListCursor(
                        stem: candidate.stem, scorer: scorer, buffer: scan.buffers[candidate.scorer],
                        in: list.blocks, of: blocks))
                cursorCount += 1
            }
            if cursorCount > first { words.append(Word(cursors: first..<cursorCount, widest: widest)) }
        }
        boundsBelow = Array(repeating: 0, count: words.count + 1)
    }

    mutating func run() throws {
        var limit = Posting.documentMax
        var bar = -1.0
        while limit >= 0 {
            if best.bar.score != bar {
                bar = best.bar.score
                try findIdle()
            }
            let top = newest(upTo: limit)
            if top < 0 { return }
            let low = max(0, top - ScoreWindow.width + 1)
            let (importance, floor) = boundWords(from: low)
            let recency = try factor.recency(of: top)
            let bound = factor.factor(importance: importance, recency: recency)
            let below = wordsBelowBar(bound, top)
            var idle = below
            if idle < words.count { idle -= wordsWorthAdding(idle, from: low) }
            if idle == words.count {
                limit = min(low, floor) - 1
            } else if idle == words.count - 1, words[idle].cursors.count == 1 {
                try scanAlone(min(low, floor)...top, bound)
                limit = min(low, floor) - 1
            } else if isMergeable(idle) {
                limit = try scanMerged(min(low, floor)...top, idle, below: below, bound) - 1
            } else {
                try scanWindow(low...top, idle: idle, bound)
                limit = low - 1
            }
        }
    }

    /// Finds the words that are idle in the whole segment, by what all its documents are bounded by.
    private mutating func findIdle() throws {
        var last = -1
        for cursor in 0..<cursorCount {
            last = max(last, cursors[cursor].headLast)
        }
        guard last >= 0 else { return }
        let recency = try factor.recency(of: last)
        let bound = factor.factor(importance: importanceMax, recency: recency)
        var sum: UInt32 = 0
        words.sort { $0.widest < $1.widest }
        for word in words.indices {
            sum &+= words[word].widest
            if best.admits(Double(sum) * bound, last) { return }
            words[word].isIdle = true
        }
    }

    /// The newest document that is left of words that are not idle in the whole segment, or what it cannot exceed; -1
    /// when there is none.
    private mutating func newest(upTo limit: Int) -> Int {
        var top = -1
        var isAnyIdle = false
        for word in words {
            isAnyIdle = isAnyIdle || word.isIdle
            if word.isIdle { continue }
            for place in word.cursors { top = max(top, cursors[place].top(upTo: limit)) }
        }
        if !isAnyIdle || top < 0 { return top }
        for place in 0..<cursorCount { _ = cursors[place].top(upTo: top) }
        return top
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
                let bound = cursors[cursor].bound(from: low)
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
    private func wordsBelowBar(_ bound: Double, _ top: Int) -> Int {
        var count = 0
        while count < words.count, !best.admits(Double(boundsBelow[count + 1]) * bound, top) { count += 1 }
        return count
    }

    /// How many of the idle words, from the greatest bound on, have so few documents, measured by those of the words
    /// that are not idle, that adding them all costs less than looking some of them up.
    private func wordsWorthAdding(_ idle: Int, from low: Int) -> Int {
        var count = 0
        let asked = density(of: idle..<words.count, from: low)
        while count < idle, density(of: (idle - count - 1)..<(idle - count), from: low) <= asked * Self.addedPerAsked {
            count += 1
        }
        return count
    }

    private func density(of words: Range<Int>, from low: Int) -> Double {
        var sum = 0.0
        for word in words { for cursor in self.words[word].cursors { sum += cursors[cursor].density(from: low) } }
        return sum
    }

    private mutating func scanWindow(_ range: ClosedRange<Int>, idle: Int, _ bound: Double) throws {
        let window = scan.window
        for word in idle..<words.count {
            let isAlone = words[word].cursors.count == 1
            for cursor in words[word].cursors { try add(cursor, range, to: window, alone: isAlone) }
            if words[word].cursors.count > 1 { window.endWord() }
        }
        let rest = boundsBelow[idle]
        var least = least(rest, bound)
        try window.drain(low: range.lowerBound, least: least) { document, sum, importance in
            if try look(document, sum, importance, idle) { least = self.least(rest, bound) }
            return least
        }
    }

    /// The same where only the last word is not idle, and has one list: its postings are the sums.
    private mutating func scanAlone(_ range: ClosedRange<Int>, _ bound: Double) throws {
        let idle = words.count - 1
        let cursor = words[idle].cursors.lowerBound
        let rest = boundsBelow[idle]
        var least = least(rest, bound)
        let (buffer, scorer) = (cursors[cursor].buffer, cursors[cursor].scorer)
        while let block = cursors[cursor].block, blocks[block].bounds.last >= range.lowerBound {
            if cursors[cursor].needsLoad { try load(cursor, block, upTo: range.upperBound) }
            var place = cursors[cursor].place
            while place > 0, buffer.documents[place &- 1] >= range.lowerBound {
                place &-= 1
                let sum = scorer.score(buffer, place)
                guard sum >= least else { continue }
                let isBetter = try look(buffer.documents[place], sum, buffer.importances[place], idle)
                if isBetter { least = self.least(rest, bound) }
            }
            cursors[cursor].moveBack(to: place)
            if place > 0 { return }
        }
    }

    /// Keeps a document if the idle words may bring it past the bar, and do; whether the bar rose.
    mutating func look(_ document: Int, _ sum: UInt32, _ importance: UInt8, _ idle: Int) throws -> Bool {
        let recency = try factor.recency(of: document)
        let factor = factor.factor(importance: importance, recency: recency)
        guard best.admits(Double(sum &+ boundsBelow[idle]) * factor, document) else { return false }
        return try finish(document, sum, idle, factor)
    }

    func least(_ rest: UInt32, _ bound: Double) -> UInt32 {
        let least = best.leastSum(bound)
        return least > rest ? least &- rest : 0
    }

    /// Adds a list's postings of the window to the window's sums.
    private mutating func add(
        _ cursor: Int, _ range: ClosedRange<Int>, to window: ScoreWindow, alone: Bool
    ) throws {
        let (buffer, scorer) = (cursors[cursor].buffer, cursors[cursor].scorer)
        while let block = cursors[cursor].block, blocks[block].bounds.last >= range.lowerBound {
            if cursors[cursor].needsLoad { try load(cursor, block, upTo: range.upperBound) }
            let end = cursors[cursor].place
            let place =
                alone
                ? window.add(buffer, before: end, low: range.lowerBound, scorer)
                : window.addCandidate(buffer, before: end, low: range.lowerBound, scorer)
            cursors[cursor].moveBack(to: place)
            if place > 0 { return }
        }
    }

    mutating func load(_ cursor: Int, _ block: Int, upTo limit: Int) throws {
        let buffer = cursors[cursor].buffer
        try scan.load(block, of: cursors[cursor].stem, in: segment, into: buffer)
        guard buffer.bounds == blocks[block].bounds else { throw IndexError.damaged("a block is not what it was") }
        cursors[cursor].didLoad(upTo: limit)
    }

    /// Adds what the idle words have of a document, as long as it can pass the bar, and keeps it if it does.
    ///
    /// - Returns: whether it was kept
    private mutating func finish(_ document: Int, _ sum: UInt32, _ idle: Int, _ factor: Double) throws -> Bool {
        documentsScored += 1
        var sum = sum
        var word = idle
        while word > 0 {
            word &-= 1
            let lists = words[word].cursors
            var bound: UInt32 = 0
            for cursor in lists { bound = max(bound, cursors[cursor].bound(at: document)) }
            guard best.admits(Double(sum &+ boundsBelow[word] &+ bound) * factor, document) else { return false }
            if bound == 0 { continue }
            var score: UInt32 = 0
            for cursor in lists where cursors[cursor].bound(at: document) > 0 {
                if cursors[cursor].needsLoad { try load(cursor, cursors[cursor].end &- 1, upTo: document) }
                score = max(score, cursors[cursor].score(of: document))
            }
            sum &+= score
            guard best.admits(Double(sum &+ boundsBelow[word]) * factor, document) else { return false }
        }
        let score = Double(sum) * factor
        guard best.admits(score, document), try scan.isVisible(document) else { return false }
        best.insert(BestHits.Hit(score: score, document: document, place: segment))
        return true
    }
}
