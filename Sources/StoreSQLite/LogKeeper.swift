import CSQLite
import CSystem
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Has the write-ahead log written back to the database before it grows long: by a thread of its own, which commits do
/// not wait for unless it falls behind. See `LogCopier` for how.
final class LogKeeper {
    private let folder: StoreFolder
    private let options: StoreOptions
    private let thread: LogThread
    /// Of the writer's thread.
    private var ownCopier: LogCopier?
    private var pages = 0
    private var pagesAtLastTry = 0
    private var pageBytes = 4096

    /// When the log is so many times as long as one that is written back, commits wait for the thread.
    private static let stretchesMax = 4

    init(folder: StoreFolder, options: StoreOptions) {
        self.folder = folder
        self.options = options
        thread = LogThread(folder: folder, options: options)
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

    /// Whether the log is too long and cannot be begun anew: readers keep it. Those that kept it at the last stretch
    /// may have gone since, so this tries once more; not to be asked within a transaction.
    func isOverfull() -> Bool {
        guard pages * pageBytes > options.logBytesMax else { return false }
        pagesAtLastTry = pages
        thread.begin()
        return !thread.wait()
    }

    /// Tries at each further stretch of the log: a reader may have kept the try before from writing all of it back.
    func writeBackIfDue() {
        guard (pages - pagesAtLastTry) * pageBytes >= options.logBytesToWriteBack else { return }
        pagesAtLastTry = pages
        thread.begin()
        if pages * pageBytes >= Self.stretchesMax * options.logBytesToWriteBack { thread.wait() }
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
        let copier = try ownCopier ?? LogCopier(folder: folder)
        ownCopier = copier
        while true {
            if try copier.copyAll(keepingOut: writer) {
                try writer.run(change)
                if pages == 1 { return true }
            }
            guard cs_monotonic_ms() - began < options.busyMillisecondsMax else { return false }
            usleep(1000)
        }
    }

    /// Returns how long others were kept from writing meanwhile.
    func close() -> LockHolds {
        var holds = thread.close()
        if let own = ownCopier.take() {
            holds.add(own.holds)
            own.close()
        }
        return holds
    }
}
