/// What `q` asks for.
package struct QueryText: Sendable {
    /// `*`, or exclusions alone: every memory will do.
    package var isEverything = false
    /// In their order; each is to be found, perhaps corrected, the last one perhaps as a beginning.
    package var words: [QueryWord] = []
    /// Words that stand next to each other, as `PhraseText` finds them.
    package var phrases: [[QueryWord]] = []
    /// Words and phrases.
    package var excluded: [[QueryWord]] = []
    /// Whether more words were given than a search looks at.
    package var isCut = false

    private var analyzer: TextAnalyzer

    package var isEmpty: Bool { !isEverything && words.isEmpty && phrases.isEmpty }

    /// Reads `*`, words, `"a phrase"`, `-word` and `-"a phrase"`. A quote without its partner, and a minus before a
    /// space, are punctuation. Limits: `SearchLimits.queryBytesMax` and `queryWordsMax`.
    package init(_ text: String, analyzer: TextAnalyzer = TextAnalyzer()) throws(SearchError) {
        var scanner = try ParameterScanner(text, parameter: "q", bytesMax: SearchLimits.queryBytesMax)
        self.analyzer = analyzer
        guard text.trimmed != "*" else {
            isEverything = true
            return
        }
        var plain: [UInt8] = []
        var afterSpace = true
        while let byte = scanner.next {
            let isExcluded = byte == UInt8(ascii: "-") && afterSpace
            let start = scanner.place
            if isExcluded { scanner.place += 1 }
            if let phrase = Self.phrase(&scanner) {
                add(words: plain)
                plain = []
                add(phrase: analyzer.queryWords(phrase), isExcluded)
            } else if isExcluded, let next = scanner.next, !Self.isSpace(next) {
                let word = scanner.take { !Self.isSpace($0) && $0 != UInt8(ascii: "\"") }
                // What is one word to whoever typed it is excluded as a whole.
                add(phrase: analyzer.queryWords(word), true)
            } else {
                scanner.place = start + 1
                plain.append(byte)
            }
            afterSpace = Self.isSpace(byte)
        }
        add(words: plain)
        isEverything = words.isEmpty && phrases.isEmpty && !excluded.isEmpty
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    /// What stands in quotes here; `nil` when no quote does or its partner is missing.
    private static func phrase(_ scanner: inout ParameterScanner) -> String? {
        let quote = UInt8(ascii: "\"")
        guard scanner.next == quote else { return nil }
        guard let end = scanner.bytes[(scanner.place + 1)...].firstIndex(of: quote) else { return nil }
        let text = scanner.text(scanner.place + 1..<end)
        scanner.place = end + 1
        return text
    }

    /// An identifier counts as many as it has parts.
    private static func count(_ words: [QueryWord]) -> Int { words.reduce(0) { $0 + max(1, $1.parts.count) } }

    private var room: Int {
        let phrases = (phrases + excluded).reduce(0) { $0 + Self.count($1) }
        return max(0, SearchLimits.queryWordsMax - Self.count(words) - phrases)
    }

    private mutating func add(words bytes: [UInt8]) {
        let found = analyzer.queryWords(String(decoding: bytes, as: UTF8.self))
        var left = room
        let fitting = found.prefix { word in
            left -= Self.count([word])
            return left >= 0
        }
        isCut = isCut || found.count > fitting.count
        words.append(contentsOf: fitting)
    }

    private mutating func add(phrase found: [QueryWord], _ isExcluded: Bool) {
        guard !found.isEmpty else { return }
        guard Self.count(found) <= room else {
            isCut = true
            return
        }
        if isExcluded { excluded.append(found) } else { phrases.append(found) }
    }
}
