import JSON

/// Writes a structure of the law as a Swift type.
struct SwiftStructure {
    let law: Law
    let structure: Law.Structure
    /// The method whose parameters it is.
    var method: Law.Method?

    /// Lines that stand inside `extension Wire`.
    var lines: [String] {
        var lines = SwiftName.comment(structure.description, indent: 4)
        lines.append("    package struct \(structure.name): \(method == nil ? "WireObject" : "WireParams") {")
        if let method {
            lines.append("        package typealias Result = \(method.result?.swiftType ?? "JSON")")
            lines.append("        package static let method = Wire.Method.\(SwiftName.memberName(method.name))")
        }
        lines += list("package static let fieldNames: [String] = ", structure.fields.map { SwiftName.literal($0.name) })
        for field in structure.fields {
            lines += SwiftName.comment(field.description, indent: 8)
            lines.append("        package var \(SwiftName.quoted(field.swiftName)): \(field.swiftType)")
        }
        return lines + [""] + memberwise + [""] + decoder + [""] + encoder + ["    }"]
    }

    private var memberwise: [String] {
        let parameters = structure.fields.map { field in
            "\(SwiftName.quoted(field.swiftName)): \(field.swiftType)" + (field.swiftDefault.map { " = \($0)" } ?? "")
        }
        guard !parameters.isEmpty else { return ["        package init() {}"] }
        var lines = wrap("        package init(", parameters, ") {")
        for field in structure.fields {
            lines.append("            self.\(field.swiftName) = \(SwiftName.quoted(field.swiftName))")
        }
        return lines + ["        }"]
    }

    private var decoder: [String] {
        let header = "        package init(_ fields: inout FieldReader) throws(InvalidParams)"
        guard !structure.fields.isEmpty else { return [header + " {}"] }
        var lines = [header + " {"]
        for field in structure.fields {
            let way = field.isNullable ? "change" : field.isRequired ? "required" : "optional"
            var line =
                "            self.\(field.swiftName) = try fields.\(way)(\(SwiftName.literal(field.name)), "
                + "\(law.shape(of: field)))"
            if !field.isRequired, field.defaultValue != nil, let value = field.swiftDefault { line += " ?? \(value)" }
            lines.append(line)
        }
        return lines + rules + ["        }"]
    }

    private var rules: [String] {
        let rules = structure.rules
        var lines: [String] = []
        if !rules.oneOf.isEmpty {
            lines.append("            try fields.exactlyOne(of: \(SwiftName.literal(rules.oneOf)))")
        }
        if !rules.anyOf.isEmpty {
            lines.append("            try fields.atLeastOne(of: \(SwiftName.literal(rules.anyOf)))")
        }
        guard let by = rules.variantField else { return lines }
        for variant in rules.variants {
            var call = "            try fields.variant("
            call += "\(SwiftName.literal(by)), is: \(SwiftName.literal(variant.value)), "
            call += "of: self.\(SwiftName.memberName(by)).rawValue"
            for (label, names) in [
                ("required", variant.required), ("oneOf", variant.oneOf), ("excluded", variant.excluded),
            ] where !names.isEmpty {
                call += ", \(label): \(SwiftName.literal(names))"
            }
            lines.append(call + ")")
        }
        return lines
    }

    private var encoder: [String] {
        let header = "        package func encode(into object: inout JSONObject)"
        guard !structure.fields.isEmpty else { return [header + " {}"] }
        return [header + " {"]
            + structure.fields.map {
                "            object.put(\(SwiftName.literal($0.name)), self.\($0.swiftName))"
            } + ["        }"]
    }

    private func list(_ head: String, _ items: [String]) -> [String] { wrap("        \(head)[", items, "]") }

    /// Items on one line, or broken to 120 columns.
    private func wrap(_ head: String, _ items: [String], _ tail: String) -> [String] {
        let single = head + items.joined(separator: ", ") + tail
        if single.count <= 120 { return [single] }
        let indent = String(repeating: " ", count: head.prefix { $0 == " " }.count)
        let body = SwiftName.grouped(items, width: 114 - indent.count).map { indent + "    " + $0 }
        return [head] + body + [indent + tail]
    }
}

extension SwiftName {
    /// Items joined by commas, as many to a line as fit.
    static func grouped(_ items: [String], width: Int) -> [String] {
        var lines: [String] = []
        for (index, item) in items.enumerated() {
            let item = index == items.count - 1 ? item : item + ","
            if let last = lines.last, last.count + 1 + item.count <= width {
                lines[lines.count - 1] = last + " " + item
            } else {
                lines.append(item)
            }
        }
        return lines
    }
}

extension Law {
    /// How a field is read, as an expression of the runtime's shapes.
    func shape(of field: Field) -> String {
        switch field.type {
        case .integer: "IntegerShape(\(range(field, least: "Int.min", most: "Int.max")))"
        case .number: "NumberShape(\(range(field, least: "-Double.infinity", most: "Double.infinity")))"
        case .string:
            "TextShape(" + bounds(("least", field.minLength), ("most", field.maxLength)) + ")"
        case .array(let element):
            "ArrayShape(\(shape(of: element))" + trailing(bounds(("least", field.minItems), ("most", field.maxItems)))
                + ")"
        default: shape(of: field.type)
        }
    }

    private func shape(of type: TypeExpression) -> String {
        switch type {
        case .string: "TextShape()"
        case .integer: "IntegerShape()"
        case .number: "NumberShape()"
        case .boolean: "BooleanShape()"
        case .object: "MapShape()"
        case .any: "AnyShape()"
        case .time: "TimeShape()"
        case .path: "PathShape()"
        case .relativePath: "RelativePathShape()"
        case .requestID: "RequestIDShape()"
        case .identifier(let name): "IdentifierShape.\(SwiftName.memberName(name))"
        case .word(let name): "WordShape<Wire.\(name)>()"
        case .structure(let name): "ObjectShape<Wire.\(name)>()"
        case .array(let element): "ArrayShape(\(shape(of: element)))"
        case .dictionary(let element): "DictionaryShape(\(shape(of: element)))"
        }
    }

    private func range(_ field: Field, least: String, most: String) -> String {
        guard field.minimum != nil || field.maximum != nil else { return "" }
        return "range: \(field.minimum.map(\.description) ?? least)...\(field.maximum.map(\.description) ?? most)"
    }

    private func bounds(_ bounds: (String, Int?)...) -> String {
        bounds.compactMap { label, value in value.map { "\(label): \($0)" } }.joined(separator: ", ")
    }

    private func trailing(_ text: String) -> String { text.isEmpty ? "" : ", " + text }
}
