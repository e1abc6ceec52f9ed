/// The words of a query that were found, to be shown in the texts.
package struct MatchedWords: Hashable, Sendable {
    /// The stems of the words and of what they were corrected to.
    package var stems: Set<String>
    /// Folded beginnings of words.
    package var prefixes: [String]

    package init(stems: Set<String> = [], prefixes: [String] = []) {
        self.stems = stems
        self.prefixes = prefixes
    }

    /// A word with its candidates; one that was found only as the beginning of others is shown as far as it goes.
    package mutating func add(_ word: QueryWord, _ candidates: [WordCandidate], _ analyzer: TextAnalyzer) {
        for candidate in candidates where !candidate.isPrefix { stems.insert(analyzer.stem(candidate.word)) }
        if candidates.contains(where: \.isPrefix) { prefixes.append(word.folded) }
    }
}
