import AgentEngine
import AgentModel
import JSON
import JSONRPC
import Store

/// What a task records: batches under its lease, in order, with deltas between them.
extension TaskRunner {
    /// An agent whose words wait in such a number is not read for a while.
    private static let outboxHigh = 512
    private static let outboxLow = 64
    static let attemptsMax = 60

    /// Tells the deltas whose turn it is and hands the next batch to the store.
    func flush(_ active: ActiveTask) {
        guard !active.isFenced else { return active.outbox.discard() }
        for delta in active.outbox.takeDeltas() {
            sink?.heard(delta, task: active.task, run: active.machine.run.id, afterSeq: active.lastSeq)
        }
        let batch = active.outbox.takeBatch()
        if !batch.isEmpty { submit(batch, active) }
        guard let child = active.child else { return }
        if active.outbox.count > Self.outboxHigh {
            parts.children.setPaused(child, true)
        } else if active.outbox.count < Self.outboxLow {
            parts.children.setPaused(child, false)
        }
    }

    private func submit(_ batch: [StoreCommand], _ active: ActiveTask) {
        let witness = StoreWitness(batch, after: active.lastSeq)
        parts.store.commit([.fence(active.session.id, epoch: active.leaseEpoch)] + batch) { [self] result in
            switch result {
            case .success(let commit):
                if let last = commit.events.last(where: { $0.sessionID == active.session.id }) {
                    active.lastSeq = last.seq
                }
                recorded(batch, active)
            case .failure(.broken(let reason, let detail)):
                let failure = StoreFailure.broken(reason: reason, detail: detail)
                guard let witness else { return refused(batch, failure, active) }
                lookFor(ActiveTask.Doubt(batch: batch, failure: failure, witness: witness), active)
            case .failure(let failure): refused(batch, failure, active)
            }
        }
    }

    private func recorded(_ batch: [StoreCommand], _ active: ActiveTask) {
        active.failedAttempts = 0
        active.outbox.committed()
        for case .insertAsk(let ask) in batch { announce(ask, active) }
        if batch.contains(where: \.isEnd) {
            left(active.task.id, in: active.session.id, nil)
        } else {
            flush(active)
        }
    }

    /// The store has not said what became of a batch: what it holds does.
    private func lookFor(_ doubt: ActiveTask.Doubt, _ active: ActiveTask) {
        parts.store.read { [session = active.session.id] reader throws -> (isThere: Bool, seq: Int) in
            (try doubt.witness.testifies(reader), try reader.lastSeq(session))
        } then: { [self] result in
            guard !active.isFenced else { return }
            switch result {
            case .success(let (isThere, seq)):
                active.lastSeq = seq
                if isThere { recorded(doubt.batch, active) } else { refused(doubt.batch, doubt.failure, active) }
            case .failure(let failure):
                active.failedAttempts += 1
                active.doubt = doubt
                recordLater(failure, active)
            }
        }
    }

    /// Comes back to what waits to be recorded, unless the store has had its time.
    private func recordLater(_ failure: StoreFailure, _ active: ActiveTask) {
        guard active.failedAttempts < Self.attemptsMax else { return lose(active, failure) }
        parts.setDeadline(.recordAgain(active.task.id), Self.pause(afterAttempts: active.failedAttempts))
    }

    private func refused(_ batch: [StoreCommand], _ failure: StoreFailure, _ active: ActiveTask) {
        switch failure {
        case .superseded where batch.contains(where: \.isResolution):
            // An ask had its answer just before the agent withdrew it: the rest still stands.
            active.outbox.failed(batch.filter { !$0.isResolution })
            flush(active)
        case .fenced, .superseded: lose(active)
        case .notFound where !batch.contains(where: \.isOfMemory): lose(active)
        default:
            active.failedAttempts += 1
            // Memory that fails never fails a task; a store that is slow gets a second try at it.
            let forgets = active.failedAttempts > 1 || !failure.mayPass
            active.outbox.failed(forgets ? batch.withoutMemory(active, failure) : batch)
            recordLater(failure, active)
        }
    }

    /// How long to leave a store alone that has failed so often in a row, in milliseconds.
    static func pause(afterAttempts attempts: Int) -> UInt64 { UInt64(min(20 << min(max(attempts, 0), 6), 1000)) }

    /// Another host has the session, or the session is gone, or the store takes nothing any more: what this run still
    /// does is nobody's.
    private func lose(_ active: ActiveTask, _ failure: StoreFailure? = nil) {
        guard !active.isFenced else { return }
        active.isFenced = true
        active.storeFailure = failure
        active.outbox.discard()
        if active.machine.hasEnded {
            leave(active)
        } else {
            perform(active.machine.handle(.stop(.leaseLost)), active)
        }
    }

    /// Looks whether another host has ended tasks that run here: one that records nothing would not notice.
    func lookForLostTasks() {
        let running = active.values.filter { !$0.isEndRecorded && !$0.isFenced }.map(\.task.id)
        guard !running.isEmpty else { return }
        parts.store.read {
            reader throws in
            try running.filter { try reader.task($0)?.status.isFinal ?? true }
        } then: { [self] result in
            for id in (try? result.get()) ?? [] {
                if let active = active[id], !active.isEndRecorded { lose(active) }
            }
        }
    }

    func recordAgain(_ id: TaskID) {
        guard let active = active[id] else { return }
        if let doubt = active.doubt.take(), !active.isFenced { lookFor(doubt, active) } else { flush(active) }
    }

    func deadline(_ id: TaskID, _ timer: TaskMachine.Timer) {
        guard let active = active[id] else { return }
        perform(active.machine.handle(.timer(timer)), active)
    }
}

extension StoreFailure {
    /// Whether the same batch may be taken another time.
    fileprivate var mayPass: Bool {
        switch self {
        case .overloaded, .busy, .broken: true
        default: false
        }
    }
}

extension StoreCommand {
    fileprivate var isResolution: Bool { if case .resolveAsk = self { true } else { false } }
    fileprivate var isEnd: Bool { if case .endTask = self { true } else { false } }

    /// Whether a task can do without it.
    var isOfMemory: Bool {
        switch self {
        case .remember, .markRecalled: true
        default: false
        }
    }
}

extension [StoreCommand] {
    /// Without what was to be remembered: the log says so in its place.
    fileprivate func withoutMemory(_ active: ActiveTask, _ failure: StoreFailure) -> [StoreCommand] {
        guard contains(where: \.isOfMemory) else { return self }
        var warning = EventDraft(.warning, taskID: active.task.id, runID: active.machine.run.id)
        warning.data = ["message": .string("Nothing of the task is remembered: \(RPCError(failure).message).")]
        return compactMap { command in
            guard case .append(let session, let drafts) = command else { return command.isOfMemory ? nil : command }
            return .append(session, drafts.map { $0.type == .memoryCaptured ? warning : $0 })
        }
    }
}
