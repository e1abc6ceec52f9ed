/// How well documents match by their postings alone: which words stand in which fields, and how far they were
/// corrected. How close they stand, and whether a field is the query, only `TextMatcher` can tell.
final class PostingMatcher {
    /// A candidate of a word.
    private struct Lane {
        let cursor: PlacedCursor
        let word: Int
        let part: Int?
        let typos: Int
        let isPrefix: Bool
    }

    private let lanes: [Lane]
    private let words: [PlannedWord]
    private let fields: [(field: QueryField, mask: FieldMask)]
    private let request: SearchRequest
    /// By the fields of each lane.
    private var known: [UInt64: TextMatch?] = [:]
    private static let lanesMax = 16

    init(_ words: [PlannedWord], _ cursors: [Int: PlacedCursor], _ request: SearchRequest) {
        self.words = words
        self.request = request
        fields = request.queryBy.compactMap { field in field.field.mask.map { (field, $0) } }
        lanes = words.enumerated().flatMap { index, planned in
            planned.candidates.compactMap { candidate in
                cursors[candidate.stem].map {
                    Lane(
                        cursor: $0, word: index, part: candidate.part, typos: candidate.distance,
                        isPrefix: candidate.isPrefix && !planned.word.isPartial)
                }
            }
        }
    }

    /// Of the document that the cursors stand at; `nil` when not every word stands in a queried field.
    func match(_ document: Int64, dropped: Int) throws -> TextMatch? {
        let masks = try lanes.map { try $0.cursor.fields(of: document) }
        guard lanes.count <= Self.lanesMax else { return match(masks, dropped) }
        let key = masks.reduce(0 as UInt64) { $0 << 4 | UInt64($1.rawValue & 15) }
        if let match = known[key] { return match }
        let match = match(masks, dropped)
        known[key] = .some(match)
        return match
    }

    private func match(_ masks: [FieldMask], _ dropped: Int) -> TextMatch? {
        var found: Set<Int> = []
        var matches: [(match: FieldMatch, weight: Int)] = []
        for (field, mask) in fields {
            let costs = costs(field, masks.map { !$0.isDisjoint(with: mask) })
            guard !costs.isEmpty else { continue }
            found.formUnion(costs.keys)
            matches.append((FieldMatch(words: Set(costs.keys), cost: costs.values.reduce(0, +)), field.weight))
        }
        return found.count == words.count ? TextMatch(matches, dropped: dropped, request) : nil
    }

    /// What each word that stands in the field costs.
    private func costs(_ field: QueryField, _ stands: [Bool]) -> [Int: Int] {
        var costs: [Int: Int] = [:]
        var parts: [Int: [Int: Int]] = [:]
        for (lane, isThere) in zip(lanes, stands)
        where isThere && lane.typos <= field.typos && (!lane.isPrefix || field.isPrefix) {
            let cost = lane.typos * 2 + (lane.isPrefix ? 1 : 0)
            if let part = lane.part {
                parts[lane.word, default: [:]][part] = min(parts[lane.word]?[part] ?? .max, cost)
            } else {
                costs[lane.word] = min(costs[lane.word] ?? .max, cost)
            }
        }
        for (word, found) in parts where found.count == words[word].word.parts.count {
            costs[word] = min(costs[word] ?? .max, found.values.reduce(0, +))
        }
        return costs
    }
}

extension SearchRequest {
    /// Whether the postings and the rows of documents tell which match and, but for words' places, how well.
    func isDecidedByRows(_ pushdown: FilterPushdown) -> Bool {
        vectorQuery == nil && pushdown.isComplete && pushdown.ids == nil && facetBy.isEmpty && groupBy.isEmpty
            && query.phrases.isEmpty && query.excluded.isEmpty && !isExhaustive && !prioritizesTokenPosition
            && sortBy.allSatisfy(\.isOfRows)
            && (query.isEverything || queryBy.allSatisfy { $0.field.mask != nil })
    }
}
