import AgentModel
import CSQLite
import CSystem
import Store

/// The writer's thread: takes what has queued up, commits it together, answers in order.
// Made on one thread and handed to the one that runs it; nobody else keeps it.
final class WriterLoop: @unchecked Sendable {
    private let options: StoreOptions
    private let folder: StoreFolder
    private let inbox: Inbox<StoreBatch>
    private let connection: SQLiteConnection
    private let version: Int
    private let storeLock: KernelLock
    private var ownLock: KernelLock?
    private var isRegistered = false
    private var log: LogKeeper
    private var dataVersion: Int
    private var lookedAt: UInt64 = 0

    /// Batches committed together; more wait for the next round, so that the first ones are answered soon.
    private static let groupMax = 512

    init(
        options: StoreOptions, folder: StoreFolder, inbox: Inbox<StoreBatch>, opened: consuming StoreOpening.Opened
    ) {
        self.options = options
        self.folder = folder
        self.inbox = inbox
        connection = opened.connection
        version = opened.version
        storeLock = opened.lock
        log = LogKeeper(folder: folder, options: options)
        try? connection.execute(options.writerSettings)
        dataVersion = (try? connection.integer("PRAGMA data_version")) ?? 0
        log.watch(connection)
    }

    func run() {
        loop: while true {
            switch inbox.takeAll() {
            case .items(let batches): write(batches[...])
            case .item(let batch): write([batch])
            case .tick: lookElsewhere()
            case .closed: break loop
            }
        }
        leave()
    }

    private func write(_ batches: ArraySlice<StoreBatch>) {
        var rest = batches
        while !rest.isEmpty {
            let group = rest.prefix(Self.groupMax)
            rest = rest.dropFirst(group.count)
            for answer in commit(group) { options.sink(answer) }
            log.writeBackIfDue(connection)
            // A host that always writes would never come to a tick.
            if let interval = inbox.interval, cs_monotonic_ms() &- lookedAt >= UInt64(interval) { lookElsewhere() }
        }
    }

    // MARK: - A group of batches in one transaction

    private func commit(_ group: ArraySlice<StoreBatch>) -> [StoreEvent] {
        var buried: [HostID] = []
        do {
            try begin(at: group.first?.at)
            var answers: [StoreEvent] = []
            for batch in group {
                let answer = try apply(batch)
                if case .committed = answer { buried += batch.buriedHosts }
                answers.append(answer)
            }
            try connection.run("COMMIT")
            isRegistered = true
            for host in buried { folder.hosts.remove(host) }
            return answers
        } catch {
            if connection.isInTransaction { _ = try? connection.run("ROLLBACK") }
            // A batch too large for the disk takes its whole transaction down: the others may fit without it.
            if (error as? SQLiteError)?.primary == SQLITE_FULL, group.count > 1 {
                return group.indices.flatMap { commit(group[$0...$0]) }
            }
            let failure = StoreFailure(of: error)
            return group.map { .failed($0.ticket, failure) }
        }
    }

    private func begin(at now: Timestamp?) throws {
        if ownLock == nil { ownLock = try folder.hosts.claim(options.hostID) }
        try connection.run("BEGIN IMMEDIATE")
        let version = try connection.integer("PRAGMA user_version")
        guard version == self.version else {
            throw StoreFailure.broken(
                reason: "store_upgraded", detail: "the store has version \(version) now, opened was \(self.version)")
        }
        if !isRegistered {
            try connection.run(
                "INSERT OR IGNORE INTO host(id, pid, started_at) VALUES (?, ?, ?)",
                [.id(options.hostID), .int(options.pid), .time(options.startedAt)])
        }
    }

    /// A batch as a savepoint: it takes effect whole or not at all. Throws only what ends the whole transaction.
    private func apply(_ batch: StoreBatch) throws -> StoreEvent {
        if log.isOverfull, batch.commands.contains(where: \.isBulk) {
            return .failed(batch.ticket, .overloaded("the write-ahead log waits for readers to be written back"))
        }
        try connection.run("SAVEPOINT batch")
        do {
            let transaction = StoreTransaction(
                connection, batch, host: options.hostID, hosts: folder.hosts, schemaVersion: version)
            let commit = try transaction.run(batch.commands)
            try connection.run("RELEASE batch")
            return .committed(commit)
        } catch {
            guard connection.isInTransaction else { throw error }
            try connection.run("ROLLBACK TO batch")
            try connection.run("RELEASE batch")
            return .failed(batch.ticket, StoreFailure(of: error))
        }
    }

    // MARK: - Other processes

    /// `data_version` changes when another connection commits: a connection's own commits leave it as it is.
    private func lookElsewhere() {
        lookedAt = cs_monotonic_ms()
        guard let now = try? connection.integer("PRAGMA data_version") else { return }
        if dataVersion != now { options.sink(.changedElsewhere) }
        dataVersion = now
    }

    // MARK: - The end

    /// Takes this host out of the store if it leaves nothing behind; then no other has to bury it.
    private func leave() {
        if isRegistered {
            // Nothing is lost if this is not on the disk when the power fails: the host is dead then, and gets buried.
            _ = try? connection.execute("PRAGMA synchronous=NORMAL")
            _ = try? connection.run(
                """
                DELETE FROM host WHERE id = ?1 AND NOT EXISTS(
                    SELECT 1 FROM task WHERE host_id = ?1 AND status IN ('queued', 'running'))
                """, [.id(options.hostID)])
        }
        connection.close()
        log.close()
        if let lock = ownLock.take() {
            folder.hosts.unlinkOwn(options.hostID)
            lock.release()
        }
    }
}

extension StoreBatch {
    fileprivate var buriedHosts: [HostID] {
        commands.compactMap { if case .buryHost(let host) = $0 { host } else { nil } }
    }
}
