/// What a character is to the words of a text. Follows the word boundaries of UAX #29 in spirit: letters, marks and
/// numbers make words.
enum CharacterKind: UInt8 {
    case separator
    /// Letters, marks and numbers of scripts that write words with something between them.
    case word
    /// Scripts that write without spaces between words, and Hangul, whose words carry their particles: indexed as pairs
    /// of characters, as Lucene's CJKBigramFilter does.
    case pairs
    /// Goes on with whatever it follows: joiners, soft hyphens, variation selectors, vowel signs of `pairs`.
    case extends
    /// A pictograph, a word of its own.
    case symbol

    init(_ scalar: Unicode.Scalar) {
        guard !scalar.isASCII else {
            self = scalar.isASCIILetter || scalar.isASCIIDigit ? .word : .separator
            return
        }
        let index = FoldingTable.kinds.lastIndex(from: scalar.value, shift: 3)
        self = index.flatMap { CharacterKind(rawValue: UInt8(FoldingTable.kinds[$0] & 7)) } ?? .separator
    }
}

extension Unicode.Scalar {
    var isASCIIDigit: Bool { (48...57).contains(value) }
    var isASCIILetter: Bool { (97...122).contains(value | 0x20) }
}

extension [UInt32] {
    /// Of entries that carry `key << shift | more` in ascending order, the last whose key is `key` or less.
    func lastIndex(from key: UInt32, shift: UInt32) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] >> shift <= key { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }
}
