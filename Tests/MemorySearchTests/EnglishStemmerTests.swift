import MemorySearch
import Testing

/// Pairs from the description of the algorithm and its published vocabulary.
@Suite struct EnglishStemmerTests {
    @Test(arguments: [
        "consign consign", "consigned consign", "consigning consign", "consistency consist", "consolation consol",
        "knackeries knackeri", "knavish knavish", "kneeling kneel", "knightly knight", "kitchens kitchen",
        "ties tie", "cries cri", "gas gas", "this this", "gaps gap", "kiwis kiwi", "hopping hop", "hoping hope",
        "luxuriated luxuri", "bring bring", "exceed exceed", "generously generous", "general general",
        "communities communiti", "sky sky", "skies sky", "news news", "inning inning", "by by", "say say", "cry cri",
        "relational relat", "hopefulness hope", "formative format", "replacement replac", "controlling control",
        "employees employe", "categories categori", "customers custom", "discontinued discontinu", "sales sale",
        "analysis analysi", "youth youth", "boyish boyish", "national nation", "vietnamization vietnam",
        "bled bled", "agreed agre", "succeeding succeed", "early earli", "beautifully beauti",
        "radically radic", "added add",
    ])
    func stems(pair: String) {
        let words = pair.split(separator: " ").map(String.init)
        #expect(EnglishStemmer.stem(words[0]) == words[1])
    }

    @Test(arguments: ["a", "is", "über", "x86", "東京", "order_id", ""])
    func leavesOtherTextAlone(word: String) {
        #expect(EnglishStemmer.stem(word) == word)
    }
}
