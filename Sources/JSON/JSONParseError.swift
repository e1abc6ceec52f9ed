/// Why a text is not JSON, and where.
package struct JSONParseError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case empty
        case unexpectedEnd
        case unexpectedByte
        case byteOrderMark
        case trailingBytes
        case invalidNumber
        case numberOutOfRange
        case invalidEscape
        case controlCharacter
        case invalidUTF8
        case tooDeep
    }

    package let reason: Reason
    /// The offset, in bytes from the start of the text, of the first byte that cannot be accepted.
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(reason.text) at byte \(offset)" }
}

extension JSONParseError.Reason {
    /// A plain phrase for people.
    package var text: String {
        switch self {
        case .empty: "no value"
        case .unexpectedEnd: "the text ends too early"
        case .unexpectedByte: "unexpected character"
        case .byteOrderMark: "a byte order mark is not allowed"
        case .trailingBytes: "something follows the value"
        case .invalidNumber: "malformed number"
        case .numberOutOfRange: "number too large for a double"
        case .invalidEscape: "malformed escape in a string"
        case .controlCharacter: "control character in a string must be escaped"
        case .invalidUTF8: "invalid UTF-8"
        case .tooDeep: "nested too deeply"
        }
    }
}

/// What a text may ask of the parser.
package struct JSONLimits: Hashable, Sendable {
    /// How many arrays and objects may be open at once: 0 to 1,024, so that no text can exhaust a thread's stack.
    /// Parsing and writing 512 levels takes less than 256 KiB of it, in a debug build less than 1 MiB (measured,
    /// Swift 6.3.1).
    package let depth: Int

    package init(depth: Int = 512) {
        self.depth = min(max(depth, 0), 1_024)
    }
}
