/// Joins what words found and what meaning found into one order.
///
/// `score = (1 - weight) * words + weight * best * meaning * standing`, where `words` is the score by words, `best` the
/// best such score that the query could have, `meaning` the cosine (0 when negative), and `standing` what the memory's
/// scope, importance and age make of a score. Meaning is thereby measured in the units of words: with a weight of 0.2 a
/// perfect likeness is worth a fifth of a perfect match.
package struct HybridBlend: Hashable, Sendable {
    /// A memory found by either.
    package struct Candidate: Hashable, Sendable {
        package var document: Int
        /// 0 when no word of the query is in it.
        package var words: Double
        /// `nil` when it has no vector of the model, or was not compared.
        package var cosine: Double?
        /// 0...1
        package var standing: Double

        package init(document: Int, words: Double, cosine: Double?, standing: Double) {
            self.document = document
            self.words = words
            self.cosine = cosine
            self.standing = standing
        }
    }

    /// A memory with its score and the parts of it.
    package struct Blended: Hashable, Sendable {
        package var candidate: Candidate
        package var score: Double
        /// What meaning adds.
        package var meaning: Double
    }

    /// 0...1: the share of meaning.
    package var weight: Double
    /// How similar a memory must be that no word found.
    package var cosineMin: Double

    package init(weight: Double, cosineMin: Double) {
        self.weight = min(1, max(0, weight))
        self.cosineMin = cosineMin
    }

    /// Best first, equal scores by the greater document, which is the newer. What neither words nor meaning found is
    /// left out.
    /// - Parameter best: the best score by words that the query could have.
    package func blend(_ candidates: [Candidate], best: Double) -> [Blended] {
        candidates.compactMap { candidate -> Blended? in
            let cosine = candidate.cosine ?? 0
            guard candidate.words > 0 || cosine >= max(cosineMin, .ulpOfOne) else { return nil }
            let meaning = weight * best * max(0, cosine) * candidate.standing
            return Blended(candidate: candidate, score: (1 - weight) * candidate.words + meaning, meaning: meaning)
        }.sorted {
            ($0.score, $0.candidate.document) > ($1.score, $1.candidate.document)
        }
    }
}

/// Keeps the best so many of a stream of documents with a figure each.
package struct NearestDocuments: Sendable {
    package struct Entry: Hashable, Sendable {
        package var document: Int
        package var cosine: Double
    }

    private let limit: Int
    private var entries: [Entry] = []
    /// Below it nothing gets in.
    private var bar: Double

    /// - Parameter cosineMin: what is less similar is not kept.
    package init(limit: Int, cosineMin: Double) {
        self.limit = max(1, limit)
        bar = cosineMin
    }

    package mutating func add(_ document: Int, _ cosine: Double) {
        guard cosine >= bar else { return }
        entries.append(Entry(document: document, cosine: cosine))
        if entries.count >= limit * 4 { shrink() }
    }

    /// Best first.
    package mutating func finish() -> [Entry] {
        shrink()
        return entries
    }

    private mutating func shrink() {
        entries.sort { ($0.cosine, $0.document) > ($1.cosine, $1.document) }
        guard entries.count > limit else { return }
        entries.removeLast(entries.count - limit)
        bar = entries.last.map { max(bar, $0.cosine) } ?? bar
    }
}
