/// The stem of an English word by the Snowball "English" (Porter2) algorithm,
/// https://snowballstem.org/algorithms/english/stemmer.html. Expects a folded word; one with anything but
/// `a`-`z` and apostrophes comes back as it is.
package enum EnglishStemmer {
    package static func stem(_ word: String) -> String {
        guard word.utf8.count > 2, word.utf8.allSatisfy({ (97...122).contains($0) || $0 == 39 }) else { return word }
        if let special = irregular[word] { return special }
        var machine = Machine(Array(word.utf8))
        machine.run()
        return String(decoding: machine.letters, as: UTF8.self).lowercased()
    }

    private static let irregular: [String: String] = [
        "skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl",
        "gently": "gentl", "ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl", "sky": "sky",
        "news": "news", "howe": "howe", "atlas": "atlas", "cosmos": "cosmos", "bias": "bias", "andes": "andes",
    ]

    /// Words that stay as they are once the plural ending is gone.
    private static let finished: Set<String> = [
        "inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed",
    ]

    private struct Machine {
        /// A consonant `y` is written `Y` meanwhile.
        var letters: [UInt8]
        private var region1 = 0
        private var region2 = 0

        init(_ word: [UInt8]) {
            letters = word.first == UInt8(ascii: "'") ? Array(word.dropFirst()) : word
            markConsonantYs()
            region1 = Self.prefixes.first { has(prefix: $0) }?.utf8.count ?? region(from: 0)
            region2 = region(from: region1)
        }

        mutating func run() {
            guard letters.count > 2 else { return }
            step0()
            step1a()
            if EnglishStemmer.finished.contains(String(decoding: letters, as: UTF8.self)) { return }
            step1b()
            step1c()
            replace(Self.step2, within: region1)
            replace(Self.step3, within: region1)
            step4()
            step5()
        }

        // MARK: The steps, named as in the description

        private mutating func step0() {
            for suffix in ["'s'", "'s", "'"] where has(suffix) { return cut(suffix) }
        }

        private mutating func step1a() {
            if has("sses") { return cut("es") }
            if has("ied") || has("ies") { return cut(letters.count > 4 ? "es" : "s") }
            if has("us") || has("ss") || !has("s") { return }
            if letters.dropLast(2).contains(where: Self.isVowel) { letters.removeLast() }
        }

        private mutating func step1b() {
            for suffix in ["eedly", "eed"] where has(suffix) {
                if letters.count - suffix.utf8.count >= region1 { cut(suffix == "eed" ? "d" : "dly") }
                return
            }
            for suffix in ["ingly", "edly", "ing", "ed"] where has(suffix) {
                guard letters.dropLast(suffix.utf8.count).contains(where: Self.isVowel) else { return }
                cut(suffix)
                if has("at") || has("bl") || has("iz") {
                    letters.append(UInt8(ascii: "e"))
                } else if endsWithDouble {
                    letters.removeLast()
                } else if isShort {
                    letters.append(UInt8(ascii: "e"))
                }
                return
            }
        }

        private mutating func step1c() {
            guard letters.count > 2, let last = letters.last, last == UInt8(ascii: "y") || last == UInt8(ascii: "Y"),
                !Self.isVowel(letters[letters.count - 2])
            else { return }
            letters[letters.count - 1] = UInt8(ascii: "i")
        }

        private mutating func replace(_ table: [(String, String, Condition)], within region: Int) {
            guard let (suffix, other, condition) = table.first(where: { has($0.0) }) else { return }
            let start = letters.count - suffix.utf8.count
            guard start >= region else { return }
            let allowed =
                switch condition {
                case .always: true
                case .inRegion2: start >= region2
                case .afterL: start > 0 && letters[start - 1] == UInt8(ascii: "l")
                case .afterLiEnding: start > 0 && "cdeghkmnrt".utf8.contains(letters[start - 1])
                }
            guard allowed else { return }
            cut(suffix)
            letters.append(contentsOf: other.utf8)
        }

        private mutating func step4() {
            guard let suffix = Self.step4.first(where: { has($0) }) else { return }
            let start = letters.count - suffix.utf8.count
            guard start >= region2 else { return }
            if suffix == "ion", start == 0 || !"st".utf8.contains(letters[start - 1]) { return }
            cut(suffix)
        }

        private mutating func step5() {
            let start = letters.count - 1
            if has("e"), start >= region2 || start >= region1 && !endsShortSyllable(start) {
                letters.removeLast()
            } else if has("ll"), start >= region2 {
                letters.removeLast()
            }
        }

        // MARK: What the steps speak of

        private static func isVowel(_ letter: UInt8) -> Bool { "aeiouy".utf8.contains(letter) }

        private mutating func markConsonantYs() {
            for index in letters.indices where letters[index] == UInt8(ascii: "y") {
                if index == 0 || Self.isVowel(letters[index - 1]) { letters[index] = UInt8(ascii: "Y") }
            }
        }

        /// Where the part after the first non-vowel that follows a vowel begins.
        private func region(from start: Int) -> Int {
            var index = start + 1
            while index < letters.count {
                if !Self.isVowel(letters[index]), Self.isVowel(letters[index - 1]) { return index + 1 }
                index += 1
            }
            return letters.count
        }

        /// Whether the letters before `end` end in a short syllable.
        private func endsShortSyllable(_ end: Int) -> Bool {
            if end == 2 { return Self.isVowel(letters[0]) && !Self.isVowel(letters[1]) }
            guard end > 2 else { return false }
            return !Self.isVowel(letters[end - 3]) && Self.isVowel(letters[end - 2])
                && !Self.isVowel(letters[end - 1]) && !"wxY".utf8.contains(letters[end - 1])
        }

        private var isShort: Bool { region1 >= letters.count && endsShortSyllable(letters.count) }

        private var endsWithDouble: Bool {
            guard letters.count > 1, let last = letters.last else { return false }
            // As Snowball 3 does: "added" is "add", not "ad".
            if letters.count == 3, "aeo".utf8.contains(letters[0]) { return false }
            return last == letters[letters.count - 2] && "bdfgmnprt".utf8.contains(last)
        }

        private func has(_ suffix: String) -> Bool { letters.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) }
        private func has(prefix: String) -> Bool { letters.starts(with: prefix.utf8) }
        private mutating func cut(_ suffix: String) { letters.removeLast(min(letters.count, suffix.utf8.count)) }

        enum Condition { case always, inRegion2, afterL, afterLiEnding }

        private static let prefixes = ["gener", "commun", "arsen"]

        /// Longest first, as all tables here.
        private static let step2: [(String, String, Condition)] = [
            ("ization", "ize", .always), ("ational", "ate", .always), ("fulness", "ful", .always),
            ("ousness", "ous", .always), ("iveness", "ive", .always), ("tional", "tion", .always),
            ("biliti", "ble", .always), ("lessli", "less", .always), ("entli", "ent", .always),
            ("ation", "ate", .always), ("alism", "al", .always), ("aliti", "al", .always), ("ousli", "ous", .always),
            ("iviti", "ive", .always), ("fulli", "ful", .always), ("enci", "ence", .always), ("anci", "ance", .always),
            ("abli", "able", .always), ("izer", "ize", .always), ("ator", "ate", .always), ("alli", "al", .always),
            ("bli", "ble", .always), ("ogi", "og", .afterL), ("li", "", .afterLiEnding),
        ]

        private static let step3: [(String, String, Condition)] = [
            ("ational", "ate", .always), ("tional", "tion", .always), ("alize", "al", .always),
            ("icate", "ic", .always), ("iciti", "ic", .always), ("ative", "", .inRegion2), ("ical", "ic", .always),
            ("ness", "", .always), ("ful", "", .always),
        ]

        private static let step4 = [
            "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize",
            "ion", "al", "er", "ic",
        ]
    }
}
