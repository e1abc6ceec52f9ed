import JSON

/// What an agent said of itself in its answer to `initialize`.
struct ACPAgent {
    /// A way to sign in.
    struct AuthMethod {
        var id: String
        var name: String
        /// Variables that hold what it needs.
        var variables: [String]

        init?(_ json: JSON) {
            guard let id = json["id"]?.stringValue, !id.isEmpty else { return nil }
            self.id = id
            name = json["name"]?.stringValue ?? id
            variables = (json["vars"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        }

        var words: String { variables.isEmpty ? name : "\(name) (\(variables.joined(separator: ", ")))" }
    }

    var loads = false
    var resumes = false
    var takesImages = false
    var takesHTTPServers = false
    var takesSSEServers = false
    var authMethods: [AuthMethod] = []

    init() {}

    init(_ answer: JSON) {
        let capabilities = answer["agentCapabilities"]
        loads = capabilities?["loadSession"]?.boolValue ?? false
        resumes = capabilities?["sessionCapabilities"]?["resume"]?.objectValue != nil
        takesImages = capabilities?["promptCapabilities"]?["image"]?.boolValue ?? false
        takesHTTPServers = capabilities?["mcpCapabilities"]?["http"]?.boolValue ?? false
        takesSSEServers = capabilities?["mcpCapabilities"]?["sse"]?.boolValue ?? false
        authMethods = (answer["authMethods"]?.arrayValue ?? []).compactMap(AuthMethod.init)
    }

    /// A process that was kept has opened a session that it can open again; what else it said is not known any more.
    mutating func isWarm() { loads = true }

    /// Whether a session of its own is there for a later process.
    var keepsSessions: Bool { loads || resumes }
}

/// What an agent offers to choose in a session: its answer to `session/new`, `session/load` or `session/resume`.
struct ACPChoices {
    /// What is asked of the agent, and what for.
    struct Setting {
        var method: String
        var params: JSONObject
        /// For a warning when the agent refuses.
        var what: String
    }

    private let answer: JSON

    init(_ answer: JSON) { self.answer = answer }

    /// How to choose a mode; `nil` when the agent offers none of that name.
    func mode(_ name: String) -> Setting? {
        if let option = option("mode", name) { return option }
        let modes = answer["modes"]?["availableModes"]?.arrayValue ?? []
        guard let id = Self.match(name, modes, id: "id") else { return nil }
        return Setting(method: "session/set_mode", params: ["modeId": .string(id)], what: "the mode \(name)")
    }

    /// How to choose a model; `nil` when the agent offers none of that name.
    func model(_ name: String) -> Setting? {
        if let option = option("model", name) { return option }
        let models = answer["models"]?["availableModels"]?.arrayValue ?? []
        guard let id = Self.match(name, models, id: "modelId") else { return nil }
        return Setting(method: "session/set_model", params: ["modelId": .string(id)], what: "the model \(name)")
    }

    /// Names of the models that it offers.
    var models: [String] {
        let values = options("model").flatMap { Self.values($0).compactMap { $0["value"]?.stringValue } }
        let others = (answer["models"]?["availableModels"]?.arrayValue ?? []).compactMap { $0["modelId"]?.stringValue }
        return values.isEmpty ? others : values
    }

    private func options(_ category: String) -> [JSON] {
        (answer["configOptions"]?.arrayValue ?? []).filter { $0["category"]?.stringValue == category }
    }

    private func option(_ category: String, _ name: String) -> Setting? {
        for option in options(category) {
            guard let id = option["id"]?.stringValue, let value = Self.match(name, Self.values(option), id: "value")
            else { continue }
            return Setting(
                method: "session/set_config_option", params: ["configId": .string(id), "value": .string(value)],
                what: "the \(category) \(name)")
        }
        return nil
    }

    /// A selection's values, those in groups too.
    private static func values(_ option: JSON) -> [JSON] {
        (option["options"]?.arrayValue ?? []).flatMap { $0["options"]?.arrayValue ?? [$0] }
    }

    /// By id, else by the name that people read.
    private static func match(_ name: String, _ choices: [JSON], id: String) -> String? {
        let choice = choices.first { $0[id]?.stringValue == name } ?? choices.first { $0["name"]?.stringValue == name }
        return choice?[id]?.stringValue
    }
}
