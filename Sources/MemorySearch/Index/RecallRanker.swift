/// Finds the best documents for a query: exactly those, in the order and with the scores that scoring every document
/// would give (a test holds that), while it looks at few of them. docs/decisions/0072 says how.
package enum RecallRanker {
    /// Throws what `source` throws, and `IndexError.damaged`.
    package static func recall(_ query: RecallQuery, from source: any IndexSource) throws -> RecallResult {
        let stems = query.words.flatMap { $0.candidates.map(\.stem) }
        let terms = try GatheredTerms(stems, in: query.partitions.map(\.id), source: source)
        let weights = QueryWeights(query, terms)
        var result = RecallResult()
        result.bestPossible = weights.bestPossible
        result.minimumScore = query.minimumScore ?? query.tuning.minimumShare * weights.bestPossible
        result.documents = terms.documents
        result.averageLength = terms.averageLength
        result.work.rowsRead = terms.rowsRead
        guard query.limit > 0, !weights.words.isEmpty else { return result }
        let scan = RecallScan(query, terms, weights, source: source, minimumScore: result.minimumScore)
        try scan.run()
        result.work = scan.work
        for hit in scan.best.sorted { result.hits.append(try scan.hit(hit)) }
        return result
    }
}

/// The words of a query with what their candidates weigh in the partitions that it reads.
struct QueryWeights {
    struct Candidate {
        /// In the word.
        let place: Int
        /// Its place among the gathered stems.
        let stem: Int
        let idf: Double
        /// Its place among `scorers`.
        let scorer: Int
    }

    struct Word {
        /// In the query.
        let place: Int
        /// Those that some document has, each stem once.
        let candidates: [Candidate]
    }

    /// Those that are known.
    private(set) var words: [Word] = []
    private(set) var scorers: [TermScorer] = []
    let bestPossible: Double
    /// Of a sum of scores, to what it stands for: a power of two.
    let unit: Double

    init(_ query: RecallQuery, _ terms: GatheredTerms) {
        let frequency = FrequencyWeight(query.tuning, averageLength: terms.averageLength)
        var best = 0.0
        var weights: [Double] = []
        for (place, word) in query.words.enumerated() {
            let candidates = Self.known(word, terms)
            if candidates.isEmpty { continue }
            let inWord = candidates.map { candidate in
                let df = terms.df[candidate.stem]
                let idf = RankingTuning.idf(df: df, documents: terms.documents)
                weights.append(candidate.weight * idf)
                return Candidate(place: candidate.place, stem: candidate.stem, idf: idf, scorer: weights.count - 1)
            }
            best += inWord.reduce(0) { max($0, weights[$1.scorer]) } * (max(0, query.tuning.k1) + 1)
            words.append(Word(place: place, candidates: inWord))
        }
        // Sums stay below 2^31, and a score keeps at least 24 bits unless words are many.
        let exponent = min(28, 30 - (best > 0 ? Int(best.exponent) : 0))
        unit = Double(sign: .plus, exponent: -exponent, significand: 1)
        scorers = weights.map { [unit] in TermScorer(frequency, weight: $0, scale: 1 / unit) }
        let scope = query.partitions.reduce(0) { max($0, $1.weight) }
        bestPossible = best * query.tuning.factor(importance: 1, recency: 1) * scope
    }

    /// A stem that is named twice counts with its greater weight.
    private static func known(
        _ word: RecallWord, _ terms: GatheredTerms
    ) -> [(place: Int, stem: Int, weight: Double)] {
        var known: [(place: Int, stem: Int, weight: Double)] = []
        for (place, candidate) in word.candidates.enumerated() {
            guard let stem = terms.place(of: candidate.stem), terms.df[stem] > 0 else { continue }
            let weight = min(max(0, candidate.weight), 1)
            if let twin = known.firstIndex(where: { $0.stem == stem }) {
                if known[twin].weight < weight { known[twin] = (place, stem, weight) }
            } else {
                known.append((place, stem, weight))
            }
        }
        return known
    }
}
