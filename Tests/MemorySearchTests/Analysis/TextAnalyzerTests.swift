import MemorySearch
import Testing

@Suite struct TextAnalyzerTests {
    /// The words of a text in their order, an identifier's parts after it in brackets.
    static func words(_ text: String) -> String {
        var words: [String] = []
        for token in TextAnalyzer().tokens(text) {
            switch token.role {
            case .word, .whole: words.append(token.word)
            case .segment: words.append("<\(token.word)>")
            case .part: words.append("[\(token.word)]")
            case .last: words.append("(\(token.word))")
            }
        }
        return words.joined(separator: " ")
    }

    @Test(arguments: [
        ("The cat, the dog.", "the cat the dog"), ("", ""), (" …?! ", ""), ("Hello...world", "hello world"),
        ("“Curly” — quotes…", "curly quotes"), ("end.", "end"), ("(a) 'b' [c]", "a b c"),
        // Identifiers.
        ("order_date", "order_date [order] [date]"), ("orderDate", "orderdate [order] [date]"),
        ("HTTPServer URLs IDs", "httpserver [http] [server] urls ids"),
        ("NASA Nasa iPhone", "nasa nasa iphone [i] [phone]"),
        ("__init__ _x x_", "init x x"), ("a__b", "a__b [a] [b]"),
        ("kebab-case -flag --long", "kebab-case [kebab] [case] flag long"),
        ("foo.bar.baz", "foo.bar.baz [foo] [bar] [baz]"), ("MP3Player 3D", "mp3player [mp3] [player] 3d"),
        ("src/app/main.swift", "src/app/main.swift <main.swift> [src] [app] [main] [swift]"),
        (#"C:\Windows\System32"#, #"c windows\system32 [windows] [system32]"#), ("./dev ../x ~/y/", "dev x y"),
        ("std::vector<int>", "std vector int"), ("parse(x)", "parse x"), ("größteZahl", "grosstezahl [grosste] [zahl]"),
        ("E\u{301}COLE", "ecole"),
        // Addresses.
        ("bob.ray@example.com", "bob.ray@example.com <bob.ray> <example.com> [bob] [ray] [example] [com]"),
        ("https://example.com/a?b=1", "https example.com/a <example.com> [example] [com] [a] b 1"),
        // Numbers.
        ("3.14 1,234,567.89 10:30", "3.14 1234567.89 10 30"), ("1,2,3 12,3456", "1 2 3 12 3456"),
        ("2026-11-21", "2026-11-21 [2026] [11] [21]"), ("v1.2.3", "v1.2.3 [v1] [2] [3]"),
        ("x86_64", "x86_64 [x86] [64]"),
        ("50% $5 #7", "50 5 7"), ("٣٫٥", "3 5"),
        // Apostrophes and short forms.
        ("Zoë's don’t o'clock", "zoe don't o'clock [clock]"),
        ("L'homme d’Alembert", "l'homme [homme] d'alembert [alembert]"),
        ("dogs' rock'n'roll", "dogs rock'n'roll"), ("U.S.A. e.g. U.K.", "usa eg uk"), ("C# F# C++ c", "c# f# c++ c"),
        ("issue#12 a+b", "issue 12 a b"),
        // Scripts without spaces, in pairs.
        ("東京都", "東京 京都 (都)"), ("猫", "猫"), ("東京tower 3月", "東京 (京) tower 3 月"), ("ﾀﾜｰ", "タワ ワー (ー)"),
        ("ひらがな、カナ", "ひら らが がな (な) カナ (ナ)"), ("한국어 책", "한국 국어 (어) 책"),
        ("\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}", "한글 (글)"), ("ที่นี่", "ที่นี่ (นี่)"),
        // Others.
        ("नमस्ते दुनिया", "नमस्ते दुनिया"), ("مرحبا بالعالم", "مرحبا بالعالم"), ("Москва́ река", "москва река"),
        // Pictographs.
        ("hi👋🏽🎉", "hi 👋 🎉"), ("👩‍👩‍👧 🇩🇪🇫🇷 ❤️", "👩👩👧 🇩🇪 🇫🇷 ❤"),
    ])
    func findsWords(text: String, expected: String) {
        #expect(Self.words(text) == expected)
    }

    @Test func longWordsAreCut() {
        let long = String(repeating: "x", count: 200)
        #expect(Self.words(long).count == 64)
        #expect(Self.words("ä" + long).unicodeScalars.count == 64)
        #expect(
            Self.words("\(long)_b") == String(repeating: "x", count: 64) + " [\(String(repeating: "x", count: 64))] [b]"
        )
    }

