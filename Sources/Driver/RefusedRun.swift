package import AgentModel

/// A run that cannot be started, and why.
package struct RefusedRun: DriverRun {
    private let error: TaskError
    private var isFinished = false

    package init(error: TaskError) { self.error = error }

    package mutating func handle(_ input: DriverInput) -> [DriverEffect] {
        guard !isFinished, input == .start || input == .cancel else { return [] }
        isFinished = true
        return [
            .finish(
                input == .cancel
                    ? RunOutcome(stopReason: .cancelled) : RunOutcome(stopReason: .error, error: error))
        ]
    }
}
