import AgentModel
import Driver
import JSON
import Store

extension Continuation {
    private static let retriesMax = 100

    /// Where a task stopped: after its last turn or the one that the session was taken back to since; where it took
    /// none, where the task stopped that it retried.
    init(of task: AgentTask, _ reader: any StoreReader) throws {
        self.init()
        rejectedRuns = try Self.rejectedRuns(of: task, reader)
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
        guard state != nil || driverSessionID != nil || rejectedRuns > 0 else { return nil }
    }

    /// Of it and of those that it goes on with, as long as they were interrupted: a crash gives a task no more runs
    /// than it may take.
    private static func rejectedRuns(of task: AgentTask, _ reader: any StoreReader) throws -> Int {
        var next: AgentTask? = task
        for _ in 0..<retriesMax {
            guard let tried = next, tried.status == .interrupted else { return 0 }
            var range = EventRange()
            range.taskID = tried.id
            range.types = [.warning]
            range.beforeSeq = .max
            if let run = try reader.events(tried.sessionID, range).last(where: { $0.data["run"] != nil }) {
                return run.data["run"]?.intValue ?? 0
            }
            next = try tried.retryOf.flatMap { try reader.task($0) }
        }
        return 0
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
