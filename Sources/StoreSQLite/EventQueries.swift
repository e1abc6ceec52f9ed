import AgentModel
import JSON
import Store

extension SQLiteReader {
    func events(_ session: SessionID, _ range: EventRange) throws -> [Event] {
        try events(session, range, withQueuedData: true)
    }

    /// - Parameter withQueuedData: whether `task.queued` has its data, which are its task's.
    func events(_ session: SessionID, _ range: EventRange, withQueuedData: Bool) throws -> [Event] {
        let number = try database.first("SELECT n FROM session WHERE id = ? AND hidden_at IS NULL", [.id(session)]) {
            $0.int64()
        }
        guard let number, range.limit > 0 else { return [] }
        var condition = Condition("TRUE")
        condition.and("e.session = ?", .integer(number))
        condition.and("e.seq > ?", .int(range.afterSeq))
        if let before = range.beforeSeq { condition.and("e.seq < ?", .int(before)) }
        condition.and("e.type", isIn: range.types.map(EventData.code))
        if let task = range.taskID {
            condition.and("e.seq >= (SELECT seq_first FROM task WHERE id = ?)", .id(task))
            condition.and("e.task = (SELECT n FROM task WHERE id = ?)", .id(task))
        }
        let backwards = range.beforeSeq != nil
        var events: [Event] = []
        var bytes = 0
        let sql = """
            SELECT e.seq, e.at, e.type, t.id, r.id, e.task, e.data FROM event e
            LEFT JOIN task t ON t.n = e.task LEFT JOIN run r ON r.n = e.run
            \(condition.sql) ORDER BY e.seq \(backwards ? "DESC" : "ASC") LIMIT ?
            """
        try database.each(sql, condition.values + [.int(range.limit)]) { row in
            let (event, size) = try event(&row, of: session, withQueuedData)
            bytes += size
            if bytes > range.bytesLimit, !events.isEmpty { return false }
            events.append(event)
            return true
        }
        return backwards ? events.reversed() : events
    }

    private func event(
        _ row: inout SQLiteRow, of session: SessionID, _ withQueuedData: Bool
    ) throws -> (Event, bytes: Int) {
        let seq = row.int()
        let at = row.time()
        let type = try EventData.type(row.int())
        let task: TaskID? = try row.optionalID()
        let run: RunID? = try row.optionalID()
        let number = row.optionalInt64()
        var draft = EventDraft(type, taskID: task, runID: run)
        let size = row.size
        if withQueuedData, type == .taskQueued, let number {
            draft.data = try queuedData(ofTask: number)
        } else if let data = try row.optionalObject() {
            draft.data = EventData.restored(data, type: type, run: run)
        }
        return (Event(sessionID: session, seq: seq, at: at, draft), size)
    }

    /// The data of `task.queued` is its task's own.
    private func queuedData(ofTask number: Int64) throws -> JSONObject {
        let task = try database.first(TaskRow.select("WHERE t.n = ?"), [.integer(number)]) { try TaskRow(&$0).value }
        return task?.queuedData ?? [:]
    }
}
