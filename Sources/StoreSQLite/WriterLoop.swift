import AgentModel
import CSQLite
import CSystem
import Store
import Synchronization

/// The writer's thread: takes what has queued up, commits it together, answers in order.
// Made on one thread and handed to the one that runs it; others touch nothing but its flag.
final class WriterLoop: @unchecked Sendable {
    private let options: StoreOptions
    private let folder: StoreFolder
    private let inbox: Inbox<StoreBatch>
    private let connection: SQLiteConnection
    private let version: Int
    /// Held as long as the loop runs, not as long as somebody knows of it.
    private var storeLock: KernelLock?
    private var ownLock: KernelLock?
    private var isRegistered = false
    private let dictionary: MemoryDictionary
    private let heads = CheckpointHeads()
    private let log: LogKeeper
    private var holds = StoreHolds()
    /// Of the memory index; `nil` in a store that has none yet.
    private let upkeep: IndexUpkeep?
    private var dataVersion: Int
    private var lookedAt: UInt64 = 0
    /// Whether others may have left upkeep since this process looked for it.
    private var mayBeLeft = true
    /// When this process or another one was last seen to write, or this one began.
    private var busyAt = cs_monotonic_ms()
    /// Nothing is to be put in order at the end.
    let isAbandoned = Atomic(false)
    /// Another host has to bury this one in any case.
    let staysRegistered = Atomic(false)

    /// Batches committed together; more wait for the next round, so that the first ones are answered soon.
    private static let groupMax = 512

    private static let begin = SQLiteQuery("BEGIN IMMEDIATE")
    private static let version = SQLiteQuery("PRAGMA user_version")
    private static let commit = SQLiteQuery("COMMIT")

    init(
        options: StoreOptions, folder: StoreFolder, inbox: Inbox<StoreBatch>, opened: consuming StoreOpening.Opened
    ) {
        self.options = options
        self.folder = folder
        self.inbox = inbox
        connection = opened.connection
        version = opened.version
        storeLock = consume opened.lock
        log = LogKeeper(folder: folder, options: options)
        dictionary = MemoryDictionary(connection)
        try? connection.execute("PRAGMA secure_delete=ON")
        upkeep =
            version >= SchemaPart.memory.since ? IndexUpkeep(connection, version: version, options.indexLimits) : nil
        if let told = options.upkeepReached { upkeep?.tell(told) }
        try? connection.execute(options.writerSettings)
        dataVersion = (try? connection.integer("PRAGMA data_version")) ?? 0
        log.watch(connection)
    }

    func run() {
        loop: while true {
            switch inbox.takeAll(patience: mayBeLeft ? options.upkeepIdleMilliseconds : nil) {
            case .items(let batches): write(batches[...])
            case .item(let batch): write([batch])
            case .tick:
                if inbox.interval != nil { lookElsewhere() }
                lookForWhatIsLeft()
            case .closed: break loop
            }
        }
        leave()
        storeLock = nil
    }

    private func write(_ batches: ArraySlice<StoreBatch>) {
        var rest = batches
        while !rest.isEmpty {
            let group = rest.prefix(Self.groupMax)
            rest = rest.dropFirst(group.count)
            for answer in erasingTraces(of: group, commit(group)) { options.sink(answer) }
            log.writeBackIfDue()
            keepUp()
            busyAt = cs_monotonic_ms()
            // A host that always writes would never come to a tick.
            if let interval = inbox.interval, cs_monotonic_ms() &- lookedAt >= UInt64(interval) { lookElsewhere() }
        }
    }

    private func keepUp() {
        upkeep?.work(until: { [inbox] isPressing in !isPressing && inbox.isAwaited }, wrote: log.writeBackIfDue)
    }

    /// Goes on with what a process left undone that ended soon after it wrote, once nobody writes any more.
    private func lookForWhatIsLeft() {
        guard mayBeLeft, cs_monotonic_ms() &- busyAt >= UInt64(options.upkeepIdleMilliseconds) else { return }
        mayBeLeft = false
        upkeep?.noteAll()
        keepUp()
    }

    // MARK: - A group of batches in one transaction

    private func commit(_ group: ArraySlice<StoreBatch>) -> [StoreEvent] {
        upkeep?.makeRoom(wrote: log.writeBackIfDue)
        let refusesBulk = group.contains(where: \.isBulk) && log.isOverfull()
        var buried: [HostID] = []
        do {
            let clock = try begin(at: group.first?.at)
            var answers: [StoreEvent] = []
            for batch in group {
                let answer = try apply(batch, isAlone: group.count == 1, refusesBulk: refusesBulk)
                if case .committed = answer { buried += batch.buriedHosts }
                answers.append(answer)
            }
            try connection.run(Self.commit)
            holds.commits.add(clock.hold)
            isRegistered = true
            upkeep?.note(answers.flatMap(\.memories), word: dictionary.lastMade)
            for host in buried { folder.hosts.remove(host) }
            return answers
        } catch {
            if connection.isInTransaction { _ = try? connection.run("ROLLBACK") }
            dictionary.rolledBack()
            // A batch too large for the disk takes its whole transaction down: the others may fit without it.
            if (error as? SQLiteError)?.primary == SQLITE_FULL, group.count > 1 {
                return group.indices.flatMap { commit(group[$0...$0]) }
            }
            let failure = StoreFailure(of: error)
            return group.map { .failed($0.ticket, failure) }
        }
    }

