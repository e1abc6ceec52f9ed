import JSON

/// The table of methods.
struct SwiftMethods {
    let law: Law

    var text: String {
        var lines = ["package import JSON", "", "extension Wire {"]
        lines += ["    /// What a client can ask for.", "    package enum Method: String, Sendable, CaseIterable {"]
        for method in law.methods {
            lines += SwiftName.comment(method.summary, indent: 8)
            lines.append("        case \(member(method)) = \(SwiftName.literal(method.name))")
        }
        lines += ["    }", "", "    package static let protocolVersion = \(law.version)", "}", ""]
        lines.append("extension Wire.Method {")
        lines += property("lane", "Wire.Lane", "What a request queues under.", lane)
        lines += property("summary", "String", "A sentence for people.") { SwiftName.literal($0.summary) }
        lines += property("isNotification", "Bool", "Whether it has no answer.") { "\($0.isNotification)" }
        lines += property("isIdempotent", "Bool", "Whether asking twice changes no more than asking once.") {
            "\($0.isIdempotent)"
        }
        lines += property("errors", "[Wire.ErrorCode]", "What it can answer besides the errors of every method.") {
            "[" + $0.errors.map { "." + SwiftName.memberName($0) }.joined(separator: ", ") + "]"
        }
        lines += decoding + ["}", ""] + outgoing
        return SwiftOutput.text(lines)
    }

    private func member(_ method: Law.Method) -> String { SwiftName.memberName(method.name) }

    private func property(
        _ name: String, _ type: String, _ doc: String, _ value: (Law.Method) -> String
    ) -> [String] {
        ["    /// \(doc)", "    package var \(name): \(type) {", "        switch self {"]
            + law.methods.map { "        case .\(member($0)): \(value($0))" } + ["        }", "    }", ""]
    }

    private func lane(_ method: Law.Method) -> String {
        let keys = method.laneFields.map { name -> String in
            let field = method.params.fields.first { $0.name == name }
            guard case .identifier(let kind)? = field?.type else { return "" }
            return "Wire.Lane.Key(kind: .\(kind.dropLast("_id".count)), field: \(SwiftName.literal(name)))"
        }
        return "Wire.Lane(access: .\(method.access), keys: [\(keys.joined(separator: ", "))])"
    }

    private var decoding: [String] {
        var lines = [
            "    /// Checks a request's parameters; returns them with what to warn of.",
            "    package func params(",
            "        from json: JSON?",
            "    ) throws(InvalidParams) -> (params: any WireParams, warnings: [String]) {",
            "        func checked<P: WireParams>(",
            "            _: P.Type",
            "        ) throws(InvalidParams) -> (params: any WireParams, warnings: [String]) {",
            "            let decoded = try P.decode(json)",
            "            return (decoded.params, decoded.warnings)",
            "        }",
            "        return switch self {",
        ]
        lines += law.methods.map { "        case .\(member($0)): try checked(Wire.\($0.params.name).self)" }
        lines += [
            "        }", "    }", "",
            "    /// Reads a reply's result; any JSON where the law says no more.",
            "    package func result(from json: JSON) throws(InvalidParams) -> any WireValue {",
            "        switch self {",
        ]
        for method in law.methods {
            if case .structure(let name)? = method.result {
                lines.append("        case .\(member(method)): try Wire.\(name)(lenient: json)")
            } else {
                lines.append("        case .\(member(method)): json")
            }
        }
        return lines + ["        }", "    }"]
    }

    private var outgoing: [String] {
        var lines = ["extension Wire {"]
        for (name, doc, all) in [
            ("HostRequest", "What the host asks of a client that declared that it answers.", law.hostRequests),
            ("Notification", "What the host tells.", law.notifications),
        ] {
            lines += ["    /// \(doc)", "    package enum \(name): String, Sendable, CaseIterable {"]
            for item in all {
                lines += SwiftName.comment(item.summary, indent: 8)
                lines.append("        case \(SwiftName.memberName(item.name)) = \(SwiftName.literal(item.name))")
            }
            lines += [
                "", "        package func params(from json: JSON) throws(InvalidParams) -> any WireObject {",
                "            switch self {",
            ]
            for item in all {
                lines.append(
                    "            case .\(SwiftName.memberName(item.name)): "
                        + "try Wire.\(item.params)(lenient: json, root: \"params\")")
            }
            lines += ["            }", "        }", "    }", ""]
        }
        return lines.dropLast() + ["}"]
    }
}
