import AgentModel
import JSON
import Store

/// An ask as it is stored.
struct AskRow {
    let session: Int64
    let task: Int64?
    let run: Int64?
    var value: PermissionAsk

    static let columns = [
        "session", "task", "run", "id", "driver_ask_id", "kind", "title", "created_at", "tool", "input", "options",
        "deadline_at", "default_option", "resolved_at", "resolved_option", "resolved_by",
    ]

    /// Asks with their sessions as `s`, tasks as `t` and runs as `r`. One of a plan has the number of no task.
    static func select(_ rest: String) -> String {
        """
        SELECT s.id, t.id, r.id, \(Columns.list(columns, of: "a")) FROM ask a
        JOIN session s ON s.n = a.session LEFT JOIN task t ON t.n = a.task LEFT JOIN run r ON r.n = a.run \(rest)
        """
    }

    var values: [SQLiteValue] {
        [
            .integer(session), .integer(task ?? Self.noTask), run.map { .integer($0) } ?? .null, .id(value.id),
            .string(value.driverAskID), .word(value.kind), .string(value.title), .time(value.createdAt),
            .string(value.tool), .json(value.input), .json(.array(value.options.map(\.json))),
            .time(value.deadlineAt), .string(value.defaultOption), .time(value.resolution?.at),
            .string(value.resolution?.option), .string(value.resolution?.by),
        ]
    }

    static let noTask: Int64 = 0

    init(session: Int64, task: Int64?, run: Int64?, value: PermissionAsk) {
        self.session = session
        self.task = task
        self.run = run
        self.value = value
    }

    init(_ row: inout SQLiteRow) throws {
        let sessionID: SessionID = try row.id()
        let taskID: TaskID? = try row.optionalID()
        let runID: RunID? = try row.optionalID()
        session = row.int64()
        let task = row.int64()
        self.task = task == Self.noTask ? nil : task
        run = row.optionalInt64()
        value = PermissionAsk(
            id: try row.id(), sessionID: sessionID, taskID: taskID, runID: runID, driverAskID: row.text(),
            kind: try row.word(), title: row.text(), at: row.time())
        value.tool = row.optionalText()
        value.input = try row.json()
        value.options = (try row.json().arrayValue ?? []).compactMap(DriverAsk.Option.init(json:))
        value.deadlineAt = row.optionalTime()
        value.defaultOption = row.optionalText()
        let at = row.optionalTime()
        let option = row.optionalText()
        let by = row.optionalText()
        value.resolution = at.map { PermissionAsk.Resolution(option: option, by: by ?? "", at: $0) }
    }
}

extension StoreTransaction {
    func insertAsk(_ ask: PermissionAsk) throws {
        guard try database.integer("SELECT count(*) FROM ask WHERE id = ?", [.id(ask.id)]) == 0 else {
            throw StoreFailure.refused("\(ask.id) exists")
        }
        if let id = ask.taskID, try task(id).row.value.status.isFinal { throw StoreFailure.superseded(id) }
        let session = try session(ask.sessionID)
        let row = AskRow(
            session: session.row.number, task: try ask.taskID.map { try taskNumber($0, in: session) },
            run: try ask.runID.map { try runNumber($0, in: session) }, value: ask)
        try database.run(Columns.insert("ask", AskRow.columns), row.values)
        commit.asks[ask.id] = ask
        let type: EventType = ask.kind == .permission ? .permissionRequested : .questionAsked
        let draft = EventDraft(type, taskID: ask.taskID, runID: ask.runID, data: ask.json)
        try log(draft, in: session, task: row.task, run: row.run)
    }

    func resolveAsk(_ id: PermissionID, _ resolution: PermissionAsk.Resolution) throws {
        let found = try database.first(AskRow.select("WHERE a.id = ? AND s.hidden_at IS NULL"), [.id(id)]) {
            try AskRow(&$0)
        }
        guard let found else { throw StoreFailure.notFound(id.description) }
        guard found.value.resolution == nil else {
            throw found.value.taskID.map(StoreFailure.superseded) ?? .outdated(id.description)
        }
        try resolve(found, resolution, in: session(found.value.sessionID))
    }

    func grant(_ id: SessionID, _ rule: JSON) throws {
        let granted = try granted(id)
        guard !granted.contains(rule) else { return }
        try setGranted(id, granted.suffix(Self.grantsMax - 1) + [rule])
    }

    func spendGrant(_ id: SessionID, _ rule: JSON) throws {
        var granted = try granted(id)
        guard let index = granted.firstIndex(of: rule) else {
            throw StoreFailure.refused("the answer given before has been used")
        }
        granted.remove(at: index)
        try setGranted(id, granted)
    }

    private static let grantsMax = 200

    private func granted(_ id: SessionID) throws -> [JSON] {
        try session(id).row.value.permissions["granted"]?.arrayValue ?? []
    }

    private func setGranted(_ id: SessionID, _ rules: [JSON]) throws {
        var permissions = try session(id).row.value.permissions
        permissions["granted"] = rules.isEmpty ? nil : .array(rules)
        var patch = SessionPatch()
        patch.permissions = permissions
        try patchSession(id, patch)
    }

    /// Nobody can answer for a task that has ended.
    func cancelOpenAsks(of task: TaskInUse, in session: SessionInUse) throws {
        let open = try database.rows(
            AskRow.select("WHERE a.session = ? AND a.task = ? AND a.resolved_at IS NULL ORDER BY a.id"),
            [.integer(session.row.number), .integer(task.row.number)]
        ) { try AskRow(&$0) }
        let resolution = PermissionAsk.Resolution(option: nil, by: "task_ended", at: now)
        for ask in open { try resolve(ask, resolution, in: session) }
    }

    private func resolve(_ row: AskRow, _ resolution: PermissionAsk.Resolution, in session: SessionInUse) throws {
        var ask = row.value
        ask.resolution = resolution
        try database.run(
            "UPDATE ask SET resolved_at = ?, resolved_option = ?, resolved_by = ? WHERE id = ?",
            [.time(resolution.at), .string(resolution.option), .string(resolution.by), .id(ask.id)])
        commit.asks[ask.id] = ask
        let type: EventType = ask.kind == .permission ? .permissionResolved : .questionAnswered
        let draft = EventDraft(type, taskID: ask.taskID, runID: ask.runID, data: ask.resolvedData(resolution))
        try log(draft, in: session, task: row.task, run: row.run)
    }
}
