package import Driver
package import JSON

/// An agent that speaks the Agent Client Protocol.
package struct ACPConfiguration: Hashable, Sendable {
    /// What the agent's counts of tokens are of, where it gives any.
    package enum UsageScope: String, Sendable, CaseIterable {
        /// One prompt.
        case turn
        /// Its session from the beginning.
        case session
    }

    /// As sessions name it: lower-case letters, digits, `-` and `_`.
    package let name: String
    /// An absolute path, or a name to look up in `PATH`.
    package var executable: String
    package var arguments: [String] = []
    /// Variables to set.
    package var environment: [String: String] = [:]
    /// Names of further variables of the host's environment that it may see.
    package var inherits: [String] = []
    /// Servers of the Model Context Protocol for its sessions, each as the protocol has it.
    package var mcpServers: [JSON] = []
    /// The model of sessions that name none.
    package var model: String?
    /// What the agent calls the way in which it is to work, e.g. `code`.
    package var mode: String?
    /// The way to sign in that is asked for before a session is opened.
    package var authMethod: String?
    /// `nil`: not known, so that figures of resumed sessions count as estimates.
    package var usage: UsageScope?
    /// How to get the program.
    package var advice: String?
    /// What has it write its version; `nil` when that is not known.
    package var versionArguments: [String]?

    package init(name: String, executable: String, arguments: [String] = []) {
        self.name = name
        self.executable = executable
        self.arguments = arguments
    }
}

extension ACPConfiguration {
    private static let members: Set<String> = [
        "kind", "name", "preset", "executable", "arguments", "environment", "inherits", "mcp_servers", "model", "mode",
        "auth_method", "usage",
    ]

    /// Reads `{name, preset | executable, arguments?, environment?, inherits?, mcp_servers?, model?, mode?,
    /// auth_method?, usage?}`. Beside a preset, `executable` and `arguments` replace its own; the other members add to
    /// them.
    package init(_ json: JSON) throws(ConfigurationError) {
        let members = ConfigurationMembers(json)
        if let unknown = (json.objectValue?.keys ?? []).first(where: { !Self.members.contains($0) }) {
            throw ConfigurationError(path: unknown, message: "there is no such setting of an ACP agent")
        }
        if let preset = try members.optionalText("preset") {
            guard let known = ACPPresets.named(preset) else {
                let names = ACPPresets.all.map(\.name).joined(separator: ", ")
                throw ConfigurationError(path: "preset", message: "expected one of \(names)")
            }
            self = known.renamed(json["name"] == nil ? preset : try members.name("name"))
            if json["executable"] != nil { executable = try members.executable("executable") }
        } else {
            self.init(name: try members.name("name"), executable: try members.executable("executable"))
        }
        if json["arguments"] != nil { arguments = try members.texts("arguments") }
        environment.merge(try members.variables("environment")) { _, new in new }
        inherits += try members.texts("inherits")
        mcpServers = try Self.servers(json)
        model = try members.optionalText("model")
        mode = try members.optionalText("mode")
        authMethod = try members.optionalText("auth_method") ?? authMethod
        if let word = json["usage"] {
            guard let known = UsageScope(rawValue: word.stringValue ?? "") else {
                throw ConfigurationError(path: "usage", message: "expected turn or session")
            }
            usage = known
        }
    }

    /// The same agent as another driver.
    package func renamed(_ name: String) -> ACPConfiguration {
        var other = ACPConfiguration(name: name, executable: executable, arguments: arguments)
        other.environment = environment
        other.inherits = inherits
        other.authMethod = authMethod
        other.usage = usage
        other.advice = advice
        other.versionArguments = versionArguments
        return other
    }

    // MARK: - Servers

    /// Each is `{name, command, arguments?, environment?}` or `{name, url, type?: http|sse, headers?}`.
    private static func servers(_ json: JSON) throws(ConfigurationError) -> [JSON] {
        guard let value = json["mcp_servers"] else { return [] }
        guard let list = value.arrayValue else {
            throw ConfigurationError(path: "mcp_servers", message: "expected a list of objects")
        }
        var servers: [JSON] = []
        for (index, server) in list.enumerated() {
            do {
                servers.append(try Self.server(server))
            } catch {
                throw ConfigurationError(path: "mcp_servers[\(index)].\(error.path)", message: error.message)
            }
        }
        return servers
    }

    private static func server(_ json: JSON) throws(ConfigurationError) -> JSON {
        let members = ConfigurationMembers(json)
        var server: JSONObject = ["name": .string(try members.text("name"))]
        if json["url"] != nil {
            let type = try members.optionalText("type") ?? "http"
            guard ["http", "sse"].contains(type) else {
                throw ConfigurationError(path: "type", message: "expected http or sse")
            }
            server["type"] = .string(type)
            server["url"] = .string(try members.text("url"))
            server["headers"] = pairs(try members.variables("headers"))
        } else {
            server["command"] = .string(try members.text("command"))
            server["args"] = .array(try members.texts("arguments").map(JSON.string))
            server["env"] = pairs(try members.variables("environment"))
        }
        return .object(server)
    }

    private static func pairs(_ variables: [String: String]) -> JSON {
        .array(variables.sorted { $0.key < $1.key }.map { ["name": .string($0.key), "value": .string($0.value)] })
    }
}
