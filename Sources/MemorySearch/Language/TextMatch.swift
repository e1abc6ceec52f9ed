/// How well a document matches the words of a query, as TypeSense's `text_match_info` tells it.
package struct TextMatch: Hashable, Sendable {
    /// Positive; the greater the better: words matched, then the best field's score, its weight and how many fields
    /// matched, each in bits of its own (`max_score`).
    package var score: Int64 = 0
    package var tokensMatched = 0
    package var bestFieldScore: Int64 = 0
    package var bestFieldWeight = 0
    package var fieldsMatched = 0
    /// Twice the edits of all words, and one more for each that was only a beginning.
    package var typoPrefixScore = 0
    package var tokensDropped = 0
}

/// How well one field matches.
struct FieldMatch {
    /// The words of the query that stand in it.
    var words: Set<Int> = []
    var cost = 0
    /// The words between the matched ones where they stand closest.
    var spread = 0
    var firstPosition = 0
    var isExact = false

    /// 31 bits: words, then how little was corrected, how close they stand, whether the field is the query, and, when
    /// asked for, how early they stand.
    func score(_ request: SearchRequest) -> Int64 {
        let words = Int64(min(63, words.count)) << 25
        let cost = Int64(255 - min(255, cost)) << 17
        let spread = Int64(100 - min(100, spread)) << 10
        let exact: Int64 = isExact && request.prioritizesExactMatch ? 1 << 9 : 0
        let early: Int64 = request.prioritizesTokenPosition ? Int64(255 - min(255, firstPosition)) : 0
        return words | cost | spread | exact | early
    }
}

extension TextMatch {
    /// - Parameter fields: those that match, with their weights.
    init(_ fields: [(match: FieldMatch, weight: Int)], dropped: Int, _ request: SearchRequest) {
        let scored = fields.map { (match: $0.match, weight: $0.weight, score: $0.match.score(request)) }
        let isByWeight = request.textMatchType == .maxWeight
        let best = scored.max { left, right in
            isByWeight
                ? (left.weight, left.score) < (right.weight, right.score)
                : (left.score, left.weight) < (right.score, right.weight)
        }
        guard let best else { return }
        tokensMatched = scored.reduce(into: Set<Int>()) { $0.formUnion($1.match.words) }.count
        bestFieldScore = best.score
        bestFieldWeight = best.weight
        fieldsMatched = scored.count
        typoPrefixScore = best.match.cost
        tokensDropped = dropped
        let tokens = Int64(min(63, tokensMatched)) << 57
        let count = Int64(request.prioritizesNumMatchingFields ? min(15, fieldsMatched) : 0)
        switch request.textMatchType {
        case .maxScore: score = tokens | best.score << 26 | Int64(best.weight) << 8 | count
        case .maxWeight: score = tokens | Int64(best.weight) << 50 | best.score << 19 | count
        case .sumScore:
            score = tokens | scored.reduce(0) { $0 + $1.score * Int64($1.weight) } << 8 | count
        }
    }
}
