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

    /// These are stored: they never change.
    @Test func hashesAreForEver() {
        #expect(DeletionHashes.hash("".utf8) == 0xefd01f60ba992926)
        #expect(
            DeletionHashes.of("word") == [
                0x4c785db2fc3bb1cf, 0xff1a406bbd6b0bbd, 0x94526ff2e9c3dc9f, 0xc31d455e02dc3bc2, 0x44cdeacfab60d2ba,
            ])
        #expect(
            DeletionHashes.of("größe")
                == ["größe", "röße", "göße", "grße", "gröe", "größ"].map { DeletionHashes.hash($0.utf8) })
        #expect(DeletionHashes.of("abc") == [])
        #expect(DeletionHashes.of("aaaa").count == 2)
    }

    /// Words one edit apart share a hash, whatever the edit.
    @Test func neighboursShareAHash() {
        var random = IndexRandom(seed: 9)
        let letters = Array("abcdeé".unicodeScalars)
        for _ in 0..<500 {
            let left = word(5 + random.below(6), letters, &random)
            var edited = Array(left.unicodeScalars)
            let place = random.below(edited.count - 1)
            switch random.below(4) {
            case 0: edited.remove(at: place)
            case 1: edited.insert("z", at: place)
            case 2: edited[place] = "z"
            default: edited.swapAt(place, place + 1)
            }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: edited)
            #expect(
                !Set(DeletionHashes.of(left)).isDisjoint(with: DeletionHashes.of(String(view))), "\(left) \(edited)")
        }
    }
}
