/// A field whose values are counted.
package struct FacetField: Hashable, Sendable {
    package enum Order: Hashable, Sendable {
        /// The most frequent first.
        case count
        case alphabetical(isDescending: Bool)
        /// By the least value of another field.
        case field(MemoryField, isDescending: Bool)
    }

    /// Values from `low`, below `high`; `nil`: open.
    package struct Range: Hashable, Sendable {
        package let label: String
        package let low: Double?
        package let high: Double?
    }

    package let field: MemoryField
    package var order = Order.count
    /// Empty: each value is counted for itself.
    package var ranges: [Range] = []

    package init(_ field: MemoryField) { self.field = field }
}

/// Reads `facet_by`: fields with commas between them, each perhaps with `(sort_by: _alpha:asc)` or
/// `(label:[low, high], ...)`.
package struct FacetParser {
    private var scanner: ParameterScanner

    package static func parse(_ text: String, parameter: String = "facet_by") throws(SearchError) -> [FacetField] {
        var parser = FacetParser(
            scanner: try ParameterScanner(text, parameter: parameter, bytesMax: SearchLimits.listBytesMax))
        return try parser.facets()
    }

    private init(scanner: ParameterScanner) { self.scanner = scanner }

    private mutating func facets() throws(SearchError) -> [FacetField] {
        var facets: [FacetField] = []
        scanner.skipSpaces()
        guard !scanner.isAtEnd else { return [] }
        repeat {
            scanner.skipSpaces()
            let start = scanner.place
            guard facets.count < SearchLimits.facetFieldsMax else {
                throw scanner.tooMuch("\(SearchLimits.facetFieldsMax) facets", at: start)
            }
            facets.append(try facet())
            scanner.skipSpaces()
        } while scanner.skip(",")
        guard scanner.isAtEnd else { throw scanner.unexpected("',' or the end") }
        return facets
    }

    private mutating func facet() throws(SearchError) -> FacetField {
        let start = scanner.place
        if scanner.starts(with: "$") { throw scanner.unsupported("a join", at: start) }
        let name = scanner.name()
        guard !name.isEmpty else { throw scanner.unexpected("a field") }
        if name.hasSuffix("*") { throw scanner.unsupported("a pattern of fields", at: start) }
        guard let field = MemoryField(name) else { throw scanner.unexpected(MemoryField.namesForPeople, at: start) }
        var facet = FacetField(field)
        scanner.skipSpaces()
        guard scanner.skip("(") else { return facet }
        repeat {
            scanner.skipSpaces()
            let start = scanner.place
            let label = scanner.take { !":[](),".utf8.contains($0) }.trimmed
            guard !label.isEmpty else { throw scanner.unexpected("a label or sort_by") }
            try scanner.require(":", "':'")
            scanner.skipSpaces()
            if label == "sort_by", !scanner.starts(with: "[") {
                facet.order = try order()
            } else {
                facet.ranges.append(try range(label, of: field, at: start))
                guard facet.ranges.count <= SearchLimits.facetRangesMax else {
                    throw scanner.tooMuch("\(SearchLimits.facetRangesMax) ranges", at: start)
                }
            }
            scanner.skipSpaces()
        } while scanner.skip(",")
        try scanner.require(")", "',' or ')'")
        return facet
    }

    private mutating func order() throws(SearchError) -> FacetField.Order {
        let start = scanner.place
        let name = scanner.name()
        try scanner.require(":", "':asc' or ':desc'")
        scanner.skipSpaces()
        let place = scanner.place
        let direction = scanner.name().lowercased()
        guard direction == "asc" || direction == "desc" else { throw scanner.unexpected("asc or desc", at: place) }
        if name == "_alpha" { return .alphabetical(isDescending: direction == "desc") }
        guard let field = MemoryField(name) else {
            throw scanner.unexpected("_alpha or \(MemoryField.namesForPeople)", at: start)
        }
        return .field(field, isDescending: direction == "desc")
    }

    private mutating func range(_ label: String, of field: MemoryField, at start: Int) throws(SearchError)
        -> FacetField.Range
    {
        guard field.kind != .identifier, field.kind != .text else {
            throw scanner.unexpected("a field with numbers or times to have ranges", at: start)
        }
        try scanner.require("[", "'[' and a range")
        let low = try end()
        try scanner.require(",", "','")
        let high = try end()
        try scanner.require("]", "']'")
        if let low, let high, low > high { throw scanner.unexpected("a range that ascends", at: start) }
        return FacetField.Range(label: label, low: low, high: high)
    }

    private mutating func end() throws(SearchError) -> Double? {
        scanner.skipSpaces()
        let start = scanner.place
        let text = scanner.take { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "]") }.trimmed
        if text.isEmpty { return nil }
        guard let value = FilterNumber(text)?.double ?? ISOTime.milliseconds(text).map(Double.init) else {
            throw scanner.unexpected("a number, a time or nothing", at: start)
        }
        return value
    }
}
