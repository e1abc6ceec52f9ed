import CSQLite

/// Writes the write-ahead log back to the database, while others write for nearly all of that time.
///
/// Below SQLite 3.51.3 a checkpoint whose beginning races a commit can lose later commits (its WAL-reset bug): the
/// checkpoint has read how long the log is, the commit begins the log anew, and the checkpoint then takes the frames of
/// the new log for ones that it has copied. So SQLite's automatic checkpoints are off, and one of ours begins while
/// another connection of ours holds the right to write. When it synchronises the log, the first thing that takes time,
/// it has `WAL_READ_LOCK(0)` for itself, which whoever begins the log anew needs: the right to write is given back.
///
/// What is committed from then on keeps the log from beginning anew. So a shorter round follows, and a last one that
/// keeps others out until its end, with little left to copy and to wait for.
final class LogCopier {
    private let connection: SQLiteConnection
    private let gate: UnsafeMutablePointer<csqlite_gate>
    /// Who keeps others out until copying has begun.
    private var holder: SQLiteConnection?
    private var clock: HoldClock?
    private var isLettingIn = false
    private(set) var holds = LockHolds()

    private static let roundsBeside = 2

    init(folder: StoreFolder) throws {
        connection = try Self.connect(folder)
        gate = .allocate(capacity: 1)
        gate.initialize(to: csqlite_gate())
        do { try installGate() } catch {
            close()
            throw error
        }
    }

    private func installGate() throws {
        // The files are opened by the first query.
        _ = try connection.integer("PRAGMA user_version")
        guard csqlite_install_gate(connection.handle, gate) == SQLITE_OK else { throw SQLiteError(connection.handle) }
        gate.pointee.context = Unmanaged.passUnretained(self).toOpaque()
        gate.pointee.synchronizing = { context in
            guard let context else { return }
            Unmanaged<LogCopier>.fromOpaque(context).takeUnretainedValue().letIn()
        }
    }

    static func connect(_ folder: StoreFolder) throws(SQLiteError) -> SQLiteConnection {
        let connection = try SQLiteConnection(uri: folder.databaseURI, writable: true)
        try connection.execute("PRAGMA wal_autocheckpoint=0; PRAGMA mmap_size=0; PRAGMA synchronous=FULL")
        return connection
    }

    func close() {
        connection.close()
        gate.deallocate()
    }

    /// Writes back what readers let it, while others write. Returns whether that was all.
    /// - Parameter holder: a connection without a transaction
    func copy(keepingOut holder: SQLiteConnection) throws -> Bool {
        for _ in 0..<Self.roundsBeside {
            let before = try holder.integer("PRAGMA data_version")
            guard try isCopied(keepingOut: holder, lettingIn: true) else { return false }
            guard try holder.integer("PRAGMA data_version") != before else { return true }
            try synchronize(SQLITE_FCNTL_FILE_POINTER)
        }
        return try copyAll(keepingOut: holder)
    }

    /// Keeps others out until all is written back; false when readers are in the way, or another process that does the
    /// same.
    func copyAll(keepingOut holder: SQLiteConnection) throws -> Bool {
        try synchronize(SQLITE_FCNTL_JOURNAL_POINTER)
        return try isCopied(keepingOut: holder, lettingIn: false)
    }

    private func isCopied(keepingOut holder: SQLiteConnection, lettingIn: Bool) throws -> Bool {
        try holder.run("BEGIN IMMEDIATE")
        self.holder = holder
        clock = HoldClock()
        isLettingIn = lettingIn
        defer { giveBack() }
        var inLog: Int32 = -1
        var written: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_PASSIVE, &inLog, &written)
        return code == SQLITE_OK && inLog == written
    }

    private func letIn() {
        if isLettingIn { giveBack() }
    }

    /// Ends the hold, if it lasts.
    private func giveBack() {
        guard let holder, let clock else { return }
        _ = try? holder.run("ROLLBACK")
        holds.add(clock.hold)
        self.holder = nil
        self.clock = nil
    }

    /// Has the disk take what was written to one of the connection's files, so that a hold need not wait for it.
    private func synchronize(_ file: Int32) throws(SQLiteError) {
        guard csqlite_synchronize(connection.handle, file) == SQLITE_OK else { throw SQLiteError(connection.handle) }
    }
}
