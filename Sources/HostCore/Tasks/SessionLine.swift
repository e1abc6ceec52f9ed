import AgentEngine
import AgentModel

/// The tasks of one session that this host has accepted and that have not left it: in their order, one at a time.
///
/// ```
/// add ---> waiting --- next ---> current ---------------+
///             | ^                 |    |                |
///             | +--- putBack -----+   end               +--- remove --->
///             |                        |                |
///             +--------- end ------> ending ------------+
/// ```
///
/// Invariants: a task that is ending is never started, nor ended again; one task at most is current, and stays so while
/// it is ending; the line is empty only when each of its tasks has left.
struct SessionLine {
    /// The task that runs, is about to, or cannot.
    private(set) var current: TaskID?
    private(set) var waiting: [TaskID] = []
    /// Tasks without a run whose ends are being recorded.
    private(set) var ending: Set<TaskID> = []
    /// The session starts none for now (it is paused).
    private(set) var isHeld = false
    /// Why the task that is about to run is to end at once.
    private(set) var stopAtStart: StopCause?
    /// How often in a row the store would not start the one that is about to run.
    private(set) var failedStarts = 0

    var isEmpty: Bool { current == nil && waiting.isEmpty && ending.isEmpty }
    /// Whether `next` has one to give.
    var hasNext: Bool { current == nil && !isHeld && !waiting.isEmpty }

    mutating func add(_ task: TaskID) { waiting.append(task) }

    /// The task whose turn it is; `nil` when none is to start now.
    mutating func next() -> TaskID? {
        guard hasNext else { return nil }
        current = waiting.removeFirst()
        (stopAtStart, failedStarts) = (nil, 0)
        return current
    }

    /// The first cause counts.
    mutating func stopCurrent(_ cause: StopCause) { stopAtStart = stopAtStart ?? cause }

    /// - Returns: how often it is now.
    mutating func countFailedStart() -> Int {
        failedStarts += 1
        return failedStarts
    }

    /// The session starts none for now: the task that was about to run keeps its place.
    /// - Returns: whether it was about to.
    mutating func putBack(_ task: TaskID) -> Bool {
        isHeld = true
        guard current == task, !ending.contains(task) else { return false }
        current = nil
        waiting.insert(task, at: 0)
        return true
    }

    mutating func release() { isHeld = false }

    /// The task is to end without a run.
    /// - Returns: whether it was not ending before.
    mutating func end(_ task: TaskID) -> Bool {
        guard current == task || waiting.contains(task) else { return false }
        waiting.removeAll { $0 == task }
        return ending.insert(task).inserted
    }

    /// - Returns: whether the task was the current one.
    @discardableResult
    mutating func remove(_ task: TaskID) -> Bool {
        waiting.removeAll { $0 == task }
        ending.remove(task)
        guard current == task else { return false }
        current = nil
        return true
    }
}
