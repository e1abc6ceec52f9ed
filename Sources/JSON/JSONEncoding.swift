extension JSON {
    /// The value as compact JSON in UTF-8, on one line. Doubles have the shortest form that reads back as the same
    /// double, and always a fraction or an exponent; those that JSON cannot express (NaN, infinities) become `null`.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(isScalar ? 32 : 512)
        write(into: &bytes)
        return bytes
    }

    private var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    /// Appends what `encoded()` returns.
    package func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(word: "null")
        case .bool(let value): bytes.append(word: value ? "true" : "false")
        case .int(let value): bytes.appendJSON(value)
        case .double(let value): bytes.appendJSON(value)
        case .string(let value): bytes.appendJSON(value)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                element.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            var isFirst = true
            for member in members {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                bytes.appendJSON(member.key)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// The value for people: one member or element a line, indented by two spaces a level, no newline at the end.
    package var pretty: String {
        var bytes: [UInt8] = []
        writePretty(into: &bytes, indent: 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func writePretty(into bytes: inout [UInt8], indent: Int) {
        func newline(_ indent: Int) {
            bytes.append(UInt8(ascii: "\n"))
            bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indent))
        }
        switch self {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                newline(indent + 1)
                element.writePretty(into: &bytes, indent: indent + 1)
            }
            newline(indent)
            bytes.append(UInt8(ascii: "]"))
        case .object(let members) where !members.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                newline(indent + 1)
                bytes.appendJSON(member.key)
                bytes.append(contentsOf: ": ".utf8)
                member.value.writePretty(into: &bytes, indent: indent + 1)
            }
            newline(indent)
            bytes.append(UInt8(ascii: "}"))
        default:
            write(into: &bytes)
        }
    }
}

extension JSON: CustomStringConvertible {
    /// The value as compact JSON.
    package var description: String { String(decoding: encoded(), as: UTF8.self) }
}

extension [UInt8] {
    @inline(__always)
    mutating func append(word: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    mutating func appendJSON(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        guard rest > 9 else { return append(UInt8(ascii: "0") + UInt8(rest)) }
        // Digits come last one first; a reversed slice would be a copy.
        var first = count
        while rest > 0 {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        var last = count - 1
        while first < last {
            swapAt(first, last)
            first += 1
            last -= 1
        }
    }

    mutating func appendJSON(_ value: Double) {
        guard value.isFinite else { return append(word: "null") }
        append(contentsOf: value.description.utf8)
    }

    /// Quotes and escapes a string: what RFC 8259 demands, nothing more.
    mutating func appendJSON(_ text: String) {
        var text = text
        text.withUTF8 { content in
            append(UInt8(ascii: "\""))
            var rest = content
            while let index = rest.firstNeedingEscape {
                append(contentsOf: UnsafeBufferPointer(rebasing: rest[..<index]))
                appendEscape(of: rest[index])
                rest = UnsafeBufferPointer(rebasing: rest[(index + 1)...])
            }
            append(contentsOf: rest)
            append(UInt8(ascii: "\""))
        }
    }

    private mutating func appendEscape(of byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        default:
            let low = byte & 0x0F
            append(contentsOf: "u00".utf8)
            append(UInt8(ascii: "0") + (byte >> 4))
            append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The index of the first quote, backslash or control character.
    fileprivate var firstNeedingEscape: Int? {
        var index = 0
        let raw = UnsafeRawBufferPointer(self)
        while count - index >= 8 {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            // Bytes beyond ASCII are marked too; they are looked at one by one below.
            if JSONLexer.special(word) != 0 {
                for offset in index..<(index + 8) where self[offset].needsEscape { return offset }
            }
            index += 8
        }
        while index < count {
            if self[index].needsEscape { return index }
            index += 1
        }
        return nil
    }
}

extension UInt8 {
    fileprivate var needsEscape: Bool { self < 0x20 || self == 0x22 || self == 0x5C }
}
