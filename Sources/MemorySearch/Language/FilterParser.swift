/// Reads `filter_by` by recursive descent:
///
///     any        = all *( "||" all )
///     all        = primary *( "&&" primary )
///     primary    = "(" any ")" / field ".{" any "}" / condition
///     condition  = field ":" [ "=" / "!=" / "!" ] operand
///     operand    = "[" item *( "," item ) "]" / comparator bound / literal
///     item       = comparator bound / bound ".." bound / literal
///     literal    = "`" text "`" [ "*" ] / text up to a mark [ "*" ]
package struct FilterParser {
    private var scanner: ParameterScanner
    private var depth = 0
    private var nodes = 0
    /// Inside `field.{...}` names are those of the object.
    private var isNested = false

    /// - Returns: `nil` for a filter of spaces alone.
    package static func parse(_ text: String, parameter: String = "filter_by") throws(SearchError)
        -> FilterExpression?
    {
        var parser = FilterParser(
            scanner: try ParameterScanner(text, parameter: parameter, bytesMax: SearchLimits.filterBytesMax))
        parser.scanner.skipSpaces()
        guard !parser.scanner.isAtEnd else { return nil }
        let expression = try parser.disjunction()
        guard parser.scanner.isAtEnd else { throw parser.scanner.unexpected("&&, || or the end") }
        return expression
    }

    private init(scanner: ParameterScanner) { self.scanner = scanner }

    private mutating func disjunction() throws(SearchError) -> FilterExpression {
        var parts = [try conjunction()]
        while scanner.skip("||") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(SearchError) -> FilterExpression {
        var parts: [FilterExpression] = []
        repeat {
            parts.append(try primary())
            scanner.skipSpaces()
        } while scanner.skip("&&")
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func primary() throws(SearchError) -> FilterExpression {
        scanner.skipSpaces()
        guard scanner.starts(with: "(") else { return try condition() }
        return try enclosed(by: "(", ")")
    }

    private mutating func enclosed(by open: StaticString, _ close: StaticString) throws(SearchError)
        -> FilterExpression
    {
        guard depth < SearchLimits.filterDepthMax else {
            throw scanner.tooMuch("\(SearchLimits.filterDepthMax) levels of parentheses", at: scanner.place)
        }
        _ = scanner.skip(open)
        depth += 1
        defer { depth -= 1 }
        let inner = try disjunction()
        try scanner.require(close, "'\(close)', && or ||")
        return inner
    }

    private mutating func count(at offset: Int) throws(SearchError) {
        nodes += 1
        guard nodes <= SearchLimits.filterNodesMax else {
            throw scanner.tooMuch("\(SearchLimits.filterNodesMax) conditions and values", at: offset)
        }
    }

    // MARK: A condition

    private mutating func condition() throws(SearchError) -> FilterExpression {
        let start = scanner.place
        try count(at: start)
        if scanner.starts(with: "$") { throw scanner.unsupported("a join", at: start) }
        let name = scanner.name()
        guard !name.isEmpty else { throw scanner.unexpected("a field") }
        if name.hasSuffix("."), scanner.starts(with: "{") {
            return try nested(String(name.dropLast()), at: start)
        }
        let field = try field(name, at: start)
        try scanner.require(":", "':' and a value")
        let (match, isNegated) = try operation()
        let operands = try operands(of: field)
        return .condition(FilterCondition(field: field, match: match, isNegated: isNegated, operands: operands))
    }

    private func field(_ name: String, at start: Int) throws(SearchError) -> MemoryField {
        guard let field = isNested ? MemoryField(inside: name) : MemoryField(name) else {
            throw scanner.unexpected(
                isNested ? "a field of the object" : MemoryField.namesForPeople, at: start)
        }
        return field
    }

    private mutating func nested(_ name: String, at start: Int) throws(SearchError) -> FilterExpression {
        let field = try field(name, at: start)
        guard field.kind == .any else { throw scanner.unexpected("a field that holds objects", at: start) }
        let outer = isNested
        isNested = true
        defer { isNested = outer }
        return .nested(field, try enclosed(by: "{", "}"))
    }

    private mutating func operation() throws(SearchError) -> (FilterCondition.Match, isNegated: Bool) {
        scanner.skipSpaces()
        if scanner.skip("!=") { return (.exact, true) }
        if scanner.skip("!") { return (.words, true) }
        if scanner.skip("=") { return (.exact, false) }
        return (.words, false)
    }

    private mutating func operands(of field: MemoryField) throws(SearchError) -> [FilterOperand] {
        scanner.skipSpaces()
        if scanner.starts(with: "(") { throw scanner.unsupported("a geographic filter", at: scanner.place) }
        guard scanner.skip("[") else { return [try operand(of: field, inList: false)] }
        var operands: [FilterOperand] = []
        repeat {
            try count(at: scanner.place)
            operands.append(try operand(of: field, inList: true))
            scanner.skipSpaces()
        } while scanner.skip(",")
        try scanner.require("]", "',' or ']'")
        return operands
    }

    // MARK: A value

    private mutating func operand(of field: MemoryField, inList: Bool) throws(SearchError) -> FilterOperand {
        scanner.skipSpaces()
        if let comparison = comparison() {
            let (value, start) = try value(inList: inList)
            return .comparison(comparison, try bound(value, of: field, at: start))
        }
        let (value, start) = try value(inList: inList)
        if let range = try range(value, of: field, at: start, inList: inList) { return range }
        return try literal(value, of: field, at: start)
    }

    private mutating func comparison() -> FilterComparison? {
        if scanner.skip("<=") { return .lessOrEqual }
        if scanner.skip("<") { return .less }
        if scanner.skip(">=") { return .greaterOrEqual }
        if scanner.skip(">") { return .greater }
        return nil
    }

    private mutating func value(inList: Bool) throws(SearchError) -> (FilterLiteral, at: Int) {
        scanner.skipSpaces()
        let start = scanner.place
        if scanner.skip("`") { return (try quoted(from: start), start) }
        while let byte = scanner.next {
            if byte == UInt8(ascii: "(") {
                throw scanner.unexpected("a value with parentheses to stand in backticks")
            }
            if byte == UInt8(ascii: ")") || inList && (byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]")) { break }
            if isNested && byte == UInt8(ascii: "}") || scanner.starts(with: "&&") || scanner.starts(with: "||") {
                break
            }
            scanner.place += 1
        }
        let text = scanner.text(start..<scanner.place).trimmed
        guard !text.isEmpty else { throw scanner.unexpected("a value", at: start) }
        let isPrefix = text.utf8.last == UInt8(ascii: "*")
        let literal = FilterLiteral(isPrefix ? String(text.dropLast()) : text, isPrefix: isPrefix, isQuoted: false)
        return (literal, start)
    }

    private mutating func quoted(from start: Int) throws(SearchError) -> FilterLiteral {
        let text = scanner.take { $0 != UInt8(ascii: "`") }
        guard scanner.skip("`") else { throw scanner.unexpected("a closing backtick", at: scanner.bytes.count) }
        let isPrefix = scanner.skip("*")
        scanner.skipSpaces()
        return FilterLiteral(text, isPrefix: isPrefix, isQuoted: true)
    }

    /// Only what can be put in order has ranges; anywhere else two full stops are text.
    private func range(
        _ value: FilterLiteral, of field: MemoryField, at start: Int, inList: Bool
    ) throws(SearchError) -> FilterOperand? {
        guard inList, field.kind != .identifier, field.kind != .text, !value.isPrefix,
            let dots = Self.dots(in: value.text)
        else { return nil }
        let low = FilterLiteral(value.text[..<dots.lowerBound].description.trimmed, isPrefix: false, isQuoted: false)
        let high = FilterLiteral(value.text[dots.upperBound...].description.trimmed, isPrefix: false, isQuoted: false)
        if field.kind == .any, Self.bound(low, .any) == nil || Self.bound(high, .any) == nil { return nil }
        return .range(try bound(low, of: field, at: start), try bound(high, of: field, at: start))
    }

    private static func dots(in text: String) -> Range<String.Index>? {
        let bytes = text.utf8
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let after = bytes.index(after: index)
            if after < bytes.endIndex, bytes[index] == UInt8(ascii: "."), bytes[after] == UInt8(ascii: ".") {
                return index..<bytes.index(after: after)
            }
            index = after
        }
        return nil
    }

    private func bound(_ value: FilterLiteral, of field: MemoryField, at start: Int) throws(SearchError)
        -> FilterBound
    {
        if let bound = Self.bound(value, field.kind) { return bound }
        let expected =
            switch field.kind {
            case .number: "a number"
            case .time, .any: "a number or a time such as 2026-01-31T12:00:00Z"
            case .identifier, .text: "a value without comparison: \(field.name) is no number"
            }
        throw scanner.unexpected(expected, at: start)
    }

    private static func bound(_ value: FilterLiteral, _ kind: MemoryField.Kind) -> FilterBound? {
        switch kind {
        case .identifier, .text: return nil
        case .number: return value.number.map(FilterBound.number)
        case .any: return value.number.map(FilterBound.number) ?? value.time.map(FilterBound.time)
        case .time:
            if let time = value.time { return .time(time) }
            return value.number.flatMap { Int64(exactly: $0.double) }.map(FilterBound.time)
        }
    }

    private func literal(_ value: FilterLiteral, of field: MemoryField, at start: Int) throws(SearchError)
        -> FilterOperand
    {
        switch field.kind {
        case .identifier, .text, .any: return .literal(value)
        case .number, .time:
            if value.isAnything { return .literal(value) }
            let bound = try bound(value, of: field, at: start)
            return .range(bound, bound)
        }
    }
}
