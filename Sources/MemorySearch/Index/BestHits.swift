/// The best so many documents of those offered: a heap with the worst on top.
struct BestHits {
    struct Hit {
        let score: Double
        let document: Int
        /// Where it was found.
        let place: Int
    }

    private let limit: Int
    private var heap: [Hit] = []
    /// What an offer must beat: the worst of a full heap, else the least score that counts.
    private(set) var bar: Hit

    init(limit: Int, minimumScore: Double) {
        self.limit = limit
        bar = Hit(score: minimumScore, document: -1, place: 0)
        heap.reserveCapacity(min(limit, 1_024))
    }

    /// Whether a document would be among the best; of equal scores the newer is better.
    @inline(__always)
    func admits(_ score: Double, _ document: Int) -> Bool {
        score > bar.score || (score == bar.score && document > bar.document)
    }

    /// A sum below this, times `factor`, is not admitted whatever its document.
    func leastSum(_ factor: Double) -> UInt32 {
        // A little less than the quotient, because it is rounded.
        let least = factor > 0 ? bar.score / factor * 0.999_999 - 1 : 0
        return least > 0 ? UInt32(min(least, 4_294_967_295)) : 0
    }

    /// - Parameter hit: one that is admitted
    mutating func insert(_ hit: Hit) {
        if heap.count < limit {
            heap.append(hit)
            siftUp(heap.count - 1)
        } else {
            heap[0] = hit
            siftDown()
        }
        if heap.count == limit { bar = heap[0] }
    }

    /// Best first.
    var sorted: [Hit] { heap.sorted { Self.isWorse($1, $0) } }

    private static func isWorse(_ left: Hit, _ right: Hit) -> Bool {
        left.score < right.score || (left.score == right.score && left.document < right.document)
    }

    private mutating func siftUp(_ start: Int) {
        var place = start
        while place > 0, Self.isWorse(heap[place], heap[(place - 1) / 2]) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func siftDown() {
        heap.withUnsafeMutableBufferPointer { heap in
            let sinking = heap[0]
            var place = 0
            while true {
                var child = 2 * place + 1
                guard child < heap.count else { break }
                if child + 1 < heap.count, Self.isWorse(heap[child + 1], heap[child]) { child += 1 }
                guard Self.isWorse(heap[child], sinking) else { break }
                heap[place] = heap[child]
                place = child
            }
            heap[place] = sinking
        }
    }
}
