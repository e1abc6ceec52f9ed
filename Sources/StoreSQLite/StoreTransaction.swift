import AgentModel
import JSON
import Store

/// One batch at work, within its savepoint: keeps what it has read and writes a changed row once for each command.
final class StoreTransaction {
    let database: SQLiteConnection
    let host: HostID
    let hosts: HostLocks
    /// Of the store that is open.
    let schemaVersion: Int
    let dictionary: MemoryDictionary
    let heads: CheckpointHeads
    /// What everything in the batch is stamped with.
    let now: Timestamp
    var commit: StoreCommit
    /// The ids of texts that were there already, by those that they were to be remembered under.
    var knownTexts: [MemoryID: MemoryID] = [:]

    private var sessions: [SessionID: SessionInUse] = [:]
    private var tasks: [TaskID: TaskInUse] = [:]

    /// A session in the batch's hands.
    final class SessionInUse {
        var row: SessionRow
        fileprivate(set) var isLogged = false
        fileprivate(set) var isChanged = false

        fileprivate init(_ row: SessionRow) { self.row = row }
    }

    final class TaskInUse {
        var row: TaskRow
        fileprivate(set) var isChanged = false

        fileprivate init(_ row: TaskRow) { self.row = row }
    }

    init(
        _ database: SQLiteConnection, _ batch: StoreBatch, host: HostID, hosts: HostLocks, schemaVersion: Int,
        dictionary: MemoryDictionary, heads: CheckpointHeads
    ) {
        self.database = database
        self.host = host
        self.hosts = hosts
        self.schemaVersion = schemaVersion
        self.dictionary = dictionary
        self.heads = heads
        now = batch.at
        commit = StoreCommit(ticket: batch.ticket)
    }

    func run(_ commands: [StoreCommand]) throws -> StoreCommit {
        for command in commands {
            try apply(command)
            // The next command may ask the tables.
            try writeBack()
        }
        return commit
    }

    private func apply(_ command: StoreCommand) throws {
        if command.isOfMemory { try SchemaPart.memory.require(schemaVersion) }
        switch command {
        case .claimKey(let claim): try claimKey(claim)
        case .fence(let id, let epoch): try fence(id, epoch: epoch)
        case .insertSession(let session): try insertSession(session)
        case .patchSession(let id, let patch): try patchSession(id, patch)
        case .moveSession(let id, let move): try moveSession(id, move)
        case .setDriverSession(let id, let driver, let value): try setDriverSession(id, driver, value)
        case .append(let id, let drafts): try append(id, drafts)
        case .hideSession(let id, let force): try hideSession(id, force: force)
        case .purgeHidden(let limit): try purgeHidden(limit: limit)
        case .expireSessions(let limit): try expireSessions(limit: limit)
        case .retireSessions(let ids, let time): try retireSessions(ids, unusedSince: time)
        case .insertTask(let task, let force, let limit): try insertTask(task, force: force, queueLimit: limit)
        case .startTask(let id, let run): try startTask(id, run)
        case .insertRun(let run): try insertRun(run)
        case .updateRun(let run): try updateRun(run)
        case .keepReading(let change): try keepReading(change)
        case .endTask(let id, let result): try endTask(id, result)
        case .saveCheckpoint(let id, let draft): try saveCheckpoint(id, draft)
        case .restoreSession(let id, let checkpoint, let new): try restoreSession(id, checkpoint, as: new)
        case .deleteCheckpoint(let id): try deleteCheckpoint(id)
        case .trimCheckpoints(let limit): try trimCheckpoints(limit: limit)
        case .forkSession(let fork): try forkSession(fork)
        case .copyHistory(let copy): try copyHistory(copy)
        case .copyMemories(let copy): try copyMemories(copy)
        case .showFork(let id, let driver, let turn): try showFork(id, driver: driver, turn: turn)
        case .abandonSession(let id): try abandonSession(id)
        case .beginImport(let made): try beginImport(made)
        case .importRecords(let made, let records): try importRecords(made, records)
        case .settleImport(let made): try settleImport(made)
        case .showImport(let made): try showImport(made)
        case .insertArtifact(let artifact): try insertArtifact(artifact)
        case .insertConnection(let connection): try insertConnection(connection)
        case .updateConnection(let connection): try updateConnection(connection)
        case .deleteConnection(let id): try deleteConnection(id)
        case .insertProject(let project): try insertProject(project)
        case .patchProject(let id, let patch): try patchProject(id, patch)
        case .deleteProject(let id): try deleteProject(id)
        case .useInProject(let id, let driver, let source): try useInProject(session(id), driver, source)
        case .insertAsk(let ask): try insertAsk(ask)
        case .resolveAsk(let id, let resolution): try resolveAsk(id, resolution)
        case .grant(let id, let rule): try grant(id, rule)
        case .spendGrant(let id, let rule): try spendGrant(id, rule)
        case .insertPlan(let plan): try insertPlan(plan)
        case .updatePlan(let plan): try updatePlan(plan)
        case .deletePlan(let id): try deletePlan(id)
        case .insertWorkflow(let workflow): try insertWorkflow(workflow)
        case .updateWorkflow(let workflow): try updateWorkflow(workflow)
        case .requestOwner(let request): try requestOwner(request)
        case .forgetOwnerRequests(let requests): try forgetOwnerRequests(requests)
        case .buryHost(let id): try buryHost(id)
        case .remember(let draft): try remember(draft)
        case .updateMemory(let id, let patch): try updateMemory(id, patch)
        case .forgetMemories(let ids): try forgetMemories(ids)
        case .markRecalled(let ids): try markRecalled(ids)
        case .promoteMemories(let limit): try promoteMemories(limit: limit)
        case .keepEmbedding(let id, let document, let embedding): try keepEmbedding(id, document, embedding)
        case .setSynonyms(let set): try setSynonyms(set)
        case .deleteSynonyms(let name): try deleteSet(name, "synonym_set")
        case .setStopwords(let set): try setStopwords(set)
        case .deleteStopwords(let name): try deleteSet(name, "stopword_set")
        // After the commit, by the writer.
        case .eraseTraces: break
        }
    }

