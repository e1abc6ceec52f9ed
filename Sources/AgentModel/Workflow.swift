package import JSON

/// Who does what over one goal.
package enum WorkflowRole: String, Sendable, CaseIterable {
    /// Turns the goal into a plan.
    case architect
    /// Executes the plan, and mends what reviewers find.
    case developer
    /// Judges what was done.
    case reviewer
}

/// Where a workflow stands.
package enum WorkflowStatus: String, Sendable, CaseIterable {
    case created
    /// The architect works.
    case planning
    /// The plan waits for `workflow.approve` or `workflow.reject`.
    case awaitingPermission = "awaiting_permission"
    /// The developer executes the plan.
    case developing
    case reviewing
    /// The developer works on what the reviewers found.
    case fixing
    /// Every reviewer has approved.
    case completed
    case failed
    case cancelled
    /// Its host ended or lost its session while a role worked; it goes on when it is retried.
    case interrupted

    /// A role works.
    package var isRunning: Bool {
        switch self {
        case .planning, .developing, .reviewing, .fixing: true
        case .created, .awaitingPermission, .completed, .failed, .cancelled, .interrupted: false
        }
    }
}

/// How the roles of a workflow are filled.
package struct WorkflowProfile: Hashable, Sendable {
    package struct Role: Hashable, Sendable {
        package var driver: String?
        package var model: String?
        /// What the role is told besides what it has to do.
        package var instructions: String?
        /// The developer's steps, or reviewers, that work at a time where their driver allows it.
        package var parallel = 1

        package init() {}
    }

    /// Whether one session, and with it the agent's own, goes from role to role; else each role has its own.
    package var sharesSession = true
    /// Plans whose greatest risk is at most this need no approval; `nil`: every plan does.
    package var approveUpTo: PlanRisk?
    /// What each reviewer looks at.
    package var reviewers = ["General"]
    /// Rounds of review before it counts as failed.
    package var maxReviewRounds = 3
    package var roles: [WorkflowRole: Role] = [:]

    package init() {}

    package func parallel(_ role: WorkflowRole) -> Int { roles[role]?.parallel ?? 1 }
}

/// What the architect proposes.
package struct WorkflowProposal: Hashable, Sendable {
    package var title: String
    package var goal: String
    package var batches: [PlanBatch]
    package var riskSummary: String?
    package var estimatedMinutes: Int?
    /// Tests are written before what they test.
    package var isTestFirst = false
    package var reasoning: String

    package init(title: String, goal: String, batches: [PlanBatch], reasoning: String) {
        self.title = title
        self.goal = goal
        self.batches = batches
        self.reasoning = reasoning
    }

    package var greatestRisk: PlanRisk {
        let risks = Set(batches.map(\.risk))
        return PlanRisk.allCases.last { risks.contains($0) } ?? .low
    }
}

/// One piece of work by one role.
package struct WorkflowNode: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case plan, develop, review, fix
    }

    package enum Status: String, Sendable, CaseIterable {
        case running, completed, failed, cancelled, interrupted
    }

    package var kind: Kind
    /// Rounds of review begun by then; of planning, plans proposed.
    package var round: Int
    /// What a reviewer looks at.
    package var focus: String?
    package var status = Status.running
    package var taskID: TaskID?
    /// Of the developer.
    package var planID: PlanID?
    package var sessionID: SessionID?
    package var driver: String?
    package var driverSessionID: String?
    /// A proposal or a verdict, as its role gave it.
    package var result: JSON?
    /// Why it failed, or could not begin.
    package var reason: String?
    package var usage = Usage.none
    /// Counts the tries in a row, since somebody asked for it.
    package var attempt = 1

    package init(_ kind: Kind, round: Int, focus: String? = nil) {
        self.kind = kind
        self.round = round
        self.focus = focus
    }

    package var role: WorkflowRole {
        switch kind {
        case .plan: .architect
        case .develop, .fix: .developer
        case .review: .reviewer
        }
    }

    /// It never began.
    package var isHeld: Bool { status == .interrupted && taskID == nil && planID == nil }
}

/// What became of a workflow so far. It is written in the transaction that begins a node's task.
package struct WorkflowState: Hashable, Sendable {
    package var status = WorkflowStatus.created
    package var proposal: WorkflowProposal?
    /// The present proposal may be developed.
    package var isApproved = false
    /// What was said against the plans so far, by people and by the checks.
    package var feedback: [String] = []
    /// The developer's, of the present proposal.
    package var planID: PlanID?
    /// Rounds of review begun.
    package var round = 0
    /// Where the present round begins among the nodes.
    package var roundStart = 0
    /// In the order of their beginnings. One at most runs, or several reviewers of the present round.
    package var nodes: [WorkflowNode] = []
    package var sessionIDs: [WorkflowRole: SessionID] = [:]
    package var reason: String?
    /// It is to end; what runs is being stopped.
    package var isCancelling = false
    /// It rests, or is about to, since a session of it is paused.
    package var isHeld = false
    /// What it comes to once nothing runs any more.
    package var ending: Ending?

    package struct Ending: Hashable, Sendable {
        package var status: WorkflowStatus
        package var reason: String?

        package init(_ status: WorkflowStatus, _ reason: String? = nil) {
            self.status = status
            self.reason = reason
        }
    }

    package init() {}

    package var usage: Usage {
        var sum = Usage.none
        for node in nodes { sum.add(node.usage) }
        return sum
    }

    /// Indices of the nodes that run.
    package var running: [Int] { nodes.indices.filter { nodes[$0].status == .running } }

    /// The agent's own session that the latest node had.
    package var driverSessionID: String? { nodes.last { $0.driverSessionID != nil }?.driverSessionID }
}

/// Architect, developer and reviewers over one goal.
package struct Workflow: Hashable, Sendable {
    package let id: FlowID
    package var title: String
    package var goal: String
    /// `{id, title, description}`, when it was made for one.
    package var issue: JSON?
    package var projectID: ProjectID?
    package var workingDirectory: String?
    /// What happens to its agents' asks, in the sessions that are made for it; `nil`: the configuration says.
    package var permissions: JSONObject?
    package var profile: WorkflowProfile
    /// The host that runs it, or ran it last.
    package var hostID: HostID
    /// Counts its changes: one that was made from another revision is refused.
    package var revision = 1
    package var state = WorkflowState()
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var endedAt: Timestamp?

    package init(
        id: FlowID, title: String, goal: String, profile: WorkflowProfile, hostID: HostID, at now: Timestamp
    ) {
        self.id = id
        self.title = title
        self.goal = goal
        self.profile = profile
        self.hostID = hostID
        createdAt = now
        updatedAt = now
    }

    package var status: WorkflowStatus { state.status }
}
