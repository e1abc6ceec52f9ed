package import AgentModel

/// Why the host itself ends a task. The first cause wins; what the agent says afterwards only adds to the bill.
package struct StopCause: Hashable, Sendable {
    package var status: TaskStatus
    package var reason: StopReason
    package var message: String
    package var pace: StopLadder.Pace

    private init(_ status: TaskStatus, _ reason: StopReason, _ message: String, _ pace: StopLadder.Pace = .patient) {
        self.status = status
        self.reason = reason
        self.message = message
        self.pace = pace
    }

    package static let cancelled = StopCause(.cancelled, .cancelled, "The task was cancelled.")
    package static let clientGone = StopCause(
        .interrupted, .cancelled, "The client that asked for the task is gone.", .brisk)
    package static let hostEnding = StopCause(.interrupted, .hostLost, "The host was told to end.", .brisk)
    package static let leaseLost = StopCause(
        .interrupted, .leaseLost, "Another host took the session over.", .brisk)

    package static func timedOut(milliseconds: Int) -> StopCause {
        StopCause(.failed, .timeout, "The task took longer than its \(milliseconds) ms.")
    }

    package static func stalled(milliseconds: Int) -> StopCause {
        StopCause(.failed, .stalled, "The agent said nothing for \(milliseconds) ms.")
    }

    package static func recursionLimit(_ turns: Int) -> StopCause {
        StopCause(.failed, .recursionLimit, "It wanted more than \(turns) turns; raise recursion_limit to go on.")
    }

    package static func overBudget(_ what: String) -> StopCause {
        StopCause(.failed, .budget, "The task went over its budget: \(what).")
    }

    package static func sessionOverBudget(_ what: String) -> StopCause {
        StopCause(.failed, .budget, "The session went over its budget: \(what).")
    }

    /// The error that a result with this cause carries; a cancelled task has none.
    var error: TaskError? {
        switch reason {
        case .timeout: TaskError(code: 1009, reason: "timed_out", message: message, retryable: true)
        case .stalled: TaskError(code: 1009, reason: "timed_out", message: message, retryable: true)
        case .budget: TaskError(code: 1010, reason: "budget_exceeded", message: message, retryable: true)
        case .recursionLimit: TaskError(code: 1005, reason: "limit_exceeded", message: message, retryable: true)
        case .hostLost: TaskError(code: 1012, reason: "shutting_down", message: message, retryable: true)
        case .leaseLost: TaskError(code: 1003, reason: "busy", message: message, retryable: true)
        default:
            status == .cancelled
                ? nil : TaskError(code: -32800, reason: "cancelled", message: message, retryable: true)
        }
    }
}
