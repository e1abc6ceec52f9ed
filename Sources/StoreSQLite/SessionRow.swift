import AgentModel
import JSON

/// Figures of a bill as columns, in every table that has one.
enum UsageColumns {
    static let names = [
        "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "turns",
        "cost_nano", "accuracy",
    ]

    /// The largest integer that every reader of JSON keeps; sums of such figures do not overflow.
    private static let figureMax = 1 << 53

    static func values(_ usage: Usage) -> [SQLiteValue] {
        let figures = [
            usage.inputTokens, usage.outputTokens, usage.cacheReadTokens, usage.cacheWriteTokens, usage.reasoningTokens,
            usage.turns,
        ]
        return figures.map { .int(min(max($0, -figureMax), figureMax)) }
            + [.int(usage.cost.map { Int($0.nanoDollars) }), .word(usage.accuracy)]
    }

    static func read(_ row: inout SQLiteRow) throws -> Usage {
        var usage = Usage.none
        usage.inputTokens = row.int()
        usage.outputTokens = row.int()
        usage.cacheReadTokens = row.int()
        usage.cacheWriteTokens = row.int()
        usage.reasoningTokens = row.int()
        usage.turns = row.int()
        usage.cost = row.optionalInt64().map(Cost.init(nanoDollars:))
        usage.accuracy = try row.word()
        return usage
    }
}

/// Lists of columns for statements.
enum Columns {
    static func list(_ names: [String], of alias: String = "") -> String {
        names.map { alias.isEmpty ? $0 : "\(alias).\($0)" }.joined(separator: ", ")
    }

    static func insert(_ table: String, _ names: [String]) -> String {
        let marks = names.map { _ in "?" }.joined(separator: ", ")
        return "INSERT INTO \(table)(\(list(names))) VALUES (\(marks))"
    }

    /// Ends with a place for the row's number.
    static func update(_ table: String, _ names: [String]) -> String {
        "UPDATE \(table) SET \(names.map { "\($0) = ?" }.joined(separator: ", ")) WHERE n = ?"
    }
}

/// A session as it is stored.
struct SessionRow {
    let number: Int64
    /// Of its last event.
    var seq: Int
    /// Of its last lease.
    var epoch: Int
    var hiddenAt: Timestamp?
    var value: AgentSession

    static let columns =
        [
            "seq", "epoch", "hidden_at", "expires_at", "id", "driver", "results_dir", "created_at", "status",
            "temporary", "connection_id", "project_id", "plan_id", "milestone_id", "parent_id", "working_dir", "model",
            "mode", "persistence", "recursion_limit", "ttl_s", "title", "metadata", "learning", "permissions",
            "driver_sessions", "task_count",
        ] + UsageColumns.names + ["updated_at", "last_used_at", "ended_at"]

    static let insert = Columns.insert("session", columns)
    static let update = Columns.update("session", columns)
    /// - Parameter version: of the store: an older one does not have all that sessions have.
    static func select(_ rest: String, version: Int) -> String {
        let budget = version >= SchemaPart.ledger.since ? "s.budget_nano, s.budget_tokens" : "NULL, NULL"
        let lineage =
            version >= SchemaPart.checkpoints.since ? "s.keep_count, s.keep_s, s.forks_from" : "NULL, NULL, NULL"
        return "SELECT s.n, \(Columns.list(columns, of: "s")), \(budget), \(lineage) FROM session s \(rest)"
    }

    /// Its places: `lineageValues`.
    static let updateLineage = "UPDATE session SET keep_count = ?, keep_s = ?, forks_from = ? WHERE n = ?"
    var lineageValues: [SQLiteValue] {
        [
            .int(value.retention?.keepCount), .int(value.retention?.keepSeconds), Self.text(value.forksFrom),
            .integer(number),
        ]
    }

