/// What is to be recalled.
package struct RecallQuery: Sendable {
    /// Each counts its best candidate in a document.
    package var words: [RecallWord]
    package var partitions: [RecallPartition]
    /// The most hits.
    package var limit: Int
    /// The day that ages are counted to, in UTC days since 1970.
    package var today: Int
    /// `nil`: `RankingTuning.minimumShare` of the best possible score.
    package var minimumScore: Double?
    package var tuning = RankingTuning()
    /// Whether hits come with their parts.
    package var explain = false

    package init(words: [RecallWord], partitions: [RecallPartition], limit: Int, today: Int) {
        self.words = words
        self.partitions = partitions
        self.limit = limit
        self.today = today
    }
}

/// A word of the query, as the stems that stand for it.
package struct RecallWord: Hashable, Sendable {
    package var candidates: [RecallCandidate]

    package init(candidates: [RecallCandidate]) { self.candidates = candidates }
}

package struct RecallCandidate: Hashable, Sendable {
    package var stem: Int
    /// 0...1: 1 for the word itself, less for what it may have meant.
    package var weight: Double

    package init(stem: Int, weight: Double) {
        self.stem = stem
        self.weight = weight
    }
}

package struct RecallPartition: Hashable, Sendable {
    package var id: Int
    /// Of its scope, 0 or more.
    package var weight: Double

    package init(id: Int, weight: Double) {
        self.id = id
        self.weight = weight
    }
}

package struct RecallResult: Sendable {
    /// Best first; of equal scores the newer document first.
    package var hits: [RecallHit] = []
    /// What no document of the best importance, today, in the nearest scope, can exceed. Only words that are known
    /// count.
    package var bestPossible = 0.0
    /// That hits had to reach.
    package var minimumScore = 0.0
    /// In the partitions that were read.
    package var documents = 0
    /// In words.
    package var averageLength = 0.0
    package var work = RecallWork()
}

package struct RecallHit: Sendable {
    package let document: Int
    package let partition: Int
    package let score: Double
    package internal(set) var explanation: RecallExplanation?
}

/// The parts of a score: `sum of words' scores * factor * scopeWeight`.
package struct RecallExplanation: Hashable, Sendable {
    package struct Word: Hashable, Sendable {
        /// In the query.
        package let word: Int
        /// In the word: the one that scored best.
        package let candidate: Int
        package let stem: Int
        package let idf: Double
        package let tf: Int
        package let fields: FieldMask
        package let score: Double
    }

    /// Of those that the document has.
    package let words: [Word]
    /// Of the document in words, as its length code says.
    package let length: Int
    package let importance: Double
    package let recency: Double
    package let factor: Double
    package let scopeWeight: Double
}

/// What a recall cost; the same for the same query on the same index.
package struct RecallWork: Hashable, Sendable {
    package var rowsRead = 0
    package var blocksDecoded = 0
    /// Whose scores were summed up.
    package var documentsScored = 0
    /// That `isVisible` was asked about.
    package var documentsChecked = 0

    package init() {}
}
