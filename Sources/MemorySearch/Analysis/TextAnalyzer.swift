/// Turns text into the words that are indexed and looked for.
package struct TextAnalyzer: Sendable {
    /// Of the analysis: documents that were indexed by another version are analysed again.
    package static let version = 1

    private let stems: Bool

    /// - Parameter locale: a language tag; `en` and its kin (`en-GB`) stem by Snowball's English algorithm and know
    ///   its stop words, any other neither stems nor knows stop words.
    package init(locale: String = "en") {
        stems = locale == "en" || locale.hasPrefix("en-") || locale.hasPrefix("en_")
    }

    /// What a document is indexed by. A field may occur several times.
    package func analyze(_ fields: [(field: FieldMask, text: String)]) -> AnalyzedDocument {
        var found: [String: (tf: Int, fields: FieldMask)] = [:]
        var length = 0
        for (field, text) in fields {
            for word in Tokenizer.words(in: text) {
                let whole = word.parts == [word.folded] ? [] : [word.folded]
                for form in whole + word.parts {
                    found[form, default: (0, [])].tf += 1
                    found[form]?.fields.formUnion(field)
                }
                length += max(1, word.parts.count)
            }
        }
        let words = found.map { AnalyzedWord(word: $0, stem: stem($0), tf: $1.tf, fields: $1.fields) }
        return AnalyzedDocument(
            words: words.sorted { $0.word.utf8.lexicographicallyPrecedes($1.word.utf8) }, length: length)
    }

    /// The words of a query in their order.
    package func queryWords(_ text: String) -> [QueryWord] {
        Tokenizer.words(in: text).map { word in
            let isPlain = word.parts.count < 2
            return QueryWord(
                text: word.text, folded: word.folded, stem: stem(word.folded),
                parts: isPlain ? [] : word.parts.map { QueryPart(folded: $0, stem: stem($0)) },
                isStopWord: isStopWord(word.folded),
                isExact: !isPlain || word.folded.utf8.contains { (48...57).contains($0) }, range: word.range)
        }
    }

    /// The stem of a folded word.
    package func stem(_ word: String) -> String { stems ? EnglishStemmer.stem(word) : word }

    /// Whether a folded word says too little to be looked for.
    package func isStopWord(_ word: String) -> Bool { stems && StopWords.isEnglish(word) }
}
