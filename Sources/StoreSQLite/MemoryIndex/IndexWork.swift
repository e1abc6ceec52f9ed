/// A segment as its row says.
struct IndexSegment: Hashable, Sendable {
    enum State: Int, Sendable {
        /// Being written by a merge; nobody reads it.
        case building = 0
        case live = 1
        /// Its rows are being removed; nobody reads it.
        case dead = 2
    }

    let id: Int64
    var level: Int
    var state: State
    /// The documents that may be in it, ends included.
    var documents: ClosedRange<Int64>
    /// Of a building segment: the segments that it is made of, ascending.
    var sources: [Int64] = []
    /// Whether tombs of documents that its merge has left out may still be there.
    var leavesTombs = false
}

/// What can be done for the index of one partition, in one bounded step.
enum IndexWork: Hashable, Sendable {
    /// The oldest rows of the tail become a segment.
    case fold
    /// A further part of these segments is written into one of the next level; the last part puts it in their place.
    /// `target` is `nil` as long as nobody has begun.
    case merge(level: Int, sources: [Int64], target: Int64?)
    /// A building segment can never be finished, since a source of it is not live any more.
    case abandon(Int64)
    /// Some rows of a dead segment go; with the last one the segment.
    case sweep(Int64)
    /// The tombs that a merge has left out go.
    case dropTombs(Int64)
}

extension IndexWork {
    var name: String {
        switch self {
        case .fold: "fold"
        case .merge: "merge"
        case .abandon: "abandon"
        case .sweep: "sweep"
        case .dropTombs: "dropTombs"
        }
    }
}

/// When there is work, by the number of rows and segments. Tests make them small.
package struct IndexLimits: Hashable, Sendable {
    /// Rows of the tail that make a fold due, and the most that one takes.
    package var fold = 256
    /// Rows of the tail past which a commit folds before it adds more.
    package var tailMax = 4096
    /// Live segments of a level that make a merge due.
    package var fanIn = 4
    /// Live segments of a level past which work goes on although commits wait.
    package var fanInMax = 8
    /// Dead segments that may lie there while there is other work.
    package var deadMax = 8

    package init() {}
}

/// The life of the index rows of a partition, as a table of what is due:
///
/// | what there is | what is due |
/// |---|---|
/// | a building segment with a source that is not live | `abandon`: it becomes dead |
/// | `fold` rows in the tail | `fold`: a live segment of level 0 takes their place |
/// | more than `deadMax` dead segments | `sweep`, or they would outgrow what is alive |
/// | a building segment of the lowest level | `merge` goes on |
/// | `fanIn` live segments of a level that no merge uses | `merge` begins with the oldest |
/// | a live segment whose merge left tombs out | `dropTombs` |
/// | a dead segment | `sweep` |
///
/// What holds before and after each step, at whatever moment a process is killed:
///
/// 1. The live segments cover disjoint ranges of documents, and the tail holds only later ones.
/// 2. Older live segments have levels as high or higher, so the oldest of a level are neighbours.
/// 3. A document is in one live segment or in the tail, never in both.
/// 4. A level has one building segment at most.
/// 5. Tombs of documents that no segment has any more are gone before another merge counts them.
struct IndexPlan {
    let limits: IndexLimits

    /// - Parameter segments: ascending by their documents.
    func due(tail: Int, segments: [IndexSegment]) -> IndexWork? {
        let live = Set(segments.lazy.filter { $0.state == .live }.map(\.id))
        let building = segments.filter { $0.state == .building }.sorted { $0.level < $1.level }
        if let lost = building.first(where: { !live.isSuperset(of: $0.sources) }) { return .abandon(lost.id) }
        if tail >= limits.fold { return .fold }
        if let marked = segments.first(where: { $0.state == .live && $0.leavesTombs }) { return .dropTombs(marked.id) }
        let dead = segments.filter { $0.state == .dead }
        if dead.count > limits.deadMax { return .sweep(dead[0].id) }
        if let merge = merge(segments, building) { return merge }
        return dead.first.map { .sweep($0.id) }
    }

    /// Whether the work that is due should not wait until nobody commits.
    func isPressing(tail: Int, segments: [IndexSegment]) -> Bool {
        tail / 2 >= limits.fold || counts(segments).contains { $0 > limits.fanInMax }
            || segments.count { $0.state == .dead } > 2 * limits.deadMax
    }

    /// The merge of the lowest level comes first: it is the shortest, and the ones above wait for what it makes.
    private func merge(_ segments: [IndexSegment], _ building: [IndexSegment]) -> IndexWork? {
        let fresh = counts(segments).firstIndex { level, count in
            count >= limits.fanIn && !building.contains { $0.level == level + 1 }
        }
        if let begun = building.first, fresh.map({ begun.level <= $0 + 1 }) ?? true {
            return .merge(level: begun.level, sources: begun.sources, target: begun.id)
        }
        guard let fresh else { return nil }
        let sources = segments.lazy.filter { $0.state == .live && $0.level == fresh }.prefix(limits.fanIn)
        return .merge(level: fresh + 1, sources: sources.map(\.id), target: nil)
    }

    /// Live segments by level.
    private func counts(_ segments: [IndexSegment]) -> [Int] {
        var counts: [Int] = []
        for segment in segments where segment.state == .live && segment.level >= 0 {
            while counts.count <= segment.level { counts.append(0) }
            counts[segment.level] += 1
        }
        return counts
    }
}

extension Array {
    fileprivate func firstIndex(where condition: (Int, Element) -> Bool) -> Int? {
        indices.first { condition($0, self[$0]) }
    }
}
