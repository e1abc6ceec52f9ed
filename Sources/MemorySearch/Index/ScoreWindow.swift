/// The sums of the documents of one window of document numbers, while the words are gone through one after the other.
///
/// Unsafe buffers for the reasons of `BlockBuffer`. Safe, because a place is a document's number less the window's
/// lowest, callers pass documents of the window only, and `SegmentScan` is the one that does.
final class ScoreWindow {
    static let width = 4_096

    private let sums: UnsafeMutablePointer<UInt32>
    private let importances: UnsafeMutablePointer<UInt8>
    /// Of the word in hand, when it has several candidates: the best so far.
    private let best: UnsafeMutablePointer<UInt32>
    /// The places that have a sum.
    private let touched: UnsafeMutablePointer<UInt64>
    /// The words of `touched` that are not 0: there are 64.
    private var touchedWords: UInt64 = 0

    init() {
        sums = .allocate(capacity: Self.width)
        sums.initialize(repeating: 0, count: Self.width)
        best = .allocate(capacity: Self.width)
        best.initialize(repeating: 0, count: Self.width)
        importances = .allocate(capacity: Self.width)
        importances.initialize(repeating: 0, count: Self.width)
        touched = .allocate(capacity: Self.width / 64)
        touched.initialize(repeating: 0, count: Self.width / 64)
    }

    deinit {
        sums.deallocate()
        importances.deallocate()
        best.deallocate()
        touched.deallocate()
    }

    /// Adds what the postings before `end` score, back to the first below `low`; returns the place after that one.
    func add(_ buffer: BlockBuffer, before end: Int, low: Int, _ scorer: TermScorer) -> Int {
        let documents = buffer.documents
        var words = touchedWords
        var place = end
        while place > 0, documents[place &- 1] >= low {
            place &-= 1
            let slot = documents[place] &- low
            sums[slot] &+= scorer.score(buffer, place)
            importances[slot] = buffer.importances[place]
            touched[slot >> 6] |= 1 &<< UInt64(slot & 63)
            words |= 1 &<< UInt64(slot >> 6)
        }
        touchedWords = words
        return place
    }

    /// The same for one of several candidates of a word: keeps the best. `endWord` adds it up.
    func addCandidate(_ buffer: BlockBuffer, before end: Int, low: Int, _ scorer: TermScorer) -> Int {
        let documents = buffer.documents
        var words = touchedWords
        var place = end
        while place > 0, documents[place &- 1] >= low {
            place &-= 1
            let slot = documents[place] &- low
            best[slot] = max(best[slot], scorer.score(buffer, place))
            importances[slot] = buffer.importances[place]
            touched[slot >> 6] |= 1 &<< UInt64(slot & 63)
            words |= 1 &<< UInt64(slot >> 6)
        }
        touchedWords = words
        return place
    }

    func endWord() {
        for word in 0..<(Self.width / 64) where touched[word] != 0 {
            for slot in (word &<< 6)..<(word &<< 6 &+ 64) {
                sums[slot] &+= best[slot]
                best[slot] = 0
            }
        }
    }

    /// Hands the documents that have a sum to `body`, the newest first, and forgets them all.
    ///
    /// - Parameters:
    ///   - first: the least sum to be handed on
    ///   - body: returns the least sum from then on
    func drain(
        low: Int, least first: UInt32,
        _ body: (_ document: Int, _ sum: UInt32, _ importance: UInt8) throws -> UInt32
    ) rethrows {
        var least = first
        var words = touchedWords
        touchedWords = 0
        while words != 0 {
            let word = 63 &- words.leadingZeroBitCount
            words &= ~(1 &<< UInt64(word))
            var bits = touched[word]
            touched[word] = 0
            while bits != 0 {
                let bit = 63 &- bits.leadingZeroBitCount
                bits &= ~(1 &<< UInt64(bit))
                let slot = word &<< 6 &+ bit
                let sum = sums[slot]
                sums[slot] = 0
                if sum >= least { least = try body(low &+ slot, sum, importances[slot]) }
            }
        }
    }
}
