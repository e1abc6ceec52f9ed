/// The stem of an English word by the Snowball "English" (Porter2) algorithm as of Snowball 3.1,
/// https://snowballstem.org/algorithms/english/stemmer.html. Expects a folded word; one with anything but `a`-`z` and
/// apostrophes comes back as it is.
package struct EnglishStemmer {
    /// The word, then its stem. A consonant `y` is written `Y` meanwhile.
    private(set) var letters: [UInt8] = []
    private var region1 = 0
    private var region2 = 0
    private var hasConsonantY = false

    package static func stem(_ word: String) -> String {
        var stemmer = EnglishStemmer()
        return stemmer.stem(word.utf8) ? String(decoding: stemmer.letters, as: UTF8.self) : word
    }

    /// Leaves the stem in `letters`; false when the word is its own stem without a look.
    mutating func stem(_ word: some Collection<UInt8>) -> Bool {
        guard word.count > 2, word.allSatisfy({ (97...122).contains($0) || $0 == 39 }) else { return false }
        letters.removeAll(keepingCapacity: true)
        letters.append(contentsOf: word)
        if letters.count < 7,
            let special = EnglishEndings.irregular.first(where: { $0.word.bits == tail(letters.count) })
        {
            replace(letters.count, by: special.stem)
            return true
        }
        if letters[0] == UInt8(ascii: "'") { letters.removeFirst() }
        markConsonantYs()
        markRegions()
        pluralEnding()
        pastEnding()
        finalY()
        replaceFirst(of: EnglishEndings.step2)
        replaceFirst(of: EnglishEndings.step3)
        if let rule = EnglishEndings.step4.first(where: { has($0.ending) }), allows(rule) { drop(rule.ending.count) }
        finalEOrL()
        if hasConsonantY { for index in letters.indices { letters[index] |= 0x20 } }
        return true
    }

    // MARK: Before the steps

    private mutating func markConsonantYs() {
        hasConsonantY = false
        for index in letters.indices where letters[index] == UInt8(ascii: "y") {
            guard index == 0 || Self.isVowel(letters[index - 1]) else { continue }
            letters[index] = UInt8(ascii: "Y")
            hasConsonantY = true
        }
    }

    private mutating func markRegions() {
        region1 = EnglishEndings.prefixes.first { starts(with: $0) }?.count ?? region(from: 0)
        region2 = region(from: region1)
    }

    /// Where the part after the first non-vowel that follows a vowel begins.
    private func region(from start: Int) -> Int {
        var index = start
        while index < letters.count, !Self.isVowel(letters[index]) { index += 1 }
        while index < letters.count, Self.isVowel(letters[index]) { index += 1 }
        return min(index + 1, letters.count)
    }

    // MARK: The steps, 1a to 5

    private mutating func pluralEnding() {
        for ending in EnglishEndings.possessives where has(ending) {
            drop(ending.count)
            break
        }
        switch letters.last {
        case UInt8(ascii: "d"):
            if has(EnglishEndings.ied) { drop(letters.count > 4 ? 2 : 1) }
        case UInt8(ascii: "s"):
            if has(EnglishEndings.sses) || has(EnglishEndings.ies) && letters.count > 4 { return drop(2) }
            if has(EnglishEndings.ies) { return drop(1) }
            if has(EnglishEndings.us) || has(EnglishEndings.ss) { return }
            if letters.dropLast(2).contains(where: Self.isVowel) { drop(1) }
        default:
            break
        }
    }

    private mutating func pastEnding() {
        guard let rule = EnglishEndings.step1b.first(where: { has($0.ending) }) else { return }
        let start = letters.count - rule.ending.count
        switch rule.condition {
        case .inRegion1:
            // "proceed" is no past.
            let isWhole = EnglishEndings.wholeBeforeEed.contains { $0.count == start && starts(with: $0) }
            if start >= region1, !isWhole { replace(rule.ending.count, by: rule.other) }
            return
        case .afterName:
            if start == 2, letters[1] == UInt8(ascii: "y"), !Self.isVowel(letters[0]) {
                return replace(4, by: EnglishEndings.ie)
            }
            if EnglishEndings.wholeBeforeIng.contains(where: { $0.count == start && starts(with: $0) }) { return }
        default:
            break
        }
        guard letters[..<start].contains(where: Self.isVowel) else { return }
        drop(rule.ending.count)
        if EnglishEndings.beforeE.contains(where: { has($0) }) {
            letters.append(UInt8(ascii: "e"))
        } else if endsWithDouble {
            if letters.count > 3 || !Self.isOne(of: EnglishEndings.aeo, letters[0]) { drop(1) }
        } else if letters.count == region1, endsShortSyllable(letters.count) {
            letters.append(UInt8(ascii: "e"))
        }
    }

    private mutating func finalY() {
        let last = letters.count - 1
        guard last > 1, letters[last] | 0x20 == UInt8(ascii: "y"), !Self.isVowel(letters[last - 1]) else { return }
        letters[last] = UInt8(ascii: "i")
    }

    private mutating func replaceFirst(of rules: [EnglishEndings.Rule]) {
        guard let rule = rules.first(where: { has($0.ending) }), allows(rule) else { return }
        replace(rule.ending.count, by: rule.other)
    }

    private func allows(_ rule: EnglishEndings.Rule) -> Bool {
        let start = letters.count - rule.ending.count
        let before = start > 0 ? letters[start - 1] : 0
        return switch rule.condition {
        case .inRegion1, .afterName: start >= region1
        case .inRegion2: start >= region2
        case .afterL: start >= region1 && before == UInt8(ascii: "l")
        case .afterLiEnding: start >= region1 && Self.isOne(of: EnglishEndings.beforeLi, before)
        case .afterST: start >= region2 && (before == UInt8(ascii: "s") || before == UInt8(ascii: "t"))
        }
    }

    private mutating func finalEOrL() {
        let start = letters.count - 1
        guard start > 0 else { return }
        if letters[start] == UInt8(ascii: "e") {
            if start >= region2 || start >= region1 && !endsShortSyllable(start) { drop(1) }
        } else if letters[start] == UInt8(ascii: "l"), start >= region2, letters[start - 1] == UInt8(ascii: "l") {
            drop(1)
        }
    }

    // MARK: What the steps speak of

    private static func isOne(of set: UInt32, _ letter: UInt8) -> Bool {
        (97...122).contains(letter) && set & (1 << UInt32(letter - 97)) != 0
    }

    private static func isVowel(_ letter: UInt8) -> Bool { isOne(of: EnglishEndings.vowels, letter) }

    /// Whether the letters before `end` end in a short syllable.
    private func endsShortSyllable(_ end: Int) -> Bool {
        if end == 2 { return Self.isVowel(letters[0]) && !Self.isVowel(letters[1]) }
        guard end > 2 else { return false }
        if !Self.isVowel(letters[end - 3]), Self.isVowel(letters[end - 2]), !Self.isVowel(letters[end - 1]) {
            let last = letters[end - 1]
            if last != UInt8(ascii: "w"), last != UInt8(ascii: "x"), last != UInt8(ascii: "Y") { return true }
        }
        return EnglishEndings.past.matches(letters[..<end])
    }

    private var endsWithDouble: Bool {
        guard letters.count > 1 else { return false }
        let last = letters[letters.count - 1]
        return last == letters[letters.count - 2] && Self.isOne(of: EnglishEndings.doubles, last)
    }

    private func has(_ ending: EnglishEndings.Letters) -> Bool { ending.matches(letters[...]) }

    private func starts(with start: EnglishEndings.Letters) -> Bool {
        letters.count >= start.count && start.matches(letters[..<start.count])
    }

    /// The last letters, at most 8, the last in the lowest byte.
    private func tail(_ count: Int) -> UInt64 { letters.suffix(min(count, 8)).reduce(0) { $0 << 8 | UInt64($1) } }

    private mutating func drop(_ count: Int) { letters.removeLast(min(count, letters.count)) }

    private mutating func replace(_ count: Int, by other: EnglishEndings.Letters) {
        drop(count)
        for index in (0..<other.count).reversed() {
            letters.append(UInt8(truncatingIfNeeded: other.bits >> UInt64(index * 8)))
        }
    }
}
