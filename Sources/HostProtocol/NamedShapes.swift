import JSON

/// An id: its prefix and a UUID with hyphens.
struct IdentifierShape: Shape {
    /// For instance `a session id`.
    var what: String
    var prefix: String

    var expected: String { "\(what): \(prefix) and a UUID" }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> String {
        guard let text = json.stringValue, !context.isStrict || holds(text) else {
            throw context.invalid(expected: expected, found: json)
        }
        return text
    }

    private func holds(_ text: String) -> Bool {
        guard text.utf8.count == prefix.utf8.count + 36, text.hasPrefix(prefix) else { return false }
        return text.utf8.dropFirst(prefix.utf8.count).enumerated().allSatisfy { index, byte in
            switch index {
            case 8, 13, 18, 23: byte == UInt8(ascii: "-")
            default: byte.isHexDigit
            }
        }
    }
}

/// A word of a list; a newer host may know others.
struct WordShape<Value: WireWord>: Shape {
    var expected: String {
        "one of " + Value.allKnown.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> Value {
        guard let word = json.stringValue.map(Value.init(rawValue:)), !context.isStrict || Value.allKnown.contains(word)
        else { throw context.invalid(expected: expected, found: json) }
        return word
    }
}

/// ISO 8601 in UTC: `2026-01-31T23:59:59.123Z`, with up to three digits of a second's fraction.
struct TimeShape: Shape {
    var expected: String { "a time in UTC, as 2026-01-31T23:59:59.123Z" }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> String {
        guard let text = json.stringValue, !context.isStrict || Self.holds(Array(text.utf8)) else {
            throw context.invalid(expected: expected, found: json)
        }
        return text
    }

    private static func holds(_ bytes: [UInt8]) -> Bool {
        guard (20...24).contains(bytes.count), bytes.count != 21, bytes.last == UInt8(ascii: "Z") else { return false }
        func number(_ start: Int, _ count: Int) -> Int {
            bytes[start..<start + count].reduce(0) { $0 * 10 + Int($1) - Int(UInt8(ascii: "0")) }
        }
        let marks: [Int: Character] = [4: "-", 7: "-", 10: "T", 13: ":", 16: ":", 19: "."]
        for (index, byte) in bytes.dropLast().enumerated() {
            guard marks[index].map({ $0.asciiValue == byte }) ?? byte.isDigit else { return false }
        }
        return (1...12).contains(number(5, 2)) && (1...31).contains(number(8, 2)) && number(11, 2) < 24
            && number(14, 2) < 60 && number(17, 2) < 61
    }
}

/// A path of the file system: at most 4,096 bytes, without a null.
struct PathShape: Shape {
    var expected: String { "a path of 1 to 4096 bytes" }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> String {
        guard let path = json.stringValue, !context.isStrict || Self.holds(path) else {
            throw context.invalid(expected: expected, found: json)
        }
        return path
    }

    static func holds(_ path: String) -> Bool {
        (1...4096).contains(path.utf8.count) && !path.utf8.contains(0)
    }
}

/// A path below a folder: no step leads out of it.
struct RelativePathShape: Shape {
    var expected: String { "a path below the folder, without \"..\", of 1 to 4096 bytes" }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> String {
        guard let path = json.stringValue, !context.isStrict || Self.holds(path) else {
            throw context.invalid(expected: expected, found: json)
        }
        return path
    }

    private static func holds(_ path: String) -> Bool {
        PathShape.holds(path)
            && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !$0.isEmpty && $0 != "." && $0 != ".."
            }
    }
}

/// The id of a request: text or an integer.
struct RequestIDShape: Shape {
    var expected: String { "the id of a request: a string or an integer" }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> JSON {
        switch json {
        case .string, .int: return json
        default: throw context.invalid(expected: expected, found: json)
        }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    fileprivate var isHexDigit: Bool {
        isDigit || self >= UInt8(ascii: "a") && self <= UInt8(ascii: "f")
            || self >= UInt8(ascii: "A") && self <= UInt8(ascii: "F")
    }
}
