import AgentModel
import JSON
import Store

extension StoreTransaction {
    func insertSession(_ session: AgentSession) throws {
        guard try database.integer("SELECT count(*) FROM session WHERE id = ?", [.id(session.id)]) == 0 else {
            throw StoreFailure.refused("\(session.id) exists")
        }
        if let connection = session.connectionID { try requireConnection(connection) }
        if let project = session.projectID { try requireProject(project) }
        if let plan = session.planID { try requirePlan(plan) }
        try database.run(SessionRow.insert, SessionRow(number: 0, value: session).values)
        if session.budget != nil { try keepBudget(SessionRow(number: database.lastInsertedRow, value: session)) }
        if session.retention != nil || !session.forksFrom.isEmpty {
            try keepLineage(SessionRow(number: database.lastInsertedRow, value: session))
        }
        let kept = keep(SessionRow(number: database.lastInsertedRow, value: session))
        commit.sessions[session.id] = session
        var data: JSONObject = ["driver": .string(session.driver), "mode": .string(session.mode.rawValue)]
        data["title"] = session.title.map { .string($0) }
        try log(EventDraft(.sessionCreated, data: data), in: kept)
    }

    func patchSession(_ id: SessionID, _ patch: SessionPatch) throws {
        let session = try session(id)
        let changes = patch.changedData
        guard !changes.isEmpty else {
            commit.sessions[id] = session.row.value
            return
        }
        change(session) { $0.apply(patch, at: now) }
        if patch.budget != .keep { try keepBudget(session.row) }
        if patch.retention != .keep { try keepLineage(session.row) }
        try log(EventDraft(.sessionUpdated, data: changes), in: session)
    }

    func keepBudget(_ row: SessionRow) throws {
        try SchemaPart.ledger.require(schemaVersion)
        try database.run(SessionRow.updateBudget, row.budgetValues)
    }

    func keepLineage(_ row: SessionRow) throws {
        try SchemaPart.checkpoints.require(schemaVersion)
        try database.run(SessionRow.updateLineage, row.lineageValues)
    }

    /// Its agents have sessions of their own by now, or are to forget them.
    func forgetForkOrigins(of session: SessionInUse) throws {
        guard !session.row.value.forksFrom.isEmpty else { return }
        session.row.value.forksFrom = [:]
        try keepLineage(session.row)
    }

    func moveSession(_ id: SessionID, _ move: SessionMove) throws {
        let session = try session(id)
        let open = try openTasks(of: session)
        if move == .complete, !open.isEmpty { throw StoreFailure.refused("\(id) has tasks that have not ended") }
        try self.move(session, move, hasRunningTask: open.contains { $0.row.value.status == .running })
    }

    /// Takes a session to the status that an action leads to, and logs it when that is another one.
    func move(_ session: SessionInUse, _ move: SessionMove, hasRunningTask: Bool) throws {
        let old = session.row.value.status
        guard let next = move.next(from: old, hasRunningTask: hasRunningTask) else {
            throw StoreFailure.refused("\(session.row.value.id) is \(old.rawValue): \(move.rawValue) is not possible")
        }
        change(session) { session in
            session.status = next
            switch next {
            case .completed, .failed: session.endedAt = session.endedAt ?? now
            case .expired: session.driverSessions = [:]
            case .active, .running, .paused: session.endedAt = nil
            }
        }
        if next == .expired { try forgetForkOrigins(of: session) }
        if next != old { try keepHouse(after: old, in: session) }
        guard next != old, let type = move.event else { return }
        try log(EventDraft(type), in: session)
    }

    func setDriverSession(_ id: SessionID, _ driver: String, _ value: String?) throws {
        let session = try session(id)
        change(session) { $0.driverSessions[driver] = value }
        if session.row.value.forksFrom[driver] != nil {
            session.row.value.forksFrom[driver] = nil
            try keepLineage(session.row)
        }
    }

    func expireSessions(limit: Int) throws {
        let due = try database.rows(
            """
            SELECT id FROM session s WHERE expires_at <= ? AND hidden_at IS NULL AND NOT EXISTS(
                SELECT 1 FROM task t WHERE t.session = s.n AND t.status IN ('queued', 'running'))
            ORDER BY expires_at LIMIT ?
            """, [.time(now), .int(limit < Int.max ? limit + 1 : limit)]
        ) { try $0.id() as SessionID }
        commit.isMoreLeft = commit.isMoreLeft || due.count > limit
        for id in due.prefix(max(limit, 0)) { try move(session(id), .expire, hasRunningTask: false) }
        try forgetOldKeys(limit: limit)
    }

    /// What else a session's new status is the occasion for.
    private func keepHouse(after old: SessionStatus, in session: SessionInUse) throws {
        guard schemaVersion >= SchemaPart.promotions.since else { return }
        switch session.row.value.status {
        case .completed, .failed: try planPromotion(of: session)
        case .expired:
            try database.run(
                "UPDATE session SET expirations = expirations + 1 WHERE n = ?", [.integer(session.row.number)])
        case .active, .running, .paused: if old.isEnd { try dropPromotion(of: session) }
        }
    }

    /// Hides those that may go, without asking those that may not.
    func retireSessions(_ ids: [SessionID], unusedSince time: Timestamp) throws {
        for id in ids where try database.isIdle(id, unusedSince: time, schemaVersion) {
            try hideSession(id, force: false)
        }
    }

    func hideSession(_ id: SessionID, force: Bool) throws {
        let session = try session(id)
        let open = try openTasks(of: session)
        guard open.isEmpty || force else { throw StoreFailure.refused("\(id) has tasks that have not ended") }
        for task in open { try end(task, in: session, TaskResult(status: .cancelled, stopReason: .cancelled)) }
        change(session) { _ in }
        session.row.hiddenAt = now
        try leaveProjects(id)
    }
}

extension SessionMove {
    /// What the log says of it; what a task does to its session is told by the task's own events.
    fileprivate var event: EventType? {
        switch self {
        case .acceptTask, .startTask, .endTask: nil
        case .pause: .sessionPaused
        case .resume: .sessionResumed
        case .complete: .sessionCompleted
        case .expire: .sessionExpired
        }
    }
}
