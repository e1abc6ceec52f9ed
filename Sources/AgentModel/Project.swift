package import JSON

/// What keeps the latest driver session of a working folder, whichever operation made it.
package struct Project: Hashable, Sendable {
    package let id: ProjectID
    package var name: String
    /// What a session made for it starts with.
    package var defaults = Defaults()
    package var metadata: JSONObject?
    /// False: each of its tasks starts a session of its own.
    package var resumption = true
    package var lastSession: LastSession?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp

    package struct Defaults: Hashable, Sendable {
        /// Absolute path of the folder that agents work in.
        package var workingDirectory: String?
        package var connectionID: ConnectionID?
        package var driver: String?
        package var model: String?

        package init() {}
    }

    package init(id: ProjectID, name: String, at now: Timestamp) {
        self.id = id
        self.name = name
        createdAt = now
        updatedAt = now
    }

    /// The session that its next task goes on in; `nil`: a new one.
    /// - Parameter last: the session that `lastSession` names, if it is still there.
    package func session(toResume last: AgentSession?, at now: Timestamp) -> AgentSession? {
        guard resumption, let lastSession, let last, last.id == lastSession.sessionID, last.projectID == id else {
            return nil
        }
        switch last.status {
        case .completed, .failed, .expired: return nil
        case .active, .paused: return last.expiresAt.map { $0 <= now } ?? false ? nil : last
        case .running: return last
        }
    }
}

/// The session that a project's next task goes on in, and what the agent calls its own.
package struct LastSession: Hashable, Sendable {
    package var sessionID: SessionID
    package var driver: String
    /// `nil` for an agent that keeps none, and until the first task of a new session has heard of it.
    package var driverSessionID: String?
    /// What kind of operation used it last.
    package var source: String?
    package var updatedAt: Timestamp

    package init(
        sessionID: SessionID, driver: String, driverSessionID: String? = nil, source: String? = nil,
        updatedAt: Timestamp
    ) {
        self.sessionID = sessionID
        self.driver = driver
        self.driverSessionID = driverSessionID
        self.source = source
        self.updatedAt = updatedAt
    }
}

/// What `project.update` changes: a member that is absent stays as it is.
package struct ProjectPatch: Hashable, Sendable {
    package var name: String?
    package var workingDirectory = SessionPatch.Change<String>.keep
    package var connectionID = SessionPatch.Change<ConnectionID>.keep
    package var driver = SessionPatch.Change<String>.keep
    package var model = SessionPatch.Change<String>.keep
    package var metadata = SessionPatch.Change<JSONObject>.keep
    package var resumption: Bool?
    /// The next task starts anew.
    package var clearsLastSession = false

    package init() {}
}

extension Project {
    package mutating func apply(_ patch: ProjectPatch, at now: Timestamp) {
        name = patch.name ?? name
        defaults.workingDirectory = patch.workingDirectory.applied(to: defaults.workingDirectory)
        defaults.connectionID = patch.connectionID.applied(to: defaults.connectionID)
        defaults.driver = patch.driver.applied(to: defaults.driver)
        defaults.model = patch.model.applied(to: defaults.model)
        metadata = patch.metadata.applied(to: metadata)
        resumption = patch.resumption ?? resumption
        if patch.clearsLastSession { lastSession = nil }
        updatedAt = now
    }
}
