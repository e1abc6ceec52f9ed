import AgentModel
import JSON
import Store

/// Sessions that another store has written, made out of sight in bounded steps.
extension StoreTransaction {
    /// Bytes of states that are written out in one step.
    private static let stateBytesMax = 1 << 20

    func beginImport(_ made: SessionImport) throws {
        try SchemaPart.checkpoints.require(schemaVersion)
        let id = made.session.id
        guard try database.integer("SELECT count(*) FROM session WHERE id = ?", [.id(id)]) == 0 else {
            throw StoreFailure.refused("\(id) exists")
        }
        let place: [SQLiteValue] = [.int(MemoryPartition.kind(of: .session(id))), .id(id)]
        guard try database.integer("SELECT count(*) FROM partition WHERE kind = ? AND scope_id = ?", place) == 0 else {
            throw StoreFailure.refused("\(id) is still being removed")
        }
        var session = AgentSession(
            id: id, driver: made.session.driver, resultsDirectory: made.session.resultsDirectory,
            at: made.session.createdAt)
        session.driverSessions = made.session.driverSessions
        try database.run(SessionRow.insert, SessionRow(number: 0, value: session).values)
        let kept = keep(SessionRow(number: database.lastInsertedRow, value: session))
        try hideInMaking(kept)
        try database.run(
            "UPDATE session SET imported_at = ? WHERE n = ?", [.time(now), .integer(kept.row.number)])
    }

    func importRecords(_ made: SessionImport, _ records: [SessionRecord]) throws {
        let session = try sessionInMaking(made.session.id)
        let importer = try RecordImporter(self, made, into: session)
        for record in records {
            try importer.add(record)
            commit.importedRecords += 1
            if importer.stateBytes > Self.stateBytesMax { break }
        }
        importer.keepProgress()
        markChanged(session)
    }

    func settleImport(_ made: SessionImport) throws {
        let session = try sessionInMaking(made.session.id)
        let importer = try RecordImporter(self, made, into: session)
        try importer.settleMemories()
        importer.keepProgress()
        markChanged(session)
        commit.isMoreLeft = !importer.progress.isSettled
    }

    func showImport(_ made: SessionImport) throws {
        let session = try sessionInMaking(made.session.id)
        let importer = try RecordImporter(self, made, into: session)
        try importer.checkWhole()
        var value = made.session
        value.metadata = try value.metadata.map(importer.own)
        value.taskCount = session.row.value.taskCount
        value.usage = session.row.value.usage
        value.projectID = try value.projectID.flatMap { try isThere($0, "project") ? $0 : nil }
        value.connectionID = try value.connectionID.flatMap { try isThere($0, "connection") ? $0 : nil }
        value.planID = try value.planID.flatMap { try made.identities == nil && isThere($0, "plan") ? $0 : nil }
        if made.identities != nil {
            value.forksFrom = value.forksFrom.merging(value.driverSessions) { $1 }
                .filter { made.forkingDrivers.contains($0.key) }
            value.driverSessions = [:]
        }
        try show(session)
        try showMemories(in: importer.partition)
        session.row.value = value
        if value.budget != nil { try keepBudget(session.row) }
        try keepLineage(session.row)
        guard !value.forksFrom.isEmpty else { return }
        let turn = try CheckpointRow.head(of: session.row.number, database)?.value.turn
        let place = CheckpointPlace(kind: .fork, turn: turn)
        try save(newCheckpointID(), place, EventDraft(.checkpointSaved), in: session) { _ in }
    }

    /// - Parameter table: one that this version of the store may not have.
    private func isThere<Kind>(_ id: Identifier<Kind>, _ table: String) throws -> Bool {
        let isKnown = try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = ?", [.text(table)]) == 1
        return try isKnown && database.integer("SELECT count(*) FROM \(table) WHERE id = ?", [.id(id)]) == 1
    }
}

/// Adds records to a session that is being made. Nothing of them is trusted but their types.
final class RecordImporter {
    let transaction: StoreTransaction
    let made: SessionImport
    let session: StoreTransaction.SessionInUse
    /// Of the session's memories.
    let partition: Int64
    /// Of the checkpoints' states that were written out.
    private(set) var stateBytes = 0
    var progress: ImportProgress

    var database: SQLiteConnection { transaction.database }
    var number: SQLiteValue { .integer(session.row.number) }

    init(
        _ transaction: StoreTransaction, _ made: SessionImport, into session: StoreTransaction.SessionInUse
    ) throws {
        self.transaction = transaction
        self.made = made
        self.session = session
        partition = try transaction.partitionInMaking(of: session)
        progress = ImportProgress(session.row.value.metadata)
    }

    /// In the row of the session, which is shown with another.
    func keepProgress() { session.row.value.metadata = progress.json }

    func add(_ record: SessionRecord) throws {
        switch record {
        case .task(let task, let first, let last): try add(task, firstSeq: first, lastSeq: last)
        case .run(let run): try add(run)
        case .checkpoint(let checkpoint): stateBytes += try add(checkpoint)
        case .ask(let ask): try add(ask)
        case .reading(let reading): try add(reading)
        case .artifact(let artifact): try add(artifact)
        case .memory(let memory): try add(memory)
        case .event(let event): try add(event)
        }
    }

    /// Fails when something has the id already.
    func requireUnused<Kind>(_ id: Identifier<Kind>, _ table: String) throws {
        guard try database.integer("SELECT count(*) FROM \(table) WHERE id = ?", [.id(id)]) == 0 else {
            throw StoreFailure.refused("\(id) exists")
        }
    }

    // MARK: - What tasks consist of