    private func writeBack() throws {
        for session in sessions.values {
            if session.isChanged {
                try database.run(SessionRow.update, session.row.values + [.integer(session.row.number)])
                commit.sessions[session.row.value.id] = session.row.value
            } else if session.isLogged {
                try database.run(
                    "UPDATE session SET seq = ? WHERE n = ?", [.int(session.row.seq), .integer(session.row.number)])
            }
            session.isChanged = false
            session.isLogged = false
        }
        for task in tasks.values where task.isChanged {
            try database.run(TaskRow.update, task.row.changes)
            commit.tasks[task.row.value.id] = task.row.value
            task.isChanged = false
        }
    }

    // MARK: - Rows that the batch works with

    /// A session that is not hidden.
    func session(_ id: SessionID) throws -> SessionInUse {
        if let session = sessions[id], session.row.hiddenAt == nil { return session }
        let found = try database.first(
            SessionRow.select("WHERE s.id = ? AND s.hidden_at IS NULL", version: schemaVersion), [.id(id)]
        ) {
            try SessionRow(&$0)
        }
        guard let found, sessions[id] == nil else { throw StoreFailure.notFound(id.description) }
        return keep(found)
    }

    /// A session that the batch has read, hidden or not.
    func inUse(_ id: SessionID) -> SessionInUse? { sessions[id] }

    func keep(_ row: SessionRow) -> SessionInUse {
        let session = SessionInUse(row)
        sessions[row.value.id] = session
        return session
    }

    /// Changes a session; its row is written when the command is done.
    func change(_ session: SessionInUse, _ body: (inout AgentSession) -> Void) {
        body(&session.row.value)
        session.row.value.updatedAt = now
        session.isChanged = true
    }

    func markChanged(_ session: SessionInUse) { session.isChanged = true }

    /// A task of a session that is not hidden.
    func task(_ id: TaskID) throws -> TaskInUse {
        if let task = tasks[id] { return task }
        let found = try database.first(TaskRow.select("WHERE t.id = ? AND s.hidden_at IS NULL"), [.id(id)]) {
            try TaskRow(&$0)
        }
        guard let found else { throw StoreFailure.notFound(id.description) }
        return keep(found)
    }

    func keep(_ row: TaskRow) -> TaskInUse {
        let task = TaskInUse(row)
        tasks[row.value.id] = task
        return task
    }

    func change(_ task: TaskInUse, _ body: (inout TaskRow) -> Void) {
        body(&task.row)
        task.isChanged = true
    }

    /// The tasks of a session that have not ended, in their order, as the batch has left them.
    func openTasks(of session: SessionInUse) throws -> [TaskInUse] {
        let ids = try database.rows(
            "SELECT id FROM task WHERE session = ? AND status IN ('queued', 'running') ORDER BY n",
            [.integer(session.row.number)]
        ) { try $0.id() as TaskID }
        return try ids.map(task).filter { !$0.row.value.status.isFinal }
    }

    // MARK: - The log

    /// Numbers an event and writes it.
    func log(_ draft: EventDraft, in session: SessionInUse, task: Int64? = nil, run: Int64? = nil) throws {
        session.row.seq += 1
        session.isLogged = true
        try database.run(
            "INSERT INTO event(session, seq, at, type, task, run, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .integer(session.row.number), .int(session.row.seq), .time(now),
                .int(EventData.code(draft.type)), task.map { .integer($0) } ?? .null,
                run.map { .integer($0) } ?? .null, EventData.stored(draft),
            ])
        commit.events.append(
            Event(sessionID: session.row.value.id, seq: session.row.seq, at: now, draft))
    }

    func append(_ id: SessionID, _ drafts: [EventDraft]) throws {
        let session = try session(id)
        for draft in drafts {
            guard !EventData.isOwn(draft.type) else {
                throw StoreFailure.refused("\(draft.type.rawValue) is logged by the command that brings it about")
            }
            try log(
                draft.type == .memoryCaptured ? naming(knownTexts, in: draft) : draft, in: session,
                task: try draft.taskID.map { try taskNumber($0, in: session) },
                run: try draft.runID.map { try runNumber($0, in: session) })
        }
    }

    func taskNumber(_ id: TaskID, in session: SessionInUse) throws -> Int64 {
        let number = try database.first(
            "SELECT n FROM task WHERE id = ? AND session = ?", [.id(id), .integer(session.row.number)]
        ) { $0.int64() }
        guard let number else { throw StoreFailure.notFound(id.description) }
        return number
    }

    func runNumber(_ id: RunID, in session: SessionInUse) throws -> Int64 {
        let number = try database.first(
            "SELECT r.n FROM run r JOIN task t ON t.n = r.task WHERE r.id = ? AND t.session = ?",
            [.id(id), .integer(session.row.number)]
        ) { $0.int64() }
        guard let number else { throw StoreFailure.notFound(id.description) }
        return number
    }
}
