/// Turns text into the words that are indexed and looked for.
///
/// Words are runs of letters, marks and numbers (after UAX #29), folded by `TextFolding`. An identifier is one word
/// whole, one for each of its parts, and in a path or an address one for each piece that is itself an identifier.
/// Scripts that write without spaces, and Hangul, become pairs of neighbouring characters, a lone character stays one;
/// the last character of a run is a word as well, so that each character begins one. A pictograph is a word. Words are
/// cut to 64 scalars.
package struct TextAnalyzer: Sendable {
    /// Of the analysis: documents that were indexed by another version are analysed again.
    package static let version = 1

    private let isEnglish: Bool

    /// - Parameter locale: a language tag; `en` and its kin (`en-GB`) stem by Snowball's English algorithm and know
    ///   its stop words, any other neither stems nor knows stop words.
    package init(locale: String = "en") {
        let language = locale.prefix { $0 != "-" && $0 != "_" }
        isEnglish = language.lowercased() == "en"
    }

    /// What a document is indexed by. A field may occur several times.
    package func analyze(_ fields: [(field: FieldMask, text: String)]) -> AnalyzedDocument {
        var list = TokenList()
        var counter = WordCounter()
        for (field, text) in fields {
            let start = list.tokens.count
            TokenScanner.scan(text, into: &list)
            counter.add(list, from: start, field)
        }
        let words = counter.words(of: list, isEnglish: isEnglish)
        let length = list.length - counter.stopWords
        return AnalyzedDocument(words: words, length: max(length, min(list.length, 1)))
    }

    /// The words of a query in their order.
    ///
    /// - Parameter splitsHyphens: whether words that are joined by hyphens alone (`two-dimensional`) are words of their
    ///   own, as the same words would be that someone wrote apart.
    package func queryWords(_ text: String, splitsHyphens: Bool = false) -> [QueryWord] {
        var list = TokenList()
        TokenScanner.scan(text, into: &list)
        let utf8 = text.utf8
        var splitEnd = 0
        return list.tokens.enumerated().compactMap { index, token in
            let isSplitOff = token.role == .part && token.position < splitEnd
            guard token.role == .word || token.role == .whole || isSplitOff else { return nil }
            let folded = list.word(token)
            if splitsHyphens, token.role == .whole, Self.isHyphenated(folded) {
                splitEnd = token.position + token.span
                return nil
            }
            let parts = token.role == .whole ? parts(of: token, in: list, after: index) : []
            let start = utf8.index(utf8.startIndex, offsetBy: token.range.lowerBound)
            let end = utf8.index(start, offsetBy: token.range.count)
            return QueryWord(
                text: String(text[start..<end]), folded: folded, stem: stem(folded), parts: parts,
                isStopWord: isStopWord(folded), isExact: !isSplitOff && token.isExact,
                isPartial: isPartial(folded), range: token.range)
        }
    }

    private static func isHyphenated(_ word: String) -> Bool {
        word.unicodeScalars.allSatisfy { $0 == "-" || $0.properties.isAlphabetic }
    }

    /// The words of a text as they stand in it, an identifier's parts after it.
    package func tokens(_ text: String) -> [TextToken] {
        var list = TokenList()
        TokenScanner.scan(text, into: &list)
        return list.tokens.map { token in
            let word = list.word(token)
            return TextToken(
                word: word, stem: stem(word), role: token.role, position: token.position, span: token.span,
                range: token.range)
        }
    }

    /// The stem of a folded word.
    package func stem(_ word: String) -> String { isEnglish ? EnglishStemmer.stem(word) : word }

    /// Whether a folded word says too little to be looked for.
    package func isStopWord(_ word: String) -> Bool { isEnglish && StopWords.isEnglish(word) }

    private func parts(of whole: TokenList.Token, in list: TokenList, after index: Int) -> [QueryPart] {
        list.tokens[(index + 1)...].prefix { $0.position < whole.position + whole.span }
            .filter { $0.role == .part }
            .map { token in
                let folded = list.word(token)
                return QueryPart(folded: folded, stem: stem(folded))
            }
    }

    private func isPartial(_ folded: String) -> Bool {
        let scalars = folded.unicodeScalars
        guard let first = scalars.first, !first.isASCII, CharacterKind(first) == .pairs else { return false }
        return scalars.dropFirst().allSatisfy { CharacterKind($0) == .extends }
    }
}

/// A word as it stands in a text.
package struct TextToken: Hashable, Sendable {
    /// Folded.
    package let word: String
    package let stem: String
    package let role: TokenRole
    /// The first position that it covers: an identifier's parts have one each, and the whole covers them all.
    package let position: Int
    package let span: Int
    /// In UTF-8 bytes.
    package let range: Range<Int>
}
