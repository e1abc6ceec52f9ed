package import JSON

/// Where a task stands. The last four are final: a task ends once.
package enum TaskStatus: String, Sendable, CaseIterable {
    case queued, running, completed, failed, cancelled, interrupted

    package var isFinal: Bool { self != .queued && self != .running }

    /// The type of the event that ends a task in this status; `nil` when it is not final.
    package var terminalEvent: EventType? {
        switch self {
        case .queued, .running: nil
        case .completed: .taskCompleted
        case .failed: .taskFailed
        case .cancelled: .taskCancelled
        case .interrupted: .taskInterrupted
        }
    }
}

/// Why a task ended.
package enum StopReason: String, Sendable, CaseIterable {
    case endTurn = "end_turn"
    case maxTokens = "max_tokens"
    case recursionLimit = "recursion_limit"
    case budget, timeout, refusal, cancelled, stalled
    case noResult = "no_result"
    case schemaUnsatisfied = "schema_unsatisfied"
    case hostLost = "host_lost"
    case leaseLost = "lease_lost"
    case error
}

/// What a task, or a session, may spend.
package struct Budget: Hashable, Sendable {
    package var cost: Cost?
    package var tokens: Int?

    package init(cost: Cost? = nil, tokens: Int? = nil) {
        self.cost = cost
        self.tokens = tokens
    }

    /// What went beyond it, in words; `nil` when nothing did. A cost that nobody told is none.
    package func excess(of usage: Usage) -> String? {
        if let tokens, usage.tokens > tokens { return "\(usage.tokens) of \(tokens) tokens" }
        if let cost, let spent = usage.cost, spent > cost { return "$\(spent.dollars) of $\(cost.dollars)" }
        return nil
    }

    /// Whether nothing is left of it.
    package func isUsedUp(by usage: Usage) -> Bool {
        if let tokens, usage.tokens >= tokens { return true }
        if let cost, let spent = usage.cost { return spent >= cost }
        return false
    }
}

/// One prompt in a session until its terminal event.
package struct AgentTask: Hashable, Sendable {
    package let id: TaskID
    package let sessionID: SessionID
    /// The host process that accepted it and runs it.
    package var hostID: HostID
    package var status = TaskStatus.queued
    /// Content blocks as the client sent them; a plain prompt is one text block.
    package var input: [JSON]
    package var driver: String
    package var mode: SessionMode
    package var persistence: Persistence
    package var recursionLimit: Int
    package var source: String?
    package var context: JSON?
    package var metadata: JSONObject?
    package var outputSchema: JSON?
    package var planOnly = false
    /// Runs that it may take until its result is accepted.
    package var maxIterations = 1
    /// A shell command that has to succeed in the working folder before the result is accepted.
    package var check: String?
    /// Whether the caller is asked to accept the result.
    package var asksToAccept = false
    /// False: this task alone starts with a new driver session.
    package var resumption = true
    package var budget: Budget?
    package var timeoutMilliseconds: Int?
    /// Goes on when the client that asked for it is gone.
    package var detached = false
    package var retryOf: TaskID?
    package let createdAt: Timestamp
    package var startedAt: Timestamp?
    package var endedAt: Timestamp?
    /// Set when the task ends, in the transaction of its terminal event.
    package var result: TaskResult?

    package init(
        id: TaskID, sessionID: SessionID, hostID: HostID, input: [JSON], driver: String, mode: SessionMode,
        persistence: Persistence, recursionLimit: Int, at now: Timestamp
    ) {
        self.id = id
        self.sessionID = sessionID
        self.hostID = hostID
        self.input = input
        self.driver = driver
        self.mode = mode
        self.persistence = persistence
        self.recursionLimit = recursionLimit
        createdAt = now
    }

    /// The text blocks of the input, joined by newlines.
    package var prompt: String {
        input.compactMap { $0["type"] == "text" ? $0["text"]?.stringValue : nil }.joined(separator: "\n")
    }
}

/// What a task left when it ended.
package struct TaskResult: Hashable, Sendable {
    package var status: TaskStatus
    package var stopReason: StopReason
    package var output = ""
    package var structuredOutput: JSON?
    package var runID: RunID?
    package var driverSessionID: String?
    package var driverResumed = false
    /// What its run went on from.
    package var fromCheckpointID: CheckpointID?
    /// What it left.
    package var checkpointID: CheckpointID?
    package var usage = Usage.none
    package var error: TaskError?
    /// Of its project, as the task left it.
    package var lastSession: LastSession?
    package var durationMilliseconds = 0

    package init(status: TaskStatus, stopReason: StopReason) {
        self.status = status
        self.stopReason = stopReason
    }
}

/// Why a task failed, in the words of the error taxonomy, with the driver's own words beside them.
package struct TaskError: Hashable, Sendable {
    package var code: Int
    package var message: String
    /// A stable word, e.g. `driver_failed`.
    package var reason: String
    package var retryable: Bool
    /// The driver's own words.
    package var raw: JSON?

    package init(code: Int, reason: String, message: String, retryable: Bool = false, raw: JSON? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.retryable = retryable
        self.raw = raw
    }
}

/// One attempt at a task by one driver.
package struct Run: Hashable, Sendable {
    package let id: RunID
    package let taskID: TaskID
    package let sessionID: SessionID
    package let driver: String
    package var driverSessionID: String?
    package var driverResumed = false
    /// Why a new driver session was started although one was to be resumed.
    package var fallback: String?
    /// The agent's own session that it goes off from, in a new one. Told when it starts, not kept with the run.
    package var forkedFrom: String?
    /// What it goes on from; given by the store when it starts. Told then, not kept with the run.
    package var fromCheckpointID: CheckpointID?
    package var stopReason: StopReason?
    package var usage = Usage.none
    /// The last of what the agent wrote on stderr.
    package var stderrTail = ""
    package let startedAt: Timestamp
    package var endedAt: Timestamp?

    package init(id: RunID, taskID: TaskID, sessionID: SessionID, driver: String, at now: Timestamp) {
        self.id = id
        self.taskID = taskID
        self.sessionID = sessionID
        self.driver = driver
        startedAt = now
    }
}

/// A file that a task left in its session's results folder.
package struct Artifact: Hashable, Sendable {
    package let sessionID: SessionID
    package let taskID: TaskID
    /// Relative to the session's results folder, with `/`.
    package let path: String
    package let bytes: Int
    /// Lower-case hex.
    package let sha256: String
    package let mediaType: String
    package let createdAt: Timestamp

    package init(
        sessionID: SessionID, taskID: TaskID, path: String, bytes: Int, sha256: String, mediaType: String,
        createdAt: Timestamp
    ) {
        self.sessionID = sessionID
        self.taskID = taskID
        self.path = path
        self.bytes = bytes
        self.sha256 = sha256
        self.mediaType = mediaType
        self.createdAt = createdAt
    }
}