    @Test func countsWordsAndWhereTheyStand() {
        let document = TextAnalyzer().analyze([
            (.content, "Running runs: the run"), (.key, "run_log"), (.tags, "Log"), ([.content, .value], "run"),
        ])
        #expect(
            document.words == [
                AnalyzedWord(word: "log", isStemmed: true, tf: 2, fields: [.key, .tags]),
                AnalyzedWord(word: "run", isStemmed: true, tf: 3, fields: [.content, .key, .value]),
                AnalyzedWord(word: "run_log", isStemmed: true, tf: 1, fields: .key),
                AnalyzedWord(word: "running", isStemmed: true, tf: 1, fields: .content),
                AnalyzedWord(word: "runs", isStemmed: true, tf: 1, fields: .content),
                AnalyzedWord(word: "the", isStemmed: true, tf: 1, fields: .content),
            ])
        #expect(document.words.map(\.stem) == ["log", "run", "run_log", "run", "run", "the"])
        #expect(document.length == 7, "stop words take no place")
        #expect(TextAnalyzer().analyze([(.content, "to be or not to be")]).length == 1)
        #expect(TextAnalyzer().analyze([]).length == 0)
    }

    @Test func otherLanguagesAreNotStemmed() {
        #expect(TextAnalyzer(locale: "en-GB").stem("running") == "run")
        #expect(TextAnalyzer(locale: "de").stem("running") == "running")
        #expect(TextAnalyzer(locale: "de").queryWords("the running").map(\.isStopWord) == [false, false])
    }

    /// However a text is cut into words, these hold.
    @Test func tokensHoldTogether() {
        var random = IndexRandom(seed: 11)
        let pieces = [
            "word", "Two", "camelCase", "HTTPServer", "_", "__", "-", ".", "/", "\\", "@", "'", "’", "'s", ",", " ",
            "12",
            "1,234", "é", "e\u{301}", "\u{301}", "東京", "か\u{3099}", "한국", "ที่", "👩‍👧", "🇩🇪", "\u{200D}", "#", "++", "c",
            "½", "ﷺ", "İ", "ß", "\u{AD}", "\u{0}", "\n", "A", "s", "URLs",
        ]
        let analyzer = TextAnalyzer()
        for _ in 0..<3_000 {
            let text = (0..<random.below(9)).map { _ in pieces[random.below(pieces.count)] }.joined()
            let tokens = analyzer.tokens(text)
            let document = analyzer.analyze([(.content, text)])
            #expect(document.words.reduce(0) { $0 + $1.tf } == tokens.count, "\(text)")
            #expect(document.words.map(\.word) == Set(tokens.map(\.word)).sorted(by: Self.precedes), "\(text)")
            #expect(document.words.allSatisfy { analyzer.stem($0.word) == $0.stem })
            let stopWords = document.words.reduce(0) { analyzer.isStopWord($1.word) ? $0 + $1.tf : $0 }
            #expect((tokens.map { $0.position + $0.span }.max() ?? 0) <= document.length + stopWords)
            for token in tokens {
                let written = text.utf8.dropFirst(token.range.lowerBound).prefix(token.range.count)
                #expect(String(Substring(written)).utf8.count == token.range.count, "\(text): whole scalars")
                #expect(TextFolding.fold(token.word) == token.word, "\(text): \(token.word)")
                #expect(token.word.unicodeScalars.allSatisfy { $0.value > 32 }, "\(text): \(token.word)")
                #expect((1...64).contains(token.word.unicodeScalars.count))
            }
        }
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
