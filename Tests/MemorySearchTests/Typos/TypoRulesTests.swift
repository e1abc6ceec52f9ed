import MemorySearch
import Testing

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
