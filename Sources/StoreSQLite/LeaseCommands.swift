import AgentModel
import JSON
import Store

extension StoreTransaction {
    func fence(_ id: SessionID, epoch: Int) throws {
        let session = try session(id)
        let held = try database.integer(
            "SELECT count(*) FROM lease WHERE session = ? AND host_id = ? AND epoch = ?",
            [.integer(session.row.number), .id(host), .int(epoch)])
        guard held == 1 else { throw StoreFailure.fenced(id) }
    }

    /// Takes the right to write a session, and to work with the driver session that the run resumes.
    func takeLease(_ session: SessionInUse, _ task: TaskInUse, _ run: Run) throws {
        let holder = try database.first(
            """
            SELECT host_id FROM lease WHERE session = ?1 OR (driver = ?2 AND driver_session_id = ?3)
            ORDER BY session = ?1 DESC
            """, [.integer(session.row.number), .string(run.driver), .string(run.driverSessionID)]
        ) { try $0.id() as HostID }
        if let holder { throw held(by: try record(of: holder)) }
        session.row.epoch += 1
        markChanged(session)
        commit.leaseEpoch = session.row.epoch
        try database.run(
            """
            INSERT INTO lease(session, host_id, task, driver, driver_session_id, epoch, taken_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(session.row.number), .id(host), .integer(task.row.number), .string(run.driver),
                .string(run.driverSessionID), .int(session.row.epoch), .time(now),
            ])
    }

    func held(by holder: HostRecord) -> StoreFailure {
        hosts.isAlive(holder.id) || holder.id == host ? .busy(holder) : .deadHolder(holder)
    }

    func record(of id: HostID) throws -> HostRecord {
        try SQLiteReader.host(id, database) ?? HostRecord(id: id, pid: 0, startedAt: Timestamp(milliseconds: 0))
    }

    func buryHost(_ id: HostID) throws {
        guard let dead = try SQLiteReader.host(id, database) else { return }
        guard id != host, !hosts.isAlive(id) else { throw StoreFailure.busy(dead) }
        let tasks = try database.rows(
            TaskRow.select("WHERE t.host_id = ? AND t.status IN ('queued', 'running') ORDER BY t.n"), [.id(id)]
        ) { try TaskRow(&$0) }
        for row in tasks { try interrupt(task(row.value.id), in: session(row.value.sessionID), .hostLost) }
        try database.run("DELETE FROM lease WHERE host_id = ?", [.id(id)])
        try database.run("DELETE FROM owner_request WHERE host_id = ?", [.id(id)])
        try database.run("DELETE FROM host WHERE id = ?", [.id(id)])
    }

    func requestOwner(_ request: OwnerRequest) throws {
        let task = try task(request.taskID)
        guard !task.row.value.status.isFinal else { throw StoreFailure.superseded(request.taskID) }
        try database.run(
            "INSERT INTO owner_request(host_id, kind, task_id, detail) VALUES (?, ?, ?, ?)",
            [.id(request.host), .word(request.kind), .id(request.taskID), .json(request.detail)])
    }

    func forgetOwnerRequests(_ requests: [OwnerRequest]) throws {
        for request in requests {
            try database.run(
                "DELETE FROM owner_request WHERE host_id = ? AND kind = ? AND task_id = ? AND detail = ?",
                [.id(host), .word(request.kind), .id(request.taskID), .json(request.detail)])
        }
    }
}
