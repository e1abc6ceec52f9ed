package import AgentModel

/// What became of the task of a step.
package struct StepOutcome: Hashable, Sendable {
    package enum End: Hashable, Sendable {
        case completed
        /// - Parameter isFinal: trying again has no prospect.
        case failed(String, isFinal: Bool)
        case cancelled
        /// Its host or its client was lost; nothing is known of how far it came.
        case interrupted
    }

    package var end: End
    package var usage = Usage.none
    package var driverSessionID: String?
    package var files: [FileChange] = []

    package init(_ end: End) { self.end = end }

    /// What a task's result means for its step. A refusal is no answer.
    package init(_ result: TaskResult) {
        let message = result.error?.message ?? "The task ended with \(result.stopReason.rawValue)."
        end =
            switch result.status {
            case .completed where result.stopReason == .refusal:
                .failed("The agent refused.", isFinal: false)
            case .completed: .completed
            case .failed: .failed(message, isFinal: result.stopReason == .budget)
            case .cancelled: .cancelled
            case .queued, .running, .interrupted: .interrupted
            }
        usage = result.usage
        driverSessionID = result.driverSessionID
    }
}
