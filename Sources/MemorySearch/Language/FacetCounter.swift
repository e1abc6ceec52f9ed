import JSON

/// Counts the values of one field over the hits.
struct FacetCounter {
    private struct Count {
        var count = 0
        /// Of its documents' values in the field that orders the facet, the one that comes first.
        var order: SortValue

        mutating func take(_ other: SortValue, by field: SortOrder?) {
            count += 1
            if let field, other.precedes(order, field) == true { order = other }
        }
    }

    private let facet: FacetField
    private var counts: [String: Count] = [:]
    private var isNumeric = false
    private var numbers = 0
    private var sum = 0.0
    private var least = Double.infinity
    private var greatest = -Double.infinity

    init(_ facet: FacetField) { self.facet = facet }

    mutating func add(_ document: MemoryDocument) {
        var seen: Set<String> = []
        let order = fieldOrder.map { SortValue($0, document) } ?? .missing
        for value in document.values(of: facet.field) {
            if case .string = value {} else if let number = value.doubleValue { add(number: number) }
            for label in labels(of: value) where seen.insert(label).inserted {
                counts[label, default: Count(order: order)].take(order, by: fieldOrder)
            }
        }
    }

    /// How the values are ordered, where another field decides.
    private var fieldOrder: SortOrder? {
        guard case .field(let field, let isDescending) = facet.order else { return nil }
        return SortOrder(.field(field, missing: .normal), isDescending: isDescending)
    }

    private mutating func add(number: Double) {
        numbers += 1
        sum += number
        least = min(least, number)
        greatest = max(greatest, number)
    }

    private func labels(of value: JSON) -> [String] {
        guard facet.ranges.isEmpty else {
            guard let number = SortValue.number(value) else { return [] }
            return facet.ranges.filter { number >= $0.low ?? number && number < $0.high ?? .infinity }.map(\.label)
        }
        return [value.stringValue ?? String(decoding: value.encoded(), as: UTF8.self)]
    }

    func reply(_ request: SearchRequest) -> JSON {
        var values = counts.map { (value: $0.key, count: $0.value) }
        let query = request.facetQuery.flatMap { $0.field == facet.field.name ? $0.text : nil }
        let matcher = query.map { FacetValueMatcher($0, typos: request.facetQueryTypos) }
        if let matcher { values.removeAll { !matcher.matches($0.value) } }
        values.sort { ranks($0, before: $1) }
        let highlighter = Highlighter(TextAnalyzer(), request.highlight.options)
        let shown = values.prefix(request.maxFacetValues).map { value -> JSON in
            let marked = matcher.flatMap { highlighter.highlight(value.value, where: $0.isMatched)?.value }
            let highlighted = marked ?? value.value
            return [
                "count": .int(Int64(value.count.count)), "highlighted": .string(highlighted),
                "value": .string(value.value),
            ]
        }
        var stats = JSONObject()
        if numbers > 0 {
            stats["avg"] = .double(sum / Double(numbers))
            stats["max"] = .double(greatest)
            stats["min"] = .double(least)
            stats["sum"] = .double(sum)
        }
        stats["total_values"] = .int(Int64(values.count))
        return [
            "counts": .array(shown), "field_name": .string(facet.field.name), "sampled": false,
            "stats": .object(stats),
        ]
    }

    private func ranks(_ left: (value: String, count: Count), before right: (value: String, count: Count)) -> Bool {
        let isLess = left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
        switch facet.order {
        case .count: return left.count.count != right.count.count ? left.count.count > right.count.count : isLess
        case .alphabetical(let isDescending): return isLess != isDescending && left.value != right.value
        case .field:
            guard let order = fieldOrder else { return isLess }
            return left.count.order.precedes(right.count.order, order) ?? isLess
        }
    }
}

/// Which values of a facet `facet_query` asks for: each of its words begins a word of the value, perhaps corrected.
struct FacetValueMatcher {
    private let analyzer = TextAnalyzer()
    private let words: [String]
    private let rules: TypoRules

    init(_ text: String, typos: Int) {
        words = analyzer.queryWords(text).map(\.folded)
        rules = TypoRules(maximum: typos)
    }

    func matches(_ value: String) -> Bool {
        let own = analyzer.tokens(value)
        return words.allSatisfy { word in own.contains { isNear($0, word) } }
    }

    func isMatched(_ own: TextToken) -> Bool { words.contains { isNear(own, $0) } }

    private func isNear(_ own: TextToken, _ word: String) -> Bool {
        if own.word.hasScalarPrefix(word) { return true }
        let allowed = rules.allowed(for: word)
        return allowed > 0 && TypoRules.distance(word, own.word, atMost: allowed) != nil
    }
}
