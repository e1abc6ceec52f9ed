package import Driver
package import JSON

/// How Codex is started here.
package struct CodexConfiguration: Hashable, Sendable {
    /// Which of its two machine interfaces is spoken. `docs/decisions/0081-codex.md` says why none is guessed.
    package enum Transport: String, Sendable, CaseIterable {
        /// `codex app-server`: deltas, asks, steering, interrupting, exact usage, warm processes.
        case appServer = "app-server"
        /// `codex exec --json`: one prompt, one answer.
        case exec
    }

    /// As sessions name it.
    package var name = "codex"
    /// An absolute path, or a name to look up in `PATH`.
    package var executable = "codex"
    /// Arguments before the subcommand.
    package var arguments: [String] = []
    /// Variables to set.
    package var environment: [String: String] = [:]
    /// Names of further variables of the host's environment that it may see, beside `inheritedAlways`.
    package var inherits: [String] = []
    /// For sessions that name none; `nil`: Codex's own choice.
    package var model: String?
    /// What `config.toml` is overridden with, as `-c key=value`: dotted key, and value in TOML.
    package var overrides: [String: String] = [:]
    package var transport = Transport.appServer

    /// Where Codex keeps its state, and the keys that it knows by itself.
    static let inheritedAlways = ["CODEX_HOME", "OPENAI_API_KEY", "CODEX_API_KEY"]

    package init() {}

    /// Reads `{name?, executable?, arguments?, environment?, inherits?, model?, config?, transport?}`.
    package init(_ json: JSON) throws(ConfigurationError) {
        self.init()
        let members = ConfigurationMembers(json)
        if json["name"] != nil { name = try members.name("name") }
        if json["executable"] != nil { executable = try members.executable("executable") }
        arguments = try members.texts("arguments")
        environment = try members.variables("environment")
        inherits = try members.texts("inherits")
        model = try members.optionalText("model")
        overrides = try Self.overrides(json)
        if let word = json["transport"] {
            guard let known = Transport(rawValue: word.stringValue ?? "") else {
                throw ConfigurationError(path: "transport", message: "expected app-server or exec")
            }
            transport = known
        }
    }

    /// Texts are TOML as they stand, as on Codex's own command line; numbers and truth values are written out.
    private static func overrides(_ json: JSON) throws(ConfigurationError) -> [String: String] {
        guard let value = json["config"] else { return [:] }
        guard let object = value.objectValue else {
            throw ConfigurationError(path: "config", message: "expected an object")
        }
        var overrides: [String: String] = [:]
        for member in object {
            let text: String? =
                switch member.value {
                case .string(let text): text
                case .bool, .int, .double: "\(member.value)"
                case .null, .array, .object: nil
                }
            guard let text, !text.utf8.contains(0) else {
                throw ConfigurationError(
                    path: "config.\(member.key)", message: "expected a text (TOML), a number, true or false")
            }
            guard !member.key.isEmpty, !member.key.utf8.contains(0), !member.key.contains("=") else {
                throw ConfigurationError(path: "config.\(member.key)", message: "is no key of Codex's configuration")
            }
            overrides[member.key] = text
        }
        return overrides
    }
}
