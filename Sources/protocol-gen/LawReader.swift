import JSON

/// Reads the law. Everything that it does not understand is an error, so that a slip of the pen is not a silent change.
struct LawReader {
    private var law = Law()
    private var fragments: [String: [Law.Field]] = [:]
    private var typeNames: [String: TypeExpression] = [
        "string": .string, "integer": .integer, "number": .number, "boolean": .boolean, "object": .object,
        "any": .any, "time": .time, "path": .path, "relative_path": .relativePath, "request_id": .requestID,
    ]

    static func read(_ json: JSON) throws(LawError) -> Law {
        var reader = LawReader()
        let root = try Node(json, place: "the file")
        try reader.readNames(root)
        try reader.readTypes(root)
        try reader.readMethods(root)
        try reader.readRest(root)
        try root.expectOnly([
            "protocol", "ids", "enums", "types", "pages", "limits", "fragments", "errors_of_every_method", "methods",
            "host_requests", "notifications", "events", "errors",
        ])
        return reader.law
    }

    /// Ids, words and the names of all types, so that fields can refer to them.
    private mutating func readNames(_ root: Node) throws(LawError) {
        let about = try root.node("protocol")
        law.title = try about.text("title")
        law.description = try about.text("description")
        law.version = try about.integer("version")
        for node in try root.nodes("ids") {
            law.identifiers.append(
                Law.Identifier(name: node.name, prefix: try node.text("prefix"), what: try node.text("what")))
            typeNames[node.name] = .identifier(node.name)
        }
        for node in try root.nodes("enums") {
            let values = try node.node("values").texts()
            law.words.append(Law.Word(name: node.name, description: try node.text("description"), values: values))
        }
        var eventTypes = Law.Word(name: "EventType", description: "What an event tells.", values: [])
        for node in try root.nodes("events") { eventTypes.values.append((node.name, try node.text("summary"))) }
        law.words.append(eventTypes)
        for word in law.words { typeNames[word.name] = .word(word.name) }
        for group in try root.nodes("types") {
            for name in group.keys { typeNames[name] = .structure(name) }
        }
        for name in try root.strings("pages") { typeNames[name + "Page"] = .structure(name + "Page") }
        typeNames["Limits"] = .structure("Limits")
    }

    private mutating func readTypes(_ root: Node) throws(LawError) {
        for group in try root.nodes("types") {
            for node in try group.nodes() {
                try node.expectOnly(["description", "fields", "one_of", "any_of", "variants"])
                law.structures.append(
                    Law.Structure(
                        name: node.name, noun: group.name, description: try node.text("description"),
                        fields: try fields(node.node("fields")), rules: try rules(node)))
                let isPaged = try root.strings("pages").contains(node.name)
                if isPaged { law.structures.append(page(of: node.name, noun: group.name)) }
            }
        }
        law.structures.append(try limits(root))
        for node in try root.nodes("fragments") { fragments[node.name] = try fields(node) }
    }

    private func page(of item: String, noun: String) -> Law.Structure {
        Law.Structure(
            name: item + "Page", noun: noun, description: "A page of a list.",
            fields: [
                Law.Field(
                    name: "items", type: .array(.structure(item)), isRequired: true, isNullable: false,
                    description: "The items."),
                Law.Field(
                    name: "next_cursor", type: .string, isRequired: false, isNullable: false,
                    description: "`cursor` of the next page; absent on the last one."),
            ])
    }

    private func limits(_ root: Node) throws(LawError) -> Law.Structure {
        var limits = Law.Structure(
            name: "Limits", noun: "host", description: "What the host refuses to go past. Each is configurable.",
            fields: [])
        for node in try root.nodes("limits") {
            limits.fields.append(
                Law.Field(
                    name: node.name, type: .integer, isRequired: false, isNullable: false,
                    description: try node.text("description"), defaultValue: node.value("default"), minimum: 1))
        }
        return limits
    }

    private func fields(_ node: Node) throws(LawError) -> [Law.Field] {
        var fields: [Law.Field] = []
        for node in try node.nodes() {
            try node.expectOnly([
                "type", "required", "nullable", "description", "default", "minimum", "maximum", "min_length",
                "max_length", "min_items", "max_items",
            ])
            fields.append(
                Law.Field(
                    name: node.name, type: try type(node.text("type"), at: node), isRequired: node.flag("required"),
                    isNullable: node.flag("nullable"), description: try node.text("description"),
                    defaultValue: node.value("default"), minimum: node.value("minimum"), maximum: node.value("maximum"),
                    minLength: node.value("min_length")?.intValue, maxLength: node.value("max_length")?.intValue,
                    minItems: node.value("min_items")?.intValue, maxItems: node.value("max_items")?.intValue))
        }
        return fields
    }

