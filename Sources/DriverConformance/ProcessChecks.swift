import AgentModel
package import Driver
import JSON

/// A driver whose agent can be run here.
package struct LiveDriverSubject: Sendable {
    package var driver: any Driver
    /// A task for which the agent shows everything that the driver declares.
    package var request: RunRequest
    /// A task that says something and then goes on until it is cancelled.
    package var endless: RunRequest

    package init(driver: any Driver, request: RunRequest, endless: RunRequest) {
        self.driver = driver
        self.request = request
        self.endless = endless
    }

    /// Runs the agent once, for real.
    package func run(
        _ request: RunRequest, _ options: ProcessHarness.Options = ProcessHarness.Options()
    ) throws(ConformanceFailure) -> ProcessHarness.Record {
        try ProcessHarness.run(driver.makeRun(request), options)
    }
}

/// A named demand on every driver whose agent can be run.
package struct ProcessCheck: Sendable, CustomStringConvertible {
    package let name: String
    package let run: @Sendable (LiveDriverSubject) throws(ConformanceFailure) -> Void

    package var description: String { name }

    package static let all: [ProcessCheck] = [
        ProcessCheck(name: "what can run says so", run: Self.probe),
        ProcessCheck(name: "a good run shows what is declared, and so does its transcript", run: Self.goodRun),
        ProcessCheck(name: "a prompt that no argument could hold", run: Self.longPrompt),
        ProcessCheck(name: "a cancel ends what would go on", run: Self.cancel),
        ProcessCheck(name: "a session is resumed, and a lost one is told", run: Self.resume),
        ProcessCheck(name: "the id that is offered is taken", run: Self.offeredID),
    ]

    static func probe(_ subject: LiveDriverSubject) throws(ConformanceFailure) {
        let probe = subject.driver.probe()
        guard probe.isAvailable else { throw ConformanceFailure("not available: \(probe.missing ?? "")") }
    }

    static func goodRun(_ subject: LiveDriverSubject) throws(ConformanceFailure) {
        let record = try subject.run(subject.request)
        try record.demand(.endTurn)
        try subject.driver.capabilities.check(record.events, record.outcome)
        guard record.leftBehind == 0 else {
            throw ConformanceFailure("\(record.leftBehind) processes were left behind")
        }
        let recorded = DriverSubject(
            driver: subject.driver, request: subject.request, transcript: record.output,
            exitStatus: record.exitStatus ?? 0)
        for check in DriverCheck.all {
            do { try check.run(recorded) } catch { throw error.seen(check.name) }
        }
    }

    static func longPrompt(_ subject: LiveDriverSubject) throws(ConformanceFailure) {
        var request = subject.request
        request.task.input.append(["type": "text", "text": .string(String(repeating: "# more\n", count: 60_000))])
        try subject.run(request).demand(.endTurn)
    }

    static func cancel(_ subject: LiveDriverSubject) throws(ConformanceFailure) {
        var options = ProcessHarness.Options()
        options.cancelAfterEvents = 1
        try subject.run(subject.endless, options).demand(.cancelled)
    }

    static func resume(_ subject: LiveDriverSubject) throws(ConformanceFailure) {
        guard subject.driver.capabilities.resumes else { return }
        let first = try subject.run(subject.request)
        guard let id = first.outcome.driverSessionID else { throw ConformanceFailure("no driver session to resume") }

        var request = subject.request
        request.resumeID = id
        let second = try subject.run(request)
        try second.demand(.endTurn)
        guard second.events.contains(.driverSession(id: id, resumed: true)) else {
            throw ConformanceFailure("\(id) is not resumed")
        }

        request.resumeID = "00000000-0000-7000-8000-000000000000"
        let third = try subject.run(request)
        let isNew = third.events.contains { if case .driverSession(_, false) = $0 { true } else { false } }
        guard third.outcome.isResumeLost || isNew else {
            throw ConformanceFailure("a session that never was seems to be resumed")
        }
    }

    static func offeredID(_ subject: LiveDriverSubject) throws(ConformanceFailure) {
        guard subject.driver.capabilities.acceptsSessionID else { return }
        var request = subject.request
        request.offeredID = "0192f0c1-0000-7000-8000-\(UInt64.random(in: 100_000_000_000...999_999_999_999))"
        let outcome = try subject.run(request).outcome
        guard outcome.driverSessionID == request.offeredID else {
            throw ConformanceFailure("offered \(request.offeredID ?? ""), got \(outcome.driverSessionID ?? "none")")
        }
    }
}

extension ProcessHarness.Record {
    fileprivate func demand(_ stopReason: StopReason) throws(ConformanceFailure) {
        guard outcome.stopReason == stopReason else {
            throw ConformanceFailure(
                "ended with \(outcome.stopReason), not \(stopReason): \(outcome.error?.message ?? "no error")")
        }
    }
}
