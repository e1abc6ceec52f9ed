package import Driver
package import JSON

/// What a user says about Claude Code: `docs/claude.md` explains each setting.
package struct ClaudeConfiguration: Hashable, Sendable {
    /// Where the CLI gets its MCP servers from.
    package enum Servers: Hashable, Sendable {
        /// An absolute path.
        case file(String)
        /// What such a file holds: `{"mcpServers": {...}}`.
        case inline(JSON)
    }

    /// As sessions name it.
    package let name: String
    /// An absolute path, or a name to look up in `PATH`.
    package var executable = "claude"
    /// Further arguments of the CLI.
    package var arguments: [String] = []
    /// Variables to set.
    package var environment: [String: String] = [:]
    /// Names of further variables of the host's environment that it may see.
    package var inherits: [String] = []
    /// For sessions that name none.
    package var model: String?
    package var servers: Servers?
    package var appendSystemPrompt: String?
    /// A process stays for the next task of its session.
    package var isWarm = true

    package init(name: String = "claude") { self.name = name }
}

extension ClaudeConfiguration {
    /// What the driver itself says on the command line, and what would take consent out of the user's hands.
    private static let reserved: Set<String> = [
        "-p", "--print", "-r", "--resume", "-c", "--continue", "-v", "--version", "-h", "--help", "--input-format",
        "--output-format", "--verbose", "--permission-prompt-tool", "--permission-mode",
        "--dangerously-skip-permissions", "--allow-dangerously-skip-permissions", "--include-partial-messages",
        "--session-id", "--fork-session", "--no-session-persistence", "--json-schema", "--max-turns",
        "--max-budget-usd", "--model", "--mcp-config", "--append-system-prompt", "--replay-user-messages",
    ]

    /// Reads `{name?, executable?, arguments?, environment?, inherits?, model?, mcp_config?, append_system_prompt?,
    /// warm?}`.
    package init(_ json: JSON) throws(ConfigurationError) {
        let members = ConfigurationMembers(json)
        self.init(name: json["name"] == nil ? "claude" : try members.name("name"))
        if json["executable"] != nil { executable = try members.executable("executable") }
        arguments = try members.texts("arguments")
        for (index, argument) in arguments.enumerated() {
            let flag = String(argument.prefix { $0 != "=" })
            guard !Self.reserved.contains(flag) else {
                throw ConfigurationError(path: "arguments[\(index)]", message: "\(flag) is set by the driver itself")
            }
        }
        environment = try members.variables("environment")
        inherits = try members.texts("inherits")
        model = try members.optionalText("model")
        appendSystemPrompt = try members.optionalText("append_system_prompt")
        servers = try Self.servers(json)
        if let warm = json["warm"] {
            guard let flag = warm.boolValue else {
                throw ConfigurationError(path: "warm", message: "expected true or false")
            }
            isWarm = flag
        }
    }

    private static func servers(_ json: JSON) throws(ConfigurationError) -> Servers? {
        guard let value = json["mcp_config"] else { return nil }
        if value.objectValue != nil { return .inline(value) }
        guard let path = value.stringValue, path.hasPrefix("/"), !path.utf8.contains(0) else {
            throw ConfigurationError(path: "mcp_config", message: "expected an absolute path or an object")
        }
        return .file(path)
    }
}
