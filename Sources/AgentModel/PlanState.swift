/// Where a step stands.
package enum PlanStepStatus: String, Sendable, CaseIterable {
    /// Not begun, or begun by a task that was interrupted.
    case pending
    case running
    /// It failed and will be tried again.
    case waiting
    case completed
    case failed
    /// It cannot be begun: a step that it depends on is not done, or its batch was not permitted.
    case blocked
    case cancelled

    /// It has come to its end in this execution of the plan.
    package var isFinal: Bool {
        switch self {
        case .pending, .running, .waiting: false
        case .completed, .failed, .blocked, .cancelled: true
        }
    }
}

/// Where a step's task runs.
package enum StepPlace: String, Sendable, CaseIterable {
    /// In the plan's session, or again in the fork that the step has.
    case session
    /// In a fork of the plan's session.
    case fork
    /// As `session`, with a new driver session.
    case newSession = "new_session"
}

/// A file of the working folder that a step made, changed or removed.
package struct FileChange: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case created, modified, deleted
    }

    /// Relative to the working folder, with `/`.
    package var path: String
    package var change: Kind
    /// 0 for a deleted file.
    package var bytes: Int
    /// Lower-case hex; `nil` for a deleted file, and for one too large to be read for it.
    package var sha256: String?
    /// Another step ran at the same time and may have done it.
    package var isShared = false

    package init(path: String, change: Kind, bytes: Int = 0, sha256: String? = nil) {
        self.path = path
        self.change = change
        self.bytes = bytes
        self.sha256 = sha256
    }
}

/// What became of a step so far.
package struct PlanStepState: Hashable, Sendable {
    package var status = PlanStepStatus.pending
    /// Attempts begun in this execution, without those that were interrupted.
    package var attempts = 0
    /// It has a session of its own, forked from the plan's.
    package var isForked = false
    /// Every task that it had, in their order; the last one is the present one.
    package var taskIDs: [TaskID] = []
    /// The session of the last task.
    package var sessionID: SessionID?
    package var driverSessionID: String?
    /// Why it failed, waits or is blocked.
    package var reason: String?
    /// The step that keeps it from being begun.
    package var blockedBy: String?
    /// Of all its tasks.
    package var usage = Usage.none
    package var files: [FileChange] = []
    /// The how-manieth of the plan's steps to be completed; 0 before.
    package var order = 0

    package init() {}

    /// The session of its own that it has.
    package var fork: SessionID? { isForked ? sessionID : nil }
}

/// What became of a plan so far. It is written in the transaction that begins a step's task: whatever happens, the
/// store knows which task a running step has.
package struct PlanState: Hashable, Sendable {
    /// A batch that waits for permission.
    package struct Asking: Hashable, Sendable {
        package var batch: Int
        package var permissionID: PermissionID?

        package init(batch: Int, permissionID: PermissionID? = nil) {
            self.batch = batch
            self.permissionID = permissionID
        }
    }

    package var status = PlanStatus.created
    package var steps: [String: PlanStepState]
    package var asking: Asking?
    /// Batches of high risk that may run.
    package var permitted: Set<Int> = []
    /// Batches of high risk that may not.
    package var denied: Set<Int> = []
    /// It is to end; running steps are being stopped.
    package var isCancelling = false
    /// Why it did not come to a good end.
    package var reason: String?

    package init(_ batches: [PlanBatch]) {
        steps = Dictionary(batches.flatMap(\.steps).map { ($0.id, PlanStepState()) }) { first, _ in first }
    }

    /// Forks in which nothing more will run.
    package var endedForks: Set<SessionID> {
        let isOver = status == .completed || status == .failed || status == .cancelled
        return Set(steps.values.filter { isOver || $0.status.isFinal }.compactMap(\.fork))
    }

    package var doneCount: Int { steps.values.count { $0.status == .completed } }

    package var usage: Usage {
        var sum = Usage.none
        for step in steps.values { sum.add(step.usage) }
        return sum
    }
}
