extension JSON {
    /// Parses one value, after RFC 8259 to the letter: the whole text counts, with white space around the value only.
    ///
    /// Stricter than some: a byte order mark, invalid UTF-8 and numbers beyond the doubles are errors. More lenient in
    /// two places, each noted by `parseWithNotes`: the last of several members with one key wins, and half of a
    /// surrogate pair in an escape becomes U+FFFD (clients that cut text by UTF-16 units send them).
    package static func parse(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()
    ) throws(JSONParseError) -> JSON {
        try parseWithNotes(bytes, limits: limits).value
    }

    package static func parse(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONParseError) -> JSON {
        try parseWithNotes(bytes[...], limits: limits).value
    }

    package static func parse(
        _ bytes: ArraySlice<UInt8>, limits: JSONLimits = JSONLimits()
    ) throws(JSONParseError) -> JSON {
        try parseWithNotes(bytes, limits: limits).value
    }

    /// Parses one value and also tells what was odd about the text: the first 16 oddities, in the text's order.
    package static func parseWithNotes(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()
    ) throws(JSONParseError) -> (value: JSON, notes: [JSONNote]) {
        var parser = JSONParser(lexer: try JSONLexer(bytes), depthMax: limits.depth)
        let value = try parser.document()
        return (value, parser.notes)
    }

    package static func parseWithNotes(
        _ bytes: ArraySlice<UInt8>, limits: JSONLimits = JSONLimits()
    ) throws(JSONParseError) -> (value: JSON, notes: [JSONNote]) {
        try bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONParseError) in try parseWithNotes(buffer, limits: limits) }
        }.get()
    }

    package static func parseWithNotes(
        _ bytes: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(JSONParseError) -> (value: JSON, notes: [JSONNote]) {
        try parseWithNotes(bytes[...], limits: limits)
    }

    package init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONParseError) {
        var text = text
        self = try text.withUTF8 { buffer in
            Result { () throws(JSONParseError) in try JSON.parse(UnsafeRawBufferPointer(buffer), limits: limits) }
        }.get()
    }
}

/// Builds values by recursive descent, in one pass. The depth is capped, so the stack is too.
private struct JSONParser {
    var lexer: JSONLexer
    let depthMax: Int
    private(set) var notes: [JSONNote] = []

    private static let notesMax = 16

    init(lexer: JSONLexer, depthMax: Int) {
        self.lexer = lexer
        self.depthMax = depthMax
    }

    mutating func document() throws(JSONParseError) -> JSON {
        let value = try value(depth: 0)
        try lexer.finish()
        return value
    }

    private mutating func value(depth: Int) throws(JSONParseError) -> JSON {
        switch try lexer.peek() {
        case UInt8(ascii: "\""):
            return .string(try string())
        case UInt8(ascii: "{"):
            return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["):
            return .array(try array(depth: depth + 1))
        case UInt8(ascii: "t"):
            try lexer.literal("rue")
            return .bool(true)
        case UInt8(ascii: "f"):
            try lexer.literal("alse")
            return .bool(false)
        case UInt8(ascii: "n"):
            try lexer.literal("ull")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try lexer.value(try lexer.number())
        default:
            throw JSONParseError(.unexpectedByte, at: lexer.position)
        }
    }

    @inline(__always)
    private mutating func string() throws(JSONParseError) -> String {
        let token = try lexer.string()
        let (text, replaced) = lexer.text(token)
        if replaced { note(.loneSurrogate, at: token) }
        return text
    }

    private mutating func array(depth: Int) throws(JSONParseError) -> [JSON] {
        guard depth <= depthMax else { throw JSONParseError(.tooDeep, at: lexer.position) }
        lexer.advance()
        var elements: [JSON] = []
        if try lexer.peek() == UInt8(ascii: "]") {
            lexer.advance()
            return elements
        }
        while true {
            let noted = notes.count
            elements.append(try value(depth: depth))
            for index in noted..<notes.count { notes[index].nest(at: elements.count - 1) }
            guard try lexer.separator(before: UInt8(ascii: "]")) else { return elements }
        }
    }

    private mutating func object(depth: Int) throws(JSONParseError) -> JSONObject {
        guard depth <= depthMax else { throw JSONParseError(.tooDeep, at: lexer.position) }
        lexer.advance()
        var members = JSONObject()
        if try lexer.peek() == UInt8(ascii: "}") {
            lexer.advance()
            return members
        }
        var fingerprints: UInt64 = 0
        while true {
            let noted = notes.count
            guard try lexer.peek() == UInt8(ascii: "\"") else {
                throw JSONParseError(.unexpectedByte, at: lexer.position)
            }
            let token = try lexer.string()
            let (key, replaced) = lexer.text(token)
            if replaced { note(.loneSurrogate, at: token) }
            try lexer.consume(UInt8(ascii: ":"))
            let value = try value(depth: depth)
            let fingerprint = fingerprint(token)
            if fingerprints & fingerprint == 0 {
                members.append(value, forNewKey: key)
            } else if members.updateValue(value, forKey: key) != nil {
                note(.duplicateKey, at: token)
            }
            fingerprints |= fingerprint
            for index in noted..<notes.count { notes[index].nest(under: key) }
            guard try lexer.separator(before: UInt8(ascii: "}")) else { return members }
        }
    }

    /// One of 64 bits. If no earlier key of the object had the bit, the key is new, and no key need be compared. An
    /// escaped key has all of them, since its bytes are not those of the key.
    @inline(__always)
    private func fingerprint(_ token: JSONStringToken) -> UInt64 {
        guard !token.hasEscapes, token.end > token.start else { return .max }
        let first = Int(lexer.bytes[token.start])
        let last = Int(lexer.bytes[token.end - 1])
        return 1 << UInt64((first &* 7 &+ last &* 13 &+ (token.end - token.start)) & 63)
    }

    private mutating func note(_ kind: JSONNote.Kind, at token: JSONStringToken) {
        guard notes.count < Self.notesMax else { return }
        notes.append(JSONNote(kind, offset: token.start - 1))
    }
}
