import AgentModel
import Store

/// Who waits for which task's end. Each is told once, or takes itself out.
struct TaskWaiters {
    typealias Waiter = (Result<EndedTask, StoreFailure>) -> Void

    private var waiting: [TaskID: [(number: UInt64, then: Waiter)]] = [:]
    private var lastNumber: UInt64 = 0
    /// Tasks that have ended and are looked at for those who wait, with their sessions.
    private var telling: [TaskID: SessionID] = [:]
    private var afterTelling: [SessionID: [() -> Void]] = [:]

    var isEmpty: Bool { waiting.isEmpty }

    /// The tasks that somebody waits for.
    var tasks: [TaskID] { Array(waiting.keys) }

    /// - Returns: what takes the waiter out again.
    mutating func add(_ task: TaskID, _ then: @escaping Waiter) -> UInt64 {
        lastNumber += 1
        waiting[task, default: []].append((lastNumber, then))
        return lastNumber
    }

    mutating func remove(_ task: TaskID, _ number: UInt64) {
        waiting[task]?.removeAll { $0.number == number }
        if waiting[task]?.isEmpty == true { waiting[task] = nil }
    }

    mutating func take(_ task: TaskID) -> [Waiter] { (waiting.removeValue(forKey: task) ?? []).map(\.then) }

    // MARK: - What must not come between a task's end and its being told

    /// The session's task has ended, and the store is asked how for those who wait.
    mutating func willTell(of task: TaskID, in session: SessionID) { telling[task] = session }

    /// Nobody waits to be told of the task any more, or not from here.
    /// - Returns: what has waited for that and may go on.
    mutating func hasTold(of task: TaskID) -> [() -> Void] {
        guard let session = telling.removeValue(forKey: task), !telling.values.contains(session) else { return [] }
        return afterTelling.removeValue(forKey: session) ?? []
    }

    /// Has something wait until everybody has been told of the session's tasks that have ended: what is removed from
    /// the store can be told to nobody.
    /// - Returns: whether it has to wait; `then` is called later only if so.
    mutating func waitUntilTold(of session: SessionID, _ then: @escaping () -> Void) -> Bool {
        guard telling.values.contains(session) else { return false }
        afterTelling[session, default: []].append(then)
        return true
    }
}

/// A task that has ended, with the files it left.
struct EndedTask: Sendable {
    var task: AgentTask
    var artifacts: [Artifact]
}
