/// Walks the text of one parameter, byte by byte, and makes its errors.
struct ParameterScanner {
    let parameter: String
    let bytes: [UInt8]
    var place = 0

    init(_ text: String, parameter: String, bytesMax: Int) throws(SearchError) {
        bytes = Array(text.utf8)
        self.parameter = parameter
        guard bytes.count <= bytesMax else {
            throw SearchError(.limitExceeded, parameter, expected: "\(bytesMax) bytes", found: "\(bytes.count)")
        }
    }

    var isAtEnd: Bool { place >= bytes.count }

    var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    func starts(with text: StaticString) -> Bool {
        guard bytes.count - place >= text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(bytes[place..<place + $0.count]) }
    }

    mutating func skip(_ text: StaticString) -> Bool {
        guard starts(with: text) else { return false }
        place += text.utf8CodeUnitCount
        return true
    }

    mutating func skipSpaces() {
        while let byte = next, byte == 32 || (9...13).contains(byte) { place += 1 }
    }

    /// Takes bytes while they fulfil the condition.
    mutating func take(while condition: (UInt8) -> Bool) -> String {
        let start = place
        while let byte = next, condition(byte) { place += 1 }
        return text(start..<place)
    }

    /// A name of a parameter or a field: everything up to a mark of the language, a space or a control character.
    mutating func name() -> String { take { $0 > 32 && $0 != 127 && !Self.marks.contains($0) } }

    private static let marks = Set(":=<>!&|()[]{},`;".utf8)

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    mutating func require(_ text: StaticString, _ expected: String) throws(SearchError) {
        skipSpaces()
        guard skip(text) else { throw unexpected(expected) }
    }

    /// What stands at the place where something else was expected.
    func unexpected(_ expected: String, at offset: Int? = nil) -> SearchError {
        let offset = min(offset ?? place, bytes.count)
        let found = offset < bytes.count ? text(offset..<min(bytes.count, offset + 40)) : nil
        return SearchError(
            .invalid, parameter, at: offset, expected: expected, found: found.map { "'\($0)'" } ?? "the end")
    }

    func unsupported(_ what: String, at offset: Int) -> SearchError {
        SearchError(.unsupported, parameter, at: offset, expected: what)
    }

    func tooMuch(_ limit: String, at offset: Int) -> SearchError {
        SearchError(.limitExceeded, parameter, at: offset, expected: limit)
    }
}

extension String {
    /// Without the spaces around it.
    var trimmed: String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
        let bytes = utf8
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(self[first...last])
    }
}
