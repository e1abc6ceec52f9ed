import Foundation
import Testing

/// Agents that others have made, from the Python environment that `./dev test` sets up: `.venv-agents` in the
/// repository's root, or what `AGENTHOST_AGENTS` names.
enum RealAgents {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let environment = ProcessInfo.processInfo.environment
    private static let folder = environment["AGENTHOST_AGENTS"] ?? root.appending(path: ".venv-agents").path

    /// Where nothing may be left out.
    static let areRequired = environment["CI"] != nil

    /// Claude Code, from the wheel of its Python SDK.
    static let claude = find("lib/*/site-packages/claude_agent_sdk/_bundled/claude")
    /// Codex, from the wheel of its programs.
    static let codex = find("lib/*/site-packages/codex_cli_bin/bin/codex")
    /// The environment's Python.
    static let python = find("bin/python")
    /// The same, where it has the SDK of the Agent Client Protocol.
    static let pythonSDK = find("lib/*/site-packages/acp/__init__.py") == nil ? nil : python
    /// `mistral-vibe`.
    static let vibe = find("bin/vibe-acp")

    static func script(_ name: String) -> String { root.appending(path: "Tests/RealAgents/\(name)").path }

    /// The first file of the environment at such a path, of which one component may be `*`.
    private static func find(_ pattern: String) -> String? {
        let parts = pattern.components(separatedBy: "/*/")
        guard parts.count == 2 else { return existing("\(folder)/\(pattern)") }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(parts[0])")) ?? []
        return names.lazy.compactMap { existing("\(folder)/\(parts[0])/\($0)/\(parts[1])") }.first
    }

    private static func existing(_ path: String) -> String? {
        FileManager.default.fileExists(atPath: path) ? path : nil
    }
}

extension Trait where Self == ConditionTrait {
    /// Needs an agent that may not be installed. Where nothing may be left out, the test runs and fails without it.
    static func needs(_ agent: String?, _ name: String) -> Self {
        .enabled(if: agent != nil || RealAgents.areRequired, "\(name) is not installed: ./dev test says why")
    }
}
