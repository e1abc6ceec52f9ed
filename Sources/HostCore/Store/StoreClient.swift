import AgentModel
import Store

/// The loop's side of the store: gives out tickets and brings each answer to who waits for it. Confined to the
/// loop's thread; answers are handled in the order of the store's own queue.
final class StoreClient {
    typealias CommitResult = Result<StoreCommit, StoreFailure>

    private let store: any Store
    private let now: () -> Timestamp
    private var lastTicket: UInt64 = 0
    private var isWatching = false
    var commits: [StoreTicket: (CommitResult) -> Void] = [:]
    var reads: [StoreTicket: (Result<any Sendable, StoreFailure>) -> Void] = [:]

    init(_ store: any Store, now: @escaping () -> Timestamp) {
        self.store = store
        self.now = now
    }

    var hostID: HostID { store.hostID }
    var waitingCount: Int { commits.count + reads.count }

    /// Everything the batch made durable is told to `then`, or why it changed nothing.
    func commit(_ commands: [StoreCommand], then: @escaping (CommitResult) -> Void) {
        let ticket = nextTicket()
        commits[ticket] = then
        store.submit(StoreBatch(ticket, at: now(), commands))
    }

    /// Reads one consistent state.
    /// - Returns: what `abandonRead` takes
    @discardableResult
    func read<Answer: Sendable>(
        _ query: @escaping @Sendable (any StoreReader) throws -> Answer,
        then: @escaping (Result<Answer, StoreFailure>) -> Void
    ) -> StoreTicket {
        let ticket = nextTicket()
        reads[ticket] = { result in
            then(
                result.flatMap { answer in
                    guard let answer = answer as? Answer else {
                        return .failure(.broken(reason: "io_error", detail: "the store answered another question"))
                    }
                    return .success(answer)
                })
        }
        store.read(ticket) { try query($0) }
        return ticket
    }

    /// Ends a read early; it may have its answer already.
    func abandonRead(_ ticket: StoreTicket) { store.abandonRead(ticket) }

    /// Hands an answer to who waits for it.
    /// - Parameter publish: told of what was committed before anyone waits for it, so that events come before replies.
    func handle(_ event: StoreEvent, publish: (StoreCommit) -> Void) {
        switch event {
        case .committed(let commit):
            let then = commits.removeValue(forKey: commit.ticket)
            publish(commit)
            then?(.success(commit))
        case .failed(let ticket, let failure):
            commits.removeValue(forKey: ticket)?(.failure(failure))
        case .read(let ticket, let result):
            reads.removeValue(forKey: ticket)?(result)
        case .changedElsewhere:
            break
        }
    }

    func watch(_ wanted: Bool) {
        guard wanted != isWatching else { return }
        isWatching = wanted
        store.watch(wanted)
    }
    func describe() -> StoreDescription { store.describe() }
    func close(leavingProcesses: Bool) { store.close(leavingProcesses: leavingProcesses) }

    private func nextTicket() -> StoreTicket {
        lastTicket += 1
        return StoreTicket(lastTicket)
    }
}
