package import Store

/// A look into a store by a process that is none of its hosts: one connection that only reads, on the caller's thread.
package struct StoreGlance: Sendable {
    private let folder: StoreFolder
    /// How long a look may take, and how long others may be in its way.
    private static let millisecondsMax: UInt64 = 1000

    /// - Parameter folder: absolute path of the store's folder.
    package init(folder: String) { self.folder = StoreFolder(path: folder) }

    /// What `query` answers in one read transaction. `nil` where only a host can open the store, for it is to be made,
    /// migrated or set aside first, or may not be where it is.
    package func read<Value>(_ query: (any StoreReader) throws -> Value) throws(StoreFailure) -> Value? {
        guard SQLiteLibrary.isRecentEnough, folder.isDatabaseThere,
            NetworkFileSystem.name(ofFolder: folder.path) == nil
        else { return nil }
        // Nobody migrates the store, compacts it or sets it aside meanwhile.
        guard let lock = try KernelLock.take(folder.storeLock, .shared) else { return nil }
        let result = Result { () throws(StoreFailure) -> Value? in
            do { return try look(query) } catch { throw StoreFailure(of: error) }
        }
        lock.release()
        return try result.get()
    }

    private func look<Value>(_ query: (any StoreReader) throws -> Value) throws -> Value? {
        let database = try SQLiteConnection(reading: folder, busyMilliseconds: Self.millisecondsMax)
        defer { database.close() }
        return try database.inReadTransaction(milliseconds: Self.millisecondsMax) {
            guard try isCurrent(database) else { return nil }
            return try query(
                SQLiteReader(database, hosts: folder.hosts, ownHost: nil, memoryCache: MemoryIndexCache()))
        }
    }

    /// A later minor version only adds.
    private func isCurrent(_ database: SQLiteConnection) throws -> Bool {
        let version = try database.integer("PRAGMA user_version")
        return try database.integer("PRAGMA application_id") == Schema.applicationID
            && version >= Schema.shipped.latest && Schema.major(version) == Schema.major(Schema.shipped.latest)
    }
}
