import Testing

@testable import StoreSQLite

@Suite struct RecentWordsTests {
    @Test func whatIsAskedForStaysAndTheRestGoes() {
        var words = RecentWords<Int>(countMax: 8)
        words.keep(0, of: "often")
        for number in 1...40 {
            words.keep(number, of: "w\(number)")
            #expect(words.value(of: "often") == 0)
        }
        #expect(words.value(of: "w40") == 40)
        #expect(words.value(of: "w20") == nil)
        #expect((1...40).count { words.value(of: "w\($0)") != nil } <= 8)
    }

    @Test func whatIsRemovedIsGoneFromBothHalves() {
        var words = RecentWords<Int>(countMax: 4)
        for word in ["a", "b", "c"] { words.keep(1, of: word) }
        for word in ["a", "c"] { words.remove(word) }
        #expect(["a", "b", "c"].map { words.value(of: $0) } == [nil, 1, nil])
        words.removeAll()
        #expect(words.value(of: "b") == nil)
    }
}
