import AgentEngine
import AgentModel
import JSON
import Store

/// What an agent is told of the conversation that it has no session of its own for.
extension TaskRunner {
    /// Whether a task begins with an agent that does not know the conversation there has been.
    /// - Parameter resumers: the drivers whose agents keep sessions of their own.
    static func needsRecord(_ task: AgentTask, in session: AgentSession, resumers: Set<String>) -> Bool {
        guard session.taskCount > 1 || session.parentSessionID != nil, task.resumption else { return false }
        let resumes = task.persistence == .resume && resumers.contains(task.driver)
        return !resumes || session.driverSessions[task.driver] == nil
    }

    /// What the log holds of the conversation before a task, newest first until there is enough.
    static func record(of session: SessionID, before task: TaskID, _ reader: any StoreReader) throws -> String? {
        var record = ConversationRecord()
        let history = try history(of: session, reader)
        var range = EventRange()
        range.limit = pageEvents
        range.bytesLimit = pageBytes
        range.types = ConversationRecord.types
        range.beforeSeq = try reader.lastSeq(session) + 1
        for _ in 0..<pagesMax {
            let events = try reader.events(session, range)
            for event in events.reversed() where event.taskID != task && history.contains(event.seq) {
                guard record.add(event) else { return record.text }
            }
            guard let first = events.first, first.seq > 1 else { break }
            range.beforeSeq = first.seq
        }
        return record.text
    }

    /// Whether the agents' own sessions of earlier tasks were forgotten: no further one may have the same id.
    static func hasForgotten(_ session: AgentSession, _ reader: any StoreReader) throws -> Bool {
        guard session.driverSessions.isEmpty, session.taskCount > 1 else { return false }
        var range = EventRange()
        range.limit = 1
        range.types = [.sessionExpired, .sessionRestored]
        return try !reader.events(session.id, range).isEmpty
    }

    /// What of the log the conversation consists of.
    static func history(of session: SessionID, _ reader: any StoreReader) throws -> VisibleHistory {
        let state = try reader.lastCheckpoint(session).flatMap { try reader.checkpointState($0.id) }
        return state?.history ?? VisibleHistory()
    }

    private static let pageEvents = 200
    private static let pageBytes = 256 << 10
    private static let pagesMax = 20

    /// Begins a task's first run. When its driver session has been used elsewhere since, a process that waits for it
    /// knows an old conversation only, and the user is told.
    func startDriver(_ active: ActiveTask, after lastPrompt: String?) {
        guard let lastPrompt, lastPrompt != active.previousRun?.uuid.description else { return startDriver(active) }
        let run = active.machine.run.id
        let lastRun = UUID128(lastPrompt).map { RunID($0) }
        parts.store.read {
            try lastRun.map($0.hasRun) ?? false
        } then: { [self] result in
            guard active.machine.isRunning, active.machine.run.id == run else { return }
            if case .success(false) = result {
                active.previousRun = nil
                let message = "The agent's session has been used elsewhere; it goes on from there."
                active.outbox.add(
                    [EventDraft(.warning, taskID: active.task.id, runID: run, data: ["message": .string(message)])],
                    active.session.id)
            }
            startDriver(active)
        }
    }

    /// Begins a run whose agent has lost its session: with the record of the conversation, and what else it knew.
    func startWithRecord(_ active: ActiveTask) {
        let (session, task, run) = (active.session.id, active.task.id, active.machine.run.id)
        parts.store.read {
            try Self.record(of: session, before: task, $0)
        } then: { [self] result in
            guard active.machine.isRunning, active.machine.run.id == run else { return }
            active.record = try? result.get()
            guard let background = backgrounds[task] else { return startDriver(active) }
            background { [self] text in
                guard active.machine.isRunning, active.machine.run.id == run else { return }
                active.background = text
                startDriver(active)
            }
        }
    }
}
