package import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a person does to a store from the command line. Every call blocks until it is done.
package struct StoreMaintenance: Sendable {
    private let folder: StoreFolder
    private static let waitMilliseconds: UInt64 = 2000

    /// - Parameter folder: absolute path of the store's folder.
    package init(folder: String) { self.folder = StoreFolder(path: folder) }

    /// Reads everything and reports what does not fit together: in the file's pages, and in what they say. Hosts may
    /// go on meanwhile. Fails with `notFound` without a store, with `broken` when it cannot be read.
    ///
    /// - Parameter progress: told how many memories of all were compared with their index
    package func check(
        progress: @escaping (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws(StoreFailure) -> StoreReport {
        try withDatabase(writable: false, .shared) { database in
            do {
                return try StoreChecker(database: database).check(bytes: folder.databaseBytes(), progress: progress)
            } catch let error as SQLiteError where error.isDamage {
                var report = StoreReport()
                report.problems = [error.message]
                report.bytes = folder.databaseBytes()
                return report
            }
        }
    }

    /// Copies the store as it stands into a new file (0600), compacted. Hosts may go on meanwhile. Fails with `refused`
    /// when something is at that path.
    package func backup(to path: String) throws(StoreFailure) -> StoreCopy {
        try withDatabase(writable: false, .shared) { database in
            guard access(path, F_OK) != 0 else { throw StoreFailure.refused("\(path) exists") }
            // Made empty and private before anything is in it; VACUUM INTO takes an empty file.
            let uri = "file:\(StoreFolder.escaped(path))?modeof=\(StoreFolder.escaped(folder.storeLock))"
            try database.run("VACUUM INTO ?", [.text(uri)])
            try flush(uri)
            return StoreCopy(path: path, bytesBefore: folder.databaseBytes(), bytesAfter: StoreFolder.bytes(of: path))
        }
    }

    /// VACUUM INTO leaves its file to the system's cache: a commit of nothing new synchronises it.
    private func flush(_ uri: String) throws {
        let copy = try SQLiteConnection(uri: uri, writable: true)
        defer { copy.close() }
        let version = try copy.integer("PRAGMA user_version")
        try copy.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=FULL; PRAGMA user_version=\(version)")
    }

    /// Gives the space of what was deleted back. Fails with `broken`, `locked`, while a host uses the store.
    package func vacuum() throws(StoreFailure) -> StoreCopy {
        let before = folder.databaseBytes()
        return try withDatabase(writable: true, .exclusive) { database in
            try database.run("VACUUM")
            // Nobody else has the store: no commit can race this.
            try database.run("PRAGMA wal_checkpoint(TRUNCATE)")
            return StoreCopy(path: folder.database, bytesBefore: before, bytesAfter: folder.databaseBytes())
        }
    }

    /// Makes the memory index anew from the memories: after an update that reads words differently, or when `check`
    /// finds fault with it. Fails with `broken`, `locked`, while a host uses the store. A process that ends before it
    /// is done leaves the index as it was.
    package func rebuildIndex(
        progress: @escaping (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws(StoreFailure) -> MemoryStats {
        try withDatabase(writable: true, .exclusive) { database in
            let version = try database.integer("PRAGMA user_version")
            try SchemaPart.memory.require(version)
            try IndexRebuild(database: database, progress: progress).run()
            let upkeep = IndexUpkeep(database, version: version, IndexLimits())
            upkeep.noteAll()
            upkeep.work(until: { _ in false }, wrote: {})
            // Nobody else has the store: no commit can race this.
            try database.run("PRAGMA wal_checkpoint(TRUNCATE)")
            return try MemoryStats.read(database)
        }
    }

    private func withDatabase<Value>(
        writable: Bool, _ kind: KernelLock.Kind, _ body: (SQLiteConnection) throws -> Value
    ) throws(StoreFailure) -> Value {
        guard folder.isDatabaseThere else { throw .notFound(folder.database) }
        // A process that is being started holds a copy of every descriptor for a moment, also of a lock just released.
        guard let lock = try KernelLock.wait(folder.storeLock, kind, milliseconds: Self.waitMilliseconds) else {
            throw .broken(reason: "locked", detail: "a host uses \(folder.path): end it first")
        }
        let result = Result { () throws(StoreFailure) in
            do {
                let database = try SQLiteConnection(uri: folder.databaseURI, writable: writable)
                defer { database.close() }
                return try body(database)
            } catch { throw StoreFailure(of: error) }
        }
        lock.release()
        return try result.get()
    }
}
