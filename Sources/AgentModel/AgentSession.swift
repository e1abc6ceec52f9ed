package import JSON

/// What an agent may do: look at a database, answer one query, run a script of statements, or choose for itself.
/// In the order of what they allow: each may do what the ones before it may.
package enum SessionMode: String, Sendable, CaseIterable, Comparable {
    case query, script, analysis
    case fullAutonomy = "full_autonomy"

    package static func < (left: SessionMode, right: SessionMode) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}

/// Whether a session's next task hands the agent its own session back. Usage is tracked in both.
package enum Persistence: String, Sendable, CaseIterable {
    case resume, fresh
}

/// Where a session stands. Which action each status allows is in `SessionMove`.
package enum SessionStatus: String, Sendable, CaseIterable {
    case active, running, paused, completed, failed, expired

    /// Ended, unless somebody reopens it.
    package var isEnd: Bool { self == .completed || self == .failed }
}

/// The durable conversation between a client and its agents.
package struct AgentSession: Hashable, Sendable {
    package let id: SessionID
    package var status = SessionStatus.active
    /// Made for one task that named no session; completed when that task ends.
    package var temporary = false
    package var connectionID: ConnectionID?
    package var projectID: ProjectID?
    package var planID: PlanID?
    package var milestoneID: String?
    package var parentSessionID: SessionID?
    /// Absolute path of the folder that the agent works in.
    package var workingDirectory: String?
    /// Absolute path of the folder that the agent's artifacts go to.
    package var resultsDirectory: String
    package var driver: String
    package var model: String?
    package var mode = SessionMode.fullAutonomy
    package var persistence = Persistence.resume
    /// Turns that one task may take.
    package var recursionLimit = 100
    /// How long the driver session lives after its last use, in seconds; `nil` for ever.
    package var ttlSeconds: Int?
    /// What all its tasks together may spend.
    package var budget: Budget?
    /// What it spends of when that is not a budget of its own; only where one session is read.
    package var purse: Purse?
    package var title: String?
    package var metadata: JSONObject?
    package var learning: JSONObject = [:]
    package var permissions: JSONObject = [:]
    /// Which of its checkpoints stay; `nil`: all.
    package var retention: CheckpointRetention?
    /// Another session's agents' conversations that its own are to go off from when they begin, by driver name.
    package var forksFrom: [String: String] = [:]
    /// The agent's own conversation id, by driver name.
    package var driverSessions: [String: String] = [:]
    package var taskCount = 0
    package var usage = Usage.none
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var lastUsedAt: Timestamp
    package var endedAt: Timestamp?

    package init(id: SessionID, driver: String, resultsDirectory: String, at now: Timestamp) {
        self.id = id
        self.driver = driver
        self.resultsDirectory = resultsDirectory
        createdAt = now
        updatedAt = now
        lastUsedAt = now
    }

    /// Whether its tasks have spent all that they may.
    package var isSpent: Bool {
        purse.map { $0.budget.isUsedUp(by: $0.spent) } ?? budget?.isUsedUp(by: usage) ?? false
    }

    /// When the driver session is forgotten, if ever.
    package var expiresAt: Timestamp? {
        ttlSeconds.map { lastUsedAt.adding(milliseconds: Int64(min(max($0, 0), 1 << 40)) * 1000) }
    }
}

/// What `session.update` changes: a member that is absent stays as it is.
package struct SessionPatch: Hashable, Sendable {
    package enum Change<Value: Hashable & Sendable>: Hashable, Sendable {
        case keep
        case clear
        case set(Value)
    }

    package var title = Change<String>.keep
    package var metadata = Change<JSONObject>.keep
    package var model = Change<String>.keep
    package var workingDirectory = Change<String>.keep
    package var ttlSeconds = Change<Int>.keep
    package var budget = Change<Budget>.keep
    package var retention = Change<CheckpointRetention>.keep
    package var driver: String?
    package var mode: SessionMode?
    package var persistence: Persistence?
    package var recursionLimit: Int?
    package var learning: JSONObject?
    package var permissions: JSONObject?

    package init() {}
}

extension SessionPatch.Change {
    package func applied(to old: Value?) -> Value? {
        switch self {
        case .keep: old
        case .clear: nil
        case .set(let value): value
        }
    }
}

extension AgentSession {
    package mutating func apply(_ patch: SessionPatch, at now: Timestamp) {
        title = patch.title.applied(to: title)
        metadata = patch.metadata.applied(to: metadata)
        model = patch.model.applied(to: model)
        workingDirectory = patch.workingDirectory.applied(to: workingDirectory)
        ttlSeconds = patch.ttlSeconds.applied(to: ttlSeconds)
        budget = patch.budget.applied(to: budget)
        retention = patch.retention.applied(to: retention)
        driver = patch.driver ?? driver
        mode = patch.mode ?? mode
        persistence = patch.persistence ?? persistence
        recursionLimit = patch.recursionLimit ?? recursionLimit
        learning = patch.learning ?? learning
        permissions = patch.permissions ?? permissions
        updatedAt = now
    }
}
