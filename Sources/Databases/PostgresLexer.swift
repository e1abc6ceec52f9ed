/// The tokens of a statement by PostgreSQL's lexical rules (its manual, chapter 4.1, with
/// `standard_conforming_strings` on), as far as is needed to see which functions it names.
struct PostgresLexer {
    enum Token: Equatable {
        /// A key word or identifier, in lower case as the server folds it.
        case word(String)
        case quoted(String)
        case symbol(UInt8)
        case literal
        /// An identifier with Unicode escapes, which could spell anything.
        case escapedIdentifier
    }

    private let bytes: [UInt8]
    private var position = 0

    static func tokens(_ sql: String) -> [Token] {
        var lexer = PostgresLexer(bytes: Array(sql.utf8))
        var tokens: [Token] = []
        while let token = lexer.next() { tokens.append(token) }
        return tokens
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func peek(_ offset: Int = 0) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private mutating func next() -> Token? {
        skipSpace()
        guard let byte = peek() else { return nil }
        switch byte {
        case UInt8(ascii: "'"):
            skipQuoted(byte, hasEscapes: false)
            return .literal
        case UInt8(ascii: "\""):
            return .quoted(quotedText())
        case UInt8(ascii: "$"):
            return dollar()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            while peek().map(Self.isDigit) == true { position += 1 }
            return .literal
        case _ where Self.startsWord(byte):
            return word()
        default:
            position += 1
            return .symbol(byte)
        }
    }

    private mutating func skipSpace() {
        while let byte = peek() {
            switch (byte, peek(1)) {
            case (UInt8(ascii: " "), _), (9...13, _):
                position += 1
            case (UInt8(ascii: "-"), UInt8(ascii: "-")):
                while let byte = peek(), byte != 10, byte != 13 { position += 1 }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                skipComment()
            default:
                return
            }
        }
    }

    /// Comments nest.
    private mutating func skipComment() {
        var depth = 0
        while let byte = peek() {
            switch (byte, peek(1)) {
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                depth += 1
                position += 2
            case (UInt8(ascii: "*"), UInt8(ascii: "/")):
                depth -= 1
                position += 2
                if depth == 0 { return }
            default:
                position += 1
            }
        }
    }

    private mutating func word() -> Token {
        let start = position
        while let byte = peek(), Self.startsWord(byte) || Self.isDigit(byte) || byte == UInt8(ascii: "$") {
            position += 1
        }
        let text = String(decoding: bytes[start..<position].map(Self.folded), as: UTF8.self)
        if text == "u", peek() == UInt8(ascii: "&"), peek(1) == UInt8(ascii: "\"") {
            position += 1
            _ = quotedText()
            return .escapedIdentifier
        }
        guard text == "e", peek() == UInt8(ascii: "'") else { return .word(text) }
        skipQuoted(UInt8(ascii: "'"), hasEscapes: true)
        // A literal goes on in a further pair of quotes on another line, by the same rules.
        while true {
            let end = position
            skipSpace()
            guard peek() == UInt8(ascii: "'") else {
                position = end
                return .literal
            }
            skipQuoted(UInt8(ascii: "'"), hasEscapes: true)
        }
    }

    /// From the opening quote to behind the closing one; a doubled quote closes and opens again, to the same effect.
    private mutating func skipQuoted(_ quote: UInt8, hasEscapes: Bool) {
        position += 1
        while let byte = peek() {
            position += 1
            if byte == quote { return }
            if hasEscapes && byte == UInt8(ascii: "\\") { position += 1 }
        }
    }

    /// The text between double quotes, in which a doubled quote stands for one.
    private mutating func quotedText() -> String {
        let quote = UInt8(ascii: "\"")
        var text: [UInt8] = []
        position += 1
        while let byte = peek() {
            position += 1
            if byte == quote {
                guard peek() == quote else { break }
                position += 1
            }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `$tag$ ... $tag$`, or a parameter.
    private mutating func dollar() -> Token {
        let start = position
        position += 1
        if let byte = peek(), Self.isDigit(byte) {
            while peek().map(Self.isDigit) == true { position += 1 }
            return .literal
        }
        while let byte = peek(), Self.startsWord(byte) || position > start + 1 && Self.isDigit(byte) { position += 1 }
        guard peek() == UInt8(ascii: "$") else {
            position = start + 1
            return .symbol(UInt8(ascii: "$"))
        }
        position += 1
        let tag = bytes[start..<position]
        while position < bytes.count {
            if bytes[position...].starts(with: tag) {
                position += tag.count
                return .literal
            }
            position += 1
        }
        return .literal
    }

    private static func startsWord(_ byte: UInt8) -> Bool {
        let folded = folded(byte)
        return folded >= UInt8(ascii: "a") && folded <= UInt8(ascii: "z") || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func folded(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 32 : byte
    }
}
