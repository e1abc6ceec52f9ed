package import JSON

/// The members of one line, read leniently: a member of another type counts as absent.
package struct LineMembers {
    package let object: JSONObject

    package init(object: JSONObject) { self.object = object }

    package func string(_ key: String) -> String? { object[key]?.stringValue }

    /// Ids and paths: an empty one names nothing.
    package func name(_ key: String) -> String? {
        guard let text = string(key), !text.isEmpty else { return nil }
        return text
    }

    package func flag(_ key: String) -> Bool { object[key]?.boolValue ?? false }

    /// `nil` when it is absent, no number, or not finite.
    package func number(_ key: String) -> Double? { object[key]?.doubleValue.flatMap { $0.isFinite ? $0 : nil } }

    /// A count, held within 0...2^50, so that sums of counts cannot overflow whatever an agent says.
    package func count(_ key: String) -> Int? {
        object[key]?.intValue.map { min(max($0, 0), 1 << 50) }
    }

    /// Any value; an explicit `null` counts as absent.
    package func value(_ key: String) -> JSON? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }
}

extension JSONObject {
    /// Sets a text member, if there is a text.
    package mutating func set(_ key: String, _ text: String?) {
        if let text { self[key] = .string(text) }
    }

    /// Sets a count.
    package mutating func set(_ key: String, _ count: Int) { self[key] = .int(Int64(count)) }
}

extension JSON {
    /// An integer where there is no fraction.
    static func number(_ value: Double) -> JSON { Int64(exactly: value).map { .int($0) } ?? .double(value) }

    /// `{"type": type, ...}` as every line is.
    static func line(_ type: String, _ members: (inout JSONObject) -> Void = { _ in }) -> JSON {
        var object: JSONObject = ["type": .string(type)]
        members(&object)
        return .object(object)
    }
}
