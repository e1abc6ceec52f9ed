import CSystem
import MemorySearch
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds, makes or migrates the database in a store's folder.
struct StoreOpening {
    let folder: StoreFolder
    let options: StoreOptions

    private static let waitMilliseconds: UInt64 = 5000

    /// A store ready to be written, with the lock that keeps others from migrating it.
    struct Opened: ~Copyable {
        let connection: SQLiteConnection
        let version: Int
        let lock: KernelLock
    }

    /// What is at the database's place.
    private enum Found {
        case store(SQLiteConnection, version: Int)
        case nothing
        case damaged(String)
    }

    func open() throws(StoreFailure) -> Opened {
        guard SQLiteLibrary.isRecentEnough else {
            throw .refused("\(SQLiteLibrary.name) is too old for the store: 3.40.1 is the oldest that will do")
        }
        try folder.prepare()
        do { return try opened() } catch { throw StoreFailure(of: error) }
    }

    private func opened() throws -> Opened {
        let began = cs_monotonic_ms()
        while true {
            if folder.isDatabaseThere {
                let lock = try shared()
                switch try look() {
                case .store(let connection, let version):
                    if try version < options.schema.latest || isToBeReindexed(connection, version) {
                        return try changed(connection, consume lock)
                    }
                    return Opened(connection: connection, version: version, lock: lock)
                case .damaged(let reason):
                    lock.release()
                    throw try setAside(reason)
                case .nothing: lock.release()
                }
            }
            if let exclusive = try KernelLock.take(folder.storeLock, .exclusive) {
                try create(exclusive)
            } else if cs_monotonic_ms() - began > Self.waitMilliseconds {
                throw StoreFailure.broken(
                    reason: "locked", detail: "\(folder.database) is gone while other hosts use it: end them first")
            } else {
                usleep(1000)
            }
        }
    }

    private func shared() throws(StoreFailure) -> KernelLock {
        if let lock = try KernelLock.wait(folder.storeLock, .shared, milliseconds: Self.waitMilliseconds) {
            return lock
        }
        throw .broken(reason: "locked", detail: "another process migrates or compacts \(folder.database)")
    }

    /// - Precondition: this process holds `store.lock`.
    private func look() throws -> Found {
        guard folder.isDatabaseThere else { return .nothing }
        let connection = try connect()
        do {
            let version = try inspect(connection)
            if version > 0 { return .store(connection, version: version) }
            connection.close()
            return .nothing
        } catch let error as SQLiteError where error.isDamage {
            connection.close()
            return .damaged(error.message)
        } catch {
            connection.close()
            throw error
        }
    }

    private func connect() throws(SQLiteError) -> SQLiteConnection {
        try SQLiteConnection(uri: folder.databaseURI, writable: true, busyMilliseconds: options.busyMillisecondsMax)
    }

    /// The version of the schema, 0 for an empty file.
    private func inspect(_ connection: SQLiteConnection) throws -> Int {
        let version = try connection.integer("PRAGMA user_version")
        let application = try connection.integer("PRAGMA application_id")
        if version == 0, try connection.integer("SELECT count(*) FROM sqlite_schema") == 0 { return 0 }
        guard application == Schema.applicationID, version > 0 else {
            throw StoreFailure.refused("\(folder.database) is a database of another program")
        }
        guard Schema.major(version) <= Schema.major(options.schema.latest) else {
            throw StoreFailure.broken(
                reason: "store_upgraded",
                detail: "\(folder.database) has version \(version), made by a newer agenthost: update this one")
        }
        try connection.execute(Self.settings)
        return version
    }

    private static let settings = """
        PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA mmap_size=0;
        PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384;
        """
}

// MARK: - Making and changing it, alone

extension StoreOpening {
    /// Three messages of a thousand bytes fit; in half of it one does, and the rest is left free.
    private static let pageBytes = 4096

