/// Reads tokens from raw bytes, strictly after RFC 8259. Parser and scan share it, so both accept the same texts.
///
/// Works on unowned memory: it must not outlive the buffer that it was made from. Each read is checked against `end`.
struct JSONLexer {
    let bytes: UnsafePointer<UInt8>
    let end: Int
    private(set) var position = 0

    /// Throws for a buffer without bytes, and for one that starts with a byte order mark.
    init(_ buffer: UnsafeRawBufferPointer) throws(JSONParseError) {
        guard let base = buffer.baseAddress, !buffer.isEmpty else { throw JSONParseError(.empty, at: 0) }
        bytes = base.assumingMemoryBound(to: UInt8.self)
        end = buffer.count
        if end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw JSONParseError(.byteOrderMark, at: 0)
        }
    }

    /// The next byte that is no white space, without consuming it.
    @inline(__always)
    mutating func peek() throws(JSONParseError) -> UInt8 {
        while position < end {
            let byte = bytes[position]
            guard byte <= 0x20 else { return byte }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else {
                throw JSONParseError(.unexpectedByte, at: position)
            }
            position &+= 1
        }
        throw JSONParseError(.unexpectedEnd, at: end)
    }

    /// Consumes the byte that `peek` has just returned.
    @inline(__always)
    mutating func advance() { position &+= 1 }

    /// Consumes `expected`, after white space.
    @inline(__always)
    mutating func consume(_ expected: UInt8) throws(JSONParseError) {
        guard try peek() == expected else { throw JSONParseError(.unexpectedByte, at: position) }
        position &+= 1
    }

    /// Consumes a comma, and then returns true, or the closing bracket.
    @inline(__always)
    mutating func separator(before closing: UInt8) throws(JSONParseError) -> Bool {
        let byte = try peek()
        guard byte == UInt8(ascii: ",") || byte == closing else {
            throw JSONParseError(.unexpectedByte, at: position)
        }
        position &+= 1
        return byte != closing
    }

    /// Goes to a place where a value is known to begin.
    mutating func move(to position: Int) { self.position = position }

    /// Throws unless nothing but white space is left.
    mutating func finish() throws(JSONParseError) {
        while position < end {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else {
                throw JSONParseError(.trailingBytes, at: position)
            }
            position &+= 1
        }
    }

    /// Consumes `true`, `false` or `null`; `word` is the rest after the first letter.
    @inline(__always)
    mutating func literal(_ word: StaticString) throws(JSONParseError) {
        position &+= 1
        let letters = word.utf8Start
        for index in 0..<word.utf8CodeUnitCount {
            guard position < end else { throw JSONParseError(.unexpectedEnd, at: end) }
            guard bytes[position] == letters[index] else { throw JSONParseError(.unexpectedByte, at: position) }
            position &+= 1
        }
    }
}

// MARK: - Strings

/// Where a string's content lies, between its quotes.
struct JSONStringToken {
    let start: Int
    let end: Int
    let hasEscapes: Bool
}

extension JSONLexer {
    /// Consumes a string from its opening quote on; checks escapes, control characters and UTF-8.
    @inline(__always)
    mutating func string() throws(JSONParseError) -> JSONStringToken {
        let start = position &+ 1
        position = start
        var hasEscapes = false
        while true {
            skipPlain()
            guard position < end else { throw JSONParseError(.unexpectedEnd, at: end) }
            switch bytes[position] {
            case 0x22:
                position &+= 1
                return JSONStringToken(start: start, end: position &- 1, hasEscapes: hasEscapes)
            case 0x5C:
                hasEscapes = true
                try escape()
            case 0x80...:
                try multibyte()
            case 0..<0x20:
                throw JSONParseError(.controlCharacter, at: position)
            default:
                position &+= 1
            }
        }
    }

    /// Skips ASCII that needs no care, eight bytes at a time; may stop up to seven bytes before the end.
    @inline(__always)
    private mutating func skipPlain() {
        let raw = UnsafeRawPointer(bytes)
        while end &- position >= 8 {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let marks = JSONLexer.special(word)
            guard marks == 0 else {
                position &+= marks.trailingZeroBitCount >> 3
                return
            }
            position &+= 8
        }
    }

    /// Marks the top bit of the first byte that is a quote, a backslash, a control character or not ASCII. Bytes after
    /// the first marked one may be marked wrongly, because of borrows; those before it never are.
    @inline(__always)
    static func special(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let control = word &- (ones &* 0x20)
        let quote = (word ^ (ones &* 0x22)) &- ones
        let backslash = (word ^ (ones &* 0x5C)) &- ones
        return (control | quote | backslash | word) & (ones &* 0x80)
    }

