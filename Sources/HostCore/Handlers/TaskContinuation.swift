import AgentModel
import Driver
import Store

extension Continuation {
    private static let retriesMax = 100

    /// Where a task stopped: after its last turn or the one that the session was taken back to since; where it took
    /// none, where the task stopped that it retried.
    init(of task: AgentTask, _ reader: any StoreReader) throws {
        self.init()
        driverSessionID = try Self.driverSession(of: task, reader)
        var next: AgentTask? = task
        for _ in 0..<Self.retriesMax {
            guard let tried = next else { return }
            if let turn = try Self.lastTurn(of: tried, reader), let taken = turn.turn {
                checkpointID = turn.id
                self.turn = taken
                state = try reader.checkpointState(turn.id)?.driver
                return
            }
            next = try tried.retryOf.flatMap { try reader.task($0) }
        }
    }

    private static func lastTurn(of task: AgentTask, _ reader: any StoreReader) throws -> Checkpoint? {
        if let head = try reader.lastCheckpoint(task.sessionID), head.kind == .restore, head.taskID == task.id {
            return head
        }
        return try reader.lastTurn(task.id)
    }

    /// The agent's own session, if the agent was heard of in it: then it knows the prompt.
    private static func driverSession(of task: AgentTask, _ reader: any StoreReader) throws -> String? {
        guard let id = try reader.runs(task.id).last?.driverSessionID else { return nil }
        var range = EventRange()
        range.limit = 1
        range.taskID = task.id
        range.types = [.message, .toolStarted, .usageUpdated]
        return try reader.events(task.sessionID, range).isEmpty ? nil : id
    }
}
