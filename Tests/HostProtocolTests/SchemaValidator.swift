import JSON

/// Checks a value against a JSON Schema, as far as `schema.json` uses the language; what it does not know, it reports.
struct SchemaValidator {
    let root: JSON

    private static let annotations: Set<String> = ["title", "description", "default", "format", "$schema", "$defs"]

    func problems(_ value: JSON, _ definition: String) -> [String] {
        problems(value, against: ["$ref": .string("#/$defs/\(definition)")], at: definition)
    }

    private func problems(_ value: JSON, against schema: JSON, at place: String) -> [String] {
        if let allowed = schema.boolValue { return allowed ? [] : ["\(place): nothing is allowed here"] }
        guard let keywords = schema.objectValue else { return ["\(place): no schema"] }
        return keywords.flatMap { keyword, argument in
            problems(value, keyword, argument, keywords, place)
        }
    }

    private func problems(
        _ value: JSON, _ keyword: String, _ argument: JSON, _ schema: JSONObject, _ place: String
    ) -> [String] {
        func check(_ holds: Bool) -> [String] { holds ? [] : ["\(place): \(keyword) \(argument), not \(value)"] }
        func matches(_ schemas: JSON) -> Int {
            (schemas.arrayValue ?? []).count { problems(value, against: $0, at: place).isEmpty }
        }
        switch keyword {
        case "$ref":
            let name = argument.stringValue?.split(separator: "/").last.map(String.init) ?? ""
            guard let target = root["$defs"]?[name] else { return ["\(place): there is no \(argument)"] }
            return problems(value, against: target, at: place)
        case "type": return check(kinds(value).contains { argument == .string($0) || argument.contains(.string($0)) })
        case "enum": return check(argument.contains(value))
        case "const": return check(argument == value)
        case "minimum": return check(value.doubleValue.map { $0 >= argument.doubleValue ?? 0 } ?? true)
        case "maximum": return check(value.doubleValue.map { $0 <= argument.doubleValue ?? 0 } ?? true)
        case "minLength": return check((value.stringValue?.unicodeScalars.count ?? .max) >= argument.intValue ?? 0)
        case "maxLength": return check((value.stringValue?.unicodeScalars.count ?? 0) <= argument.intValue ?? 0)
        case "minItems": return check((value.arrayValue?.count ?? .max) >= argument.intValue ?? 0)
        case "maxItems": return check((value.arrayValue?.count ?? 0) <= argument.intValue ?? 0)
        case "pattern":
            guard let text = value.stringValue, let regex = try? Regex(argument.stringValue ?? "(") else { return [] }
            return check(text.contains(regex))
        case "required": return check((argument.arrayValue ?? []).allSatisfy { value[$0.stringValue ?? ""] != nil })
        case "oneOf": return check(matches(argument) == 1)
        case "anyOf": return check(matches(argument) > 0)
        case "allOf": return check(matches(argument) == argument.arrayValue?.count)
        case "if":
            let applies = problems(value, against: argument, at: place).isEmpty
            return applies ? problems(value, against: schema["then"] ?? true, at: place) : []
        case "then": return []
        case "items", "properties", "additionalProperties": return inner(value, keyword, argument, place)
        default: return Self.annotations.contains(keyword) ? [] : ["\(place): the keyword \(keyword) is not known"]
        }
    }

    private func inner(_ value: JSON, _ keyword: String, _ argument: JSON, _ place: String) -> [String] {
        if keyword == "items" {
            return (value.arrayValue ?? []).enumerated().flatMap {
                problems($0.element, against: argument, at: "\(place)[\($0.offset)]")
            }
        }
        return (value.objectValue ?? [:]).flatMap { key, member in
            let schema = keyword == "properties" ? argument[key] : argument
            return schema.map { problems(member, against: $0, at: "\(place).\(key)") } ?? []
        }
    }

    private func kinds(_ value: JSON) -> [String] {
        switch value {
        case .null: ["null"]
        case .bool: ["boolean"]
        case .int: ["integer", "number"]
        case .double: ["number"]
        case .string: ["string"]
        case .array: ["array"]
        case .object: ["object"]
        }
    }
}

extension JSON {
    fileprivate func contains(_ element: JSON) -> Bool { arrayValue?.contains(element) ?? false }
}
