import JSON

/// How names and values of the wire are written in Swift.
enum SwiftName {
    /// `session.create` to `SessionCreate`.
    static func typeName(_ wire: String) -> String {
        wire.split { $0 == "." || $0 == "_" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static let units = ["ms": "Milliseconds", "s": "Seconds", "us": "Microseconds"]
    private static let wordings = [
        "id": "ID", "ids": "IDs", "url": "URL", "usd": "USD", "dir": "Directory", "sql": "SQL",
    ]
    private static let keywords: Set<String> = ["default", "required", "switch", "case", "in", "is", "as", "self"]

    /// `working_dir` to `workingDirectory`, `timeout_ms` to `timeoutMilliseconds`.
    static func memberName(_ wire: String) -> String {
        let parts = wire.split { $0 == "." || $0 == "_" }.map(String.init)
        let named = parts.enumerated().map { index, part in
            if index == 0 { return part }
            let isLast = index == parts.count - 1
            return (isLast ? units[part] : nil) ?? wordings[part] ?? part.prefix(1).uppercased() + part.dropFirst()
        }
        return named.joined()
    }

    /// The name where it is declared or stands alone.
    static func quoted(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

    static func literal(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    static func literal(_ texts: [String]) -> String { "[" + texts.map(literal).joined(separator: ", ") + "]" }

    /// Doc comment lines within 120 columns.
    static func comment(_ text: String, indent: Int) -> [String] {
        wrapped(text, width: 116 - indent).map { String(repeating: " ", count: indent) + "/// " + $0 }
    }

    static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

extension TypeExpression {
    /// The Swift type of a value.
    var swiftType: String {
        switch self {
        case .string, .time, .path, .relativePath, .identifier: "String"
        case .integer: "Int"
        case .number: "Double"
        case .boolean: "Bool"
        case .object: "JSONObject"
        case .any, .requestID: "JSON"
        case .word(let name), .structure(let name): "Wire.\(name)"
        case .array(let element): "[\(element.swiftType)]"
        case .dictionary(let element): "[String: \(element.swiftType)]"
        }
    }
}

extension Law.Field {
    var swiftName: String { SwiftName.memberName(name) }

    /// Whether the Swift property is an optional: absent and without a default.
    var isOptional: Bool { !isRequired && !isNullable && defaultValue == nil }

    var swiftType: String {
        if isNullable { return "Wire.Change<\(type.swiftType)>" }
        return isOptional ? type.swiftType + "?" : type.swiftType
    }

    /// The default as a Swift expression; `nil` when the caller has to say.
    var swiftDefault: String? {
        if isNullable { return ".keep" }
        if let defaultValue {
            guard case .word = type, let word = defaultValue.stringValue else { return "\(defaultValue)" }
            return ".\(SwiftName.quoted(SwiftName.memberName(word)))"
        }
        return isRequired ? nil : "nil"
    }
}
