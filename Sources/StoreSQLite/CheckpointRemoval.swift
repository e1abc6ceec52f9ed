import AgentModel
import JSON
import Store

/// Going back to a checkpoint, and taking checkpoints out of their chain.
extension StoreTransaction {
    func restoreSession(_ id: SessionID, _ checkpoint: CheckpointID, as new: CheckpointID) throws {
        try SchemaPart.checkpoints.require(schemaVersion)
        let session = try session(id)
        guard try openTasks(of: session).isEmpty else {
            throw StoreFailure.refused("\(id) has tasks that have not ended")
        }
        guard let target = try checkpointRow(checkpoint), target.value.sessionID == id else {
            throw StoreFailure.notFound(checkpoint.description)
        }
        let stored = try CheckpointRow.chain(of: target.number, database).state
        var state = stored.map(CheckpointState.init(stored:)) ?? CheckpointState()
        state.driverSessions = try state.driverSessions.filter {
            try !DriverSessionUse.exists($0.key, $0.value, since: target, database)
        }
        state.history.cut(after: target.value.seq, goingOnAfter: session.row.seq + 1)
        change(session) { $0.driverSessions = state.driverSessions }
        try forgetForkOrigins(of: session)
        let place = CheckpointPlace(
            kind: .restore, task: try target.value.taskID.map { try taskNumber($0, in: session) },
            run: try target.value.runID.map { try runNumber($0, in: session) }, turn: target.value.turn)
        let event = EventDraft(.sessionRestored, data: ["from_checkpoint_id": .string(checkpoint.description)])
        try save(new, place, event, in: session, after: target) { $0 = state }
    }

    /// Of a session that is not hidden.
    func checkpointRow(_ id: CheckpointID) throws -> CheckpointRow? {
        try database.first(CheckpointRow.select("WHERE c.id = ? AND s.hidden_at IS NULL"), [.id(id)]) {
            try CheckpointRow(&$0)
        }
    }

    func deleteCheckpoint(_ id: CheckpointID) throws {
        try SchemaPart.checkpoints.require(schemaVersion)
        guard let row = try checkpointRow(id) else { throw StoreFailure.notFound(id.description) }
        let session = try session(row.value.sessionID)
        guard try headID(of: session) != id else {
            throw StoreFailure.refused("\(row.value.sessionID) stands at \(id)")
        }
        try remove(row.number)
        commit.removedCheckpoints += 1
    }

    /// Those that come right after it follow its parent from then on.
    private func remove(_ number: Int64) throws {
        guard let gone = try link("n = ?", number).first else { return }
        let next = try link("n = ?1 + 1 AND parent = ?1", number)
        for child in try next + link("parent = ? AND parent <> n - 1", number) {
            let (isWhole, json) = child.stored.following(gone.stored).columns
            try database.run(
                "UPDATE checkpoint SET parent = ?, whole = ?, change = ? WHERE n = ?",
                [gone.parent.map { .integer($0) } ?? .null, .bool(isWhole), .json(json), .integer(child.number)])
        }
        try database.run("DELETE FROM checkpoint WHERE n = ?", [.integer(number)])
    }

    private func link(
        _ condition: String, _ number: Int64
    ) throws -> [(number: Int64, parent: Int64?, stored: StateChain.Stored)] {
        try database.rows("SELECT n, parent, whole, change FROM checkpoint WHERE \(condition)", [.integer(number)]) {
            row in
            let (number, parent, isWhole) = (row.int64(), row.optionalInt64(), row.bool())
            return (number, parent, StateChain.Stored(isWhole: isWhole, try row.optionalJSON()))
        }
    }

    // MARK: - Retention

    func trimCheckpoints(limit: Int) throws {
        guard hasCheckpoints else { return }
        let ids = try database.rows(
            """
            SELECT id FROM session s WHERE (keep_s IS NOT NULL OR keep_count IS NOT NULL) AND hidden_at IS NULL
                AND (SELECT count(*) FROM (SELECT 1 FROM checkpoint WHERE session = s.n LIMIT 2)) = 2
                AND ((SELECT created_at FROM checkpoint WHERE session = s.n ORDER BY n LIMIT 1) < ? - keep_s * 1000
                    OR (SELECT count(*) FROM checkpoint WHERE session = s.n) > keep_count)
            ORDER BY n LIMIT ?
            """, [.time(now), .int(limit)]
        ) { try $0.id() as SessionID }
        var left = limit
        for id in ids where left > 0 { left -= try trim(session(id), limit: left) }
        commit.isMoreLeft = commit.isMoreLeft || left <= 0
    }

    /// Removes the oldest of what the session does not keep.
    /// - Returns: how many it removed
    @discardableResult
    func trim(_ session: SessionInUse, limit: Int) throws -> Int {
        guard let retention = session.row.value.retention else { return 0 }
        let number = SQLiteValue.integer(session.row.number)
        var bound: Int64 = 0
        if let count = retention.keepCount {
            let sql = "SELECT n FROM checkpoint WHERE session = ? ORDER BY n DESC LIMIT 1 OFFSET ?"
            bound = try database.first(sql, [number, .int(max(count, 1))]) { $0.int64() } ?? 0
        }
        if let seconds = retention.keepSeconds {
            let sql = "SELECT n FROM checkpoint WHERE session = ? AND created_at < ? ORDER BY n DESC LIMIT 1"
            let since = now.adding(milliseconds: -Int64(min(max(seconds, 0), 1 << 40)) * 1000)
            bound = try max(bound, database.first(sql, [number, .time(since)]) { $0.int64() } ?? 0)
        }
        let old = try database.rows(
            """
            SELECT n FROM checkpoint WHERE session = ?1 AND n <= ?2
                AND n < (SELECT max(n) FROM checkpoint WHERE session = ?1) ORDER BY n LIMIT ?3
            """, [number, .integer(bound), .int(limit)]
        ) { $0.int64() }
        for number in old { try remove(number) }
        commit.removedCheckpoints += old.count
        return old.count
    }
}

/// Whether something ran in an agent's own session.
enum DriverSessionUse {
    /// After a checkpoint was saved. A run that was not over then went on.
    static func exists(
        _ driver: String, _ id: String, since checkpoint: CheckpointRow, _ database: SQLiteConnection
    ) throws -> Bool {
        let wasRunning = checkpoint.value.kind == .turn ? checkpoint.value.runID : nil
        return try database.integer(
            """
            SELECT count(*) FROM (SELECT 1 FROM run WHERE driver = ? AND driver_session_id = ? AND (n > ? OR id = ?)
                LIMIT 1)
            """, [.string(driver), .string(id), .integer(checkpoint.runMark), .id(wasRunning)]) > 0
    }
}
