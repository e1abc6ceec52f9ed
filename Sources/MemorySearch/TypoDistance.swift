/// How far apart two words are, in the edits that typing makes: one letter added, left out, replaced, or two
/// neighbours swapped (optimal string alignment, a restricted Damerau-Levenshtein distance). A wrong first letter
/// counts twice: people seldom miss it.
package enum TypoDistance {
    /// The edits that a word may be away: none up to 3 letters and for anything with a digit, 1 from 4, 2 from 7.
    package static func allowed(for word: String) -> Int {
        if word.utf8.contains(where: { (48...57).contains($0) }) { return 0 }
        switch word.unicodeScalars.count {
        case ..<4: return 0
        case 4..<7: return 1
        default: return 2
        }
    }

    /// The distance of two folded words, or `nil` when it is more than `limit`.
    package static func between(_ left: String, _ right: String, limit: Int) -> Int? {
        if left == right { return 0 }
        let a = Array(left.unicodeScalars)
        let b = Array(right.unicodeScalars)
        guard abs(a.count - b.count) <= limit, let firstA = a.first, let firstB = b.first else { return nil }
        let extra = firstA == firstB ? 0 : 1
        guard let edits = alignment(a, b, limit: limit - extra) else { return nil }
        return edits + extra
    }

    private static func alignment(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar], limit: Int) -> Int? {
        guard limit > 0 else { return nil }
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + [Int](repeating: 0, count: b.count)
            for j in 1...b.count {
                let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                row[j] = min(last[j] + 1, row[j - 1] + 1, replaced)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            if (row.min() ?? 0) > limit { return nil }
            beforeLast = last
            last = row
        }
        return last[b.count] <= limit ? last[b.count] : nil
    }
}
