/// Walks the outermost object or array of a text and tells where its members lie, without building any value.
///
/// Checks structure, strings and numbers exactly as the parser does: a text that is walked to its end without an error
/// can be parsed, and the other way round. Works on unowned memory, which it must not outlive.
package struct JSONScan {
    package enum Kind: Hashable, Sendable {
        case object
        case array
        /// A string, number, boolean or null.
        case scalar
    }

    /// One member of an object.
    package struct Member: Sendable {
        fileprivate let key: JSONStringToken
        /// Where the value lies, in bytes from the start of the text.
        package let value: Range<Int>
        /// The offset of the key's opening quote.
        package var keyOffset: Int { key.start - 1 }
    }

    package let kind: Kind
    private var lexer: JSONLexer
    private let depthMax: Int
    private var isAtStart = true
    private var isAtEnd = false

    /// Looks at the first byte that is no white space.
    package init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()) throws(JSONParseError) {
        lexer = try JSONLexer(bytes)
        depthMax = limits.depth
        switch try lexer.peek() {
        case UInt8(ascii: "{"): kind = .object
        case UInt8(ascii: "["): kind = .array
        default: kind = .scalar
        }
    }

    /// The next member of an object; `nil` once, after the whole text has been checked.
    package mutating func nextMember() throws(JSONParseError) -> Member? {
        guard try advance(before: UInt8(ascii: "}")) else { return nil }
        guard try lexer.peek() == UInt8(ascii: "\"") else {
            throw JSONParseError(.unexpectedByte, at: lexer.position)
        }
        let key = try lexer.string()
        try lexer.consume(UInt8(ascii: ":"))
        return Member(key: key, value: try value())
    }

    /// Where the next element of an array lies; `nil` once, after the whole text has been checked.
    package mutating func nextElement() throws(JSONParseError) -> Range<Int>? {
        guard try advance(before: UInt8(ascii: "]")) else { return nil }
        return try value()
    }

    /// Checks what has not been walked yet.
    package mutating func finish() throws(JSONParseError) {
        switch kind {
        case .object: while try nextMember() != nil {}
        case .array: while try nextElement() != nil {}
        case .scalar:
            guard !isAtEnd else { return }
            isAtEnd = true
            try lexer.skipValue(depth: 0, depthMax: depthMax)
            try lexer.finish()
        }
    }

    /// Whether a member's key is `name`, which is ASCII.
    package func key(of member: Member, is name: StaticString) -> Bool {
        let token = member.key
        guard !token.hasEscapes else { return key(of: member) == name.description }
        guard token.end - token.start == name.utf8CodeUnitCount else { return false }
        for index in 0..<name.utf8CodeUnitCount where lexer.bytes[token.start + index] != name.utf8Start[index] {
            return false
        }
        return true
    }

    package func key(of member: Member) -> String { lexer.text(member.key).text }

    /// The text of a member's value if that is a string, and whether half a surrogate pair in it became U+FFFD.
    package func string(of member: Member) -> (text: String, replaced: Bool)? {
        var value = lexer
        value.move(to: member.value.lowerBound)
        guard lexer.bytes[member.value.lowerBound] == UInt8(ascii: "\""), let token = try? value.string() else {
            return nil
        }
        return lexer.text(token)
    }

    private mutating func value() throws(JSONParseError) -> Range<Int> {
        _ = try lexer.peek()
        let start = lexer.position
        try lexer.skipValue(depth: 1, depthMax: depthMax)
        return start..<lexer.position
    }

    /// Consumes the opening bracket or a comma; or, and then returns false, the closing bracket and what follows it.
    private mutating func advance(before closing: UInt8) throws(JSONParseError) -> Bool {
        if isAtEnd { return false }
        if isAtStart {
            guard depthMax > 0 else { throw JSONParseError(.tooDeep, at: lexer.position) }
            isAtStart = false
            lexer.advance()
            if try lexer.peek() != closing { return true }
        }
        if try lexer.separator(before: closing) { return true }
        isAtEnd = true
        try lexer.finish()
        return false
    }
}

extension JSONLexer {
    /// Consumes a value and checks it like the parser does.
    fileprivate mutating func skipValue(depth: Int, depthMax: Int) throws(JSONParseError) {
        switch try peek() {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"): try skipObject(depth: depth + 1, depthMax: depthMax)
        case UInt8(ascii: "["): try skipArray(depth: depth + 1, depthMax: depthMax)
        case UInt8(ascii: "t"): try literal("rue")
        case UInt8(ascii: "f"): try literal("alse")
        case UInt8(ascii: "n"): try literal("ull")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try check(try number())
        default: throw JSONParseError(.unexpectedByte, at: position)
        }
    }

    private mutating func skipArray(depth: Int, depthMax: Int) throws(JSONParseError) {
        guard depth <= depthMax else { throw JSONParseError(.tooDeep, at: position) }
        advance()
        if try peek() == UInt8(ascii: "]") { return advance() }
        repeat { try skipValue(depth: depth, depthMax: depthMax) } while try separator(before: UInt8(ascii: "]"))
    }

    private mutating func skipObject(depth: Int, depthMax: Int) throws(JSONParseError) {
        guard depth <= depthMax else { throw JSONParseError(.tooDeep, at: position) }
        advance()
        if try peek() == UInt8(ascii: "}") { return advance() }
        repeat {
            guard try peek() == UInt8(ascii: "\"") else { throw JSONParseError(.unexpectedByte, at: position) }
            _ = try string()
            try consume(UInt8(ascii: ":"))
            try skipValue(depth: depth, depthMax: depthMax)
        } while try separator(before: UInt8(ascii: "}"))
    }
}