    private func type(_ text: String, at node: Node) throws(LawError) -> TypeExpression {
        let inner = String(text.dropFirst().dropLast())
        if text.hasPrefix("[") { return .array(try type(inner, at: node)) }
        if text.hasPrefix("{") { return .dictionary(try type(inner, at: node)) }
        guard let type = typeNames[text] else { throw node.error("there is no type \(text)") }
        return type
    }

    private func rules(_ node: Node) throws(LawError) -> Law.Rules {
        var rules = Law.Rules()
        rules.oneOf = try node.strings("one_of")
        rules.anyOf = try node.strings("any_of")
        guard node.has("variants") else { return rules }
        let variants = try node.node("variants")
        rules.variantField = try variants.text("by")
        for variant in try variants.nodes("of") {
            try variant.expectOnly(["required", "one_of", "excluded"])
            rules.variants.append(
                Law.Rules.Variant(
                    value: variant.name, required: try variant.strings("required"),
                    oneOf: try variant.strings("one_of"), excluded: try variant.strings("excluded")))
        }
        return rules
    }

    private mutating func readMethods(_ root: Node) throws(LawError) {
        for node in try root.nodes("methods") {
            try node.expectOnly([
                "summary", "params", "with", "params_type", "notification", "one_of", "variants", "result", "lane",
                "errors", "idempotent", "since", "stability",
            ])
            let params = try params(node)
            let lane = try node.node("lane")
            try lane.expectOnly(["access", "by"])
            law.methods.append(
                Law.Method(
                    name: node.name, summary: try node.text("summary"), isNotification: node.flag("notification"),
                    params: params, hasSharedParams: node.has("params_type"),
                    result: node.has("result") ? try type(node.text("result"), at: node) : nil,
                    access: try lane.text("access"), laneFields: try lane.strings("by"),
                    errors: try node.strings("errors"), isIdempotent: node.flag("idempotent"),
                    since: try node.integer("since"), stability: try node.text("stability")))
        }
    }

    private func params(_ node: Node) throws(LawError) -> Law.Structure {
        if node.has("params_type") {
            guard let shared = law.structure(try node.text("params_type")) else { throw node.error("no such type") }
            return shared
        }
        var all = try fields(node.node("params"))
        for name in try node.strings("with") {
            guard let fragment = fragments[name] else { throw node.error("there is no fragment \(name)") }
            all += fragment
        }
        let noun = String(node.name.prefix { $0 != "." })
        return Law.Structure(
            name: SwiftName.typeName(node.name) + "Params", noun: noun, description: try node.text("summary"),
            fields: all,
            rules: try rules(node))
    }

    private mutating func readRest(_ root: Node) throws(LawError) {
        for node in try root.nodes("host_requests") + root.nodes("notifications") {
            try node.expectOnly(["summary", "params_type", "result"])
            let outgoing = Law.Outgoing(
                name: node.name, summary: try node.text("summary"), params: try node.text("params_type"),
                result: node.value("result")?.stringValue)
            if outgoing.result == nil { law.notifications.append(outgoing) } else { law.hostRequests.append(outgoing) }
        }
        for node in try root.nodes("events") {
            try node.expectOnly(["summary", "data", "live_only", "terminal"])
            law.events.append(
                Law.EventType(
                    name: node.name, summary: try node.text("summary"), data: try node.text("data"),
                    isLiveOnly: node.flag("live_only"), isTerminal: node.flag("terminal")))
        }
        for node in try root.nodes("errors") {
            try node.expectOnly(["code", "retryable", "meaning", "reasons"])
            law.errors.append(
                Law.ErrorKind(
                    name: node.name, code: try node.integer("code"), isRetryable: node.flag("retryable"),
                    meaning: try node.text("meaning"), reasons: try node.strings("reasons")))
        }
        law.commonErrors = try root.strings("errors_of_every_method")
        try checkReferences(root)
    }

    private func checkReferences(_ root: Node) throws(LawError) {
        let errors = Set(law.errors.map(\.name))
        for method in law.methods {
            if let unknown = (method.errors + law.commonErrors).first(where: { !errors.contains($0) }) {
                throw LawError(place: method.name, problem: "there is no error \(unknown)")
            }
            let fields = Set(method.params.fields.map(\.name))
            if let unknown = method.laneFields.first(where: { !fields.contains($0) }) {
                throw LawError(place: method.name, problem: "its lane names \(unknown), which is no parameter")
            }
        }
        for name in law.events.map(\.data) + (law.notifications + law.hostRequests).map(\.params)
        where law.structure(name) == nil {
            throw LawError(place: "the file", problem: "there is no type \(name)")
        }
    }
}
