import AgentModel
import Store

/// Who waits for which task's end. Each is told once, or takes itself out.
struct TaskWaiters {
    typealias Waiter = (Result<EndedTask, StoreFailure>) -> Void

    private var waiting: [TaskID: [(number: UInt64, then: Waiter)]] = [:]
    private var lastNumber: UInt64 = 0

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
}

/// A task that has ended, with the files it left.
struct EndedTask: Sendable {
    var task: AgentTask
    var artifacts: [Artifact]
}
