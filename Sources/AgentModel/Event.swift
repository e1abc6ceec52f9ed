package import JSON

/// What an entry of a session's log tells.
package enum EventType: String, Sendable, CaseIterable {
    case taskQueued = "task.queued"
    case taskStarted = "task.started"
    case runStarted = "run.started"
    case message
    case toolStarted = "tool.started"
    case toolUpdated = "tool.updated"
    case toolFinished = "tool.finished"
    case agentPlanUpdated = "agent_plan.updated"
    case permissionRequested = "permission.requested"
    case permissionResolved = "permission.resolved"
    case questionAsked = "question.asked"
    case questionAnswered = "question.answered"
    case memoryInjected = "memory.injected"
    case memoryCaptured = "memory.captured"
    case checkpointSaved = "checkpoint.saved"
    case artifactCreated = "artifact.created"
    case usageUpdated = "usage.updated"
    case progress
    case warning
    case raw
    case runEnded = "run.ended"
    case taskCompleted = "task.completed"
    case taskFailed = "task.failed"
    case taskCancelled = "task.cancelled"
    case taskInterrupted = "task.interrupted"
    case sessionCreated = "session.created"
    case sessionUpdated = "session.updated"
    case sessionPaused = "session.paused"
    case sessionResumed = "session.resumed"
    case sessionCompleted = "session.completed"
    case sessionFailed = "session.failed"
    case sessionExpired = "session.expired"
    case sessionForked = "session.forked"
    case sessionRestored = "session.restored"

    /// Whether it ends its task. A task has exactly one such event.
    package var isTerminal: Bool {
        switch self {
        case .taskCompleted, .taskFailed, .taskCancelled, .taskInterrupted: true
        default: false
        }
    }
}

/// An entry of a session's log before the store numbers it.
package struct EventDraft: Hashable, Sendable {
    package var type: EventType
    package var taskID: TaskID?
    package var runID: RunID?
    package var data: JSONObject

    package init(_ type: EventType, taskID: TaskID? = nil, runID: RunID? = nil, data: JSONObject = [:]) {
        self.type = type
        self.taskID = taskID
        self.runID = runID
        self.data = data
    }
}

/// A numbered entry of a session's log: 1, 2, 3, ... without holes.
package struct Event: Hashable, Sendable {
    package let sessionID: SessionID
    package let seq: Int
    package let at: Timestamp
    package let type: EventType
    package let taskID: TaskID?
    package let runID: RunID?
    package let data: JSONObject

    package init(sessionID: SessionID, seq: Int, at: Timestamp, _ draft: EventDraft) {
        self.sessionID = sessionID
        self.seq = seq
        self.at = at
        type = draft.type
        taskID = draft.taskID
        runID = draft.runID
        data = draft.data
    }
}
