package import JSON

extension LawFile {
    package static let uuid = "0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f"

    /// The least that a method takes.
    package func leastParams(_ method: Method) -> JSONObject { leastObject(method.fields, method.rules) }

    func leastObject(_ fields: [(name: String, field: JSON)], _ rules: JSON) -> JSONObject {
        var object = JSONObject()
        func give(_ name: JSON?) {
            guard let name = name?.stringValue, let field = fields.first(where: { $0.name == name })?.field else {
                return
            }
            object[name] = valid(field)
        }
        for (name, field) in fields where field["required"] == true { object[name] = valid(field) }
        give(rules["one_of"]?.arrayValue?.first)
        give(rules["any_of"]?.arrayValue?.first)
        if let variants = rules["variants"], let by = variants["by"]?.stringValue,
            let first = variants["of"]?.objectValue?.first(where: { _ in true })
        {
            object[by] = .string(first.key)
            for name in first.value["required"]?.arrayValue ?? [] { give(name) }
        }
        return object
    }

    /// A value that the field takes.
    func valid(_ field: JSON) -> JSON {
        let type = field["type"]?.stringValue ?? ""
        if let element = Self.element(of: type) {
            return type.hasPrefix("[")
                ? [valid(["type": .string(element)])] : ["key": valid(["type": .string(element)])]
        }
        if let prefix = prefix(type) { return .string(prefix + Self.uuid) }
        if let word = words(type)?.first { return .string(word) }
        if let structure = types[type] {
            return .object(leastObject(Self.members(structure["fields"]), structure))
        }
        return switch type {
        case "string": .string(String(repeating: "x", count: max(1, field["min_length"]?.intValue ?? 1)))
        case "integer", "number": field["minimum"] ?? 1
        case "boolean": true
        case "object": ["a": 1]
        case "time": "2026-01-31T23:59:59.123Z"
        case "path", "relative_path": "folder/file.txt"
        case "request_id": 7
        default: ["any": nil]
        }
    }

    /// Values at the very edge of what the field takes.
    func edges(_ field: JSON) -> [JSON] {
        let type = field["type"]?.stringValue ?? ""
        var edges = [field["minimum"], field["maximum"]].compactMap { $0 }
        if type == "string" {
            let lengths = [field["min_length"]?.intValue, field["max_length"]?.intValue]
            edges += lengths.compactMap { $0.map { .string(String(repeating: "ü", count: $0)) } }
        }
        if type.hasPrefix("[") {
            let element = valid(["type": .string(Self.element(of: type) ?? "")])
            let counts = [field["min_items"]?.intValue ?? 0, field["max_items"]?.intValue ?? 3]
            edges += counts.map { .array(Array(repeating: element, count: $0)) }
        }
        edges += (words(type) ?? []).map(JSON.string)
        if let prefix = prefix(type) { edges.append(.string(prefix + Self.uuid.uppercased())) }
        if type == "time" { edges += ["2026-01-31T23:59:59Z", "2026-01-31T00:00:00.1Z"] }
        if type == "request_id" { edges += ["", .int(.min), .int(.max)] }
        return edges
    }

    static func element(of type: String) -> String? {
        type.hasPrefix("[") || type.hasPrefix("{") ? String(type.dropFirst().dropLast()) : nil
    }
}