    private func add(_ given: AgentTask, firstSeq: Int, lastSeq: Int) throws {
        try requireUnused(given.id, "task")
        guard given.status.isFinal, given.result != nil else {
            throw StoreFailure.refused("\(given.id) has not ended")
        }
        var task = given
        task.hostID = transaction.host
        task.retryOf = try task.retryOf.map(own)
        task.context = try task.context.map(own)
        task.metadata = try task.metadata.map(own)
        let row = TaskRow(number: 0, session: session.row.number, firstSeq: firstSeq, value: task)
        var values = row.values
        values[values.count - 1] = .int(lastSeq)
        try database.run(TaskRow.insert, values)
        session.row.value.taskCount += 1
    }

    private func add(_ run: Run) throws {
        try requireUnused(run.id, "run")
        guard run.endedAt != nil else { throw StoreFailure.refused("\(run.id) has not ended") }
        var run = run
        // A copy's runs were the original's: its agents' sessions have nothing to do with them.
        if made.identities != nil { run.driverSessionID = nil }
        let task = try transaction.taskNumber(run.taskID, in: session)
        try database.run(RunRow.insert, RunRow(number: 0, task: task, value: run).values)
        session.row.value.usage.add(run.usage)
    }

    private func add(_ given: PermissionAsk) throws {
        try requireUnused(given.id, "ask")
        var ask = given
        ask.input = try own(ask.input)
        let row = AskRow(
            session: session.row.number, task: try ask.taskID.map { try transaction.taskNumber($0, in: session) },
            run: try ask.runID.map { try transaction.runNumber($0, in: session) }, value: ask)
        try database.run(Columns.insert("ask", AskRow.columns), row.values)
    }

    private func add(_ artifact: Artifact) throws {
        let task = try transaction.taskNumber(artifact.taskID, in: session)
        guard
            try database.integer(
                "SELECT count(*) FROM artifact WHERE session = ? AND path = ?", [number, .text(artifact.path)]) == 0
        else { throw StoreFailure.refused("the artifact \(artifact.path) comes twice") }
        try database.run(
            """
            INSERT INTO artifact(session, task, path, bytes, sha256, media_type, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                number, .integer(task), .string(artifact.path), .int(artifact.bytes), .string(artifact.sha256),
                .string(artifact.mediaType), .time(artifact.createdAt),
            ])
    }

    /// What this store knows itself counts for more.
    private func add(_ record: ReadingRecord) throws {
        let (driver, id) = (record.driver, record.driverSessionID)
        let isOfRun = try database.integer(
            """
            SELECT count(*) FROM (SELECT 1 FROM run r JOIN task t ON t.n = r.task
                WHERE r.driver = ? AND r.driver_session_id = ? AND t.session = ? LIMIT 1)
            """, [.string(driver), .string(id), number])
        guard isOfRun > 0 || made.session.driverSessions[driver] == id else { return }
        try database.run(
            "INSERT OR IGNORE" + Columns.insert("reading", ReadingColumns.all).dropFirst("INSERT".count),
            [.string(driver), .string(id)] + UsageColumns.values(record.reading.total)
                + UsageColumns.values(record.reading.billed))
    }

    // MARK: - The log

    private func add(_ event: Event) throws {
        guard event.seq == session.row.seq + 1 else {
            throw StoreFailure.refused("the event \(event.seq) of the log follows the event \(session.row.seq)")
        }
        let task = try event.taskID.map { try transaction.taskNumber($0, in: session) }
        let run = try event.runID.map { try transaction.runNumber($0, in: session) }
        if event.type == .taskQueued || event.type.isTerminal { try check(event, task) }
        let draft = EventDraft(event.type, taskID: event.taskID, runID: event.runID, data: try own(event.data))
        session.row.seq = event.seq
        try database.run(
            "INSERT INTO event(session, seq, at, type, task, run, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                number, .int(event.seq), .time(event.at), .int(EventData.code(event.type)),
                task.map { .integer($0) } ?? .null, run.map { .integer($0) } ?? .null, EventData.stored(draft),
            ])
    }

    /// A task begins and ends where it says, as it says.
    private func check(_ event: Event, _ task: Int64?) throws {
        let fault = StoreFailure.refused("the event \(event.seq) is not that of its task")
        guard let task else { throw fault }
        let found = try database.first(
            "SELECT seq_first, seq_last, status, stop_reason FROM task WHERE n = ?", [.integer(task)]
        ) {
            (first: $0.int(), last: $0.int(), status: try $0.word() as TaskStatus, reason: $0.optionalText())
        }
        guard let found else { throw fault }
        guard event.type.isTerminal else {
            guard event.seq == found.first else { throw fault }
            progress.begun += 1
            return
        }
        let result = TaskResult(json: event.data)
        guard event.seq == found.last, event.type == found.status.terminalEvent, result?.status == found.status,
            result?.stopReason.rawValue == found.reason
        else { throw fault }
        progress.ended += 1
    }

    /// Fails where something that the rest relies on is missing. Takes the same time whatever the session holds.
    func checkWhole() throws {
        guard session.row.seq > 0 else { throw StoreFailure.refused("the log is empty") }
        let tasks = session.row.value.taskCount
        guard progress.begun == tasks, progress.ended == tasks else {
            throw StoreFailure.refused("the log has no beginning or no end of a task")
        }
        guard progress.covered <= session.row.seq else {
            throw StoreFailure.refused("a checkpoint is of the event \(progress.covered), which is not there")
        }
        guard progress.versioned == 0 else {
            throw StoreFailure.refused("a memory has versions but no current one")
        }
        guard progress.isSettled else { throw StoreFailure.refused("its memories are not settled") }
    }
}
