/// Few lists at once: their postings are taken one document after the other, for a window costs more than the few
/// that it would hold.
extension SegmentScan {
    /// Lists that are merged at most: each is looked at for each document.
    private static let mergedMax = 4

    /// Whether the words that are not idle are few, and have one list each.
    func isMergeable(_ idle: Int) -> Bool {
        words.count - idle <= Self.mergedMax && words[idle...].allSatisfy { $0.cursors.count == 1 }
    }

    /// Keeps the best documents of a range that bounds hold for.
    ///
    /// - Parameter below: how many words do not bring a document past the bar together; `idle` or more
    /// - Returns: the oldest document that was looked at: what is older is to be bounded again, for another word may
    ///   be idle there
    mutating func scanMerged(
        _ range: ClosedRange<Int>, _ idle: Int, below: Int, _ bound: Double
    ) throws -> Int {
        let count = words.count - idle
        for list in 0..<count {
            scan.merged[list] = cursors + words[idle + list].cursors.lowerBound
            try enter(scan.merged[list], range)
        }
        let lists = MergedLists(lists: scan.merged, count: count)
        let (rest, next) = (boundsBelow[idle], boundsBelow[below + 1])
        var least = least(rest, bound)
        while true {
            let (newest, second) = lists.newest
            let document = newest.pointee.head
            if document < 0 { return range.lowerBound }
            // Until another list has a document too, only what this one scores by itself counts.
            guard document == second || newest.pointee.leaveOut(above: second, below: least) else {
                if newest.pointee.head < 0 { try enter(newest, range) }
                continue
            }
            let found = newest.pointee.head
            let (sum, importance) = lists.take(found)
            for list in 0..<count where lists.lists[list].pointee.head < 0 { try enter(lists.lists[list], range) }
            if sum >= least, try look(found, sum, importance, idle) {
                least = self.least(rest, bound)
                if !best.admits(Double(next) * bound, range.upperBound) { return found }
            }
        }
    }

    /// Puts a list before its newest posting of a range, whose block is loaded then.
    private mutating func enter(_ list: UnsafeMutablePointer<ListCursor>, _ range: ClosedRange<Int>) throws {
        list.pointee.leaveMerge()
        while let block = list.pointee.block, blocks[block].bounds.last >= range.lowerBound {
            if list.pointee.needsLoad { try load(list - cursors, block, upTo: range.upperBound) }
            if list.pointee.enter(from: range.lowerBound) { return }
        }
    }
}

/// The lists of a merge, each before its newest posting that is left.
private struct MergedLists {
    let lists: UnsafeMutablePointer<UnsafeMutablePointer<ListCursor>>
    let count: Int

    /// The list with the newest document, and the newest document of the others.
    @inline(__always)
    var newest: (list: UnsafeMutablePointer<ListCursor>, second: Int) {
        var newest = lists[0]
        var second = -1
        for place in 1..<max(count, 1) {
            let list = lists[place]
            if list.pointee.head > newest.pointee.head {
                second = newest.pointee.head
                newest = list
            } else {
                second = max(second, list.pointee.head)
            }
        }
        return (newest, second)
    }

    /// What a document scores in all of them, which is left out then.
    @inline(__always)
    func take(_ document: Int) -> (sum: UInt32, importance: UInt8) {
        var sum: UInt32 = 0
        var importance: UInt8 = 0
        for place in 0..<count where lists[place].pointee.head == document {
            let taken = lists[place].pointee.take()
            sum &+= taken.score
            importance = taken.importance
        }
        return (sum, importance)
    }
}
