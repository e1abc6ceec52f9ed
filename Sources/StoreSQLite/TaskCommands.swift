import AgentModel
import JSON
import Store

extension StoreTransaction {
    func insertTask(_ task: AgentTask, force: Bool, queueLimit: Int) throws {
        guard task.hostID == host else { throw StoreFailure.refused("\(task.id) is for another host") }
        guard try database.integer("SELECT count(*) FROM task WHERE id = ?", [.id(task.id)]) == 0 else {
            throw StoreFailure.refused("\(task.id) exists")
        }
        let session = try session(task.sessionID)
        guard SessionMove.acceptTask.next(from: session.row.value.status) != nil else {
            throw StoreFailure.refused("\(task.sessionID) is \(session.row.value.status.rawValue) and takes no task")
        }
        try displaceOthers(in: session, force: force)
        try displaceOthers(from: task, in: session, force: force)
        let waiting = try openTasks(of: session).count { $0.row.value.status == .queued }
        guard waiting < queueLimit else { throw StoreFailure.limit("\(waiting) tasks wait in \(task.sessionID)") }
        try move(session, .acceptTask, hasRunningTask: false)
        change(session) { $0.taskCount += 1 }
        var row = TaskRow(number: 0, session: session.row.number, firstSeq: session.row.seq + 1, value: task)
        row.value.status = .queued
        row.value.result = nil
        try database.run(TaskRow.insert, row.values)
        let kept = keep(
            TaskRow(number: database.lastInsertedRow, session: row.session, firstSeq: row.firstSeq, value: row.value))
        commit.tasks[task.id] = row.value
        commit.heads[session.row.value.id] = try headID(of: session)
        try log(EventDraft(.taskQueued, taskID: task.id, data: task.queuedData), in: session, task: kept.row.number)
    }

    /// Makes sure that no other host has tasks of the session that have not ended.
    private func displaceOthers(in session: SessionInUse, force: Bool) throws {
        for task in try openTasks(of: session) where task.row.value.hostID != host {
            let holder = try record(of: task.row.value.hostID)
            guard hosts.isAlive(holder.id) else { throw StoreFailure.deadHolder(holder) }
            guard force else { throw StoreFailure.busy(holder) }
            try interrupt(task, in: session, .leaseLost, isFollowed: true)
        }
    }

    /// Makes sure that no other host works with the driver session that a task is to resume. A driver without sessions
    /// of its own has none to resume.
    private func displaceOthers(from task: AgentTask, in session: SessionInUse, force: Bool) throws {
        guard task.persistence == .resume, task.resumption,
            let driverSession = session.row.value.driverSessions[task.driver]
        else { return }
        let found = try database.first(
            """
            SELECT l.host_id, t.id FROM lease l JOIN task t ON t.n = l.task
            WHERE l.driver = ? AND l.driver_session_id = ?
            """, [.string(task.driver), .string(driverSession)]
        ) { row in (host: try row.id() as HostID, task: try row.id() as TaskID) }
        guard let found, found.host != host else { return }
        let holder = try record(of: found.host)
        guard hosts.isAlive(holder.id) else { throw StoreFailure.deadHolder(holder) }
        guard force else { throw StoreFailure.busy(holder) }
        let other = try self.task(found.task)
        try interrupt(other, in: self.session(other.row.value.sessionID), .leaseLost)
    }

    func startTask(_ id: TaskID, _ run: Run) throws {
        let task = try task(id)
        if task.row.value.status == .running, try repeatStart(of: task, run) { return }
        guard task.row.value.status == .queued else { throw StoreFailure.superseded(id) }
        guard task.row.value.hostID == host else { throw held(by: try record(of: task.row.value.hostID)) }
        guard run.taskID == id, run.sessionID == task.row.value.sessionID else {
            throw StoreFailure.refused("\(run.id) belongs to another task")
        }
        let session = try session(task.row.value.sessionID)
        try takeLease(session, task, run)
        try lookBack(for: run)
        try move(session, .startTask, hasRunningTask: false)
        change(session) { $0.lastUsedAt = now }
        change(task) { row in
            row.value.status = .running
            row.value.startedAt = now
        }
        try log(EventDraft(.taskStarted, taskID: id), in: session, task: task.row.number)
        try insert(run, of: task, in: session)
    }

