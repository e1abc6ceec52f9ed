/// A word of the dictionary that a word of a query may stand for.
package struct WordCandidate: Hashable, Sendable {
    /// As the dictionary has it, folded.
    package let word: String
    /// The id of its stem, by which its postings are found.
    package let stem: Int
    /// The edits between the word of the query and it, a wrong first letter counted twice; 0 for the word itself.
    package let distance: Int
    /// It begins with the word of the query, and is longer.
    package let isPrefix: Bool
    /// Which part of an identifier it stands for; `nil` for the whole word.
    package let part: Int?
    /// 0...1, what its occurrences count.
    package let weight: Double

    package init(
        word: String, stem: Int, distance: Int = 0, isPrefix: Bool = false, part: Int? = nil, weight: Double = 1
    ) {
        self.word = word
        self.stem = stem
        self.distance = distance
        self.isPrefix = isPrefix
        self.part = part
        self.weight = weight
    }
}

/// How candidates are chosen.
package struct CandidateOptions: Hashable, Sendable {
    package var rules = TypoRules()
    /// Whether words that begin with the word are candidates as well.
    package var prefix = false
    /// Whether a word that the dictionary has is corrected all the same.
    package var correctsKnown = false
    /// Whether a word may be a stop word that was misspelt.
    package var correctsToStopWords = true
    /// The most candidates of different stems for one word, as TypeSense's `max_candidates`.
    package var candidatesMax = 4
    /// The most of them for a word that may be a prefix.
    package var prefixesMax = 64
    /// The words that are measured for one correction, at most: a scan of 100,000 takes about 3 ms.
    package var scannedMax = 100_000
    /// Of those, the ones of each distance that are read from the dictionary, at most.
    package var readMax = 128
    /// Letters that are tried in place of the first one, at most.
    package var firstLettersMax = 64
    /// What a corrected word counts, and what one counts that is longer than the prefix that was written.
    package var correctedWeight = 0.8
    package var prefixWeight = 0.8

    package init() {}
}
