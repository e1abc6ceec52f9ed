import AgentModel
import CSQLite
import Store
import StoreConformance
import Synchronization
import Testing

@testable import StoreSQLite

/// What is asked of large tables is found by an index, whatever SQLite thinks of a small one.
@Suite struct QueryPlanTests {
    private typealias Query = (name: String, run: @Sendable (SQLiteReader) throws -> Void)

    private static let session: SessionID = Fresh.id()
    private static let task: TaskID = Fresh.id()

    private static let queries: [Query] = [
        ("session", { _ = try $0.session(session) }),
        ("sessions", { _ = try $0.sessions(SessionFilter(), PageRequest(cursor: session.description)) }),
        ("task", { _ = try $0.task(task) }),
        ("tasks", { _ = try $0.tasks(TaskFilter(), PageRequest(cursor: task.description)) }),
        (
            "tasks of a session",
            {
                var filter = TaskFilter()
                filter.sessionID = session
                _ = try $0.tasks(filter, PageRequest())
            }
        ),
        ("queued tasks", { _ = try $0.queuedTasks(session) }),
        ("runs", { _ = try $0.runs(task) }),
        ("last seq", { _ = try $0.lastSeq(session) }),
        (
            "events of a task",
            {
                var range = EventRange()
                range.taskID = task
                range.types = [.message]
                _ = try $0.events(session, range)
            }
        ),
        ("open asks", { _ = try $0.openAsks(session) }),
        ("lease", { _ = try $0.leaseHolder(session) }),
        ("hidden sessions", { _ = try $0.hiddenSessions() }),
    ]

    @Test(arguments: queries.indices) func readsNoTableFromEndToEnd(index: Int) throws {
        let folder = try TemporaryFolder()
        let host = try folder.host()
        defer { host.store.close() }
        try host.write(
            .insertSession(AgentSession(id: Self.session, driver: "d", resultsDirectory: "/", at: StoreHost.noon)))
        let database = try folder.connection()
        defer { database.close() }
        let statements = Statements()
        sqlite3_trace_v2(
            database.handle, UInt32(SQLITE_TRACE_STMT),
            { _, context, statement, _ in
                guard let context, let statement, let sql = sqlite3_sql(OpaquePointer(statement)) else { return 0 }
                Unmanaged<Statements>.fromOpaque(context).takeUnretainedValue().add(String(cString: sql))
                return 0
            }, Unmanaged.passUnretained(statements).toOpaque())
        try Self.queries[index].run(
            SQLiteReader(
                database, hosts: StoreFolder(path: folder.path).hosts, ownHost: host.store.hostID,
                memoryCache: MemoryIndexCache()))
        sqlite3_trace_v2(database.handle, 0, nil, nil)
        #expect(!statements.all.isEmpty)
        for sql in statements.all {
            let plan = try database.rows("EXPLAIN QUERY PLAN " + sql) { row in
                for _ in 0..<3 { row.skip() }
                return row.text()
            }
            let scans = plan.filter { $0.hasPrefix("SCAN") && !$0.contains("USING") }
            #expect(scans == [], "\(Self.queries[index].name): \(sql)")
        }
    }

    private final class Statements: Sendable {
        private let statements = Mutex<[String]>([])
        func add(_ sql: String) { statements.withLock { $0.append(sql) } }
        var all: [String] { statements.withLock { $0 } }
    }
}
