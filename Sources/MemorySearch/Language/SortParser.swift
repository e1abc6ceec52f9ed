/// Reads `sort_by`: up to three of `key[(options)]:asc|desc`, with commas between them.
package struct SortParser {
    private var scanner: ParameterScanner
    private var options: [(name: String, value: String, offset: Int)] = []

    /// - Returns: the keys as given; empty for a text of spaces.
    package static func parse(_ text: String, parameter: String = "sort_by") throws(SearchError) -> [SortOrder] {
        var parser = SortParser(
            scanner: try ParameterScanner(text, parameter: parameter, bytesMax: SearchLimits.listBytesMax))
        return try parser.orders()
    }

    private init(scanner: ParameterScanner) { self.scanner = scanner }

    private mutating func orders() throws(SearchError) -> [SortOrder] {
        var orders: [SortOrder] = []
        scanner.skipSpaces()
        guard !scanner.isAtEnd else { return [] }
        repeat {
            scanner.skipSpaces()
            let start = scanner.place
            guard orders.count < SearchLimits.sortFieldsMax else {
                throw scanner.tooMuch("\(SearchLimits.sortFieldsMax) sort fields", at: start)
            }
            let order = try order()
            if order.isTextMatch, orders.contains(where: \.isTextMatch) {
                throw scanner.unexpected("_text_match once", at: start)
            }
            orders.append(order)
            scanner.skipSpaces()
        } while scanner.skip(",")
        guard scanner.isAtEnd else { throw scanner.unexpected("',' or the end") }
        return orders
    }

    private mutating func order() throws(SearchError) -> SortOrder {
        let start = scanner.place
        let name = scanner.name()
        guard !name.isEmpty else { throw scanner.unexpected("a field or _text_match") }
        if let what = Self.unsupported[name] { throw scanner.unsupported(what, at: start) }
        scanner.skipSpaces()
        let key: SortOrder.Key
        if name == "_rand" {
            key = .random(seed: try seed())
            scanner.skipSpaces()
            if !scanner.starts(with: ":") { return SortOrder(key, isDescending: true) }
        } else {
            options = []
            if scanner.skip("(") { try readOptions() }
            key = try self.key(name, at: start)
        }
        return SortOrder(key, isDescending: try direction())
    }

    private static let unsupported = [
        "_eval": "_eval", "_vector_query": "_vector_query", "_union_search_index": "_union_search_index",
    ]

    private mutating func direction() throws(SearchError) -> Bool {
        try scanner.require(":", "':asc' or ':desc'")
        scanner.skipSpaces()
        let start = scanner.place
        switch scanner.name().lowercased() {
        case "asc": return false
        case "desc": return true
        default: throw scanner.unexpected("asc or desc", at: start)
        }
    }

    private mutating func seed() throws(SearchError) -> UInt64 {
        try scanner.require("(", "a seed in parentheses")
        scanner.skipSpaces()
        let start = scanner.place
        guard let seed = UInt64(scanner.name()), seed > 0 else {
            throw scanner.unexpected("a positive seed", at: start)
        }
        try scanner.require(")", "')'")
        return seed
    }

    /// `name: value, ...` up to the closing parenthesis.
    private mutating func readOptions() throws(SearchError) {
        repeat {
            scanner.skipSpaces()
            let start = scanner.place
            let name = scanner.name()
            if FilterNumber(name) != nil { throw scanner.unsupported("sorting by place", at: start) }
            guard !name.isEmpty else { throw scanner.unexpected("the name of an option") }
            try scanner.require(":", "':' and a value")
            scanner.skipSpaces()
            let offset = scanner.place
            let value = scanner.take { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: ")") }.trimmed
            guard !value.isEmpty else { throw scanner.unexpected("a value", at: offset) }
            guard !options.contains(where: { $0.name == name }) else {
                throw scanner.unexpected("each option once", at: start)
            }
            options.append((name, value, offset))
            guard options.count <= 8 else { throw scanner.tooMuch("8 options", at: start) }
        } while scanner.skip(",")
        try scanner.require(")", "',' or ')'")
    }

    // MARK: Keys

    private func key(_ name: String, at start: Int) throws(SearchError) -> SortOrder.Key {
        if name == "_text_match" { return .textMatch(try buckets()) }
        if name == "_group_found" {
            try refuseOptions(except: [])
            return .groupFound
        }
        if name == "_vector_distance" {
            try refuseOptions(except: [])
            return .vectorDistance
        }
        guard let field = MemoryField(name) else { throw scanner.unexpected(MemoryField.namesForPeople, at: start) }
        guard options.contains(where: { ["origin", "func", "scale", "offset", "decay"].contains($0.name) }) else {
            try refuseOptions(except: ["missing_values"])
            let missing = try choice("missing_values", SortOrder.Missing.self, ifAbsent: .normal)
            return .field(field, missing: missing)
        }
        guard field.kind != .identifier, field.kind != .text else {
            throw scanner.unexpected("a field with numbers or times to decay from an origin", at: start)
        }
        return .decay(field, try decay(at: start))
    }

    private func buckets() throws(SearchError) -> SortOrder.Buckets {
        try refuseOptions(except: ["buckets", "bucket_size"])
        let count = try bucketNumber("buckets")
        let size = try bucketNumber("bucket_size")
        if count > 0, size > 0, let second = options.last {
            throw scanner.unexpected("either buckets or bucket_size", at: second.offset)
        }
        return count > 0 ? .count(count) : size > 0 ? .size(size) : .none
    }

    private func bucketNumber(_ name: String) throws(SearchError) -> Int {
        guard let option = options.first(where: { $0.name == name }) else { return 0 }
        guard let number = Int(option.value), number >= 0 else {
            throw scanner.unexpected("a whole number", at: option.offset)
        }
        guard number <= SearchLimits.textMatchBucketsMax else {
            throw scanner.tooMuch("\(SearchLimits.textMatchBucketsMax)", at: option.offset)
        }
        return number
    }

    private func decay(at start: Int) throws(SearchError) -> DecayFunction {
        try refuseOptions(except: ["origin", "func", "scale", "offset", "decay"])
        for name in ["origin", "func"] where !options.contains(where: { $0.name == name }) {
            throw scanner.unexpected("the option \(name)", at: start)
        }
        let shape = try choice("func", DecayFunction.Shape.self, ifAbsent: .gauss)
        if shape != .diff, !options.contains(where: { $0.name == "scale" }) {
            throw scanner.unexpected("the option scale", at: start)
        }
        return DecayFunction(
            shape: shape, origin: try number("origin", ifAbsent: 0),
            scale: try number("scale", ifAbsent: 1) { $0 != 0 },
            offset: try number("offset", ifAbsent: 0) { $0 >= 0 },
            decay: try number("decay", ifAbsent: 0.5) { (0...1).contains($0) })
    }

    // MARK: Options

    private func refuseOptions(except known: [String]) throws(SearchError) {
        for option in options where !known.contains(option.name) {
            let names = known.isEmpty ? "no options" : known.joined(separator: ", ")
            throw scanner.unexpected("\(names) instead of \(option.name)", at: option.offset)
        }
    }

    /// A number, or the milliseconds of a time.
    private func number(
        _ name: String, ifAbsent: Double, _ holds: (Double) -> Bool = { _ in true }
    ) throws(SearchError) -> Double {
        guard let option = options.first(where: { $0.name == name }) else { return ifAbsent }
        let value = FilterNumber(option.value)?.double ?? ISOTime.milliseconds(option.value).map(Double.init)
        guard let value, holds(value) else {
            let range = name == "decay" ? " from 0 to 1" : name == "scale" ? " other than 0" : ""
            throw scanner.unexpected("a number\(range) for \(name)", at: option.offset)
        }
        return value
    }

    private func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Choice.Type, ifAbsent: Choice
    ) throws(SearchError) -> Choice where Choice.RawValue == String {
        guard let option = options.first(where: { $0.name == name }) else { return ifAbsent }
        guard let choice = Choice(rawValue: option.value) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw scanner.unexpected("one of \(names)", at: option.offset)
        }
        return choice
    }
}
