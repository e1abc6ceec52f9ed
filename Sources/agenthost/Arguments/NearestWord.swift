/// What someone may have meant to write.
enum NearestWord {
    /// The known word with the fewest letters to change, when that is few enough for a slip.
    static func to(_ word: String, among known: [String]) -> String? {
        let near = known.map { (word: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
        guard let near else { return nil }
        if near.distance <= max(1, min(3, word.count / 3)) { return near.word }
        return word.count >= 3 ? known.first { $0.hasPrefix(word) } : nil
    }

    /// Letters to insert, remove, replace or swap with their neighbour: the restricted distance of Damerau and
    /// Levenshtein.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var (before, above) = ([Int](), Array(0...right.count))
        for (i, letter) in left.enumerated() {
            var row = [i + 1]
            for (j, other) in right.enumerated() {
                var least = min(above[j] + (letter == other ? 0 : 1), row[j] + 1, above[j + 1] + 1)
                if i > 0, j > 0, letter == right[j - 1], other == left[i - 1] { least = min(least, before[j - 1] + 1) }
                row.append(least)
            }
            (before, above) = (above, row)
        }
        return above[right.count]
    }
}
