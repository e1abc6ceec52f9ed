import MemorySearch
import Testing

@Suite struct TextFoldingTests {
    @Test(arguments: [
        ("Zürich", "zurich"), ("ÅNGSTRÖM", "angstrom"), ("Łódź", "lodz"), ("México D.F.", "mexico d.f."),
        ("STRAẞE", "strasse"), ("e\u{301}clair", "eclair"), ("ＡＢＣ１", "abc1"), ("Œuvre", "oeuvre"),
        ("ΑΘΗΝΑ", "αθηνα"), ("it’s", "it's"), ("İstanbul", "istanbul"), ("東京", "東京"),
    ])
    func folds(written: String, folded: String) {
        #expect(TextFolding.fold(written) == folded)
    }
}

@Suite struct TokenizerTests {
    @Test(arguments: [
        ("Order Details", ["order", "details"]), ("order_details", ["order", "details"]),
        ("orderDetails", ["order", "details"]), ("OrderID", ["order", "id"]), ("HTTPServer", ["http", "server"]),
        ("kunden_nr", ["kunden", "nr"]), ("address2", ["address2"]), ("__x__", ["x"]), ("", []),
        ("Größe", ["grosse"]), ("unit-price (EUR)", ["unit", "price", "eur"]),
    ])
    func splitsIdentifiers(name: String, parts: [String]) {
        #expect(Tokenizer.parts(of: name) == parts)
    }

    @Test func findsWordsWithTheirPlaces() {
        let text = "Zoë's order_date, don’t stop: 42!"
        let words = Tokenizer.words(in: text)
        #expect(words.map(\.text) == ["Zoë", "order_date", "don’t", "stop", "42"])
        #expect(words.map(\.folded) == ["zoe", "order_date", "don't", "stop", "42"])
        #expect(words[1].parts == ["order", "date"])
        let bytes = Array(text.utf8)
        #expect(
            words.map { String(decoding: bytes[$0.range], as: UTF8.self) }
                == ["Zoë's", "order_date", "don’t", "stop", "42"])
    }

    @Test func textWithoutWordsHasNone() {
        #expect(Tokenizer.words(in: " \t…?!").isEmpty)
    }
}

@Suite struct TypoRulesTests {
    @Test(arguments: [
        ("germany", "germany", 0), ("germny", "germany", 1), ("gremany", "germany", 1), ("germanny", "germany", 1),
        ("berlni", "berlin", 1), ("kermany", "germany", 2), ("beverges", "beverages", 1), ("cusotmres", "customers", 2),
    ])
    func countsEdits(left: String, right: String, edits: Int) {
        #expect(TypoRules.distance(left, right, atMost: 2) == edits)
        #expect(TypoRules.distance(right, left, atMost: 2) == edits)
    }

    @Test(arguments: [("house", "mouse", 1), ("paris", "berlin", 2), ("abc", "abcdef", 2), ("", "a", 2)])
    func refusesWhatIsTooFar(left: String, right: String, limit: Int) {
        #expect(TypoRules.distance(left, right, atMost: limit) == nil)
    }

    @Test(arguments: [("the", 0), ("city", 1), ("orders", 1), ("country", 2), ("q1-1997", 0), ("東京都庁", 1)])
    func allowsMoreInLongerWords(word: String, edits: Int) {
        #expect(TypoRules().allowed(for: word) == edits)
    }
}
