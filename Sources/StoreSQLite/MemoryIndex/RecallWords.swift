import MemorySearch

/// The words of a question as the dictionary knows them.
struct RecallWords {
    struct Word {
        let word: QueryWord
        let candidates: [WordCandidate]

        var recalled: RecallWord {
            RecallWord(candidates: candidates.map { RecallCandidate(stem: $0.stem, weight: $0.weight) })
        }

        /// What the word was taken for, if the dictionary does not know it.
        var correction: String? {
            guard let best = candidates.first, candidates.allSatisfy({ $0.distance > 0 }) else { return nil }
            return best.part == nil ? best.word : nil
        }
    }

    /// As often as the question has them; without stop words, unless there is nothing else.
    let words: [Word]
    /// Whether one of them is no stop word.
    let saySomething: Bool
    /// The question with its wrong words corrected; `nil` when none was.
    let corrected: String?

    /// More words than a question has; of a longer text the first ones are looked for.
    static let wordsMax = 64

    init(_ text: String, _ source: some WordSource) throws {
        let all = TextAnalyzer().queryWords(text, splitsHyphens: true)
        saySomething = all.contains { !$0.isStopWord }
        var options = CandidateOptions()
        // A misspelt stop word says as little as a right one: what it is near to would only lead astray.
        options.correctsToStopWords = !saySomething
        var selection = CandidateSelection(source, options)
        var known: [String: [WordCandidate]] = [:]
        var words: [Word] = []
        for word in all where word.isStopWord != saySomething && words.count < Self.wordsMax {
            let candidates = try known[word.folded] ?? selection.candidates(for: word)
            known[word.folded] = candidates
            words.append(Word(word: word, candidates: candidates))
        }
        self.words = words
        corrected = Self.corrected(text, words, all)
    }

    private static func corrected(_ text: String, _ words: [Word], _ all: [QueryWord]) -> String? {
        let corrections = Dictionary(
            words.compactMap { word in word.correction.map { (word.word.folded, $0) } },
            uniquingKeysWith: { first, _ in first })
        guard !corrections.isEmpty else { return nil }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var end = 0
        for word in all where word.range.lowerBound >= end && word.range.upperBound <= bytes.count {
            guard let correction = corrections[word.folded] else { continue }
            result += bytes[end..<word.range.lowerBound]
            result += Array(correction.utf8)
            end = word.range.upperBound
        }
        return String(decoding: result + bytes[end...], as: UTF8.self)
    }
}