    /// Before a batch is answered that wants nothing left of what was removed.
    private func erasingTraces(of group: ArraySlice<StoreBatch>, _ answers: [StoreEvent]) -> [StoreEvent] {
        let wanting = Set(group.lazy.filter { $0.commands.contains(.eraseTraces) }.map(\.ticket))
        func isErasing(_ answer: StoreEvent) -> Bool {
            if case .committed(let commit) = answer { wanting.contains(commit.ticket) } else { false }
        }
        guard answers.contains(where: isErasing) else { return answers }
        let isErased = try? log.erase(connection, by: "UPDATE memory_index SET erasures = erasures + 1")
        guard isErased != true else { return answers }
        return answers.map { answer in
            guard isErasing(answer), case .committed(let commit) = answer else { return answer }
            return .failed(
                commit.ticket,
                .overloaded("what was removed is gone, but readers keep traces of it in the write-ahead log"))
        }
    }

    /// Returns what measures how long others are kept out.
    private func begin(at now: Timestamp?) throws -> HoldClock {
        if ownLock == nil { ownLock = try folder.hosts.claim(options.hostID) }
        try connection.run(Self.begin)
        let clock = HoldClock()
        let version = try connection.integer(Self.version)
        guard version == self.version else {
            throw StoreFailure.broken(
                reason: "store_upgraded", detail: "the store has version \(version) now, opened was \(self.version)")
        }
        dictionary.begin()
        if !isRegistered {
            try connection.run(
                "INSERT OR IGNORE INTO host(id, pid, started_at) VALUES (?, ?, ?)",
                [.id(options.hostID), .int(options.pid), .time(options.startedAt)])
        }
        return clock
    }

    /// A batch takes effect whole or not at all: as a savepoint, or alone in its transaction, which costs no copies of
    /// the pages that it changes. Throws only what ends the whole transaction.
    private func apply(_ batch: StoreBatch, isAlone: Bool, refusesBulk: Bool) throws -> StoreEvent {
        if refusesBulk, batch.isBulk {
            return .failed(batch.ticket, .overloaded("the write-ahead log waits for readers to be written back"))
        }
        func run() throws -> StoreEvent {
            let transaction = StoreTransaction(
                connection, batch, host: options.hostID, hosts: folder.hosts, schemaVersion: version,
                dictionary: dictionary, heads: heads)
            return .committed(try transaction.run(batch.commands))
        }
        if isAlone { return try run() }
        try connection.run("SAVEPOINT batch")
        do {
            let answer = try run()
            try connection.run("RELEASE batch")
            return answer
        } catch {
            guard connection.isInTransaction else { throw error }
            dictionary.rolledBack()
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
        guard dataVersion != now else { return }
        dataVersion = now
        mayBeLeft = true
        busyAt = lookedAt
        options.sink(.changedElsewhere)
    }

    // MARK: - The end

    /// Takes this host out of the store if it leaves nothing behind; then no other has to bury it.
    private func leave() {
        guard !isAbandoned.load(ordering: .relaxed) else {
            connection.close()
            holds.writeBacks = log.close()
            return ownLock = nil
        }
        if let upkeep {
            let began = cs_monotonic_ms()
            upkeep.work(
                until: { [options] _ in cs_monotonic_ms() - began >= options.upkeepMillisecondsMax },
                wrote: log.writeBackIfDue)
            holds.upkeep = upkeep.holds
        }
        if isRegistered, !staysRegistered.load(ordering: .relaxed) {
            // Nothing is lost if this is not on the disk when the power fails: the host is dead then, and gets buried.
            _ = try? connection.execute("PRAGMA synchronous=NORMAL")
            _ = try? connection.run(
                """
                DELETE FROM host WHERE id = ?1 AND NOT EXISTS(
                    SELECT 1 FROM task WHERE host_id = ?1 AND status IN ('queued', 'running'))
                """, [.id(options.hostID)])
        }
        connection.close()
        holds.writeBacks = log.close()
        options.holdReport?(holds)
        if let lock = ownLock.take() {
            folder.hosts.unlinkOwn(options.hostID)
            lock.release()
        }
    }
}

extension StoreEvent {
    fileprivate var memories: [MemoryChange] {
        if case .committed(let commit) = self { commit.memories } else { [] }
    }
}

extension StoreBatch {
    fileprivate var isBulk: Bool { commands.contains(where: \.isBulk) }

    fileprivate var buriedHosts: [HostID] {
        commands.compactMap { if case .buryHost(let host) = $0 { host } else { nil } }
    }
}
