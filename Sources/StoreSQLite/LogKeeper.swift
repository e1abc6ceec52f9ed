import CSQLite
import Store

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
        do {
            let sibling = try sibling ?? connect()
            self.sibling = sibling
            try writer.run("BEGIN IMMEDIATE")
            defer { _ = try? writer.run("ROLLBACK") }
            sqlite3_wal_checkpoint_v2(sibling.handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        } catch {
            // The log keeps everything; the next stretch tries again.
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
