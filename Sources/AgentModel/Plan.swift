package import JSON

/// How much can go wrong in a batch. One of high risk waits for permission.
package enum PlanRisk: String, Sendable, CaseIterable {
    case low, medium, high
}

/// Where a plan stands.
package enum PlanStatus: String, Sendable, CaseIterable {
    /// Never executed.
    case created
    case running
    /// Every step is completed.
    case completed
    /// It has come to its end without every step being completed; it may be executed again.
    case failed
    case cancelled
    /// Its host ended or lost its session while it ran; it goes on when it is executed again.
    case interrupted
}

/// One thing to be done, by one task.
package struct PlanStep: Hashable, Sendable {
    /// Unique in its plan.
    package var id: String
    package var description: String
    /// What kind of work it is, as `create_file` or `command`; any word.
    package var type: String?
    /// What the agent is asked, unchanged; without it the description.
    package var prompt: String?
    /// Steps of this batch or of earlier ones.
    package var dependsOn: [String] = []
    package var outputSchema: JSON?
    package var driver: String?
    package var timeoutMilliseconds: Int?
    /// A shell command in the working folder that has to succeed before the step counts as done.
    package var check: String?
    /// Runs that the step's task may take to be accepted.
    package var maxIterations = 1

    package init(id: String, description: String) {
        self.id = id
        self.description = description
    }

    package var task: String { prompt ?? description }
}

/// Steps that belong together. A batch begins when the one before it has come to its end.
package struct PlanBatch: Hashable, Sendable {
    package var title: String?
    package var risk = PlanRisk.low
    package var steps: [PlanStep]

    package init(_ steps: [PlanStep], risk: PlanRisk = .low, title: String? = nil) {
        self.steps = steps
        self.risk = risk
        self.title = title
    }
}

/// Ordered work on one session.
package struct Plan: Hashable, Sendable {
    package let id: PlanID
    package var title: String
    package var goal: String?
    /// What an agent is told beside the first step that it does of the plan.
    package var instructions: String?
    package var batches: [PlanBatch]
    /// Whether steps that do not depend on a failed one still run.
    package var continueOnFailure = false
    /// Independent steps of a batch that may run at a time.
    package var parallel = 1
    /// Made at the first execution, unless the plan was made for one that there is.
    package var sessionID: SessionID?
    package var projectID: ProjectID?
    package var workingDirectory: String?
    package var driver: String?
    /// What happens to its agents' asks, in the session that is made for it; `nil`: the configuration says.
    package var permissions: JSONObject?
    /// How long the driver session of the plan's own session lives after its last use, in seconds.
    package var ttlSeconds: Int? = 3600
    /// The host that made it, or that executed it last.
    package var hostID: HostID
    /// Counts its changes: one that was made from another revision is refused.
    package var revision = 1
    package var state: PlanState
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var startedAt: Timestamp?
    package var endedAt: Timestamp?

    package init(id: PlanID, title: String, batches: [PlanBatch], hostID: HostID, at now: Timestamp) {
        self.id = id
        self.title = title
        self.batches = batches
        self.hostID = hostID
        state = PlanState(batches)
        createdAt = now
        updatedAt = now
    }

    /// In the order of the batches.
    package var steps: [PlanStep] { batches.flatMap(\.steps) }
    package var status: PlanStatus { state.status }
}
