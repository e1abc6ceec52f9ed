import AgentModel
import Driver
import JSON

/// A request as the host would make it.
func request(
    _ prompt: String = "How many orders?", resuming: String? = nil, offering: String? = nil
) -> RunRequest {
    let now = Timestamp(milliseconds: 1_700_000_000_000)
    let uuid = UUID128(milliseconds: now.milliseconds, randomA: 1, randomB: 2)
    let session = AgentSession(id: SessionID(uuid), driver: "fake", resultsDirectory: "/tmp/results", at: now)
    let task = AgentTask(
        id: TaskID(uuid), sessionID: session.id, hostID: HostID(uuid),
        input: [["type": "text", "text": .string(prompt)]], driver: "fake", mode: .analysis, persistence: .resume,
        recursionLimit: 7, at: now)
    var request = RunRequest(runID: RunID(uuid), session: session, task: task)
    request.resumeID = resuming
    request.offeredID = offering
    return request
}

/// A run of a line agent that has been started.
func startedRun(_ request: RunRequest = request(), limits: LineRun.Limits = LineRun.Limits()) -> LineRun {
    var run = LineRun(request, process: ProcessSpec(executable: "/bin/agent"), limits: limits)
    _ = run.handle(.start)
    _ = run.handle(.spawned)
    return run
}

extension DriverRun {
    /// Says lines, each with its newline.
    mutating func hear(_ lines: String...) -> [DriverEffect] {
        lines.flatMap { handle(.output(Array($0.utf8) + [10])) }
    }
}

extension [DriverEffect] {
    var events: [DriverEvent] {
        compactMap { if case .emit(let event) = $0 { event } else { nil } }
    }

    var outcome: RunOutcome? {
        for case .finish(let outcome) in self { return outcome }
        return nil
    }

    var written: [JSON] {
        compactMap { if case .write(let bytes) = $0 { try? JSON.parse(bytes) } else { nil } }
    }

    var warnings: [String] {
        events.compactMap { if case .warning(let text) = $0 { text } else { nil } }
    }
}
