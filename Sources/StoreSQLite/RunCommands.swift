import AgentModel
import JSON
import Store

extension StoreTransaction {
    func runs(of task: TaskInUse) throws -> [RunRow] {
        try database.rows(RunRow.select("WHERE r.task = ? ORDER BY r.n"), [.integer(task.row.number)]) {
            try RunRow(&$0)
        }
    }

    func insertRun(_ run: Run) throws {
        let task = try task(run.taskID)
        guard task.row.value.status == .running else { throw StoreFailure.superseded(run.taskID) }
        guard task.row.value.hostID == host else { throw StoreFailure.fenced(run.sessionID) }
        try insert(run, of: task, in: session(task.row.value.sessionID))
    }

    func insert(_ run: Run, of task: TaskInUse, in session: SessionInUse) throws {
        guard try database.integer("SELECT count(*) FROM run WHERE id = ?", [.id(run.id)]) == 0 else {
            throw StoreFailure.refused("\(run.id) exists")
        }
        var run = run
        run.endedAt = nil
        if task.row.value.resumption { run.fromCheckpointID = try run.fromCheckpointID ?? headID(of: session) }
        try database.run(RunRow.insert, RunRow(number: 0, task: task.row.number, value: run).values)
        let number = database.lastInsertedRow
        try keepOrigin(run.fromCheckpointID, ofRun: number)
        try log(
            EventDraft(.runStarted, taskID: run.taskID, runID: run.id, data: run.startedData), in: session,
            task: task.row.number, run: number)
    }

    func updateRun(_ run: Run) throws {
        let found = try database.first(RunRow.select("WHERE r.id = ? AND s.hidden_at IS NULL"), [.id(run.id)]) {
            try RunRow(&$0)
        }
        guard let found else { throw StoreFailure.notFound(run.id.description) }
        guard found.value.endedAt == nil else { throw StoreFailure.superseded(found.value.taskID) }
        let task = try task(found.value.taskID)
        guard task.row.value.hostID == host else { throw StoreFailure.fenced(found.value.sessionID) }
        let row = RunRow(number: found.number, task: found.task, value: run)
        if let driverSession = run.driverSessionID {
            // Somebody else's claim to it is older: theirs stays.
            try database.run(
                "UPDATE OR IGNORE lease SET driver = ?, driver_session_id = ? WHERE task = ?",
                [.string(run.driver), .string(driverSession), .integer(found.task)])
        }
        if run.endedAt == nil {
            try database.run(RunRow.update, row.values + [.integer(row.number)])
        } else {
            try end(row, of: task, in: session(found.value.sessionID))
        }
    }

    /// Writes a run that has ended, and its bill.
    private func end(_ row: RunRow, of task: TaskInUse, in session: SessionInUse) throws {
        try database.run(RunRow.update, row.values + [.integer(row.number)])
        let run = row.value
        try database.run(
            Columns.insert("ledger", ["session", "project_id", "driver", "at"] + UsageColumns.names),
            [.integer(session.row.number), .id(session.row.value.projectID), .string(run.driver), .time(run.endedAt)]
                + UsageColumns.values(run.usage))
        try linkBill(ofRun: row.number)
        change(session) { $0.usage.add(run.usage) }
        try log(
            EventDraft(.runEnded, taskID: run.taskID, runID: run.id, data: run.endedData), in: session,
            task: row.task, run: row.number)
    }

    /// Ends what a task leaves open. What was said of its usage last is a lower bound when nobody saw its end.
    func endOpenRuns(of task: TaskInUse, in session: SessionInUse, _ result: TaskResult) throws {
        for var row in try runs(of: task) where row.value.endedAt == nil {
            row.value.endedAt = now
            row.value.stopReason = row.value.stopReason ?? result.stopReason
            if result.status == .interrupted, row.value.usage != .none {
                row.value.usage.accuracy = .worse(row.value.usage.accuracy, .estimated)
            }
            try end(row, of: task, in: session)
        }
    }

    func insertArtifact(_ artifact: Artifact) throws {
        let session = try session(artifact.sessionID)
        let task = try taskNumber(artifact.taskID, in: session)
        try database.run(
            """
            INSERT INTO artifact(session, task, path, bytes, sha256, media_type, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(session, path) DO UPDATE SET task = excluded.task,
                bytes = excluded.bytes, sha256 = excluded.sha256, media_type = excluded.media_type,
                created_at = excluded.created_at
            """,
            [
                .integer(session.row.number), .integer(task), .string(artifact.path), .int(artifact.bytes),
                .string(artifact.sha256), .string(artifact.mediaType), .time(artifact.createdAt),
            ])
        try log(artifact.draft, in: session, task: task)
    }
}
