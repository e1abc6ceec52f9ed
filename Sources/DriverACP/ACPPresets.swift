/// Agents that are known to speak the protocol, and how their own documentation starts them. Where each is documented:
/// docs/decisions/0082.
package enum ACPPresets {
    package static let all: [ACPConfiguration] = [gemini, goose, opencode, kimi, vibe, fastAgent]

    package static func named(_ name: String) -> ACPConfiguration? { all.first { $0.name == name } }

    private static let gemini = preset(
        "gemini", "gemini", ["--acp"],
        inherits: [
            "GEMINI_API_KEY", "GEMINI_CLI_HOME", "GEMINI_MODEL", "GOOGLE_API_KEY", "GOOGLE_APPLICATION_CREDENTIALS",
            "GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_PROJECT", "GOOGLE_GENAI_USE_VERTEXAI",
        ],
        advice: "Install Gemini CLI (npm install -g @google/gemini-cli) and sign in by running gemini once.")

    private static let goose = preset(
        "goose", "goose", ["acp"],
        inherits: ["ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GOOSE_MODEL", "GOOSE_PROVIDER", "OPENAI_API_KEY"],
        advice: "Install the Goose CLI and choose a model by running goose configure.")

    private static let opencode = preset(
        "opencode", "opencode", ["acp"], inherits: ["OPENCODE_API_KEY", "OPENCODE_CONFIG", "OPENCODE_CONFIG_DIR"],
        advice: "Install OpenCode (npm install -g opencode-ai) and sign in with opencode auth login.")

    private static let kimi = preset(
        "kimi", "kimi", ["acp"], inherits: ["KIMI_API_KEY", "KIMI_BASE_URL", "KIMI_CODE_HOME", "KIMI_MODEL_NAME"],
        advice: "Install Kimi Code CLI (uv tool install --python 3.13 kimi-cli) and sign in with kimi login.")

    private static let vibe = preset(
        "vibe", "vibe-acp", [], inherits: ["MISTRAL_API_KEY", "VIBE_HOME"], usage: .session,
        advice: "Install Mistral Vibe (uv tool install mistral-vibe) and sign in by running vibe once.")

    private static let fastAgent = preset(
        "fast-agent", "fast-agent-acp", [], version: nil,
        inherits: ["ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "HF_TOKEN", "OPENAI_API_KEY"],
        advice: "Install fast-agent (uv tool install fast-agent-acp) and name a model in its configuration.")

    private static func preset(
        _ name: String, _ executable: String, _ arguments: [String], version: [String]? = ["--version"],
        inherits: [String],
        usage: ACPConfiguration.UsageScope? = nil, advice: String
    ) -> ACPConfiguration {
        var configuration = ACPConfiguration(name: name, executable: executable, arguments: arguments)
        configuration.inherits = inherits
        configuration.usage = usage
        configuration.advice = advice
        configuration.versionArguments = version
        return configuration
    }
}
