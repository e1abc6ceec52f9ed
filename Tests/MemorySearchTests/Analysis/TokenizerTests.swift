import MemorySearch
import Testing

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
