import CSQLite
import CSystem
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes the write-ahead log back to the database before it grows long.
///
/// Below SQLite 3.51.3 a checkpoint that races a commit can lose the commit (its WAL-reset bug), whichever processes
/// the two are in. So SQLite's automatic checkpoints are off, and a second connection checkpoints, without waiting for
/// readers, while the writer's holds the right to write.
final class LogKeeper {
    private let folder: StoreFolder
    private let options: StoreOptions
    private var sibling: SQLiteConnection?
    private var pages = 0
    private var pagesAtLastTry = 0
    private var pageBytes = 4096

    init(folder: StoreFolder, options: StoreOptions) {
        self.folder = folder
        self.options = options
    }

    /// From now on each commit of this connection tells how long the log is.
    func watch(_ connection: SQLiteConnection) {
        pageBytes = (try? connection.integer("PRAGMA page_size")) ?? pageBytes
        sqlite3_wal_hook(
            connection.handle,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                Unmanaged<LogKeeper>.fromOpaque(context).takeUnretainedValue().grew(to: Int(pages))
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func grew(to pages: Int) {
        if pages < self.pages { pagesAtLastTry = 0 }
        self.pages = pages
    }

    var isOverfull: Bool { pages * pageBytes > options.logBytesMax }

    /// Tries at each further stretch of the log: a reader may have kept the try before from writing all of it back.
    func writeBackIfDue(_ writer: SQLiteConnection) {
        guard (pages - pagesAtLastTry) * pageBytes >= options.logBytesToWriteBack else { return }
        pagesAtLastTry = pages
        // If it fails, the log keeps everything; the next stretch tries again.
        _ = try? writeBack(writer)
    }

    /// Whether all of the log is in the database now.
    private func writeBack(_ writer: SQLiteConnection) throws -> Bool {
        let sibling = try sibling ?? connect()
        self.sibling = sibling
        try writer.run("BEGIN IMMEDIATE")
        defer { _ = try? writer.run("ROLLBACK") }
        var inLog: Int32 = -1
        var written: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(sibling.handle, nil, SQLITE_CHECKPOINT_PASSIVE, &inLog, &written)
        return code == SQLITE_OK && inLog == written
    }

    /// Leaves nothing in the log's file but the last commit's pages as they are now, see docs/decisions/0074. Waits for
    /// readers of every process; false when one stays for too long, or another process always commits in between.
    ///
    /// A commit begins the log anew when all of it was written back and nobody reads it, and cuts the file to its own
    /// length when its limit says so. This is what a checkpoint that truncates does, without one that races commits.
    /// - Parameter change: a statement that changes one page; one that leaves it as it is would write nothing.
    func erase(_ writer: SQLiteConnection, by change: String) throws -> Bool {
        let began = cs_monotonic_ms()
        try writer.execute("PRAGMA journal_size_limit=0")
        defer { try? writer.execute("PRAGMA journal_size_limit=-1") }
        while true {
            if try writeBack(writer) {
                try writer.run(change)
                if pages == 1 { return true }
            }
            guard cs_monotonic_ms() - began < options.busyMillisecondsMax else { return false }
            usleep(1000)
        }
    }

    private func connect() throws(SQLiteError) -> SQLiteConnection {
        let connection = try SQLiteConnection(uri: folder.databaseURI, writable: true)
        try connection.execute("PRAGMA wal_autocheckpoint=0; PRAGMA mmap_size=0; PRAGMA synchronous=FULL")
        return connection
    }

    func close() {
        sibling?.close()
        sibling = nil
    }
}
