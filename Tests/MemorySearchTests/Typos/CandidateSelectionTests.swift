import MemorySearch
import Testing

@Suite struct CandidateSelectionTests {
    private let analyzer = TextAnalyzer()

    private func candidates(
        _ query: String, in words: [String: Int], _ change: (inout CandidateOptions) -> Void = { _ in }
    ) throws -> [WordCandidate] {
        var options = CandidateOptions()
        change(&options)
        var selection = CandidateSelection(WordList(words, analyzer), options)
        return try analyzer.queryWords(query).flatMap { try selection.candidates(for: $0) }
    }

    private func found(
        _ query: String, _ words: [String: Int], _ change: (inout CandidateOptions) -> Void = { _ in }
    ) throws -> [String] {
        try candidates(query, in: words, change).map(\.word)
    }

    @Test func aKnownWordIsNotCorrected() throws {
        let found = try candidates("orders", in: ["orders": 3, "ordeals": 9, "border": 2])
        #expect(found.map(\.word) == ["orders"])
        #expect(found.map(\.weight) == [1])
        // Its stem is enough.
        #expect(try self.found("ordering", ["orders": 3, "bordering": 9]) == ["ordering"])
    }

    @Test(arguments: [
        ("ordres", "orders"), ("oders", "orders"), ("orderss", "orders"), ("ordets", "orders"),
        ("beveraegs", "beverages"),
        ("bevrgaes", "beverages"), ("beveragesxy", "beverages"), ("catt", "cat"), ("cart", "cat"),
        ("hte", nil), ("rdoers", nil), ("zebra", nil), ("everages", "beverages"), ("ebverages", "beverages"),
        ("vebrages", nil), ("customr", "customer"),
    ])
    func correctsTypos(written: String, meant: String?) throws {
        let words = ["orders": 1, "beverages": 1, "cat": 1, "the": 9, "customer": 2]
        #expect(try found(written, words).first == meant, "\(written)")
    }

    @Test func correctionsAreInOrderAndFew() throws {
        let words = ["house": 2, "mouse": 9, "horses": 1, "hoarse": 5, "hose": 7, "horde": 7, "norse": 3, "worse": 8]
        let found = try candidates("horze", in: words)
        #expect(found.map(\.word) == ["horde"])
        #expect(found.map(\.distance) == [1])
        #expect(found.map(\.weight) == [0.8])
        let many = Dictionary(uniqueKeysWithValues: "abcdefgh".map { ("wor\($0)s", $0 == "f" ? 5 : 1) })
        #expect(try self.found("worxs", many) == ["worfs", "woras", "worbs", "worcs"])
        #expect(try self.found("worxs", many) { $0.candidatesMax = 2 } == ["worfs", "woras"])
    }

    @Test func aKnownWordIsCorrectedOnRequest() throws {
        let found = try found("horse", ["horse": 1, "horde": 4, "hose": 2]) { $0.correctsKnown = true }
        #expect(found == ["horse", "horde", "hose"])
    }

    @Test func theRulesDecide() throws {
        let words = ["orders": 1, "beverages": 1]
        #expect(try found("ordres", words) { $0.rules.maximum = 0 } == [])
        #expect(try found("ordres", words) { $0.rules.minimumLengthOfOne = 7 } == [])
        #expect(try found("bevrgaes", words) { $0.rules.maximum = 1 } == [])
        #expect(try found("bevrgaes", words) { $0.rules.minimumLengthOfTwo = 9 } == [])
    }

