import JSON

/// Takes the parameters of a search out of a JSON object, by name and kind. `null` is as good as absent; numbers and
/// truth values may be written as text, and lists as text with commas or as an array, as TypeSense's clients do.
struct SearchParameters {
    private let object: JSONObject
    private(set) var taken: Set<String> = []

    init(_ object: JSONObject) { self.object = object }

    mutating func value(_ name: String) -> JSON? {
        taken.insert(name)
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func has(_ name: String) -> Bool { object[name].map { !$0.isNull } ?? false }

    var names: [String] { object.keys }

    static func refusal(_ name: String, _ expected: String, _ value: JSON) -> SearchError {
        let found = value.stringValue.map { "'\($0)'" } ?? String(decoding: value.encoded(), as: UTF8.self)
        return SearchError(.invalid, name, expected: expected, found: found)
    }

    mutating func text(_ name: String, bytesMax: Int = SearchLimits.filterBytesMax) throws(SearchError) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.stringValue else { throw Self.refusal(name, "text", value) }
        guard text.utf8.count <= bytesMax else {
            throw SearchError(.limitExceeded, name, expected: "\(bytesMax) bytes", found: "\(text.utf8.count)")
        }
        return text
    }

    /// What has a language of its own: text, or an array of texts that commas would part.
    mutating func listText(_ name: String) throws(SearchError) -> String? {
        guard let value = value(name) else { return nil }
        guard let elements = value.arrayValue else { return try text(name, bytesMax: SearchLimits.listBytesMax) }
        var texts: [String] = []
        for element in elements {
            guard let text = element.stringValue else { throw Self.refusal(name, "text or an array of texts", value) }
            texts.append(text)
        }
        let text = texts.joined(separator: ",")
        guard text.utf8.count <= SearchLimits.listBytesMax else {
            throw SearchError(
                .limitExceeded, name, expected: "\(SearchLimits.listBytesMax) bytes", found: "\(text.utf8.count)")
        }
        return text
    }

    /// The elements without the spaces around them; empty ones are left out.
    mutating func list(_ name: String, countMax: Int) throws(SearchError) -> [String]? {
        guard let text = try listText(name) else { return nil }
        let elements = text.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
        guard elements.count <= countMax else {
            throw SearchError(.limitExceeded, name, expected: "\(countMax) elements", found: "\(elements.count)")
        }
        return elements
    }

    mutating func int(_ name: String, _ range: ClosedRange<Int>) throws(SearchError) -> Int? {
        guard let value = value(name) else { return nil }
        let int = value.intValue ?? value.stringValue.flatMap { Int($0.trimmed) }
        guard let int else { throw Self.refusal(name, Self.described(range), value) }
        guard range.contains(int) else {
            let isLimit = int > range.upperBound
            throw isLimit
                ? SearchError(.limitExceeded, name, expected: "\(range.upperBound)", found: "\(int)")
                : Self.refusal(name, Self.described(range), value)
        }
        return int
    }

    mutating func bool(_ name: String) throws(SearchError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let bool = Self.bool(value) else { throw Self.refusal(name, "true or false", value) }
        return bool
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, _ type: Choice.Type)
        throws(SearchError) -> Choice? where Choice.RawValue == String
    {
        guard let value = value(name) else { return nil }
        guard let choice = value.stringValue.flatMap({ Choice(rawValue: $0.trimmed) }) else {
            throw Self.refusal(name, "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "), value)
        }
        return choice
    }

    /// One value for each of `count` fields, or one for all.
    mutating func perField<Value>(
        _ name: String, count: Int, _ expected: String, _ read: (JSON) -> Value?
    ) throws(SearchError) -> [Value]? {
        guard let value = value(name) else { return nil }
        let parts: [JSON] =
            switch value {
            case .string(let text): text.split(separator: ",").map { .string(String($0).trimmed) }
            case .array(let elements): elements
            default: [value]
            }
        let values = parts.compactMap(read)
        guard values.count == parts.count, values.count == count || values.count == 1 else {
            throw Self.refusal(name, "\(expected), one for all or one for each of \(count) fields of query_by", value)
        }
        return values.count == count ? values : values + Array(repeating: values[0], count: count - 1)
    }

    static func bool(_ value: JSON) -> Bool? {
        value.boolValue ?? value.stringValue.flatMap { ["true": true, "false": false][$0.trimmed] }
    }

    private static func described(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max
            ? "a whole number from \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
}
