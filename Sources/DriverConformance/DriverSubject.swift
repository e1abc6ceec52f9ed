import AgentModel
package import Driver

/// A driver to be checked, and a run of its agent to check it with.
package struct DriverSubject: Sendable {
    package var driver: any Driver
    /// A task for which the agent shows everything that the driver declares.
    package var request: RunRequest
    /// What the agent wrote on its stdout for that task, and how it ended.
    package var transcript: [UInt8]
    package var exitStatus: Int

    package init(driver: any Driver, request: RunRequest, transcript: [UInt8], exitStatus: Int = 0) {
        self.driver = driver
        self.request = request
        self.transcript = transcript
        self.exitStatus = exitStatus
    }

    func makeRun() -> CheckedRun { CheckedRun(driver.makeRun(request)) }

    func startedRun() throws(ConformanceFailure) -> CheckedRun {
        var run = makeRun()
        try run.start()
        return run
    }

    /// The transcript's lines, each with its newline if it has one.
    var lines: [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = transcript[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
            lines.append(Array(rest[..<end]))
            rest = rest[end...]
        }
        return lines
    }
}
