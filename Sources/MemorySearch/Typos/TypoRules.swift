/// How many edits a word may be away from the one that was meant. The lengths are TypeSense's `min_len_1typo` and
/// `min_len_2typo` with their defaults, and `num_typos` is its `maximum`
/// (https://typesense.org/docs/latest/api/search.html#typo-tolerance-parameters).
package struct TypoRules: Hashable, Sendable {
    /// 0...2
    package var maximum: Int
    /// The scalars that a word needs for one edit, and for two.
    package var minimumLengthOfOne: Int
    package var minimumLengthOfTwo: Int

    package init(maximum: Int = 2, minimumLengthOfOne: Int = 4, minimumLengthOfTwo: Int = 7) {
        self.maximum = maximum
        self.minimumLengthOfOne = minimumLengthOfOne
        self.minimumLengthOfTwo = minimumLengthOfTwo
    }

    /// The edits that a word of a length may be away.
    package func allowed(length: Int) -> Int {
        let byLength = length < minimumLengthOfOne ? 0 : length < minimumLengthOfTwo ? 1 : 2
        return max(0, min(byLength, maximum, 2))
    }

    /// The edits that a folded word may be away: none for anything with a digit.
    package func allowed(for word: String) -> Int {
        if word.utf8.contains(where: { (48...57).contains($0) }) { return 0 }
        return allowed(length: word.unicodeScalars.count)
    }

    /// The distance of two folded words where a wrong first letter costs one more, since people seldom miss it
    /// (J. J. Pollock and A. Zamora, "Automatic spelling correction in scientific and scholarly text", CACM 27, 1984:
    /// few errors are in the first letter); `nil` when it is more than `limit`, or one of them is empty.
    package static func distance(_ left: String, _ right: String, atMost limit: Int) -> Int? {
        if left == right { return 0 }
        guard !left.isEmpty, !right.isEmpty else { return nil }
        let extra = left.unicodeScalars.first == right.unicodeScalars.first ? 0 : 1
        return TypoDistance.distance(left, right, atMost: limit - extra).map { $0 + extra }
    }
}
