import AgentEngine
import AgentModel
import Driver
import HostProtocol
import JSON
import JSONRPC
import Store

extension Host {
    func createSession(_ params: Wire.SessionCreateParams, _ call: Call) throws(RPCError) {
        guard let project = try params.projectID.map(projectID) else {
            return create(try newSession(params, of: nil), params, call)
        }
        read(call) {
            try $0.project(project)
        } then: { [self] found in
            guard let found else { return fail(call, .notFound("\(project)", path: "params.project_id")) }
            do throws(RPCError) {
                create(try newSession(params, of: found), params, call)
            } catch {
                fail(call, error)
            }
        }
    }

    private func create(_ session: AgentSession, _ params: Wire.SessionCreateParams, _ call: Call) {
        var session = session
        if let permissions = permissions(of: call) { session.permissions = permissions }
        if let refusal = refusal(of: session.permissions, by: [session.driver]) { return fail(call, refusal) }
        var commands: [StoreCommand] = []
        if let claim = claim(call, params.idempotencyKey, scope: "", target: "\(session.id)") {
            commands.append(.claimKey(claim))
        }
        commit(call, commands + [.insertSession(session)]) { [self] result in
            switch result {
            case .success(let commit): reply(call, created(commit.sessions[session.id] ?? session))
            case .failure(.replayed(let target)): replayCreate(target, call)
            case .failure(.notFound(let id)): fail(call, .missing(id, else: "db_connection_id"))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    private func replayCreate(_ target: String, _ call: Call) {
        guard let id = SessionID(target) else { return fail(call, .notFound(target, path: "params.idempotency_key")) }
        read(call) {
            try $0.session(id)
        } then: { [self] session in
            guard let session else { return fail(call, .notFound(target, path: "params.idempotency_key")) }
            reply(call, created(session))
        }
    }

    func created(_ session: AgentSession) -> Wire.Session {
        var wire = Wire.Session(session)
        wire.sessionID = wire.id
        return wire
    }

    private func newSession(_ params: Wire.SessionCreateParams, of project: Project?) throws(RPCError) -> AgentSession {
        var session = try newSession(
            of: project, connection: params.dbConnectionID.flatMap(ConnectionID.init), driver: params.driver)
        if let folder = params.workingDirectory { session.workingDirectory = absolute(folder) }
        session.model = params.model ?? session.model
        session.mode = SessionMode(rawValue: params.mode.rawValue) ?? .fullAutonomy
        session.persistence = Persistence(rawValue: params.persistence.rawValue) ?? .resume
        session.recursionLimit = params.recursionLimit
        session.ttlSeconds = params.ttlSeconds
        session.budget = params.budget.map(Budget.init)
        session.retention = params.checkpoints.map(CheckpointRetention.init)
        session.title = params.title
        session.planID = params.planID.flatMap(PlanID.init)
        session.milestoneID = params.milestoneID
        session.metadata = params.metadata
        session.learning = params.learning?.json.objectValue ?? [:]
        return session
    }

    /// A session with the settings of its project, as far as none are given.
    func newSession(
        of project: Project? = nil, connection: ConnectionID?, driver: String?
    ) throws(RPCError) -> AgentSession {
        let defaults = project?.defaults ?? Project.Defaults()
        let name = driver ?? defaults.driver ?? options.defaultDriver
        try check(driver: name)
        let connection = connection ?? defaults.connectionID
        let id: SessionID = clock.id()
        var session = AgentSession(
            id: id, driver: name,
            resultsDirectory: "\(options.resultsRoot)/\(connection?.description ?? "none")/\(id)", at: clock.now())
        session.connectionID = connection
        session.projectID = project?.id
        session.workingDirectory = defaults.workingDirectory
        session.model = defaults.model
        session.permissions = options.permissions
        return session
    }

    /// The policy as the client wrote it: what it left out stays open, above all whether an ask waits.
    func permissions(of call: Call) -> JSONObject? {
        guard let given = call.params["permissions"]?.objectValue else { return nil }
        return JSONObject(Wire.PermissionPolicy.fieldNames.compactMap { name in given[name].map { (name, $0) } })
    }

    /// Why a policy cannot be had with one of these drivers, if so.
    func refusal(of permissions: JSONObject, by names: [String]) -> RPCError? {
        let drivers = options.drivers.filter { names.contains($0.name) }
        let refusal = drivers.lazy.compactMap { $0.refusal(of: permissions, allowed: self.options.driverModes) }.first
        return refusal.map { RPCError(.permissionDenied, $0, path: "params.permissions.driver_mode") }
    }

    func check(driver name: String, path: String = "params.driver") throws(RPCError) {
        guard options.drivers.contains(where: { $0.name == name }) else {
            let known = options.drivers.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw RPCError(
                .driverUnavailable, "there is no driver called \(name)", path: path,
                expected: "one of \(known)")
        }
    }

    /// A task that may only read needs an agent that can be held to it.
    func checkPlansOnly(driver name: String) throws(RPCError) {
        let driver = options.drivers.first { $0.name == name }
        guard driver?.capabilities.plansOnly != true else { return }
        throw RPCError(
            .unsupported, "the driver \(name) cannot be held to reading only",
            detail: "a program that honours plan_only declares it in its capabilities", path: "params.plan_only")
    }

    /// - Parameter scope: the session that the request names, or empty.
    func claim(_ call: Call, _ key: String?, scope: String, target: String) -> IdempotencyClaim? {
        guard let key else { return nil }
        var params = call.params.objectValue ?? [:]
        params["idempotency_key"] = nil
        params["_meta"] = nil
        return IdempotencyClaim(
            method: call.method, scope: scope, key: key, parametersHash: SHA256.hex(of: .object(params)), target: target
        )
    }

    func getSession(_ params: Wire.SessionGetParams, _ call: Call) throws(RPCError) {
        let id = try sessionID(params.sessionID)
        read(call) {
            try $0.session(id)
        } then: { [self] session in
            guard let session else { return fail(call, .notFound("\(id)", path: "params.session_id")) }
            reply(call, Wire.Session(session))
        }
    }

    func listSessions(_ params: Wire.SessionListParams, _ call: Call) {
        var filter = SessionFilter()
        filter.statuses = Set((params.statuses ?? []).compactMap { SessionStatus(rawValue: $0.rawValue) })
        filter.projectID = params.projectID.flatMap(ProjectID.init)
        filter.connectionID = params.dbConnectionID.flatMap(ConnectionID.init)
        filter.driver = params.driver
        filter.milestoneID = params.milestoneID
        filter.titleContains = params.text
        filter.includeTemporary = params.includeTemporary
        let page = PageRequest(limit: params.limit, cursor: params.cursor)
        read(call) { [filter] in
            try $0.sessions(filter, page)
        } then: { [self] found in
            reply(call, Wire.SessionPage(items: found.items.map(Wire.Session.init), nextCursor: found.nextCursor))
        }
    }

    func updateSession(_ params: Wire.SessionUpdateParams, _ call: Call) throws(RPCError) {
        let id = try sessionID(params.sessionID)
        if let driver = params.driver { try check(driver: driver) }
        var patch = SessionPatch()
        patch.title = .init(params.title) { $0 }
        patch.metadata = .init(params.metadata) { $0 }
        patch.model = .init(params.model) { $0 }
        patch.workingDirectory = .init(params.workingDirectory, absolute)
        patch.ttlSeconds = .init(params.ttlSeconds) { $0 }
        patch.budget = .init(params.budget) { Budget($0) }
        patch.retention = .init(params.checkpoints) { CheckpointRetention($0) }
        patch.driver = params.driver
        patch.mode = params.mode.flatMap { SessionMode(rawValue: $0.rawValue) }
        patch.persistence = params.persistence.flatMap { Persistence(rawValue: $0.rawValue) }
        patch.recursionLimit = params.recursionLimit
        patch.learning = params.learning?.json.objectValue
        patch.permissions = permissions(of: call)
        change(id, .patchSession(id, patch), call)
    }

    func pauseSession(_ params: Wire.SessionPauseParams, _ call: Call) throws(RPCError) {
        let id = try sessionID(params.sessionID)
        change(id, .moveSession(id, .pause), call)
    }

    func resumeSession(_ params: Wire.SessionResumeParams, _ call: Call) throws(RPCError) {
        let id = try sessionID(params.sessionID)
        change(id, .moveSession(id, .resume), call) { [self] in runner.resume(id) }
    }

    func completeSession(_ params: Wire.SessionCompleteParams, _ call: Call) throws(RPCError) {
        let id = try sessionID(params.sessionID)
        commit(call, [.moveSession(id, .complete)]) { [self] result in
            switch result {
            case .success: promoteMemories { [self] in replyCompleted(id, call) }
            case .failure(.notFound): fail(call, .notFound("\(id)", path: "params.session_id"))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    /// With the totals of what was done, where the session was made for a milestone.
    private func replyCompleted(_ id: SessionID, _ call: Call) {
        var filter = SessionFilter()
        filter.sessionID = id
        read(call) { [filter] reader throws -> (AgentSession, SessionStats)? in
            try reader.session(id).map { ($0, try reader.sessionStats(filter)) }
        } then: { [self] found in
            guard let (session, stats) = found else { return fail(call, .notFound("\(id)", path: "params.session_id")) }
            var wire = Wire.Session(session)
            if session.milestoneID != nil {
                let end = session.endedAt ?? session.updatedAt
                wire.totals = Wire.SessionTotals(
                    tasksByStatus: counts(stats.tasksByStatus), failuresByReason: counts(stats.failuresByReason),
                    events: stats.events,
                    durationMilliseconds: Int(max(0, end.milliseconds - session.createdAt.milliseconds)))
            }
            reply(call, wire)
        }
    }

    /// Changes one session and replies with it as it is then.
    /// - Parameter then: what follows; also when the store fails, since the change may hold all the same.
    private func change(_ id: SessionID, _ command: StoreCommand, _ call: Call, then: @escaping () -> Void = {}) {
        commit(call, [command]) { [self] result in
            switch result {
            case .success(let commit):
                if let session = commit.sessions[id] {
                    reply(call, Wire.Session(session))
                } else {
                    // Nothing changed: it is as it was.
                    read(call) {
                        try $0.session(id)
                    } then: { [self] session in
                        guard let session else { return fail(call, .notFound("\(id)", path: "params.session_id")) }
                        reply(call, Wire.Session(session))
                    }
                }
                then()
            case .failure(.notFound): fail(call, .notFound("\(id)", path: "params.session_id"))
            case .failure(let failure):
                fail(call, failure)
                if failure.isOfStore { then() }
            }
        }
    }

    func sessionStats(_ params: Wire.SessionStatsParams, _ call: Call) {
        var filter = SessionFilter()
        filter.projectID = params.projectID.flatMap(ProjectID.init)
        filter.connectionID = params.dbConnectionID.flatMap(ConnectionID.init)
        filter.driver = params.driver
        filter.milestoneID = params.milestoneID
        read(call) { [filter] in
            try $0.sessionStats(filter)
        } then: { [self] stats in
            reply(call, Wire.SessionStats(stats))
        }
    }

    // MARK: - Deleting

    func deleteSession(_ params: Wire.SessionDeleteParams, _ call: Call) throws(RPCError) {
        let id = try sessionID(params.sessionID)
        read(call) {
            try $0.session(id)
        } then: { [self] session in
            guard let session else { return fail(call, .notFound("\(id)", path: "params.session_id")) }
            if params.force { runner.stopAll(in: id, .cancelled) }
            runner.whenIdle(id, after: params.force) { [self] in hide(session, force: params.force, call) }
        }
    }

    private func hide(_ session: AgentSession, force: Bool, _ call: Call) {
        let mustWait = waiters.waitUntilTold(of: session.id) { [self] in hide(session, force: force, call) }
        guard !mustWait else { return }
        commit(call, [.hideSession(session.id, force: force)]) { [self] result in
            switch result {
            case .success:
                subscriptions[session.id] = nil
                removeFiles(of: session) { [self] in
                    purge(PurgeCounts()) { [self] counts, failure in
                        if let failure { return fail(call, failure) }
                        deleted(session, counts, call)
                    }
                }
            case .failure(.notFound): fail(call, .notFound("\(session.id)", path: "params.session_id"))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    /// Memories are gone only once no file of the store holds them.
    private func deleted(_ session: AgentSession, _ counts: PurgeCounts, _ call: Call) {
        let reply = Wire.SessionDeleted(sessionID: "\(session.id)", removed: .init(counts))
        guard counts.memories > 0 else { return self.reply(call, reply) }
        eraseTraces { [self] failure in
            if let failure { fail(call, failure) } else { self.reply(call, reply) }
        }
    }

    /// Moves the results away at once, then removes them.
    func removeFiles(of session: AgentSession, then: @escaping () -> Void) {
        let (results, trash) = (Folder(path: session.resultsDirectory), Folder(path: options.trashRoot))
        let moved = "\(options.trashRoot)/\(session.id)"
        files.perform {
            try? trash.make()
            try? results.move(to: moved)
            Folder(path: moved).remove()
        } then: { (_: Void) in
            then()
        }
    }

    /// Removes what is hidden, step by step.
    func purge(_ before: PurgeCounts, then: @escaping (PurgeCounts, StoreFailure?) -> Void) {
        store.commit([.purgeHidden(limit: 500)]) { [self] result in
            switch result {
            case .success(let commit):
                let counts = before + commit.purged
                if commit.isMoreLeft { purge(counts, then: then) } else { then(counts, nil) }
            case .failure(.overloaded):
                after(milliseconds: 50) { [self] in purge(before, then: then) }
            case .failure(let failure): then(before, failure)
            }
        }
    }

    func sessionID(_ text: String) throws(RPCError) -> SessionID {
        guard let id = SessionID(text) else { throw .notFound(text, path: "params.session_id") }
        return id
    }
}

extension PurgeCounts {
    static func + (left: PurgeCounts, right: PurgeCounts) -> PurgeCounts {
        var sum = left
        sum.sessions += right.sessions
        sum.tasks += right.tasks
        sum.runs += right.runs
        sum.events += right.events
        sum.artifacts += right.artifacts
        sum.checkpoints += right.checkpoints
        sum.memories += right.memories
        return sum
    }
}

extension Wire.RemovedCounts {
    init(_ counts: PurgeCounts) {
        self.init(
            tasks: counts.tasks, runs: counts.runs, events: counts.events, artifacts: counts.artifacts,
            checkpoints: counts.checkpoints, memories: counts.memories)
    }
}

extension SessionPatch.Change {
    init<Other>(_ change: Wire.Change<Other>, _ convert: (Other) -> Value) {
        switch change {
        case .keep: self = .keep
        case .clear: self = .clear
        case .set(let value): self = .set(convert(value))
        }
    }
}
