import AgentModel
package import JSON

/// A JSON Schema (draft 2020-12, as far as answers of agents need it): what a task's answer has to meet.
///
/// Understood: `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`, `minProperties`,
/// `maxProperties`, `items`, `minItems`, `maxItems`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`,
/// `minLength`, `maxLength`, `allOf`, `anyOf`, `oneOf`, `not`, and `$ref` to a place in the same schema. Every other
/// keyword is ignored, `pattern` and `format` among them: the host has no regular expressions.
package struct JSONSchema: Sendable {
    /// What is wrong with a schema.
    package struct Fault: Error, Hashable, Sendable {
        /// From the schema's root, for instance `.properties.name.type`; empty for the root.
        package var path: String
        package var expected: String
    }

    /// Where a value does not meet its schema.
    package struct Violation: Error, Hashable, Sendable {
        /// From the value's root, for instance `$.rows[2].name`.
        package var path: String
        package var expected: String
    }

    static let depthMax = 64
    static let types: Set<String> = ["null", "boolean", "integer", "number", "string", "array", "object"]

    package let root: JSON

    /// Takes a schema that makes sense in all the keywords that are understood.
    package init(_ root: JSON) throws(Fault) {
        self.root = root
        try check(root, at: "", depth: 0)
    }

    /// What a local reference leads to; `nil` when there is nothing, or it is not local.
    func target(of reference: String) -> JSON? {
        guard reference.first == "#" else { return nil }
        var place = root
        for step in reference.dropFirst().split(separator: "/", omittingEmptySubsequences: true) {
            let name = String(step).replacing("~1", with: "/").replacing("~0", with: "~")
            let next =
                place[name]
                ?? Int(name).flatMap { index in
                    place.arrayValue.flatMap { $0.indices.contains(index) ? $0[index] : nil }
                }
            guard let next else { return nil }
            place = next
        }
        return place
    }

    // MARK: - Whether the schema makes sense

    private func check(_ schema: JSON, at path: String, depth: Int) throws(Fault) {
        if schema.boolValue != nil { return }
        guard let keywords = schema.objectValue else {
            throw Fault(path: path, expected: "a JSON Schema: an object, true or false")
        }
        guard depth < Self.depthMax else {
            throw Fault(path: path, expected: "at most \(Self.depthMax) schemas inside each other")
        }
        for (keyword, argument) in keywords {
            try check(keyword, argument, at: "\(path).\(keyword)", depth: depth)
        }
    }

    private func check(_ keyword: String, _ argument: JSON, at path: String, depth: Int) throws(Fault) {
        switch keyword {
        case "type":
            let words = argument.arrayValue ?? [argument]
            let isKnown = words.allSatisfy { $0.stringValue.map(Self.types.contains) ?? false }
            guard isKnown, !words.isEmpty else {
                throw Fault(path: path, expected: "one or more of \(Self.types.sorted().joined(separator: ", "))")
            }
        case "enum":
            guard argument.arrayValue?.isEmpty == false else {
                throw Fault(path: path, expected: "a list of values, not empty")
            }
        case "required":
            guard argument.arrayValue?.allSatisfy({ $0.stringValue != nil }) == true else {
                throw Fault(path: path, expected: "a list of names")
            }
        case "properties", "$defs", "definitions":
            guard let schemas = argument.objectValue else { throw Fault(path: path, expected: "an object of schemas") }
            for (name, schema) in schemas { try check(schema, at: "\(path).\(name)", depth: depth + 1) }
        case "items", "additionalProperties", "not": try check(argument, at: path, depth: depth + 1)
        case "allOf", "anyOf", "oneOf":
            guard let schemas = argument.arrayValue, !schemas.isEmpty else {
                throw Fault(path: path, expected: "a list of schemas, not empty")
            }
            for (index, schema) in schemas.enumerated() {
                try check(schema, at: "\(path)[\(index)]", depth: depth + 1)
            }
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
            guard argument.doubleValue != nil else { throw Fault(path: path, expected: "a number") }
        case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
            guard let count = argument.intValue, count >= 0 else {
                throw Fault(path: path, expected: "a whole number that is not negative")
            }
        case "$ref":
            guard let text = argument.stringValue, target(of: text) != nil else {
                throw Fault(path: path, expected: "a reference to a place in the same schema, as #/$defs/name")
            }
        default: break
        }
    }
}
