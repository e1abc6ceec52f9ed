/// Documents in ascending order, put together from cursors.
indirect enum DocumentSet {
    case none
    case one(PlacedCursor)
    case any([DocumentSet])
    case all([DocumentSet])

    /// The first document from this number on; numbers asked for never fall.
    func next(from number: Int64, work: SearchWork) throws -> Int64? {
        switch self {
        case .none: return nil
        case .one(let cursor):
            return try cursor.next(from: number, work: work)
        case .any(let sets):
            var least: Int64?
            for set in sets {
                if let found = try set.next(from: number, work: work) { least = least.map { min($0, found) } ?? found }
            }
            return least
        case .all(let sets):
            guard !sets.isEmpty else { return nil }
            var wanted = number
            var agreed = 0
            while agreed < sets.count, !work.isSpent {
                for set in sets {
                    guard let found = try set.next(from: wanted, work: work) else { return nil }
                    agreed = found == wanted ? agreed + 1 : 1
                    wanted = found
                    if agreed >= sets.count { return wanted }
                }
            }
            return nil
        }
    }
}

/// A cursor that knows where it stands. Several sets may hold it, as long as they go on together.
final class PlacedCursor {
    private let cursor: any SearchCursor
    private var isStarted = false
    /// The document that was found last.
    private(set) var number: Int64?

    init(_ cursor: any SearchCursor) { self.cursor = cursor }

    func next(from wanted: Int64, work: SearchWork) throws -> Int64? {
        if isStarted, number ?? .max >= wanted { return number }
        work.postings += 1
        isStarted = true
        number = try cursor.next(from: wanted)
        return number
    }

    /// Where the stem stands in the document; nothing when it does not.
    func fields(of document: Int64) throws -> FieldMask {
        number == document ? try cursor.fields() : []
    }
}

/// What a search has done so far, held against `SearchLimits`.
package final class SearchWork {
    package internal(set) var documents = 0
    /// Documents that were asked about without being read.
    package internal(set) var rows = 0
    package internal(set) var postings = 0
    package internal(set) var vectors = 0
    package internal(set) var steps = 0
    package internal(set) var attempts = 0
    private let isLate: () -> Bool
    private(set) var isCut = false

    init(isLate: @escaping () -> Bool) { self.isLate = isLate }

    /// Whether a limit is reached.
    var isSpent: Bool {
        let isSpent =
            documents > SearchLimits.documentsMax || postings > SearchLimits.postingsMax
            || steps > SearchLimits.stepsMax || attempts > SearchLimits.attemptsMax
            || vectors > SearchLimits.vectorsMax
        if isSpent { isCut = true }
        return isSpent
    }

    /// Whether to end with what there is; asks the clock, so not for each posting.
    func shallEnd() -> Bool {
        if isCut || isSpent { return true }
        if isLate() { isCut = true }
        return isCut
    }
}
