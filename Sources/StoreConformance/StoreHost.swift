package import AgentModel
import JSON
package import Store
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ids and tickets that differ from call to call; later ids are greater.
package enum Fresh {
    private static let counter = Atomic<Int64>(1_700_000_000_000)

    package static func id<Kind>(of kind: Kind.Type = Kind.self) -> Identifier<Kind> {
        Identifier(
            UUID128(
                milliseconds: counter.add(1, ordering: .relaxed).newValue, randomA: .random(in: 0...4095),
                randomB: .random(in: 0...UInt64.max)))
    }

    package static func ticket() -> StoreTicket {
        StoreTicket(UInt64(counter.add(1, ordering: .relaxed).newValue))
    }
}

/// What has come from a store and was not asked for yet.
package final class StoreAnswers: Sendable {
    private struct State {
        var events: [StoreTicket: StoreEvent] = [:]
        var committed: [StoreTicket] = []
        var changes = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func take(_ event: StoreEvent) {
        state.withLock { state in
            switch event {
            case .committed(let commit):
                state.events[commit.ticket] = event
                state.committed.append(commit.ticket)
            case .failed(let ticket, _), .read(let ticket, _): state.events[ticket] = event
            case .changedElsewhere: state.changes += 1
            }
        }
    }

    /// How often another process has changed the store.
    package var changes: Int { state.withLock { $0.changes } }
    /// Tickets in the order in which they were committed.
    package var committed: [StoreTicket] { state.withLock { $0.committed } }

    /// `nil` when a minute has passed.
    package func wait(_ ticket: StoreTicket) -> StoreEvent? {
        for _ in 0..<600_000 {
            if let event = state.withLock({ $0.events.removeValue(forKey: ticket) }) { return event }
            usleep(100)
        }
        return nil
    }
}

/// A host on a store that waits for each answer.
package final class StoreHost: Sendable {
    package let store: any Store
    package let answers: StoreAnswers

    package init(store: any Store, answers: StoreAnswers) {
        self.store = store
        self.answers = answers
    }

    package static let noon = Timestamp(milliseconds: 1_700_000_000_000)

    package func submit(_ commands: [StoreCommand], at now: Timestamp = noon) -> StoreTicket {
        let ticket = Fresh.ticket()
        store.submit(StoreBatch(ticket, at: now, commands))
        return ticket
    }

    package func wait(_ ticket: StoreTicket) throws -> StoreCommit {
        switch answers.wait(ticket) {
        case .committed(let commit): return commit
        case .failed(_, let failure): throw failure
        case .read, .changedElsewhere, nil: throw StoreConformanceFailure("no answer to a batch")
        }
    }

    @discardableResult
    package func write(_ commands: StoreCommand..., at now: Timestamp = noon) throws -> StoreCommit {
        try wait(submit(commands, at: now))
    }

    package func read<Value: Sendable>(_ query: @escaping @Sendable (any StoreReader) throws -> Value) throws -> Value {
        let ticket = Fresh.ticket()
        store.read(ticket) { try query($0) }
        guard case .read(_, let result) = answers.wait(ticket), let value = try result.get() as? Value else {
            throw StoreConformanceFailure("no answer to a query")
        }
        return value
    }

    // MARK: - Things to store

    package func newSession(_ change: (inout AgentSession) -> Void = { _ in }) -> AgentSession {
        var session = AgentSession(id: Fresh.id(), driver: "analyst", resultsDirectory: "/results", at: Self.noon)
        change(&session)
        return session
    }

    package func newTask(in session: SessionID, _ change: (inout AgentTask) -> Void = { _ in }) -> AgentTask {
        var task = AgentTask(
            id: Fresh.id(), sessionID: session, hostID: store.hostID, input: [["type": "text", "text": "Analyse"]],
            driver: "analyst", mode: .analysis, persistence: .resume, recursionLimit: 10, at: Self.noon)
        change(&task)
        return task
    }

    package func newRun(of task: AgentTask, _ change: (inout Run) -> Void = { _ in }) -> Run {
        var run = Run(
            id: Fresh.id(), taskID: task.id, sessionID: task.sessionID, driver: task.driver, at: Self.noon)
        change(&run)
        return run
    }

    // MARK: - Steps that many checks begin with

    /// A session in the store.
    package func makeSession(_ change: (inout AgentSession) -> Void = { _ in }) throws -> AgentSession {
        let session = newSession(change)
        try write(.insertSession(session))
        return session
    }

    /// A project in the store.
    package func makeProject() throws -> Project {
        let project = Project(id: Fresh.id(), name: "project", at: Self.noon)
        try write(.insertProject(project))
        return project
    }

    /// A task that waits in a session.
    package func queueTask(in session: SessionID, _ change: (inout AgentTask) -> Void = { _ in }) throws -> AgentTask {
        let task = newTask(in: session, change)
        try write(.insertTask(task, force: false, queueLimit: 100))
        return task
    }

    /// A task that runs in a session, with its run and the epoch of its lease.
    package func runTask(in session: SessionID) throws -> (task: AgentTask, run: Run, epoch: Int) {
        let task = try queueTask(in: session)
        let run = newRun(of: task)
        let commit = try write(.startTask(task.id, run))
        guard let epoch = commit.leaseEpoch else { throw StoreConformanceFailure("startTask took no lease") }
        return (task, run, epoch)
    }

    package func finish(_ run: Run, _ status: TaskStatus = .completed, usage: Usage = .none) -> [StoreCommand] {
        var run = run
        run.usage = usage
        run.endedAt = Self.noon
        run.stopReason = status == .completed ? .endTurn : .error
        var result = TaskResult(status: status, stopReason: status == .completed ? .endTurn : .error)
        result.runID = run.id
        result.output = "done"
        return [.updateRun(run), .endTask(run.taskID, result)]
    }

    package func events(_ session: SessionID) throws -> [Event] {
        try read { reader in
            var range = EventRange()
            range.limit = 100_000
            return try reader.events(session, range)
        }
    }
}
