/// What a token is of the text it was found in.
package enum TokenRole: Hashable, Sendable {
    /// A word on its own.
    case word
    /// An identifier as a whole; its `segment`s and `part`s follow it.
    case whole
    /// A piece of a path or an address that is itself an identifier: `main.swift` of `src/main.swift`.
    case segment
    /// A part of an identifier.
    case part
    /// The last character of a run that is indexed in pairs, so that each character begins a word.
    case last
}

/// The words of one or several texts, folded, with where they stand.
struct TokenList {
    struct Token {
        /// Where the folded word lies in `bytes`.
        let start: Int
        let count: Int
        let role: TokenRole
        /// A number, or an identifier.
        let isExact: Bool
        /// The first position that it covers, and how many.
        let position: Int
        let span: Int
        /// Where it stands in its text, in UTF-8 bytes.
        let range: Range<Int>
    }

    /// The folded words, one after the other.
    private(set) var bytes: [UInt8] = []
    private(set) var tokens: [Token] = []
    /// How many positions there are.
    var length = 0

    /// A longer word is cut.
    static let scalarsMax = 64

    /// Makes room for the words of a text.
    mutating func reserve(utf8 count: Int) {
        bytes.reserveCapacity(bytes.count + count)
        tokens.reserveCapacity(tokens.count + count / 5 + 1)
    }

    /// Adds an ASCII word of letters and digits.
    mutating func append(ascii word: UnsafeBufferPointer<UInt8>, isExact: Bool, range: Range<Int>) {
        let start = bytes.count
        for index in 0..<min(word.count, Self.scalarsMax) {
            let byte = word[index]
            bytes.append((65...90).contains(byte) ? byte | 0x20 : byte)
        }
        append(from: start, .word, isExact: isExact, position: length, span: 1, range: range)
        length += 1
    }

    /// Adds a folded word; an empty one is left out.
    mutating func append(
        _ word: ArraySlice<Unicode.Scalar>, _ role: TokenRole, isExact: Bool, position: Int, span: Int,
        range: Range<Int>
    ) {
        let start = bytes.count
        for scalar in word.prefix(Self.scalarsMax) {
            if scalar.isASCII { bytes.append(UInt8(scalar.value)) } else { bytes.append(contentsOf: scalar.utf8) }
        }
        guard bytes.count > start else { return }
        append(from: start, role, isExact: isExact, position: position, span: span, range: range)
    }

    private mutating func append(
        from start: Int, _ role: TokenRole, isExact: Bool, position: Int, span: Int, range: Range<Int>
    ) {
        tokens.append(
            Token(
                start: start, count: bytes.count - start, role: role, isExact: isExact, position: position, span: span,
                range: range))
    }

    func utf8(_ token: Token) -> ArraySlice<UInt8> { bytes[token.start..<token.start + token.count] }

    func word(_ token: Token) -> String { String(decoding: utf8(token), as: UTF8.self) }
}
