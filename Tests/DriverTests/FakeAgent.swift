import AgentModel
import Driver
import DriverCLI
import DriverConformance
import Foundation
import JSON

/// The scripted agent, built beside the tests, as drivers that speak lines and text.
enum FakeAgent {
    static let path: String = {
        let beside = Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let candidates = ([program] + beside).map { $0.appending(path: "fake-agent").path }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? candidates[0]
    }()

    static func lines(sessions: String? = nil, _ capabilities: [JSON] = []) throws -> CommandDriver {
        let arguments: [JSON] = sessions.map { ["--sessions", .string($0)] } ?? []
        return CommandDriver(
            try CommandConfiguration([
                "name": "fake", "executable": .string(path), "arguments": .array(arguments), "output": "lines",
                "capabilities": .array(["concurrent_runs_safe", "streams_text"] + capabilities),
            ]))
    }

    static func text() throws -> CommandDriver {
        CommandDriver(
            try CommandConfiguration([
                "name": "fake-text", "executable": .string(path), "arguments": ["--text"], "output": "text",
            ]))
    }

    /// Runs a script, as the prompt, to its end.
    static func run(
        _ script: String, _ driver: CommandDriver? = nil, _ options: ProcessHarness.Options = ProcessHarness.Options()
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
