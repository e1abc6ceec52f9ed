package import AgentModel

/// Where sessions, their logs and all else that must survive are kept.
///
/// A transaction is a value, applied whole or not at all, in the order of `submit`; it is durable when its `committed`
/// event comes back. What has queued up is committed together, each batch a savepoint. No call ever blocks: all
/// answers come as `StoreEvent`s through the sink that the store was opened with, on a thread of the store's.
package protocol Store: AnyObject, Sendable {
    /// This life of this process on the store.
    var hostID: HostID { get }
    /// Path, size and version, for `host.status`.
    func describe() -> StoreDescription
    func submit(_ batch: StoreBatch)
    /// Runs the query on one consistent state and answers with `StoreEvent.read(ticket, ...)`. A query sees every batch
    /// whose `committed` came back before the call, and lasts 100 ms at most; only
    /// searching, listing and counting memories goes on, on one state after another.
    func read(_ ticket: StoreTicket, _ query: @escaping @Sendable (any StoreReader) throws -> any Sendable)
    /// Nobody waits for a query's answer any more: one that runs is interrupted, one that waits is not begun. Either
    /// answers with a failure, unless it has its answer already. An unknown ticket is passed over.
    func abandonRead(_ ticket: StoreTicket)
    /// Whether to notice commits of other processes (`changedElsewhere`), looked for every 20 ms.
    func watch(_ wanted: Bool)
    /// Finishes what was submitted, then lets go of the files and of this host's claim to live.
    /// - Parameter leavingProcesses: what it started may still be there: it is dead then until another host buries it,
    ///   even if it leaves no task.
    func close(leavingProcesses: Bool)
}

extension Store {
    /// Nothing that it started is left.
    package func close() { close(leavingProcesses: false) }
}

/// Where a store's answers go. Called on a thread of the store's, for batches in the order of their commits; after
/// `close` on the caller's. It must not call `close`.
package typealias StoreSink = @Sendable (StoreEvent) -> Void

/// Names a batch or a query until its answer; given by the caller, never reused.
package struct StoreTicket: Hashable, Sendable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
}

/// Commands that take effect together.
package struct StoreBatch: Hashable, Sendable {
    package var ticket: StoreTicket
    /// The time that everything in the batch is stamped with.
    package var at: Timestamp
    package var commands: [StoreCommand]

    package init(_ ticket: StoreTicket, at: Timestamp, _ commands: [StoreCommand]) {
        self.ticket = ticket
        self.at = at
        self.commands = commands
    }
}

/// What a batch did, now durable.
package struct StoreCommit: Hashable, Sendable {
    package var ticket: StoreTicket
    /// In the order of the log, with their numbers.
    package var events: [Event] = []
    /// Each session, task, connection and project that the batch changed, as it is afterwards. Events alone change no
    /// session.
    package var sessions: [SessionID: AgentSession] = [:]
    package var tasks: [TaskID: AgentTask] = [:]
    package var connections: [ConnectionID: DatabaseConnection] = [:]
    package var projects: [ProjectID: Project] = [:]
    /// Each ask that the batch inserted or resolved, as it is afterwards.
    package var asks: [PermissionID: PermissionAsk] = [:]
    /// The checkpoint that a session was at when `insertTask` queued its task.
    package var heads: [SessionID: CheckpointID] = [:]
    /// How far `copyHistory` has come in the source's log.
    package var copiedSeq: Int?
    /// How far `copyMemories` has come in the source's memories.
    package var copiedDocument: Int?
    /// How many of the records were taken that `importRecords` was given.
    package var importedRecords = 0
    /// The epoch of the lease that `startTask` took.
    package var leaseEpoch: Int?
    /// Where the driver session stood that `startTask` resumes, if anybody has read it.
    package var reading: UsageReading?
    /// The last run, before the one that `startTask` starts, on the driver session that it resumes.
    package var previousRun: RunID?
    /// What each `remember`, `updateMemory` and copy came to, in their order.
    package var memories: [MemoryChange] = []
    package var forgotten = ForgetCounts()
    package var purged = PurgeCounts()
    /// Checkpoints that were deleted, or are not kept any longer.
    package var removedCheckpoints = 0
    /// Memories that sessions have handed on.
    package var promoted = 0
    /// Whether more is left for another call of a command that takes a limit.
    package var isMoreLeft = false

    package init(ticket: StoreTicket) { self.ticket = ticket }
}

/// What a purge removed.
package struct PurgeCounts: Hashable, Sendable {
    package var sessions = 0
    package var tasks = 0
    package var runs = 0
    package var events = 0
    package var artifacts = 0
    package var checkpoints = 0
    package var memories = 0

    package init() {}
}

package enum StoreEvent: Sendable {
    case committed(StoreCommit)
    case failed(StoreTicket, StoreFailure)
    case read(StoreTicket, Result<any Sendable, StoreFailure>)
    case changedElsewhere
}

/// Why a batch changed nothing or a query has no answer.
package enum StoreFailure: Error, Hashable, Sendable {
    /// Nothing has this id (as it is written on the wire).
    case notFound(String)
    /// A status or a use forbids it.
    case refused(String)
    /// The task has ended, or is no longer where the command expects it.
    case superseded(TaskID)
    /// Something that has no task is no longer as the command expects it; its id as it is written on the wire.
    case outdated(String)
    /// Another host works on the session.
    case busy(HostRecord)
    /// As `busy`, but that host is dead: end what it left, `buryHost`, and try again.
    case deadHolder(HostRecord)
    /// This host's lease was taken by another.
    case fenced(SessionID)
    /// The key has been used for the same request: what it made.
    case replayed(target: String)
    case keyConflict(key: String)
    case limit(String)
    /// A page was asked for after something that no page ends with.
    case unknownCursor(String)
    /// The store is busy; the same call may pass later.
    case overloaded(String)
    /// Nothing is known of a batch but that it was not answered: `StoreWitness` tells whether it took effect. `reason`
    /// is stable: `disk_full`, `io_error`, `damaged`, `store_upgraded`, `locked`, `closed`, and
    /// `old_schema` for memory in a store that could not be brought to this version while other hosts use it.
    case broken(reason: String, detail: String)
}

/// A host process as the store knows it.
package struct HostRecord: Hashable, Sendable {
    package let id: HostID
    package let pid: Int
    package let startedAt: Timestamp

    package init(id: HostID, pid: Int, startedAt: Timestamp) {
        self.id = id
        self.pid = pid
        self.startedAt = startedAt
    }
}

package struct StoreDescription: Hashable, Sendable {
    /// Of the file, absolute if the store's folder was given so.
    package var path: String
    package var bytes: Int
    package var schemaVersion: Int
    package var engine: String
    /// Damaged stores that were set aside and that nobody has removed yet, by path.
    package var setAside: [String]

    package init(path: String, bytes: Int, schemaVersion: Int, engine: String, setAside: [String] = []) {
        self.path = path
        self.bytes = bytes
        self.schemaVersion = schemaVersion
        self.engine = engine
        self.setAside = setAside
    }
}
