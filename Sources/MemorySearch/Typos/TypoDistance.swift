/// How far apart two words are, in the edits that typing makes: one letter added, left out, replaced, or two
/// neighbours swapped (optimal string alignment, the restricted Damerau-Levenshtein distance: no letter is edited
/// twice).
package enum TypoDistance {
    /// The distance of two words in scalars, or `nil` when it is more than `limit`.
    package static func distance(_ left: String, _ right: String, atMost limit: Int) -> Int? {
        TypoPattern(left).distance(to: right.unicodeScalars.lazy.map(\.value), atMost: limit)
    }
}

/// A word that others are measured against: prepared once, then each comparison takes a few operations a letter, by the
/// bit-parallel algorithm for the optimal string alignment distance of H. Hyyrö, "A bit-vector algorithm for computing
/// Levenshtein and Damerau edit distances" (Nordic Journal of Computing 10, 2003).
package struct TypoPattern: Sendable {
    /// In scalars; of a longer word only the first 64 count, and no folded word is longer.
    package let count: Int
    /// For each ASCII letter, the places where it stands, as bits.
    private var ascii: [UInt64]
    private var others: [(scalar: UInt32, places: UInt64)] = []

    package init(_ word: String) {
        ascii = [UInt64](repeating: 0, count: 128)
        var place: UInt64 = 1
        var count = 0
        for scalar in word.unicodeScalars.prefix(64) {
            if scalar.isASCII {
                ascii[Int(scalar.value)] |= place
            } else if let known = others.firstIndex(where: { $0.scalar == scalar.value }) {
                others[known].places |= place
            } else {
                others.append((scalar.value, place))
            }
            place <<= 1
            count += 1
        }
        self.count = count
    }

    /// The distance to a word, given as scalar values, or `nil` when it is more than `limit`.
    package func distance(to word: some Sequence<UInt32>, atMost limit: Int) -> Int? {
        var column = Column(count: count)
        var length = 0
        for scalar in word {
            length += 1
            guard length - count <= limit else { return nil }
            column.advance(places(of: scalar))
        }
        let distance = count == 0 ? length : column.distance
        return distance <= limit ? distance : nil
    }

    private func places(of scalar: UInt32) -> UInt64 {
        if scalar < 128 { return ascii[Int(scalar)] }
        return others.first { $0.scalar == scalar }?.places ?? 0
    }

    /// A column of the table of distances, kept as the differences of neighbours: `up` where the next is one more,
    /// `down` where it is one less.
    private struct Column {
        var distance: Int
        private let last: UInt64
        private var up = ~UInt64(0)
        private var down: UInt64 = 0
        private var diagonal: UInt64 = 0
        private var before: UInt64 = 0

        init(count: Int) {
            distance = count
            last = count == 0 ? 0 : 1 << UInt64(count - 1)
        }

        mutating func advance(_ places: UInt64) {
            let swapped = ((~diagonal & places) << 1) & before
            diagonal = ((((places & up) &+ up) ^ up) | places | down) | swapped
            var right = down | ~(diagonal | up)
            var left = diagonal & up
            if right & last != 0 { distance += 1 }
            if left & last != 0 { distance -= 1 }
            right = (right << 1) | 1
            left <<= 1
            up = left | ~(diagonal | right)
            down = right & diagonal
            before = places
        }
    }
}
