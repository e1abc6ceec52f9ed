import AgentModel
import JSON
import Store

/// What a session owns, kind by kind, a page at a time.
extension SQLiteReader {
    private static let recordsMax = 256
    private static let recordBytesMax = 256 << 10

    func mark(of session: SessionID) throws -> SessionMark? {
        let found = try database.first(
            SessionRow.select("WHERE s.id = ? AND s.hidden_at IS NULL", version: try schemaVersion), [.id(session)]
        ) { try SessionRow(&$0) }
        guard let row = found else { return nil }
        let open = try database.integer(
            "SELECT count(*) FROM task WHERE session = ? AND status IN ('queued', 'running')", [.integer(row.number)])
        let partition = try partition(of: session) ?? -1
        return SessionMark(
            row.value, lastSeq: row.seq, openTasks: open,
            memories: try database.integer(
                "SELECT count(*) FROM memory WHERE partition = ? AND current = 1", [.integer(partition)]),
            lastDocument: try database.integer(
                "SELECT coalesce(max(n), 0) FROM memory WHERE partition = ? AND current = 1", [.integer(partition)]))
    }

    private func partition(of session: SessionID) throws -> Int64? {
        guard try schemaVersion >= SchemaPart.memory.since else { return nil }
        return try MemoryPartition.find(.session(session), in: database)
    }

    func records(of session: SessionID, from cursor: SessionRecordCursor) throws -> SessionRecordPage {
        let number = try database.first("SELECT n FROM session WHERE id = ? AND hidden_at IS NULL", [.id(session)]) {
            $0.int64()
        }
        guard let number else { throw StoreFailure.notFound(session.description) }
        var page = SessionRecordPage()
        var reading = RecordReading(session: session, number: number, cursor: cursor)
        let isMoreLeft =
            switch cursor.kind {
            case .task: try tasks(&reading)
            case .run: try runs(&reading)
            case .checkpoint: try checkpoints(&reading)
            case .ask: try asks(&reading)
            case .reading: try readings(&reading)
            case .artifact: try artifacts(&reading)
            case .earlierMemory: try memories(current: false, &reading)
            case .memory: try memories(current: true, &reading)
            case .event: try events(&reading)
            }
        page.records = reading.records
        page.next =
            isMoreLeft
            ? reading.cursor : SessionRecordCursor.Kind(rawValue: cursor.kind.rawValue + 1).map { .init($0) }
        return page
    }

    private struct RecordReading {
        let session: SessionID
        let number: Int64
        var cursor: SessionRecordCursor
        var records: [SessionRecord] = []
        var bytes = 0

        var places: [SQLiteValue] { [.integer(number), .integer(cursor.after)] }
    }

    /// Takes rows until the page is full; the first is taken in any case.
    /// - Returns: whether there are more.
    private func fill(
        _ reading: inout RecordReading, _ sql: String, _ places: [SQLiteValue],
        _ take: (inout SQLiteRow, inout RecordReading) throws -> Void
    ) throws -> Bool {
        var isFull = false
        try database.each(sql, places) { row in
            let size = row.totalSize
            isFull =
                !reading.records.isEmpty
                && (reading.records.count >= Self.recordsMax || reading.bytes + size > Self.recordBytesMax)
            if isFull { return false }
            reading.bytes += size
            try take(&row, &reading)
            return true
        }
        return isFull
    }

    // MARK: - Kinds

    private func tasks(_ reading: inout RecordReading) throws -> Bool {
        try fill(&reading, TaskRow.select("WHERE t.session = ? AND t.n > ? ORDER BY t.n"), reading.places) {
            let row = try TaskRow(&$0)
            $1.cursor.after = row.number
            $1.records.append(.task(row.value, firstSeq: row.firstSeq, lastSeq: row.lastSeq ?? 0))
        }
    }

    private func runs(_ reading: inout RecordReading) throws -> Bool {
        try fill(&reading, RunRow.select("WHERE t.session = ? AND r.n > ? ORDER BY r.n"), reading.places) {
            let row = try RunRow(&$0)
            $1.cursor.after = row.number
            $1.records.append(.run(row.value))
        }
    }

    private func checkpoints(_ reading: inout RecordReading) throws -> Bool {
        guard try schemaVersion >= SchemaPart.checkpoints.since else { return false }
        let select = CheckpointRow.select("WHERE c.session = ? AND c.n > ? ORDER BY c.n LIMIT 64")
        let found = try database.rows(select, reading.places) { try CheckpointRow(&$0) }
        for row in found {
            guard reading.bytes <= Self.recordBytesMax else { return true }
            let (state, bytes) = try state(of: row, after: reading.cursor.after)
            reading.bytes += bytes
            let last = try database.first(
                """
                SELECT r.id FROM event e JOIN run r ON r.n = e.run
                WHERE e.session = ? AND e.seq <= ? AND e.type = \(EventData.code(.runStarted))
                ORDER BY e.seq DESC LIMIT 1
                """, [.integer(reading.number), .int(row.value.seq)]
            ) { try $0.id() as RunID }
            reading.records.append(.checkpoint(CheckpointRecord(row.value, lastRunID: last, state: state)))
            reading.cursor.after = row.number
        }
        return found.count == 64
    }

