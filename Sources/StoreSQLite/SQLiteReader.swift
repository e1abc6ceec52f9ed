import AgentModel
import JSON
import Store

/// The store as one connection sees it within one read transaction.
struct SQLiteReader: StoreReader {
    let database: SQLiteConnection
    let hosts: HostLocks
    /// `nil` in a process that is no host of the store.
    let ownHost: HostID?
    /// What the connection knows of the memory index.
    let memoryCache: MemoryIndexCache

    init(_ database: SQLiteConnection, hosts: HostLocks, ownHost: HostID?, memoryCache: MemoryIndexCache) {
        self.database = database
        self.hosts = hosts
        self.ownHost = ownHost
        self.memoryCache = memoryCache
    }

    /// Of the store as it is by now.
    var schemaVersion: Int {
        get throws { try database.integer("PRAGMA user_version") }
    }

    func session(_ id: SessionID) throws -> AgentSession? {
        guard let alone = try sessionAlone(id) else { return nil }
        var session = alone
        session.purse = try purse(of: alone)
        return session
    }

    /// Without its purse.
    func sessionAlone(_ id: SessionID) throws -> AgentSession? {
        try database.first(
            SessionRow.select("WHERE s.id = ? AND s.hidden_at IS NULL", version: try schemaVersion), [.id(id)]
        ) {
            try SessionRow(&$0).value
        }
    }

    func sessions(_ filter: SessionFilter, _ page: PageRequest) throws -> Page<AgentSession> {
        var condition = Condition(filter)
        try condition.before(page.cursor, prefix: SessionID.init, column: "s.id")
        let found = try database.rows(
            SessionRow.select("\(condition.sql) ORDER BY s.id DESC LIMIT ?", version: try schemaVersion),
            condition.values + [.int(page.take + 1)]
        ) { try SessionRow(&$0).value }
        return page.cut(found) { $0.id.description }
    }

    func task(_ id: TaskID) throws -> AgentTask? {
        try database.first(TaskRow.select("WHERE t.id = ? AND s.hidden_at IS NULL"), [.id(id)]) {
            try TaskRow(&$0).value
        }
    }

    func tasks(_ filter: TaskFilter, _ page: PageRequest) throws -> Page<AgentTask> {
        var condition = Condition(filter)
        try condition.before(page.cursor, prefix: TaskID.init, column: "t.id")
        let found = try database.rows(
            TaskRow.select("\(condition.sql) ORDER BY t.id DESC LIMIT ?"), condition.values + [.int(page.take + 1)]
        ) { try TaskRow(&$0).value }
        return page.cut(found) { $0.id.description }
    }

    func queuedTasks(_ session: SessionID) throws -> [AgentTask] {
        try database.rows(
            TaskRow.select("WHERE s.id = ? AND s.hidden_at IS NULL AND t.status = 'queued' ORDER BY t.n"),
            [.id(session)]
        ) { try TaskRow(&$0).value }
    }

    func runs(_ task: TaskID) throws -> [Run] {
        try database.rows(RunRow.select("WHERE t.id = ? AND s.hidden_at IS NULL ORDER BY r.n"), [.id(task)]) {
            try RunRow(&$0).value
        }
    }

    func isImported(_ task: TaskID) throws -> Bool {
        guard try schemaVersion >= SchemaPart.checkpoints.since else { return false }
        return try database.integer(
            """
            SELECT count(*) FROM task t JOIN session s ON s.n = t.session
            WHERE t.id = ? AND s.imported_at NOT NULL AND s.hidden_at IS NULL
                AND NOT EXISTS(SELECT 1 FROM run r WHERE r.task = t.n AND r.ledger NOT NULL)
            """, [.id(task)]) > 0
    }

    func hasRun(_ id: RunID) throws -> Bool {
        try database.integer("SELECT count(*) FROM run WHERE id = ?", [.id(id)]) > 0
    }

    func lastSeq(_ session: SessionID) throws -> Int {
        try database.integer("SELECT seq FROM session WHERE id = ? AND hidden_at IS NULL", [.id(session)])
    }

    func artifacts(_ filter: ArtifactFilter, _ page: PageRequest) throws -> Page<Artifact> {
        var condition = Condition("s.hidden_at IS NULL")
        if let session = filter.sessionID { condition.and("s.id = ?", .id(session)) }
        if let task = filter.taskID {
            condition.and("a.session = (SELECT session FROM task WHERE id = ?)", .id(task))
            condition.and("t.id = ?", .id(task))
        }
        if let cursor = page.cursor {
            guard let number = Int(cursor) else { throw StoreFailure.unknownCursor(cursor) }
            condition.and("a.n > ?", .int(number))
        }
        let found = try database.rows(
            """
            SELECT a.n, s.id, t.id, a.path, a.bytes, a.sha256, a.media_type, a.created_at FROM artifact a
            JOIN session s ON s.n = a.session JOIN task t ON t.n = a.task \(condition.sql) ORDER BY a.n LIMIT ?
            """, condition.values + [.int(page.take + 1)]
        ) { row in
            (
                number: row.int(),
                value: Artifact(
                    sessionID: try row.id(), taskID: try row.id(), path: row.text(), bytes: row.int(),
                    sha256: row.text(), mediaType: row.text(), createdAt: row.time())
            )
        }
        let last = found.count > page.take ? found[page.take - 1].number : nil
        return Page(items: found.prefix(page.take).map(\.value), nextCursor: last.map(String.init))
    }

