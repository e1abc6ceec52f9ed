import CSystem
import Foundation
import JSON

/// A line of shell that pipes a host, as scripts do. `$AGENTHOST` starts one in its home, the folder `$HOME_OF_TEST`.
struct Shell {
    let lines: [JSON]
    let code: Int

    init(_ script: String, in home: HostHome, flags: [String] = []) throws {
        let out = home.path + "/shell.out"
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        let output = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let error = open(home.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { for descriptor in [null, output, error] { close(descriptor) } }
        var environment = home.environment
        environment["AGENTHOST"] = home.command(flags).joined(separator: " ")
        environment["HOST"] = Built.host
        environment["HOME_OF_TEST"] = home.path
        let program = try Program(
            ["/bin/sh", "-c", script], environment: environment, input: null, output: output, error: error)
        code = try program.wait()
        lines = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").map {
            try JSON(parsing: String($0))
        }
    }
}

extension HostHome {
    /// What a new host finds in the store: status and reason of each task, oldest first.
    func tasks() throws -> [String] {
        let host = try HostProcess(in: self)
        let ids = try host.call("task.list")["items"]?.arrayValue ?? []
        return try ids.reversed().map { item in
            let task = try host.call("task.get", ["task_id": item["id"] ?? .null])
            let words = [task["status"], task["result"]?["stop_reason"]].compactMap { $0?.stringValue }
            return words.joined(separator: " ")
        }
    }
}

/// A prompt for the fake agent.
func prompt(_ steps: JSON...) -> JSON { .string(steps.map(\.description).joined(separator: "\n")) }
