import AgentEngine
import AgentModel
import Store

/// The ends that no run records: of tasks that never ran, and of those whose run may record nothing any more. Whatever
/// this host has accepted ends in the store while the host lives, unless the store says that it is another's or over:
/// else its session, and whoever waits, would be held up for nobody.
extension TaskRunner {
    struct UnrecordedEnd {
        let session: SessionID
        let result: TaskResult
        var failedAttempts = 0
        /// The store has taken nothing for so long that nobody waits for it any more. It is still asked.
        var isOverdue = false
    }

    /// A task of this host's that has no run here ends, whether or not the store has started it. Nothing happens when
    /// it is ending already.
    /// - Parameter attempts: that the store has refused before.
    func end(_ id: TaskID, in session: SessionID, _ result: TaskResult, after attempts: Int = 0) {
        guard lines[session]?.end(id) == true else { return }
        ends[id] = UnrecordedEnd(session: session, result: result, failedAttempts: attempts)
        recordEnd(id)
    }

    func end(_ id: TaskID, in session: SessionID, _ cause: StopCause) {
        end(id, in: session, TaskResult(status: cause.status, stopReason: cause.reason))
    }

    /// A task that nobody runs, or can any more, though it may have started.
    func endLost(_ id: TaskID, in session: SessionID, after attempts: Int = 0) {
        end(id, in: session, TaskResult(status: .interrupted, stopReason: .hostLost), after: attempts)
    }

    /// A task that this host may have in the store, and that nobody here knows of, ends if it is there.
    func disown(_ id: TaskID, in session: SessionID) {
        ends[id] = UnrecordedEnd(
            session: session, result: TaskResult(status: .interrupted, stopReason: .hostLost),
            failedAttempts: Self.attemptsMax, isOverdue: true)
        recordEnd(id)
    }

    func recordEnd(_ id: TaskID) {
        guard let end = ends[id] else { return }
        parts.store.commit([.endTask(id, end.result)]) { [self] result in
            switch result {
            case .failure(let failure) where failure.isOfStore: endLater(id, failure)
            case .failure(.refused(let why)): ended(id, .refused(why))
            // Also: it had ended, or it is another host's, or gone with its session.
            case .success, .failure: ended(id, nil)
            }
        }
    }

    private func ended(_ id: TaskID, _ failure: StoreFailure?) {
        guard let end = ends.removeValue(forKey: id) else { return }
        guard end.isOverdue else { return left(id, in: end.session, failure) }
        sink?.ended(id, in: end.session, failure)
    }

    private func endLater(_ id: TaskID, _ failure: StoreFailure) {
        guard var end = ends[id] else { return }
        end.failedAttempts += 1
        let isDue = !end.isOverdue && end.failedAttempts >= Self.attemptsMax
        end.isOverdue = end.isOverdue || isDue
        ends[id] = end
        parts.setDeadline(.endAgain(id), Self.pause(afterAttempts: end.failedAttempts))
        if isDue { left(id, in: end.session, failure) }
    }

    /// A run that may record nothing any more has come to its end: what the store holds of the task decides.
    func leave(_ active: ActiveTask) {
        let (id, session, failure) = (active.task.id, active.session.id, active.storeFailure)
        var end = UnrecordedEnd(
            session: session,
            result: TaskResult(status: .interrupted, stopReason: failure == nil ? .leaseLost : .hostLost))
        if let failure {
            // The store has had its time.
            (end.failedAttempts, end.isOverdue) = (Self.attemptsMax, true)
            left(id, in: session, failure)
        }
        ends[id] = end
        recordEnd(id)
    }
}

extension StoreFailure {
    /// The store itself did not serve: the same may be taken another time, and may have been taken all the same.
    var isOfStore: Bool {
        switch self {
        case .overloaded, .broken: true
        default: false
        }
    }
}
