import Foundation
import JSON

/// Where a host of a test keeps everything: its store, its configuration, what it says on stderr.
final class HostHome {
    let folder: TemporaryFolder
    var path: String { folder.path }
    var store: String { path + "/store" }
    var configuration: String { path + "/agenthost.json" }
    var log: String { path + "/stderr.log" }

    /// - Parameters:
    ///   - memory: what the configuration says of memory.
    ///   - driverModes: the dangerous modes that sessions may ask for.
    ///   - drivers: further drivers, made with the path of the home.
    init(memory: JSON = [:], driverModes: JSON = [:], drivers: (String) -> [JSON] = { _ in [] }) throws {
        folder = try TemporaryFolder()
        let fake: JSON = [
            "name": "fake", "executable": .string(Built.agent), "arguments": ["--sessions", .string(path + "/agent")],
            "output": "lines",
            "capabilities": [
                "accepts_session_id", "asks_permission", "concurrent_runs_safe", "reports_cost", "reports_usage",
                "plan_only", "resumes", "steers", "streams_text", "takes_memories",
            ],
        ]
        let turns: JSON = [
            "name": "turns", "executable": .string(Built.agent), "output": "lines",
            "capabilities": ["checkpoints", "concurrent_runs_safe", "streams_text"],
        ]
        let missing: JSON = ["name": "missing", "executable": "no-such-agent"]
        let text: JSON = [
            "name": "text", "executable": .string(Built.agent), "arguments": ["--text"], "output": "text",
        ]
        try FileManager.default.createDirectory(atPath: path + "/agent", withIntermediateDirectories: true)
        let all: JSON = .array([fake, text, turns, missing] + drivers(path))
        let settings: JSON = [
            "default_driver": "fake", "driver_modes": driverModes, "drivers": all, "memory": memory,
        ]
        try Data(settings.encoded()).write(to: URL(filePath: configuration))
    }

    /// The words that start a host here.
    func command(_ arguments: [String] = []) -> [String] {
        [Built.host, "serve", "--store", store, "--config", configuration] + arguments
    }

    let environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"]

    /// What its hosts have said on stderr.
    var said: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
}
