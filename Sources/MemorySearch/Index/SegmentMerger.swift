/// Merges segments into one, a run of stems at a time, so that it can be left off and gone on with by another process.
package struct SegmentMerger {
    private let sources: [SegmentInfo]
    private let target: Int
    private let tombs: [Int]

    /// - Parameters:
    ///   - sources: oldest first, of disjoint ascending ranges of documents
    ///   - target: the id of the new segment
    ///   - tombs: documents to drop, ascending
    package init(sources: [SegmentInfo], target: Int, tombs: [Int]) {
        self.sources = sources
        self.target = target
        self.tombs = tombs
    }

    /// Some stems of the new segment.
    package struct Step: Sendable {
        /// Ascending by key.
        package let rows: [PostRow]
        /// Where the next step starts; `nil` when the merge is done.
        package let nextStem: Int?
    }

    /// The rows of the stems from `start` on, until they have `byteBudget` bytes. A step holds whole stems, so that one
    /// of a stem that most documents have can be larger: its rows may be written in several transactions if `nextStem`
    /// is stored with the last, for a repeated step gives the same rows.
    package func step(from start: Int, rows: any IndexRows, byteBudget: Int) throws -> Step {
        let readers = try sources.map { try TermReader(segment: $0.id, rows: rows, from: start) }
        var writer = SegmentWriter(segment: target)
        var next = readers.compactMap(\.stem).min()
        while let stem = next, writer.byteCount < byteBudget {
            writer.beginStem(stem)
            for reader in readers where reader.stem == stem {
                try reader.forEachBlock { add($0, to: &writer) }
                try reader.advance()
            }
            try writer.endStem()
            next = readers.compactMap(\.stem).min()
        }
        try writer.finish()
        return Step(rows: writer.rows, nextStem: next)
    }

    private func add(_ block: BlockBuffer, to writer: inout SegmentWriter) {
        var tomb = tombs.firstPlace(atOrAfter: block.bounds.first)
        for place in 0..<block.count {
            let posting = block.posting(place)
            while tomb < tombs.count, tombs[tomb] < posting.document { tomb += 1 }
            if tomb < tombs.count, tombs[tomb] == posting.document { continue }
            writer.add(posting)
        }
    }
}

extension [Int] {
    /// Of ascending numbers, the place of the first that is not below `value`.
    func firstPlace(atOrAfter value: Int) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
