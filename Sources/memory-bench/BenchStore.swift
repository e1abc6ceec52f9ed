import AgentModel
import JSON
import Store
import StoreSQLite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The store, each call waiting for its answer.
///
/// A question is timed inside the reader's thread, around the one call that a reader makes, as the peers' are. A write
/// is timed from here until its commit has come back.
final class BenchStore {
    private let store: SQLiteStore
    private let answer: Answer
    private var lastTicket: UInt64 = 0

    /// - Parameters:
    ///   - report: told when it is closed, how long it has kept others from writing
    ///   - upkeepReached: told each place that upkeep of the index reaches
    init(
        folder: String, report: (@Sendable (StoreHolds) -> Void)? = nil,
        upkeepReached: (@Sendable (String) -> Void)? = nil
    ) throws {
        let answer = Answer()
        var options = StoreOptions(
            folder: folder, hostID: HostID(Clock.uuid()), pid: Int(getpid()), startedAt: Clock.now(),
            sink: { answer.put($0) })
        // With everything measured on two cores at once, a question may have to wait for its turn.
        options.readMillisecondsMax = 60_000
        options.holdReport = report
        options.upkeepReached = upkeepReached
        store = try SQLiteStore.open(options)
        self.answer = answer
    }

    func close() { store.close() }

    var bytes: Int { store.describe().bytes }

    private func ticket() -> StoreTicket {
        lastTicket += 1
        return StoreTicket(lastTicket)
    }

    /// All in one transaction. Returns the microseconds until they were durable.
    func remember(_ drafts: [MemoryDraft]) throws -> Double {
        while true {
            let begin = Clock.microseconds()
            store.submit(StoreBatch(ticket(), at: Clock.now(), drafts.map { .remember($0) }))
            switch answer.take() {
            case .committed: return Clock.microseconds() - begin
            case .failed(_, .overloaded): usleep(5000)
            case let other: throw BenchFailure("remember: \(other)")
            }
        }
    }

    private func read<Value: Sendable>(
        _ query: @escaping @Sendable (any StoreReader) throws -> Value
    ) throws -> (value: Value, microseconds: Double) {
        store.read(ticket()) { reader in
            let begin = Clock.microseconds()
            let value = try query(reader)
            return (value, Clock.microseconds() - begin)
        }
        guard case .read(_, let result) = answer.take(), let timed = try result.get() as? (Value, Double) else {
            throw BenchFailure("no answer to a question")
        }
        return timed
    }

    func recall(
        _ question: String, namespace: String? = nil
    ) throws -> (memories: [Memory], microseconds: Double) {
        var query = RecallQuery(text: question, scopes: [RecallScope(.user)], at: Clock.now())
        query.namespaces = namespace.map { [$0] }
        query.limit = BenchCommands.limit
        let (result, time) = try read { [query] in try $0.recall(query) }
        return (result.hits.map(\.memory), time)
    }

    func list(_ namespace: String) throws -> Double {
        var filter = MemoryFilter()
        filter.scopes = [.user]
        filter.namespace = namespace
        let page = PageRequest(limit: BenchCommands.limit)
        let (found, time) = try read { [filter] in try $0.memories(filter, at: Clock.now(), page) }
        guard found.items.count == page.limit else { throw BenchFailure("\(found.items.count) memories listed") }
        return time
    }

    func get(_ namespace: String, _ key: String) throws -> Double {
        let (found, time) = try read { try $0.memory(.user, namespace: namespace, key: key, at: nil) }
        guard found != nil else { throw BenchFailure("no memory \(key)") }
        return time
    }
}

/// The one answer that is waited for.
// The mutex guards the event; the pointers never change.
private final class Answer: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var event: StoreEvent?

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func put(_ new: StoreEvent) {
        if case .changedElsewhere = new { return }
        pthread_mutex_lock(mutex)
        event = new
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(condition)
    }

    func take() -> StoreEvent {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let taken = event {
                event = nil
                return taken
            }
            pthread_cond_wait(condition, mutex)
        }
    }
}
