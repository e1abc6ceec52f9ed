import Foundation
import JSON
import Testing

/// A command-line agent as the host's configuration has it, with a home of its own and the model server on this
/// machine.
enum RealCLI: String, CustomTestStringConvertible, CaseIterable {
    case claude
    case codexAppServer = "codex app-server"
    case codexExec = "codex exec"

    var testDescription: String { rawValue }

    /// Whether its text comes while the model writes it.
    var streamsText: Bool { self != .codexExec }

    /// An entry of the configuration's `drivers`, named `real`.
    /// - Parameter home: where the agent keeps its own records.
    func driver(model: RealModel, home: String) throws -> JSON {
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        switch self {
        case .claude:
            return [
                "kind": "claude", "name": "real", "executable": .string(RealAgents.claude ?? "claude"),
                "model": "claude-opus-5-5",
                "environment": [
                    "HOME": .string(home), "CLAUDE_CONFIG_DIR": .string(home + "/claude"),
                    "ANTHROPIC_BASE_URL": .string("http://127.0.0.1:\(model.port)"), "ANTHROPIC_API_KEY": "none",
                ],
            ]
        case .codexAppServer, .codexExec:
            let provider = #"{name="loopback",base_url="http://127.0.0.1:\#(model.port)/v1",wire_api="responses"}"#
            return [
                "kind": "codex", "name": "real", "executable": .string(RealAgents.codex ?? "codex"),
                "transport": self == .codexExec ? "exec" : "app-server", "model": "loopback",
                "config": ["model_provider": "\"loopback\"", "model_providers.loopback": .string(provider)],
                "environment": ["HOME": .string(home), "CODEX_HOME": .string(home), "OPENAI_API_KEY": "none"],
            ]
        }
    }

    /// The files in which the agent keeps its conversations.
    func records(home: String) -> [String] {
        let folder = home + (self == .claude ? "/claude/projects" : "/sessions")
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return files.filter { $0.hasSuffix(".jsonl") }.map { folder + "/" + $0 }
    }
}
