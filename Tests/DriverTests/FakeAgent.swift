import AgentModel
import Driver
import DriverACP
import DriverCLI
import DriverConformance
import Foundation
import JSON

/// The scripted agent, built beside the tests, behind the driver of each protocol that it speaks.
enum FakeAgent {
    static let path: String = {
        let beside = Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let candidates = ([program] + beside).map { $0.appending(path: "fake-agent").path }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? candidates[0]
    }()

    enum Tongue: String, CaseIterable {
        case lines, text, acp, claude, codexServer, codexExec

        /// Whether the host can stop it by words.
        var hearsCancel: Bool { ![.text, .codexExec].contains(self) }

        /// - Parameter arguments: further ones of the agent's own.
        func driver(_ arguments: [String] = []) throws -> any Driver {
            switch self {
            case .lines: return try FakeAgent.lines(arguments)
            case .text: return try FakeAgent.text(arguments)
            case .acp: return ACPDriver(try ACPConfiguration(settings("acp", arguments)), hostVersion: "test")
            case .claude: return ClaudeDriver(try ClaudeConfiguration(settings("claude", arguments)))
            case .codexServer, .codexExec:
                var configuration = try CodexConfiguration(settings("codex", arguments))
                configuration.transport = self == .codexExec ? .exec : .appServer
                return CodexDriver(configuration, hostVersion: "test")
            }
        }

        private func settings(_ tongue: String, _ arguments: [String]) -> JSON {
            [
                "name": .string(tongue), "executable": .string(path),
                "arguments": .array((["--speak", tongue] + arguments).map(JSON.string)),
            ]
        }
    }

    static func lines(_ arguments: [String] = [], _ capabilities: [JSON] = []) throws -> CommandDriver {
        CommandDriver(
            try CommandConfiguration([
                "name": "fake", "executable": .string(path), "arguments": .array(arguments.map(JSON.string)),
                "output": "lines", "capabilities": .array(["concurrent_runs_safe", "streams_text"] + capabilities),
            ]))
    }

    static func lines(sessions: String, _ capabilities: [JSON]) throws -> CommandDriver {
        try lines(["--sessions", sessions], capabilities)
    }

    static func text(_ arguments: [String] = []) throws -> CommandDriver {
        CommandDriver(
            try CommandConfiguration([
                "name": "fake-text", "executable": .string(path),
                "arguments": .array((["--text"] + arguments).map(JSON.string)), "output": "text",
            ]))
    }

    /// Runs a script, as the prompt, to its end.
    static func run(
        _ script: String, _ driver: (any Driver)? = nil, _ options: ProcessHarness.Options = ProcessHarness.Options()
    ) throws -> ProcessHarness.Record {
        try ProcessHarness.run((driver ?? lines()).makeRun(request(script)), options)
    }
}

/// A folder that is removed with everything in it when the test lets go of it.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "driver-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