    @Test func oneStemIsOneCandidate() throws {
        #expect(try found("servise", ["service": 2, "services": 9, "serviced": 1]) == ["service"])
        #expect(
            try found("serv", ["service": 2, "services": 9, "server": 1]) { $0.prefix = true } == [
                "services", "server",
            ])
    }

    @Test func prefixesComeTheFrequentFirst() throws {
        let words = ["ord": 1, "order": 5, "ordeal": 2, "ordinal": 9, "word": 3]
        let found = try candidates("ord", in: words) { $0.prefix = true }
        #expect(found.map(\.word) == ["ord", "ordinal", "order", "ordeal"])
        #expect(found.map(\.isPrefix) == [false, true, true, true])
        #expect(found.map(\.weight) == [1, 0.8, 0.8, 0.8])
        #expect(
            try self.found("ord", words) { ($0.prefix, $0.prefixesMax) = (true, 2) } == ["ord", "ordinal", "order"])
        // A lone character stands for each pair that begins with it, of full weight.
        let pairs = try candidates("京", in: ["京都": 2, "東京": 3, "京": 1])
        #expect(pairs.map(\.word) == ["京", "京都"])
        #expect(pairs.map(\.weight) == [1, 1])
    }

    @Test func identifiersAreLookedForWholeAndInParts() throws {
        let words = ["order_date": 1, "order": 3, "date": 2, "update": 1]
        let found = try candidates("order_date", in: words)
        #expect(found.map(\.word) == ["order_date", "order", "date"])
        #expect(found.map(\.part) == [nil, 0, 1])
        #expect(found.map(\.weight) == [1, 0.5, 0.5])
        // Corrected only when nothing is there as it is: the whole, else the parts.
        #expect(try self.found("order_dat", words) == ["order"])
        #expect(try self.found("ordr_dte", words) == ["order_date"])
        let parts = try candidates("ordr_dates2", in: ["order": 1, "dates": 1])
        #expect(parts.map(\.word) == ["order", "dates"])
        #expect(parts.map(\.part) == [0, 1])
        #expect(parts.map(\.weight) == [0.4, 0.4])
    }

    @Test func stopWordsMayBeLeftOutOfCorrections() throws {
        let words = ["where": 9, "sphere": 2, "themselves": 9, "themes": 1]
        #expect(try found("whre", words) == ["where"])
        #expect(try found("whre", words) { $0.correctsToStopWords = false } == [])
        #expect(try found("themselvse", words) == ["themselves"])
        #expect(try found("themslvees", words) { $0.correctsToStopWords = false } == [])
    }

    @Test func stopWordsAndNumbersAreNeverCorrected() throws {
        #expect(try found("which", ["witch": 1]) == [])
        #expect(try found("2026", ["2025": 1]) == [])
    }

    @Test func scanningIsBounded() throws {
        let words = Dictionary(uniqueKeysWithValues: (100..<900).map { ("b\($0)rage", 1) })
        var options = CandidateOptions()
        options.scannedMax = 50
        var selection = CandidateSelection(WordList(words, analyzer), options)
        // Of the words near in length, then of those farther away; then the first letter left out, and swapped.
        _ = try selection.candidates(for: analyzer.queryWords("bxxxragge")[0])
        #expect(selection.scanned == 50 + 2)
    }

    /// Whatever two edits do to a long word, it is found again; so is one edit to a short one.
    @Test func findsEveryTypoTheRulesAllow() throws {
        var random = IndexRandom(seed: 21)
        let words = ["beverages": 1, "quarterly": 2, "shipment": 3, "order": 4, "maintenance": 5, "city": 6]
        for _ in 0..<600 {
            let meant = words.keys.sorted()[random.below(words.count)]
            var written = Array(meant)
            for _ in 0..<(meant.count < 8 ? 1 : 2) {
                let place = 1 + random.below(written.count - 2)
                switch random.below(4) {
                case 0 where written.count > 4 && (meant.count < 8 || written.count > 7): written.remove(at: place)
                case 1: written.insert("q", at: place)
                case 2: written[place] = "q"
                default: written.swapAt(place, place + 1)
                }
            }
            let query = String(written)
            guard let edits = TypoRules.distance(query, meant, atMost: 2), edits <= TypoRules().allowed(for: query)
            else { continue }
            #expect(
                try found(query, words).contains { analyzer.stem($0) == analyzer.stem(meant) }, "\(query) for \(meant)")
        }
    }
}

/// A dictionary in memory.
private struct WordList: WordSource {
    private let words: [DictionaryWord]

    init(_ frequencies: [String: Int], _ analyzer: TextAnalyzer) {
        let surface = frequencies.keys.sorted()
        let texts = surface + Set(surface.map(analyzer.stem)).subtracting(surface).sorted()
        let ids = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($1, $0) })
        words = texts.map { text in
            let stem = frequencies[text] == nil ? text : analyzer.stem(text)
            return DictionaryWord(
                id: ids[text] ?? 0, text: text, stem: ids[stem] ?? 0, frequency: frequencies[text] ?? 0)
        }
    }

    func word(_ text: String) -> DictionaryWord? { words.first { $0.text == text } }

    func word(id: Int) -> DictionaryWord? { words.indices.contains(id) ? words[id] : nil }

    func firstLetters() -> [Unicode.Scalar] {
        Set(words.compactMap { $0.text.unicodeScalars.first }).sorted()
    }

    func words(letter: Unicode.Scalar, length: Int, _ body: (Int, UnsafeRawBufferPointer) throws -> Bool) throws {
        for word in words where word.text.unicodeScalars.first == letter && word.text.unicodeScalars.count == length {
            guard try Array(word.text.utf8).withUnsafeBytes({ try body(word.id, $0) }) else { return }
        }
    }

    func words(prefix: String, limit: Int) -> [DictionaryWord] {
        let found = words.filter { $0.text.hasPrefix(prefix) && $0.frequency > 0 }
        return Array(found.sorted { ($1.frequency, $0.text) < ($0.frequency, $1.text) }.prefix(limit))
    }
}
