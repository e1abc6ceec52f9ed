import MemorySearch
import Testing

@Suite struct QueryWordTests {
    private let analyzer = TextAnalyzer()

    @Test func saysWhatEachWordIs() throws {
        let words = analyzer.queryWords("What did Zoë’s getUserName return in 2026?")
        #expect(words.map(\.text) == ["What", "did", "Zoë’s", "getUserName", "return", "in", "2026"])
        #expect(words.map(\.folded) == ["what", "did", "zoe", "getusername", "return", "in", "2026"])
        #expect(words.map(\.isStopWord) == [true, true, false, false, false, true, false])
        #expect(words.map(\.isExact) == [false, false, false, true, false, false, true])
        #expect(words[3].parts.map(\.folded) == ["get", "user", "name"])
        #expect(words[3].partWeight == 1.0 / 3)
        #expect(words[0].partWeight == 1)
        #expect(words.map(\.range) == [0..<4, 5..<8, 9..<17, 18..<29, 30..<36, 37..<39, 40..<44])
    }

    @Test func partsAreStemmedAndKeepTheirOrder() {
        let words = analyzer.queryWords("src/running_jobs.log and order-dates")
        #expect(words.map(\.folded) == ["src/running_jobs.log", "and", "order-dates"])
        #expect(words[0].parts.map(\.stem) == ["src", "run", "job", "log"])
        #expect(words[2].parts.map(\.stem) == ["order", "date"])
        #expect(words.map(\.isExact) == [true, false, false])
    }

    @Test func hyphensMaySeparateWords() {
        let words = analyzer.queryWords("a Two-Dimensional flow of order_dates, x-15", splitsHyphens: true)
        #expect(words.map(\.folded) == ["a", "two", "dimensional", "flow", "of", "order_dates", "x-15"])
        #expect(words.map(\.range) == [0..<1, 2..<5, 6..<17, 18..<22, 23..<25, 26..<37, 39..<43])
        #expect(words[2].stem == "dimension" && words[2].parts == [] && !words[2].isExact)
        #expect(words[5].parts.map(\.folded) == ["order", "dates"])
    }

    @Test func pairsOverlapAndALoneCharacterIsPartial() {
        let words = analyzer.queryWords("東京都 猫")
        #expect(words.map(\.folded) == ["東京", "京都", "猫"])
        #expect(words.map(\.isPartial) == [false, false, true])
        #expect(words.map(\.range) == [0..<6, 3..<9, 10..<13])
        #expect(words.map(\.text) == ["東京", "京都", "猫"])
    }

    /// What a query is made of is what its text is indexed by.
    @Test(arguments: ["Größenwahn l'homme 東京 don't", "U.S.A. src/a.b 1,234.5 C++", "猫 👋🏽 \u{1112}\u{1161}"])
    func queriesAndDocumentsAgree(text: String) {
        let indexed = Set(analyzer.analyze([(.content, text)]).words.map(\.stem))
        for word in analyzer.queryWords(text) {
            #expect(indexed.contains(word.stem))
            #expect(indexed.isSuperset(of: word.parts.map(\.stem)))
        }
    }

    @Test(arguments: ["the", "don't", "you'll", "a", "can", "will", "yourselves"]) func knowsStopWords(word: String) {
        #expect(analyzer.isStopWord(word))
    }

    @Test(arguments: ["may", "query", "", "th", "zz"]) func knowsOtherWords(word: String) {
        #expect(!analyzer.isStopWord(word))
    }
}
