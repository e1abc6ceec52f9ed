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
    }

    private static let threadsMax = 2

    private let folder: StoreFolder
    private let options: StoreOptions
    private let inbox = Inbox<Request>()
    private let threads = Mutex<[StoreThread]>([])

    init(folder: StoreFolder, options: StoreOptions) {
        self.folder = folder
        self.options = options
    }

    func read(_ ticket: StoreTicket, _ query: @escaping Query) {
        guard let waiting = inbox.put(Request(ticket: ticket, query: query)) else {
            options.sink(.read(ticket, .failure(.closed)))
            return
        }
        threads.withLock { threads in
            guard threads.count < min(waiting, Self.threadsMax) else { return }
            if let thread = StoreThread({ [self] in run() }) { threads.append(thread) }
        }
    }

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
                    let open = try connection ?? connect()
                    connection = open
                    return try answer(request.query, on: open, memoryCache)
                } catch { throw StoreFailure(of: error) }
            }
            options.sink(.read(request.ticket, result))
        }
        connection?.close()
    }

    private func connect() throws(SQLiteError) -> SQLiteConnection {
        let connection = try SQLiteConnection(
            uri: folder.databaseURI, writable: false, busyMilliseconds: options.readMillisecondsMax)
        // A recall reads some fifty pages, many of them the same as the one before: SQLite's 2 MB do not hold them.
        try connection.execute(
            "PRAGMA query_only=1; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384")
        connection.watchDeadline()
        return connection
    }

    /// A read transaction that ends in time, so that the log can be written back.
    private func answer(
        _ query: Query, on connection: SQLiteConnection, _ memoryCache: MemoryIndexCache
    ) throws -> any Sendable {
        connection.deadline = cs_monotonic_ms() + options.readMillisecondsMax
        defer { connection.deadline = 0 }
        try connection.execute("BEGIN")
        defer {
            connection.deadline = 0
            try? connection.execute("COMMIT")
        }
        return try query(
            SQLiteReader(connection, hosts: folder.hosts, ownHost: options.hostID, memoryCache: memoryCache))
    }
}

/// The library that this process runs on.
enum SQLiteLibrary {
    static var name: String { "SQLite " + String(cString: sqlite3_libversion()) }
    /// Whether the version at run time has all that the store uses (STRICT tables, `RETURNING`).
    static var isRecentEnough: Bool { sqlite3_libversion_number() >= 3_040_001 }
}