    /// Its places: a budget's cost and tokens, the session's number.
    static let updateBudget = "UPDATE session SET budget_nano = ?, budget_tokens = ? WHERE n = ?"
    var budgetValues: [SQLiteValue] {
        [.int(value.budget?.cost.map { Int($0.nanoDollars) }), .int(value.budget?.tokens), .integer(number)]
    }

    var values: [SQLiteValue] {
        var values: [SQLiteValue] = [
            .int(seq), .int(epoch), .time(hiddenAt), .time(expiry), .id(value.id), .string(value.driver),
            .string(value.resultsDirectory), .time(value.createdAt), .word(value.status), .bool(value.temporary),
            .id(value.connectionID), .id(value.projectID), .string(value.planID?.description),
            .string(value.milestoneID),
            .id(value.parentSessionID), .string(value.workingDirectory), .string(value.model), .word(value.mode),
            .word(value.persistence), .int(value.recursionLimit), .int(value.ttlSeconds), .string(value.title),
            .object(value.metadata), Self.full(value.learning), Self.full(value.permissions),
            Self.text(value.driverSessions), .int(value.taskCount),
        ]
        values += UsageColumns.values(value.usage)
        values += [.time(value.updatedAt), .time(value.lastUsedAt), .time(value.endedAt)]
        return values
    }

    /// When it expires, for those that can.
    private var expiry: Timestamp? {
        guard value.status != .expired, SessionMove.expire.next(from: value.status) != nil else { return nil }
        return value.expiresAt
    }

    private static func full(_ object: JSONObject) -> SQLiteValue { object.isEmpty ? .null : .object(object) }

    private static func text(_ driverSessions: [String: String]) -> SQLiteValue {
        full(JSONObject(driverSessions.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }

    init(number: Int64, value: AgentSession) {
        self.number = number
        self.value = value
        seq = 0
        epoch = 0
    }

    init(_ row: inout SQLiteRow) throws {
        number = row.int64()
        seq = row.int()
        epoch = row.int()
        hiddenAt = row.optionalTime()
        row.skip()
        value = try Self.session(&row)
    }

    private static func session(_ row: inout SQLiteRow) throws -> AgentSession {
        let id: SessionID = try row.id()
        var session = AgentSession(id: id, driver: row.text(), resultsDirectory: row.text(), at: row.time())
        session.status = try row.word()
        session.temporary = row.bool()
        session.connectionID = try row.optionalID()
        session.projectID = try row.optionalID()
        session.planID = row.optionalText().flatMap(PlanID.init)
        session.milestoneID = row.optionalText()
        session.parentSessionID = try row.optionalID()
        session.workingDirectory = row.optionalText()
        session.model = row.optionalText()
        session.mode = try row.word()
        session.persistence = try row.word()
        session.recursionLimit = row.int()
        session.ttlSeconds = row.optionalInt()
        session.title = row.optionalText()
        session.metadata = try row.optionalObject()
        session.learning = try row.optionalObject() ?? [:]
        session.permissions = try row.optionalObject() ?? [:]
        session.driverSessions = try driverSessions(&row)
        session.taskCount = row.int()
        session.usage = try UsageColumns.read(&row)
        session.updatedAt = row.time()
        session.lastUsedAt = row.time()
        session.endedAt = row.optionalTime()
        let cost = row.optionalInt64().map(Cost.init(nanoDollars:))
        let tokens = row.optionalInt()
        if cost != nil || tokens != nil { session.budget = Budget(cost: cost, tokens: tokens) }
        let (count, seconds) = (row.optionalInt(), row.optionalInt())
        if count != nil || seconds != nil {
            session.retention = CheckpointRetention(keepCount: count, keepSeconds: seconds)
        }
        session.forksFrom = try driverSessions(&row)
        return session
    }

    private static func driverSessions(_ row: inout SQLiteRow) throws -> [String: String] {
        var sessions: [String: String] = [:]
        for member in try row.optionalObject() ?? [:] { sessions[member.key] = member.value.stringValue }
        return sessions
    }
}