    /// Makes an empty store, unless another process has made one meanwhile.
    ///
    /// It is made under another name and renamed when it is whole and on the disk: with one synchronisation instead of
    /// five, and never half made at its place. SQLite synchronises the folder with the first commit.
    private func create(_ alone: borrowing KernelLock) throws {
        if try isMade() { return }
        // A log without its database is what a removed store left: SQLite would delete it.
        if folder.isAnyPartThere { _ = try folder.setAside(at: cs_wall_ms() / 1000) }
        folder.removeDraft()
        let draft = try SQLiteConnection(uri: folder.draftURI, writable: true, creates: true)
        do {
            try draft.execute("PRAGMA page_size=\(Self.pageBytes); PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF")
            try migrate(draft)
            try draft.execute("PRAGMA synchronous=FULL; PRAGMA journal_mode=WAL")
        } catch {
            draft.close()
            throw error
        }
        draft.close()
        try folder.publishDraft()
    }

    /// Whether there is a store, or a file that `look` has more to say about. An empty file is neither.
    private func isMade() throws -> Bool {
        switch try look() {
        case .store(let connection, _):
            connection.close()
            return true
        case .damaged: return true
        case .nothing: return false
        }
    }

    /// The store at the latest version, and small ones with the words of this analysis, if no other host uses it; else
    /// as it is.
    private func changed(_ connection: SQLiteConnection, _ shared: consuming KernelLock) throws -> Opened {
        shared.release()
        do {
            if let alone = try KernelLock.take(folder.storeLock, .exclusive) {
                try migrate(connection)
                if try isToBeReindexed(connection, connection.integer("PRAGMA user_version")) {
                    try IndexRebuild(database: connection, progress: { _, _ in }).run()
                }
                alone.release()
            }
            let lock = try self.shared()
            return Opened(connection: connection, version: try inspect(connection), lock: lock)
        } catch {
            connection.close()
            throw error
        }
    }

    /// Whether an earlier analysis read the texts of a store with few enough memories. Without that, readers go by the
    /// words that the earlier one found: see docs/decisions/0089.
    private func isToBeReindexed(_ connection: SQLiteConnection, _ version: Int) throws -> Bool {
        guard version >= SchemaPart.memory.since,
            try connection.integer("SELECT analysis FROM memory_index") < TextAnalyzer.version
        else { return false }
        let count = try connection.integer(
            "SELECT count(*) FROM (SELECT 1 FROM memory WHERE current = 1 LIMIT ?)", [.int(options.reindexedMax + 1)])
        return count <= options.reindexedMax
    }

    private func migrate(_ connection: SQLiteConnection) throws {
        try connection.execute("BEGIN IMMEDIATE")
        do {
            let version = try connection.integer("PRAGMA user_version")
            for migration in options.schema.migrations(after: version) {
                try connection.execute(migration.sql)
                try connection.execute("PRAGMA user_version=\(migration.version)")
            }
            try connection.execute("PRAGMA application_id=\(Schema.applicationID)")
            try connection.execute("COMMIT")
        } catch {
            try? connection.execute("ROLLBACK")
            throw error
        }
    }

    /// Moves a damaged store out of the way, if no other host uses it, and says so.
    private func setAside(_ reason: String) throws -> StoreFailure {
        guard let alone = try KernelLock.take(folder.storeLock, .exclusive) else {
            return .damaged("\(folder.database) is damaged (\(reason)), and other hosts use it: end them, start again")
        }
        // Another process may have set it aside and made a new one before this one was alone.
        let found = try look()
        if case .store(let connection, _) = found { connection.close() }
        guard case .damaged = found else { return .overloaded("\(folder.database) was replaced: try again") }
        let place = try folder.setAside(at: cs_wall_ms() / 1000)
        alone.release()
        return .damaged(
            "\(folder.database) is damaged (\(reason)). It was set aside, unchanged, as \(place). Starting again "
                + "begins with an empty store; to go on with a backup, copy it to \(folder.database) first")
    }
}