    /// A start whose answer never came is asked for again: it is answered as it was, and nothing changes.
    /// - Returns: whether this is one.
    private func repeatStart(of task: TaskInUse, _ run: Run) throws -> Bool {
        let epoch = try database.first(
            """
            SELECT l.epoch FROM lease l JOIN run r ON r.task = l.task
            WHERE l.session = ? AND l.task = ? AND l.host_id = ? AND r.id = ? AND r.ended_at IS NULL
            """, [.integer(task.row.session), .integer(task.row.number), .id(host), .id(run.id)]
        ) { $0.int() }
        guard let epoch else { return false }
        let session = try session(task.row.value.sessionID).row.value
        commit.leaseEpoch = epoch
        commit.sessions[session.id] = session
        commit.tasks[task.row.value.id] = task.row.value
        try lookBack(for: run)
        commit.events += try database.rows(
            "SELECT seq, at, type, data FROM event WHERE session = ? AND seq >= ? AND task = ? ORDER BY seq",
            [.integer(task.row.session), .int(task.row.firstSeq), .integer(task.row.number)]
        ) { row -> Event? in
            let (seq, at, type) = (row.int(), row.time(), try EventData.type(row.int()))
            guard type == .taskStarted || type == .runStarted else { return nil }
            var draft = EventDraft(type, taskID: run.taskID, runID: type == .runStarted ? run.id : nil)
            if let data = try row.optionalObject() { draft.data = EventData.restored(data, type: type, run: run.id) }
            return Event(sessionID: session.id, seq: seq, at: at, draft)
        }.compactMap(\.self)
        return true
    }

    func endTask(_ id: TaskID, _ result: TaskResult) throws {
        let task = try task(id)
        guard !task.row.value.status.isFinal else { throw StoreFailure.superseded(id) }
        guard result.status.isFinal else { throw StoreFailure.refused("\(result.status.rawValue) ends no task") }
        if task.row.value.hostID != host {
            if task.row.value.status == .running { throw StoreFailure.fenced(task.row.value.sessionID) }
            throw StoreFailure.busy(try record(of: task.row.value.hostID))
        }
        try end(task, in: session(task.row.value.sessionID), result)
    }

    /// Ends a task that nobody ends any more.
    /// - Parameter isFollowed: whether another task of the session comes at once.
    func interrupt(
        _ task: TaskInUse, in session: SessionInUse, _ reason: StopReason, isFollowed: Bool = false
    ) throws {
        try end(task, in: session, TaskResult(status: .interrupted, stopReason: reason), isFollowed: isFollowed)
    }

    /// The one way in which a task ends.
    func end(
        _ task: TaskInUse, in session: SessionInUse, _ result: TaskResult, isFollowed: Bool = false
    ) throws {
        let id = task.row.value.id
        guard let terminal = result.status.terminalEvent else { throw StoreFailure.superseded(id) }
        try endOpenRuns(of: task, in: session, result)
        if result.status != .interrupted { try cancelOpenAsks(of: task, in: session) }
        var result = result
        let runs = try runs(of: task)
        if result.runID == nil, let last = runs.last?.value {
            result.runID = last.id
            result.driverSessionID = last.driverSessionID
            result.driverResumed = last.driverResumed
            result.durationMilliseconds = Int(max(0, now.milliseconds - (task.row.value.startedAt ?? now).milliseconds))
        }
        result.usage = .none
        for run in runs { result.usage.add(run.value.usage) }
        result.lastSession = try lastSession(after: result, of: task.row.value, in: session)
        let hasRun = task.row.value.status == .running
        if let run = result.runID { result.fromCheckpointID = try origin(ofRun: run) }
        result.checkpointID = hasRun ? try saveCheckpoint(after: task, result.runID, in: session) : nil
        try log(
            EventDraft(terminal, taskID: id, runID: result.runID, data: result.json), in: session,
            task: task.row.number, run: try result.runID.map { try runNumber($0, in: session) })
        change(task) { row in
            row.value.status = result.status
            row.value.endedAt = now
            row.value.result = result
            row.lastSeq = session.row.seq
        }
        try database.run("DELETE FROM lease WHERE task = ?", [.integer(task.row.number)])
        try leave(session, hasRun: hasRun, isFollowed: isFollowed)
    }

    /// What the end of a task means for its session.
    private func leave(_ session: SessionInUse, hasRun: Bool, isFollowed: Bool) throws {
        if hasRun {
            try move(session, .endTask, hasRunningTask: false)
            change(session) { $0.lastUsedAt = now }
        }
        guard session.row.value.temporary, !isFollowed, try openTasks(of: session).isEmpty,
            SessionMove.complete.next(from: session.row.value.status) != nil
        else { return }
        try move(session, .complete, hasRunningTask: false)
    }
}