    func connection(_ id: ConnectionID) throws -> DatabaseConnection? {
        try database.first(
            "SELECT \(Columns.list(ConnectionRow.columns)) FROM connection WHERE id = ?", [.id(id)], ConnectionRow.read)
    }

    func connections(_ page: PageRequest) throws -> Page<DatabaseConnection> {
        var condition = Condition("TRUE")
        try condition.before(page.cursor, prefix: ConnectionID.init, column: "id")
        let found = try database.rows(
            "SELECT \(Columns.list(ConnectionRow.columns)) FROM connection \(condition.sql) ORDER BY id DESC LIMIT ?",
            condition.values + [.int(page.take + 1)], ConnectionRow.read)
        return page.cut(found) { $0.id.description }
    }

    /// A store that other hosts keep at an older version has no projects.
    private var hasProjects: Bool {
        get throws { try database.integer("PRAGMA user_version") >= SchemaPart.projects.since }
    }

    func project(_ id: ProjectID) throws -> Project? { try hasProjects ? try database.project(id) : nil }

    func projects(_ page: PageRequest) throws -> Page<Project> {
        guard try hasProjects else { return Page(items: [], nextCursor: nil) }
        var condition = Condition("TRUE")
        try condition.before(page.cursor, prefix: ProjectID.init, column: "id")
        let found = try database.rows(
            ProjectRow.select("\(condition.sql) ORDER BY id DESC LIMIT ?"), condition.values + [.int(page.take + 1)],
            ProjectRow.read)
        return page.cut(found) { $0.id.description }
    }

    func hiddenSessions() throws -> [AgentSession] {
        let version = try schemaVersion
        let made = try version >= SchemaPart.checkpoints.since ? Maker.condition(database, hosts) : "TRUE"
        return try database.rows(
            SessionRow.select("WHERE s.hidden_at IS NOT NULL AND \(made) ORDER BY s.n", version: version)
        ) { try SessionRow(&$0).value }
    }

    // MARK: - Asks

    func ask(_ id: PermissionID) throws -> PermissionAsk? {
        try database.first(AskRow.select("WHERE a.id = ? AND s.hidden_at IS NULL"), [.id(id)]) {
            try AskRow(&$0).value
        }
    }

    func openAsks(_ session: SessionID?) throws -> [PermissionAsk] {
        var condition = Condition("s.hidden_at IS NULL AND a.resolved_at IS NULL")
        if let session { condition.and("s.id = ?", .id(session)) }
        return try database.rows(AskRow.select("\(condition.sql) ORDER BY a.id LIMIT 1000"), condition.values) {
            try AskRow(&$0).value
        }
    }

    // MARK: - Hosts

    func ownerRequests(_ host: HostID) throws -> [OwnerRequest] {
        try database.rows("SELECT kind, task_id, detail FROM owner_request WHERE host_id = ? ORDER BY n", [.id(host)]) {
            row in
            OwnerRequest(host: host, kind: try row.word(), taskID: try row.id(), detail: try row.json())
        }
    }

    func leaseHolder(_ session: SessionID) throws -> HostRecord? {
        let holder = try database.first(
            "SELECT l.host_id FROM lease l JOIN session s ON s.n = l.session WHERE s.id = ?", [.id(session)]
        ) { try $0.id() as HostID }
        return try holder.flatMap(host)
    }

    func host(_ id: HostID) throws -> HostRecord? { try Self.host(id, database) }

    static func host(_ id: HostID, _ database: SQLiteConnection) throws -> HostRecord? {
        try database.first("SELECT id, pid, started_at FROM host WHERE id = ?", [.id(id)]) { try HostRecord(&$0) }
    }

    func deadHosts() throws -> [HostRecord] {
        try database.rows("SELECT id, pid, started_at FROM host ORDER BY id") { try HostRecord(&$0) }
            .filter { $0.id != ownHost && !hosts.isAlive($0.id) }
    }

    func openRuns(_ host: HostID) throws -> [Run] {
        try database.rows(
            RunRow.select(
                "WHERE t.host_id = ? AND t.status IN ('queued', 'running') AND r.ended_at IS NULL ORDER BY r.n"),
            [.id(host)]
        ) { try RunRow(&$0).value }
    }
}

extension HostRecord {
    fileprivate init(_ row: inout SQLiteRow) throws {
        self.init(id: try row.id(), pid: row.int(), startedAt: row.time())
    }
}

extension PageRequest {
    /// What is asked for, within the bounds of a page.
    var take: Int { min(max(limit, 1), 1000) }

    /// The page of what was found with one item more than a page.
    func cut<Item>(_ found: [Item], _ cursor: (Item) -> String) -> Page<Item> {
        let items = Array(found.prefix(take))
        return Page(items: items, nextCursor: found.count > take ? items.last.map(cursor) : nil)
    }
}
