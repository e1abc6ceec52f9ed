import MemorySearch
import Testing

@Suite struct TypoDistanceTests {
    @Test(arguments: [
        ("", "", 0), ("", "ab", 2), ("ab", "", 2), ("ca", "abc", 3), ("ab", "ba", 1), ("großen", "grosen", 1),
        ("東京都", "東都京", 1), ("abcdef", "abcdef", 0), ("receive", "recieve", 1),
    ])
    func countsEdits(left: String, right: String, edits: Int) {
        #expect(TypoDistance.distance(left, right, atMost: 3) == edits)
        #expect(TypoDistance.distance(left, right, atMost: edits - 1) == nil)
    }

    @Test func agreesWithTheNaiveOne() {
        var random = IndexRandom(seed: 5)
        let letters = Array("aabbcdé東".unicodeScalars)
        for round in 0..<3_000 {
            let lengthMax = round % 50 == 0 ? 65 : 9
            let left = word(random.below(lengthMax), letters, &random)
            let right = word(random.below(lengthMax), letters, &random)
            let edits = naive(Array(left.unicodeScalars), Array(right.unicodeScalars))
            for limit in [0, 1, 2, 3, 64] {
                #expect(
                    TypoDistance.distance(left, right, atMost: limit) == (edits <= limit ? edits : nil),
                    "\(left) \(right)")
            }
        }
    }

    private func word(_ length: Int, _ letters: [Unicode.Scalar], _ random: inout IndexRandom) -> String {
        var view = String.UnicodeScalarView()
        for _ in 0..<length { view.append(letters[random.below(letters.count)]) }
        return String(view)
    }

    /// The whole table, as the definition has it.
    private func naive(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var table = [[Int]](repeating: Array(0...b.count), count: a.count + 1)
        for i in 0...a.count { table[i][0] = i }
        for i in stride(from: 1, through: a.count, by: 1) {
            for j in stride(from: 1, through: b.count, by: 1) {
                let replaced = table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, replaced)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
                }
            }
        }
        return table[a.count][b.count]
    }

    // MARK: Hashes

    /// What was chosen by them is on people's disks: they never change.
    @Test func hashesAreForEver() {
        #expect(StableHash.of("".utf8) == 0xefd01f60ba992926)
        #expect(StableHash.of("word".utf8) == 0x4c785db2fc3bb1cf)
    }
}
