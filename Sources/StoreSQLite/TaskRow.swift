import AgentModel
import JSON
import Store

/// A task as it is stored.
struct TaskRow {
    let number: Int64
    let session: Int64
    /// Of its `task.queued`.
    let firstSeq: Int
    /// Of its terminal event, where its result is.
    var lastSeq: Int?
    var value: AgentTask

    static let columns = [
        "session", "id", "host_id", "input", "driver", "mode", "persistence", "recursion_limit", "created_at", "status",
        "source", "context", "metadata", "output_schema", "plan_only", "max_iterations", "resumption", "budget_nano",
        "budget_tokens", "timeout_ms", "detached", "retry_of", "started_at", "ended_at", "stop_reason", "seq_first",
        "seq_last",
    ]

    static let insert = Columns.insert("task", columns)
    /// What changes in a task's life, with places in the order of `changes`.
    static let update =
        "UPDATE task SET status = ?, started_at = ?, ended_at = ?, stop_reason = ?, seq_last = ? WHERE n = ?"

    /// Tasks with their sessions as `s`; beside the columns the session's id, from the terminal event `e` the result,
    /// and from `task.queued` who judges it.
    static func select(_ rest: String) -> String {
        """
        SELECT t.n, s.id, e.type, (SELECT id FROM run WHERE n = e.run), e.data, q.data,
            \(Columns.list(columns, of: "t"))
        FROM task t JOIN session s ON s.n = t.session
        LEFT JOIN event e ON e.session = t.session AND e.seq = t.seq_last
        LEFT JOIN event q ON q.session = t.session AND q.seq = t.seq_first \(rest)
        """
    }

    var values: [SQLiteValue] {
        [
            .integer(session), .id(value.id), .id(value.hostID), .json(.array(value.input)), .string(value.driver),
            .word(value.mode), .word(value.persistence), .int(value.recursionLimit), .time(value.createdAt),
            .word(value.status), .string(value.source), .json(value.context), .object(value.metadata),
            .json(value.outputSchema), .bool(value.planOnly), .int(value.maxIterations), .bool(value.resumption),
            .int(value.budget?.cost.map { Int($0.nanoDollars) }), .int(value.budget?.tokens),
            .int(value.timeoutMilliseconds), .bool(value.detached), .id(value.retryOf), .time(value.startedAt),
            .time(value.endedAt), .word(value.result?.stopReason), .int(firstSeq), .int(lastSeq),
        ]
    }

    var changes: [SQLiteValue] {
        [
            .word(value.status), .time(value.startedAt), .time(value.endedAt), .word(value.result?.stopReason),
            .int(lastSeq), .integer(number),
        ]
    }

    init(number: Int64, session: Int64, firstSeq: Int, value: AgentTask) {
        self.number = number
        self.session = session
        self.firstSeq = firstSeq
        self.value = value
    }

    init(_ row: inout SQLiteRow) throws {
        number = row.int64()
        let sessionID: SessionID = try row.id()
        let terminal = row.optionalInt()
        let lastRun: RunID? = try row.optionalID()
        let data = try row.optionalObject()
        let judging = try row.optionalObject()
        session = row.int64()
        value = AgentTask(
            id: try row.id(), sessionID: sessionID, hostID: try row.id(), input: try row.json().arrayValue ?? [],
            driver: row.text(), mode: try row.word(), persistence: try row.word(), recursionLimit: row.int(),
            at: row.time())
        value.readJudging(judging ?? [:])
        value.status = try row.word()
        value.source = row.optionalText()
        value.context = try row.optionalJSON()
        value.metadata = try row.optionalObject()
        value.outputSchema = try row.optionalJSON()
        value.planOnly = row.bool()
        value.maxIterations = row.int()
        value.resumption = row.bool()
        let cost = row.optionalInt64().map(Cost.init(nanoDollars:))
        let tokens = row.optionalInt()
        if cost != nil || tokens != nil { value.budget = Budget(cost: cost, tokens: tokens) }
        value.timeoutMilliseconds = row.optionalInt()
        value.detached = row.bool()
        value.retryOf = try row.optionalID()
        value.startedAt = row.optionalTime()
        value.endedAt = row.optionalTime()
        row.skip()
        if let terminal, let data {
            value.result = TaskResult(
                json: EventData.restored(data, type: try EventData.type(terminal), run: lastRun))
        }
        firstSeq = row.int()
        lastSeq = row.optionalInt()
    }
}

/// A run as it is stored.
struct RunRow {
    let number: Int64
    let task: Int64
    var value: Run

    static let columns =
        ["task", "id", "driver", "started_at", "driver_session_id", "driver_resumed", "fallback", "stop_reason"]
        + UsageColumns.names + ["stderr_tail", "ended_at"]

    static let insert = Columns.insert("run", columns)
    static let update = Columns.update("run", columns)

    /// Runs with their tasks as `t` and sessions as `s`.
    static func select(_ rest: String) -> String {
        """
        SELECT r.n, t.id, s.id, \(Columns.list(columns, of: "r"))
        FROM run r JOIN task t ON t.n = r.task JOIN session s ON s.n = t.session \(rest)
        """
    }

    var values: [SQLiteValue] {
        let first: [SQLiteValue] = [
            .integer(task), .id(value.id), .string(value.driver), .time(value.startedAt),
            .string(value.driverSessionID), .bool(value.driverResumed), .string(value.fallback),
            .word(value.stopReason),
        ]
        return first + UsageColumns.values(value.usage) + [.string(value.stderrTail), .time(value.endedAt)]
    }

    init(number: Int64, task: Int64, value: Run) {
        self.number = number
        self.task = task
        self.value = value
    }

    init(_ row: inout SQLiteRow) throws {
        number = row.int64()
        let taskID: TaskID = try row.id()
        let sessionID: SessionID = try row.id()
        task = row.int64()
        value = Run(id: try row.id(), taskID: taskID, sessionID: sessionID, driver: row.text(), at: row.time())
        value.driverSessionID = row.optionalText()
        value.driverResumed = row.bool()
        value.fallback = row.optionalText()
        value.stopReason = try row.optionalWord()
        value.usage = try UsageColumns.read(&row)
        value.stderrTail = row.text()
        value.endedAt = row.optionalTime()
    }
}
