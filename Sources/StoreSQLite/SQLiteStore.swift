package import AgentModel
package import Store
import Synchronization

/// The store on one SQLite file that several host processes share.
///
/// One thread writes, up to two read, each with a connection of its own.
// The writer and the readers are confined to their threads; what is shared is behind their inboxes' locks.
package final class SQLiteStore: Store, @unchecked Sendable {
    package let hostID: HostID
    private let folder: StoreFolder
    private let version: Int
    private let sink: StoreSink
    private let batches = Inbox<StoreBatch>()
    private let loop: WriterLoop
    private let writer: StoreThread
    private let readers: ReaderPool
    private let isOpen = Atomic(true)

    /// Opens the store in a folder, making both when they are missing; takes well under a millisecond when they exist.
    ///
    /// A damaged database is set aside by renaming and the call fails; see `docs/decisions` for why.
    package static func open(_ options: StoreOptions) throws(StoreFailure) -> SQLiteStore {
        let folder = StoreFolder(path: options.folder)
        let opened = try StoreOpening(folder: folder, options: options).open()
        return try SQLiteStore(options, folder, opened)
    }

    private init(
        _ options: StoreOptions, _ folder: StoreFolder, _ opened: consuming StoreOpening.Opened
    ) throws(StoreFailure) {
        hostID = options.hostID
        sink = options.sink
        version = opened.version
        self.folder = folder
        readers = ReaderPool(folder: folder, options: options)
        let loop = WriterLoop(options: options, folder: folder, inbox: batches, opened: opened)
        guard let thread = StoreThread({ loop.run() }) else {
            throw .broken(reason: "io_error", detail: "no thread for the store's writer")
        }
        self.loop = loop
        writer = thread
    }

    package func describe() -> StoreDescription {
        StoreDescription(
            path: folder.database, bytes: folder.databaseBytes(), schemaVersion: version, engine: SQLiteLibrary.name,
            setAside: folder.damagedDatabases())
    }

    package func submit(_ batch: StoreBatch) {
        if batches.put(batch) == nil { sink(.failed(batch.ticket, .closed)) }
    }

    package func read(_ ticket: StoreTicket, _ query: @escaping @Sendable (any StoreReader) throws -> any Sendable) {
        readers.read(ticket, query)
    }

    package func abandonRead(_ ticket: StoreTicket) { readers.abandon(ticket) }

    package func watch(_ wanted: Bool) { batches.setInterval(milliseconds: wanted ? 20 : nil) }

    package func close(leavingProcesses: Bool) {
        guard isOpen.exchange(false, ordering: .relaxed) else { return }
        loop.staysRegistered.store(leavingProcesses, ordering: .relaxed)
        batches.close()
        readers.close()
        writer.join()
    }

    /// Lets go of the files like a process that is killed: nothing says that this host has ended, but that it no longer
    /// lives. What was submitted is finished.
    func abandon() {
        loop.isAbandoned.store(true, ordering: .relaxed)
        close()
    }
}

extension StoreFailure {
    static let closed = StoreFailure.broken(reason: "closed", detail: "the store is closed")
}