    private mutating func escape() throws(JSONParseError) {
        guard end &- position >= 2 else { throw JSONParseError(.unexpectedEnd, at: end) }
        switch bytes[position &+ 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
            position &+= 2
        case 0x75:
            for index in 2..<6 {
                guard position &+ index < end else { throw JSONParseError(.unexpectedEnd, at: end) }
                guard JSONLexer.hexDigit(bytes[position &+ index]) != nil else {
                    throw JSONParseError(.invalidEscape, at: position)
                }
            }
            position &+= 6
        default:
            throw JSONParseError(.invalidEscape, at: position)
        }
    }

    /// Consumes one sequence of two to four bytes (Unicode standard, table 3-7: no overlong forms, no surrogates).
    private mutating func multibyte() throws(JSONParseError) {
        let lead = bytes[position]
        let (length, low, high): (Int, UInt8, UInt8)
        switch lead {
        case 0xC2...0xDF: (length, low, high) = (2, 0x80, 0xBF)
        case 0xE0: (length, low, high) = (3, 0xA0, 0xBF)
        case 0xED: (length, low, high) = (3, 0x80, 0x9F)
        case 0xE1...0xEF: (length, low, high) = (3, 0x80, 0xBF)
        case 0xF0: (length, low, high) = (4, 0x90, 0xBF)
        case 0xF1...0xF3: (length, low, high) = (4, 0x80, 0xBF)
        case 0xF4: (length, low, high) = (4, 0x80, 0x8F)
        default: throw JSONParseError(.invalidUTF8, at: position)
        }
        guard end &- position >= length, bytes[position &+ 1] >= low, bytes[position &+ 1] <= high else {
            throw JSONParseError(.invalidUTF8, at: position)
        }
        for index in 2..<max(length, 2) where bytes[position &+ index] & 0xC0 != 0x80 {
            throw JSONParseError(.invalidUTF8, at: position)
        }
        position &+= length
    }

    /// The text of a string that `string()` has checked, and whether half a surrogate pair had to be replaced.
    @inline(__always)
    func text(_ token: JSONStringToken) -> (text: String, replaced: Bool) {
        let content = UnsafeBufferPointer(start: bytes + token.start, count: token.end &- token.start)
        guard token.hasEscapes else { return (String(decoding: content, as: UTF8.self), false) }
        return JSONLexer.unescape(content)
    }

    /// Unescaped text is never longer than its escaped form, so one buffer of that size is enough.
    private static func unescape(_ content: UnsafeBufferPointer<UInt8>) -> (text: String, replaced: Bool) {
        var replaced = false
        let text = String(unsafeUninitializedCapacity: content.count) { buffer in
            var (read, write) = (0, 0)
            while read < content.count {
                let byte = content[read]
                if byte != 0x5C {
                    buffer[write] = byte
                    read += 1
                    write += 1
                } else if content[read + 1] != 0x75 {
                    buffer[write] = unescaped(content[read + 1])
                    read += 2
                    write += 1
                } else {
                    let scalar = unicodeEscape(content, &read)
                    replaced = replaced || scalar == nil
                    for byte in UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter {
                        buffer[write] = byte
                        write += 1
                    }
                }
            }
            return write
        }
        return (text, replaced)
    }

    /// The scalar that one `\uXXXX`, or two that form a pair, stand for; `nil` for half a pair.
    private static func unicodeEscape(_ content: UnsafeBufferPointer<UInt8>, _ read: inout Int) -> Unicode.Scalar? {
        let first = codeUnit(content, at: read + 2)
        read += 6
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, content.count - read >= 6, content[read] == 0x5C, content[read + 1] == 0x75 else {
            return nil
        }
        let second = codeUnit(content, at: read + 2)
        guard (0xDC00...0xDFFF).contains(second) else { return nil }
        read += 6
        return Unicode.Scalar(0x10000 + (UInt32(first - 0xD800) << 10 | UInt32(second - 0xDC00)))
    }

    private static func codeUnit(_ content: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt16 {
        content[index..<(index + 4)].reduce(0) { $0 << 4 | UInt16(hexDigit($1) ?? 0) }
    }

    private static func unescaped(_ letter: UInt8) -> UInt8 {
        switch letter {
        case 0x62: 0x08
        case 0x66: 0x0C
        case 0x6E: 0x0A
        case 0x72: 0x0D
        case 0x74: 0x09
        default: letter
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
