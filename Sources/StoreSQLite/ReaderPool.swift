import CSQLite
import CSystem
import Store
import Synchronization

/// The threads that answer queries: none until the first one, a second when queries wait.
final class ReaderPool: Sendable {
    typealias Query = @Sendable (any StoreReader) throws -> any Sendable

    struct Request: Sendable {
        let ticket: StoreTicket
        let query: Query
        let abandonment = Abandonment()
    }

    private static let threadsMax = 2
    /// A busy machine can make the quickest query slow.
    private static let triesMax = 3

    private let folder: StoreFolder
    private let options: StoreOptions
    private let inbox = Inbox<Request>()
    private let threads = Mutex<[StoreThread]>([])
    /// Of the queries that have no answer yet.
    private let open = Mutex<[StoreTicket: Abandonment]>([:])

    init(folder: StoreFolder, options: StoreOptions) {
        self.folder = folder
        self.options = options
    }

    func read(_ ticket: StoreTicket, _ query: @escaping Query) {
        let request = Request(ticket: ticket, query: query)
        open.withLock { $0[ticket] = request.abandonment }
        guard let waiting = inbox.put(request) else {
            open.withLock { $0[ticket] = nil }
            options.sink(.read(ticket, .failure(.closed)))
            return
        }
        threads.withLock { threads in
            guard threads.count < min(waiting, Self.threadsMax) else { return }
            if let thread = StoreThread({ [self] in run() }) { threads.append(thread) }
        }
    }

    func abandon(_ ticket: StoreTicket) { open.withLock { $0[ticket] }?.begin() }

    func close() {
        inbox.close()
        for thread in threads.withLock({ $0 }) { thread.join() }
    }

    /// One reader's life.
    private func run() {
        var connection: SQLiteConnection?
        let memoryCache = MemoryIndexCache()
        while case .item(let request) = inbox.takeOne() {
            let result = Result { () throws(StoreFailure) in
                do {
                    if request.abandonment.hasBegun { throw SQLiteError.interrupted }
                    let open = try connection ?? connect()
                    connection = open
                    return try answer(request, on: open, memoryCache)
                } catch { throw StoreFailure(of: error) }
            }
            open.withLock { $0[request.ticket] = nil }
            options.sink(.read(request.ticket, result))
        }
        connection?.close()
    }

    private func connect() throws(SQLiteError) -> SQLiteConnection {
        try SQLiteConnection(reading: folder, busyMilliseconds: options.readMillisecondsMax)
    }

    /// Between two tries the log can be written back.
    private func answer(
        _ request: Request, on connection: SQLiteConnection, _ memoryCache: MemoryIndexCache
    ) throws -> any Sendable {
        let limit = options.readMillisecondsMax
        var latest = SQLiteError.interrupted
        for _ in 0..<Self.triesMax where !request.abandonment.hasBegun {
            do {
                return try connection.inReadTransaction(milliseconds: limit, request.abandonment) {
                    try request.query(
                        SQLiteReader(
                            connection, hosts: folder.hosts, ownHost: options.hostID, memoryCache: memoryCache))
                }
            } catch let error as SQLiteError where error.primary == SQLITE_INTERRUPT {
                latest = error
            }
        }
        throw latest
    }
}

extension SQLiteConnection {
    /// One that answers queries.
    convenience init(reading folder: StoreFolder, busyMilliseconds: UInt64) throws(SQLiteError) {
        try self.init(uri: folder.databaseURI, writable: false, busyMilliseconds: busyMilliseconds)
        // A recall reads some sixty pages, of which the next one wants a half. More would leave the processor's own
        // caches, which costs more than reading a page again: decision 0072.
        try execute("PRAGMA query_only=1; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096")
        watchDeadline()
    }

    /// A read transaction that ends in time, so that the log can be written back.
    func inReadTransaction<Value>(
        milliseconds: UInt64, _ abandonment: Abandonment? = nil, _ body: () throws -> Value
    ) throws -> Value {
        deadline = cs_monotonic_ms() + milliseconds
        defer { deadline = 0 }
        try run("BEGIN")
        self.abandonment = abandonment
        defer {
            self.abandonment = nil
            deadline = 0
            _ = try? run("COMMIT")
        }
        return try body()
    }
}

/// Whether somebody still waits for what runs.
final class Abandonment: Sendable {
    private let flag = Atomic(false)

    var hasBegun: Bool { flag.load(ordering: .relaxed) }
    func begin() { flag.store(true, ordering: .relaxed) }
}

/// The library that this process runs on.
enum SQLiteLibrary {
    static var name: String { "SQLite " + String(cString: sqlite3_libversion()) }
    /// Whether the version at run time has all that the store uses (STRICT tables, `RETURNING`).
    static var isRecentEnough: Bool { sqlite3_libversion_number() >= 3_040_001 }
}
