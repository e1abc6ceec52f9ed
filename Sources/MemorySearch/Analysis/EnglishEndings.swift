/// The tables of `EnglishStemmer`, of endings the longest first.
enum EnglishEndings {
    /// Up to 8 letters, the last in the lowest byte.
    struct Letters: ExpressibleByStringLiteral, Sendable {
        let bits: UInt64
        let count: Int

        init(stringLiteral text: StaticString) {
            count = text.utf8CodeUnitCount
            bits = text.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt64($1) } }
        }

        /// Whether the word ends in these letters.
        @inline(__always) func matches(_ word: ArraySlice<UInt8>) -> Bool {
            guard word.count >= count else { return false }
            var rest = bits
            var index = word.endIndex
            for _ in 0..<count {
                index -= 1
                if word[index] != UInt8(truncatingIfNeeded: rest) { return false }
                rest >>= 8
            }
            return true
        }
    }

    enum Condition: Sendable { case inRegion1, inRegion2, afterL, afterLiEnding, afterST, afterName }

    struct Rule: Sendable {
        let ending: Letters
        let other: Letters
        let condition: Condition

        init(_ ending: Letters, _ other: Letters = "", _ condition: Condition = .inRegion1) {
            self.ending = ending
            self.other = other
            self.condition = condition
        }
    }

    static let irregular: [(word: Letters, stem: Letters)] = [
        ("skis", "ski"), ("skies", "sky"), ("idly", "idl"), ("gently", "gentl"), ("ugly", "ugli"), ("early", "earli"),
        ("only", "onli"), ("singly", "singl"), ("sky", "sky"), ("news", "news"), ("howe", "howe"), ("atlas", "atlas"),
        ("cosmos", "cosmos"), ("bias", "bias"), ("andes", "andes"),
    ]

    static let prefixes: [Letters] = [
        "gener", "commun", "arsen", "past", "univers", "later", "emerg", "organ", "inter",
    ]

    static let possessives: [Letters] = ["'s'", "'s", "'"]
    static let ied: Letters = "ied"
    static let ies: Letters = "ies"
    static let ie: Letters = "ie"
    static let sses: Letters = "sses"
    static let us: Letters = "us"
    static let ss: Letters = "ss"
    static let past: Letters = "past"

    static let step1b = [
        Rule("eedly", "ee"), Rule("eed", "ee"), Rule("ingly", "", .inRegion2), Rule("edly", "", .inRegion2),
        Rule("ing", "", .afterName), Rule("ed", "", .inRegion2),
    ]
    static let wholeBeforeEed: [Letters] = ["succ", "proc", "exc"]
    static let wholeBeforeIng: [Letters] = ["even", "cann", "inn", "earr", "herr", "out"]
    static let beforeE: [Letters] = ["at", "bl", "iz"]

    static let step2 = [
        Rule("ization", "ize"), Rule("ational", "ate"), Rule("iveness", "ive"), Rule("fulness", "ful"),
        Rule("ousness", "ous"), Rule("biliti", "ble"), Rule("lessli", "less"), Rule("tional", "tion"),
        Rule("fulli", "ful"), Rule("ousli", "ous"), Rule("entli", "ent"), Rule("aliti", "al"), Rule("iviti", "ive"),
        Rule("alism", "al"), Rule("ation", "ate"), Rule("ogist", "og"), Rule("anci", "ance"), Rule("enci", "ence"),
        Rule("abli", "able"), Rule("alli", "al"), Rule("izer", "ize"), Rule("ator", "ate"), Rule("bli", "ble"),
        Rule("ogi", "og", .afterL), Rule("li", "", .afterLiEnding),
    ]

    static let step3 = [
        Rule("ational", "ate"), Rule("tional", "tion"), Rule("icate", "ic"), Rule("alize", "al"), Rule("iciti", "ic"),
        Rule("ative", "", .inRegion2), Rule("ical", "ic"), Rule("ness"), Rule("ful"),
    ]

    static let step4 = [
        Rule("ement", "", .inRegion2), Rule("ance", "", .inRegion2), Rule("ence", "", .inRegion2),
        Rule("able", "", .inRegion2), Rule("ible", "", .inRegion2), Rule("ment", "", .inRegion2),
        Rule("ant", "", .inRegion2), Rule("ent", "", .inRegion2), Rule("ism", "", .inRegion2),
        Rule("ate", "", .inRegion2), Rule("iti", "", .inRegion2), Rule("ous", "", .inRegion2),
        Rule("ive", "", .inRegion2), Rule("ize", "", .inRegion2), Rule("ion", "", .afterST),
        Rule("al", "", .inRegion2), Rule("er", "", .inRegion2), Rule("ic", "", .inRegion2),
    ]

    // Sets of letters, a bit for each from `a` on.
    static let vowels = letters("aeiouy")
    static let aeo = letters("aeo")
    static let doubles = letters("bdfgmnprt")
    static let beforeLi = letters("cdeghkmnrt")

    private static func letters(_ text: StaticString) -> UInt32 {
        text.withUTF8Buffer { $0.reduce(0) { $0 | 1 << UInt32($1 - 97) } }
    }
}
