package import AgentModel
package import Store

/// How a store is opened.
package struct StoreOptions: Sendable {
    /// Absolute path of the store's folder; made if it does not exist, when the one above it does.
    package var folder: String
    /// This life of this process.
    package var hostID: HostID
    package var pid: Int
    package var startedAt: Timestamp
    package var sink: StoreSink
    /// How long a query may take.
    package var readMillisecondsMax: UInt64 = 100
    /// How long another process may keep the store busy.
    package var busyMillisecondsMax: UInt64 = 5000
    /// Bytes in the write-ahead log past which they are written back to the database.
    package var logBytesToWriteBack = 1 << 20
    /// Bytes in the write-ahead log past which bulk work is refused.
    package var logBytesMax = 16 << 20
    /// How long a store that closes goes on with upkeep of the memory index that is due.
    package var upkeepMillisecondsMax: UInt64 = 20
    /// How long nobody writes before this process goes on with upkeep that another one has left. Longer than a process
    /// lives that recalls once.
    package var upkeepIdleMilliseconds: UInt32 = 1000
    /// Told when the store closes: how long this process kept others from writing.
    package var holdReport: (@Sendable (StoreHolds) -> Void)?
    package var indexLimits = IndexLimits()
    /// How many memories a store has at most that is reindexed while it is opened, when an earlier analysis read their
    /// texts: some seconds' work.
    package var reindexedMax = 20_000
    /// Told each place that upkeep of the memory index reaches, on the writer's thread: where a test ends the process.
    package var upkeepReached: (@Sendable (String) -> Void)?
    var schema = Schema.shipped
    /// Further settings (PRAGMA statements) of the connection that writes.
    var writerSettings = ""

    package init(
        folder: String, hostID: HostID, pid: Int, startedAt: Timestamp, sink: @escaping StoreSink
    ) {
        self.folder = folder
        self.hostID = hostID
        self.pid = pid
        self.startedAt = startedAt
        self.sink = sink
    }
}
