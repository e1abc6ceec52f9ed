package import JSON

extension JSONSchema {
    /// How many keywords are looked at before a value counts as too complex: choices inside choices multiply.
    private static let stepsMax = 200_000

    /// The first place where a value does not meet the schema; `nil` when it does.
    package func violation(in value: JSON) -> Violation? {
        var steps = Self.stepsMax
        do throws(Violation) {
            try meet(value, root, at: "$", depth: 0, &steps)
            return nil
        } catch {
            return error
        }
    }

    private func meet(
        _ value: JSON, _ schema: JSON, at path: String, depth: Int, _ steps: inout Int
    ) throws(Violation) {
        if schema.boolValue == false { throw Violation(path: path, expected: "nothing here") }
        guard let keywords = schema.objectValue else { return }
        guard depth < Self.depthMax * 4 else { throw Violation(path: path, expected: "less nesting") }
        for (keyword, argument) in keywords {
            steps -= 1
            guard steps > 0 else { throw Violation(path: path, expected: "something simpler to check") }
            if let expected = Self.plainFault(value, keyword, argument) {
                throw Violation(path: path, expected: expected)
            }
            try meetParts(value, keyword, argument, keywords, at: path, depth: depth, &steps)
        }
    }

    /// The keywords that hold further schemas.
    private func meetParts(
        _ value: JSON, _ keyword: String, _ argument: JSON, _ schema: JSONObject, at path: String, depth: Int,
        _ steps: inout Int
    ) throws(Violation) {
        switch keyword {
        case "$ref":
            guard let target = argument.stringValue.flatMap(target) else { return }
            try meet(value, target, at: path, depth: depth + 1, &steps)
        case "properties":
            for (name, schema) in argument.objectValue ?? [:] {
                guard let member = value[name] else { continue }
                try meet(member, schema, at: "\(path).\(name)", depth: depth + 1, &steps)
            }
        case "additionalProperties":
            for (name, member) in value.objectValue ?? [:] where schema["properties"]?[name] == nil {
                try meet(member, argument, at: "\(path).\(name)", depth: depth + 1, &steps)
            }
        case "items":
            for (index, item) in (value.arrayValue ?? []).enumerated() {
                try meet(item, argument, at: "\(path)[\(index)]", depth: depth + 1, &steps)
            }
        case "allOf":
            for part in argument.arrayValue ?? [] { try meet(value, part, at: path, depth: depth + 1, &steps) }
        case "anyOf", "oneOf":
            let met = try count(value, argument.arrayValue ?? [], at: path, depth: depth + 1, &steps)
            if met == 0 { throw Violation(path: path, expected: "a value that meets one of \(keyword)") }
            if met > 1, keyword == "oneOf" { throw Violation(path: path, expected: "a value that meets only one") }
        case "not":
            if try count(value, [argument], at: path, depth: depth + 1, &steps) == 1 {
                throw Violation(path: path, expected: "a value that does not meet `not`")
            }
        default: break
        }
    }

    /// How many of the schemas a value meets.
    private func count(
        _ value: JSON, _ schemas: [JSON], at path: String, depth: Int, _ steps: inout Int
    ) throws(Violation) -> Int {
        var met = 0
        for schema in schemas {
            do throws(Violation) {
                try meet(value, schema, at: path, depth: depth, &steps)
                met += 1
            } catch {
                // No choice was made: there is nothing to decide by.
                if steps <= 0 { throw error }
            }
        }
        return met
    }

    // MARK: - Keywords about the value alone

    /// What is expected where a value does not meet a keyword.
    private static func plainFault(_ value: JSON, _ keyword: String, _ argument: JSON) -> String? {
        switch keyword {
        case "type":
            let words = (argument.arrayValue ?? [argument]).compactMap(\.stringValue)
            return words.contains { isOf($0, value) } ? nil : words.joined(separator: " or ")
        case "const": return isSame(value, argument) ? nil : "\(argument)"
        case "enum":
            let values = argument.arrayValue ?? []
            return values.contains { isSame(value, $0) } ? nil : "one of \(argument)"
        case "required":
            guard let object = value.objectValue else { return nil }
            let missing = (argument.arrayValue ?? []).compactMap(\.stringValue).first { object[$0] == nil }
            return missing.map { "a member \($0)" }
        default:
            guard let limit = argument.doubleValue else { return nil }
            return limitFault(value, keyword, limit)
        }
    }

    private static func limitFault(_ value: JSON, _ keyword: String, _ limit: Double) -> String? {
        func fault(_ figure: Double?, _ holds: (Double, Double) -> Bool, _ words: String) -> String? {
            figure.map { holds($0, limit) } == false ? "\(words) \(limit.formatted)" : nil
        }
        let length = value.stringValue.map { Double($0.unicodeScalars.count) }
        let items = value.arrayValue.map { Double($0.count) }
        let members = value.objectValue.map { Double($0.count) }
        return switch keyword {
        case "minimum": fault(value.doubleValue, >=, "at least")
        case "maximum": fault(value.doubleValue, <=, "at most")
        case "exclusiveMinimum": fault(value.doubleValue, >, "more than")
        case "exclusiveMaximum": fault(value.doubleValue, <, "less than")
        case "minLength": fault(length, >=, "a length of at least")
        case "maxLength": fault(length, <=, "a length of at most")
        case "minItems": fault(items, >=, "items, at least")
        case "maxItems": fault(items, <=, "items, at most")
        case "minProperties": fault(members, >=, "members, at least")
        case "maxProperties": fault(members, <=, "members, at most")
        default: nil
        }
    }

    private static func isOf(_ type: String, _ value: JSON) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
            ("number", .int), ("number", .double), ("integer", .int):
            true
        case ("integer", .double(let number)): number.isFinite && number.rounded() == number
        default: false
        }
    }

    /// Whether two values are the same: numbers by their value, objects whatever the order of their members.
    private static func isSame(_ left: JSON, _ right: JSON) -> Bool {
        switch (left, right) {
        case (.int(let one), .int(let other)): return one == other
        case (.int, .double), (.double, .int), (.double, .double): return left.doubleValue == right.doubleValue
        case (.array(let one), .array(let other)):
            return one.count == other.count && zip(one, other).allSatisfy(isSame)
        case (.object(let one), .object(let other)):
            return one.count == other.count
                && one.allSatisfy { member in other[member.key].map { isSame(member.value, $0) } ?? false }
        default: return left == right
        }
    }
}

extension Double {
    /// Without a fraction where there is none.
    fileprivate var formatted: String { Int64(exactly: self).map(String.init) ?? "\(self)" }
}