    /// - Parameter previous: the number of the session's checkpoint before it.
    private func state(
        of row: CheckpointRow, after previous: Int64
    ) throws -> (state: CheckpointRecord.State, bytes: Int) {
        let stored = try database.first("SELECT whole, change FROM checkpoint WHERE n = ?", [.integer(row.number)]) {
            row in
            let (isWhole, bytes) = (row.bool(), row.size)
            return (isWhole: isWhole, json: try row.optionalJSON(), bytes: bytes)
        }
        guard let stored else { throw StoreFailure.damaged("a checkpoint that was found is not there") }
        if stored.isWhole { return (.whole(stored.json ?? [:]), stored.bytes) }
        if row.parent == previous { return (.change(stored.json), stored.bytes) }
        let chain = try CheckpointRow.chain(of: row.number, database)
        return (.whole(chain.state ?? [:]), chain.readBytes)
    }

    private func asks(_ reading: inout RecordReading) throws -> Bool {
        let id: SQLiteValue = reading.cursor.afterID.map { .id($0) } ?? .blob([])
        let select = AskRow.select("WHERE a.session = ? AND a.id > ? ORDER BY a.id")
        return try fill(&reading, select, [.integer(reading.number), id]) {
            let ask = try AskRow(&$0).value
            $1.cursor.afterID = ask.id
            $1.records.append(.ask(ask))
        }
    }

    private static let readings = """
        SELECT r.n, r.driver, r.driver_session_id, \(Columns.list(ReadingColumns.figures, of: "k"))
        FROM task t JOIN run r ON r.task = t.n
        JOIN reading k ON k.driver = r.driver AND k.driver_session_id = r.driver_session_id
        WHERE t.session = ?1 AND r.n > ?2 AND NOT EXISTS(
            SELECT 1 FROM run o JOIN task u ON u.n = o.task
            WHERE o.driver = r.driver AND o.driver_session_id = r.driver_session_id AND o.n > r.n AND u.session = ?1)
        ORDER BY r.n
        """

    /// Each with the last run of its driver session.
    private func readings(_ reading: inout RecordReading) throws -> Bool {
        guard try schemaVersion >= SchemaPart.ledger.since else { return false }
        return try fill(&reading, Self.readings, reading.places) {
            $1.cursor.after = $0.int64()
            let (driver, id) = ($0.text(), $0.text())
            let found = UsageReading(total: try UsageColumns.read(&$0), billed: try UsageColumns.read(&$0))
            $1.records.append(.reading(ReadingRecord(driver: driver, driverSessionID: id, reading: found)))
        }
    }

    private func artifacts(_ reading: inout RecordReading) throws -> Bool {
        let sql = """
            SELECT a.n, s.id, t.id, a.path, a.bytes, a.sha256, a.media_type, a.created_at FROM artifact a
            JOIN session s ON s.n = a.session JOIN task t ON t.n = a.task
            WHERE a.session = ? AND a.n > ? ORDER BY a.n
            """
        return try fill(&reading, sql, reading.places) {
            $1.cursor.after = $0.int64()
            $1.records.append(
                .artifact(
                    Artifact(
                        sessionID: try $0.id(), taskID: try $0.id(), path: $0.text(), bytes: $0.int(),
                        sha256: $0.text(), mediaType: $0.text(), createdAt: $0.time())))
        }
    }

    /// Earlier versions only of what still is the session's.
    private func memories(current: Bool, _ reading: inout RecordReading) throws -> Bool {
        guard let partition = try partition(of: reading.session) else { return false }
        let condition =
            current
            ? "m.current = 1"
            : """
            m.current = 0 AND EXISTS(
                SELECT 1 FROM memory o WHERE o.id = m.id AND o.current = 1 AND o.partition = m.partition)
            """
        let select = MemoryRow.select("WHERE m.partition = ? AND m.n > ? AND \(condition) ORDER BY m.n")
        return try fill(&reading, select, [.integer(partition), .integer(reading.cursor.after)]) {
            let row = try MemoryRow(&$0)
            $1.cursor.after = row.number
            $1.records.append(
                .memory(MemoryRecord(row.value, isCurrent: row.isCurrent, isCaptured: row.isCaptured)))
        }
    }

    private func events(_ reading: inout RecordReading) throws -> Bool {
        var range = EventRange()
        range.afterSeq = Int(reading.cursor.after)
        range.limit = Self.recordsMax
        range.bytesLimit = Self.recordBytesMax
        let events = try events(reading.session, range, withQueuedData: false)
        reading.records = events.map(SessionRecord.event)
        guard let last = events.last else { return false }
        reading.cursor.after = Int64(last.seq)
        return true
    }
}
