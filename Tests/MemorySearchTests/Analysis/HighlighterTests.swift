import MemorySearch
import Testing

@Suite struct HighlighterTests {
    private let analyzer = TextAnalyzer()

    private func highlight(
        _ text: String, _ query: String, prefixes: [String] = [], options: HighlightOptions = HighlightOptions()
    ) -> Highlight? {
        let words = analyzer.queryWords(query)
        let stems = words.map(\.stem) + words.flatMap(\.parts).map(\.stem)
        return Highlighter(analyzer, options).highlight(text, MatchedWords(stems: Set(stems), prefixes: prefixes))
    }

    @Test(arguments: [
        ("Stark Industries ships.", "shipping stark", "<mark>Stark</mark> Industries <mark>ships</mark>."),
        ("Größe, GRÖSSE & groß", "grosse", "<mark>Größe</mark>, <mark>GRÖSSE</mark> & <mark>groß</mark>"),
        ("the order_date of it", "date", "the order_<mark>date</mark> of it"),
        ("the order_date of it", "order_date", "the <mark>order_date</mark> of it"),
        ("in 東京都庁 today", "京都", "in 東<mark>京都</mark>庁 today"),
        ("in 東京都庁 today", "東京都", "in <mark>東京都</mark>庁 today"),
        ("Zoë's e\u{301}clair", "zoe eclair", "<mark>Zoë's</mark> <mark>e\u{301}clair</mark>"),
        ("<b>a & b</b>", "b", "<<mark>b</mark>>a & <mark>b</mark></<mark>b</mark>>"),
    ])
    func marksWords(text: String, query: String, marked: String) {
        #expect(highlight(text, query)?.snippet == marked)
    }

    @Test func aPrefixIsMarkedAsFarAsItGoes() throws {
        let found = try #require(highlight("Harry and ÉCOLES, Straßen", "", prefixes: ["harr", "eco", "stras"]))
        #expect(found.snippet == "<mark>Harr</mark>y and <mark>ÉCO</mark>LES, <mark>Straßen</mark>")
        #expect(found.matchedTokens == ["Harr", "ÉCO", "Straßen"])
    }

    @Test func nothingFoundIsNoHighlight() {
        #expect(highlight("one two", "three") == nil)
        #expect(highlight("", "three") == nil)
    }

    @Test func aLongTextIsCutAroundTheMatches() throws {
        let words = (1...60).map { "w\($0)" }
        var options = HighlightOptions()
        options.startTag = "["
        options.endTag = "]"
        let text = "(" + words.joined(separator: ", ") + ")."
        let one = try #require(highlight(text, "w30", options: options))
        #expect(one.snippet == "w26, w27, w28, w29, [w30], w31, w32, w33, w34")
        #expect(one.value == nil)
        #expect(highlight(text, "w2", options: options)?.snippet == "(w1, [w2], w3, w4, w5, w6")
        #expect(highlight(text, "w59", options: options)?.snippet == "w55, w56, w57, w58, [w59], w60).")
        // Where most of the query stands together.
        let two = try #require(highlight(text, "w3 w40 w44", options: options))
        #expect(two.snippet == "w36, w37, w38, w39, [w40], w41, w42, w43, [w44], w45, w46, w47, w48")
        #expect(two.matchedTokens == ["w3", "w40", "w44"])
        options.affixTokens = 0
        options.isFull = true
        let full = try #require(highlight(text, "w30", options: options))
        #expect(full.snippet == "[w30]")
        #expect(full.value == text.replacing("w30", with: "[w30]"))
        options.snippetThreshold = 60
        #expect(highlight(text, "w30", options: options)?.snippet == full.value)
    }

    @Test func candidatesSayWhatIsMarked() {
        let word = analyzer.queryWords("runing")[0]
        var matched = MatchedWords()
        matched.add(
            word,
            [
                WordCandidate(word: "running", stem: 1, distance: 1),
                WordCandidate(word: "runings", stem: 2, isPrefix: true),
            ],
            analyzer)
        #expect(matched == MatchedWords(stems: ["run"], prefixes: ["runing"]))
    }

    /// Without the tags a snippet is a piece of the text, and the value all of it.
    @Test func textOutsideTheTagsIsUntouched() {
        var random = IndexRandom(seed: 3)
        let pieces = [
            "order", "orders", "order_date", "Größe", "東京都", "e\u{301}", " ", ", ", "\n", "👩‍👧", "<", "x", "the ",
            "\u{AD}", "’s",
        ]
        var options = HighlightOptions()
        options.startTag = "\u{1}"
        options.endTag = "\u{2}"
        options.isFull = true
        options.snippetThreshold = 4
        options.affixTokens = 1
        var found = 0
        for _ in 0..<2_000 {
            let text = (0..<random.below(40)).map { _ in pieces[random.below(pieces.count)] }.joined()
            guard let marked = highlight(text, "orders 東京 grosse", prefixes: ["e"], options: options) else { continue }
            found += 1
            let plain = marked.snippet.utf8.filter { $0 > 2 }
            #expect(marked.value?.utf8.filter { $0 > 2 } == Array(text.utf8))
            #expect(text.utf8.contains(plain))
            #expect(marked.snippet.utf8.contains(1))
        }
        #expect(found > 1_000)
    }

    @Test(arguments: [
        ("quick brown", "the quick brown fox", true), ("brown quick", "the quick brown fox", false),
        ("quick fox", "the quick brown fox", false), ("jumping dogs", "it jumps, dog!", true),
        ("user name", "call get_user_name()", true), ("get_user_name now", "getUserName now", true),
        ("get_user_name", "name get user", false),
        ("get_user_name now", "Get user name now", true),
        ("the getUserName function", "The getUserName function", true),
        ("東京都", "これは東京都です", true), ("東京 都", "これは東京タワー都です", false), ("は 東", "これは東京都です", true),
        ("", "anything", true), ("x", "", false),
    ])
    func findsPhrases(phrase: String, text: String, isThere: Bool) {
        #expect(analyzer.contains(analyzer.queryWords(phrase), in: text) == isThere)
    }
}
