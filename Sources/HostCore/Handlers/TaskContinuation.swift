import AgentModel
import Driver
import Store

extension Continuation {
    private static let retriesMax = 100

    /// Where a task stopped: after its last turn or the one that the session was taken back to since; where it took
    /// none, where the task stopped that it retried.
    init(of task: AgentTask, _ reader: any StoreReader) throws {
        self.init()
        var latestSession: String?
        var next: AgentTask? = task
        for _ in 0..<Self.retriesMax {
            guard let tried = next else { return }
            let session = try reader.runs(tried.id).last?.driverSessionID
            latestSession = latestSession ?? session
            if driverSessionID == nil, session == latestSession, try Self.wasHeard(tried, reader) {
                driverSessionID = session
            }
            if let turn = try Self.lastTurn(of: tried, reader), let taken = turn.turn {
                checkpointID = turn.id
                self.turn = taken
                state = try reader.checkpointState(turn.id)?.driver
                return
            }
            next = try tried.retryOf.flatMap { try reader.task($0) }
        }
    }

    /// Where a task stopped that was interrupted in a session in which the next one tries the same; `nil` when it was
    /// not, and when nothing is left of it to go on from.
    init?(interrupted id: TaskID, in session: SessionID, _ reader: any StoreReader) throws {
        guard let task = try reader.task(id), task.status == .interrupted, task.sessionID == session else { return nil }
        try self.init(of: task, reader)
        guard state != nil || driverSessionID != nil else { return nil }
    }

    private static func lastTurn(of task: AgentTask, _ reader: any StoreReader) throws -> Checkpoint? {
        if let head = try reader.lastCheckpoint(task.sessionID), head.kind == .restore, head.taskID == task.id {
            return head
        }
        return try reader.lastTurn(task.id)
    }

    /// Whether the agent was heard of: then it knows the prompt, in the session that it had.
    private static func wasHeard(_ task: AgentTask, _ reader: any StoreReader) throws -> Bool {
        var range = EventRange()
        range.limit = 1
        range.taskID = task.id
        range.types = [.message, .toolStarted, .usageUpdated]
        return try !reader.events(task.sessionID, range).isEmpty
    }
}
