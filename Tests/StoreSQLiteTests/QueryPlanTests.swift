import AgentModel
import CSQLite
import JSON
import MemorySearch
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

    // MARK: - Memory

    private static func filter(_ change: (inout MemoryFilter) -> Void) -> MemoryFilter {
        var filter = MemoryFilter()
        filter.scopes = [.user]
        change(&filter)
        return filter
    }

    private static func list(_ change: @escaping @Sendable (inout MemoryFilter) -> Void)
        -> @Sendable (SQLiteReader)
        throws -> Void
    {
        { reader in
            _ = try reader.memories(filter(change), at: StoreHost.noon, PageRequest(cursor: "9"))
            _ = try reader.countMemories(filter(change), at: StoreHost.noon)
        }
    }

    private static func search(_ parameters: JSONObject) -> @Sendable (SQLiteReader) throws -> Void {
        { reader in
            var query = SearchQuery(
                try SearchRequest(parameters: parameters), scopes: [RecallScope(.user)], at: StoreHost.noon)
            query.embeddingModel = "m"
            _ = try reader.search(query)
        }
    }

    private static let memoryQueries: [Query] = [
        ("a memory", { _ = try $0.memory(Fresh.id(), at: StoreHost.noon) }),
        ("a memory by key", { _ = try $0.memory(.user, namespace: "n", key: "k", at: StoreHost.noon) }),
        ("versions", { _ = try $0.memoryVersions(Fresh.id()) }),
        ("a list", list { _ in }),
        ("a list of a namespace", list { $0.namespace = "n" }),
        ("a list of what has a tag", list { $0.tag = "t" }),
        ("a list of keys", list { $0.keyPrefix = "k" }),
        ("a list of everything", list { $0.includeInactive = true }),
        ("a list by a filter", list { $0.expression = try? FilterParser.parse("importance:>0.5 && key:=k") }),
        ("namespaces", { _ = try $0.namespaces([.user]) }),
        ("memories to embed", { _ = try $0.memoriesToEmbed(model: "m", after: 0, limit: 10) }),
        ("a vector", { _ = try $0.embedding(Fresh.id()) }),
        (
            "a recall",
            {
                var query = RecallQuery(
                    text: "which words ar about texts", scopes: [RecallScope(.user)], at: StoreHost.noon)
                _ = try $0.recall(query)
                query.namespaces = ["n"]
                query.embedding = RecallEmbedding(model: "m", vector: [1, 0])
                _ = try $0.recall(query)
            }
        ),
        ("a search", search(["q": "tetx about", "filter_by": "namespace:=n", "sort_by": "created_at:desc"])),
        ("a search that reads", search(["q": "*", "filter_by": "value.a:=1", "facet_by": "tags"])),
        ("a search by a vector", search(["q": "*", "vector_query": "embedding:([1, 0])"])),
        ("a search by id", search(["q": "*", "filter_by": "id:=[\(Fresh.id() as MemoryID)]"])),
    ]

    /// What may be walked: a list in a value, a part of the query, sets of words, one row.
    private static let small = ["json_each", "wanted", "CONSTANT ROW", "synonym_set", "stopword_set", "memory_index"]

    /// Memories with history and vectors, folded and in the tail.
    private static func remember(_ host: StoreHost) throws {
        for number in 0..<8 {
            let draft = host.remembered("text number \(number) about words", key: "k\(number % 3)")
            let change = try host.write(.remember(draft)).memories[0]
            let embedding = RecallEmbedding(model: "m", vector: [1, Float(number)])
            try host.write(.keepEmbedding(change.memory.id, document: change.document, embedding))
        }
    }

    @Test(arguments: memoryQueries.indices) func readsNoMemoriesFromEndToEnd(index: Int) throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .small }
        defer { host.store.close() }
        try Self.remember(host)
        try check(Self.memoryQueries[index], folder, host)
    }

    @Test(arguments: queries.indices) func readsNoTableFromEndToEnd(index: Int) throws {
        let folder = try TemporaryFolder()
        let host = try folder.host()
        defer { host.store.close() }
        try host.write(
            .insertSession(AgentSession(id: Self.session, driver: "d", resultsDirectory: "/", at: StoreHost.noon)))
        try check(Self.queries[index], folder, host)
    }

    private func check(_ query: Query, _ folder: TemporaryFolder, _ host: StoreHost) throws {
        let database = try folder.connection()
        defer { database.close() }
        try database.execute("BEGIN")
        let statements = Statements()
        sqlite3_trace_v2(
            database.handle, UInt32(SQLITE_TRACE_STMT),
            { _, context, statement, _ in
                guard let context, let statement, let sql = sqlite3_sql(OpaquePointer(statement)) else { return 0 }
                Unmanaged<Statements>.fromOpaque(context).takeUnretainedValue().add(String(cString: sql))
                return 0
            }, Unmanaged.passUnretained(statements).toOpaque())
        try query.run(
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
            // What a subquery has made is walked, once the subquery itself was found by an index.
            let made = plan.compactMap { line in
                ["CO-ROUTINE ", "MATERIALIZE "].first(where: line.hasPrefix).map { line.dropFirst($0.count) }
            }
            let walked = Self.small + made.map(String.init)
            let scans = plan.filter { line in
                line.hasPrefix("SCAN") && !line.contains("USING")
                    && !walked.contains { line == "SCAN \($0)" || line.hasPrefix("SCAN \($0) ") }
            }
            #expect(scans == [], "\(query.name): \(sql)")
        }
    }

    private final class Statements: Sendable {
        private let statements = Mutex<[String]>([])
        func add(_ sql: String) { statements.withLock { $0.append(sql) } }
        var all: [String] { statements.withLock { $0 } }
    }
}
