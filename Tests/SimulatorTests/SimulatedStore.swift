import AgentModel
import Foundation
import Store

@testable import StoreSQLite

/// The SQLite store, whose answers come when the simulation says so, and not always as they should.
// Used on the simulation's one thread; what the store's threads answer is behind the condition.
final class SimulatedStore: Store, @unchecked Sendable {
    typealias Query = @Sendable (any StoreReader) throws -> any Sendable

    /// What the store does next time.
    enum Fault {
        case none
        /// Nothing changes.
        case refuses(StoreFailure)
        /// The change is durable, and the answer says that it failed.
        case losesAnswer
    }

    private let inner: SQLiteStore
    private let answers: Answers
    private let sink: StoreSink
    private var batches: [StoreBatch] = []
    private var queries: [(StoreTicket, Query)] = []
    private var answered: [StoreEvent] = []
    private(set) var isWatched = false
    /// Told of what became durable, whatever the host is told.
    var committed: (StoreBatch, StoreCommit) -> Void = { _, _ in }
    /// Counts the commits of this host.
    private(set) var commits = 0
    /// Of other hosts, those that this one was told of.
    var commitsSeen = 0

    private final class Answers: @unchecked Sendable {
        private let condition = NSCondition()
        private var event: StoreEvent?

        func put(_ event: StoreEvent) {
            if case .changedElsewhere = event { return }
            condition.lock()
            self.event = event
            condition.signal()
            condition.unlock()
        }

        func take() -> StoreEvent {
            condition.lock()
            defer { condition.unlock() }
            while true {
                if let event {
                    self.event = nil
                    return event
                }
                condition.wait()
            }
        }
    }

    init(folder: String, host: HostID, at now: Timestamp, sink: @escaping StoreSink) throws {
        let answers = Answers()
        self.answers = answers
        self.sink = sink
        var options = StoreOptions(folder: folder, hostID: host, pid: 1, startedAt: now, sink: answers.put)
        options.readMillisecondsMax = 60_000
        options.writerSettings = "PRAGMA synchronous=OFF"
        inner = try SQLiteStore.open(options)
    }

    // MARK: - The host's side

    var hostID: HostID { inner.hostID }
    func describe() -> StoreDescription { inner.describe() }
    func submit(_ batch: StoreBatch) { batches.append(batch) }
    func read(_ ticket: StoreTicket, _ query: @escaping Query) { queries.append((ticket, query)) }
    func watch(_ wanted: Bool) { isWatched = wanted }

    func abandonRead(_ ticket: StoreTicket) {
        guard let index = queries.firstIndex(where: { $0.0 == ticket }) else { return }
        queries.remove(at: index)
        answered.append(.read(ticket, .failure(.overloaded("the query was abandoned"))))
    }

    func close(leavingProcesses: Bool) {
        while hasWork { work() }
        while hasAnswers { answer() }
        inner.close(leavingProcesses: leavingProcesses)
    }

    // MARK: - The simulation's side

    var hasBatches: Bool { !batches.isEmpty }
    var hasQueries: Bool { !queries.isEmpty }
    var hasWork: Bool { hasBatches || hasQueries }
    var hasAnswers: Bool { !answered.isEmpty }
    var waitingCount: Int { batches.count + queries.count + answered.count }

    /// The names of what the next batch does.
    var nextBatch: String { batches.first.map { $0.commands.map(\.name).joined(separator: " ") } ?? "" }

    /// Returns why it was refused, if so.
    @discardableResult
    func commitNext(_ fault: Fault = .none) -> StoreFailure? {
        let batch = batches.removeFirst()
        if case .refuses(let failure) = fault {
            answered.append(.failed(batch.ticket, failure))
            return failure
        }
        inner.submit(batch)
        let answer = answers.take()
        if case .failed(_, let failure) = answer {
            answered.append(answer)
            return failure
        }
        commits += 1
        if case .committed(let commit) = answer { committed(batch, commit) }
        if case .losesAnswer = fault {
            answered.append(.failed(batch.ticket, .broken(reason: "io_error", detail: "simulated")))
        } else {
            answered.append(answer)
        }
        return nil
    }

    /// Two readers: the second query may overtake the first.
    func readNext(overtaking: Bool, _ fault: Fault = .none) {
        let (ticket, query) = queries.remove(at: overtaking && queries.count > 1 ? 1 : 0)
        if case .refuses(let failure) = fault { return answered.append(.read(ticket, .failure(failure))) }
        inner.read(ticket, query)
        answered.append(answers.take())
    }

    /// Tells the host the oldest answer.
    func answer() { sink(answered.removeFirst()) }
    func tellOfOthers() { sink(.changedElsewhere) }

    private func work() { if hasBatches { commitNext() } else { readNext(overtaking: false) } }

    /// The host is no more: what it had not committed never happens.
    func abandon() {
        (batches, queries, answered) = ([], [], [])
        inner.abandon()
    }

    /// Asks for the simulation itself.
    func look<Answer: Sendable>(_ query: @escaping @Sendable (any StoreReader) throws -> Answer) throws -> Answer {
        inner.read(StoreTicket(.max)) { try query($0) }
        guard case .read(_, let result) = answers.take(), let answer = try result.get() as? Answer else {
            throw StoreFailure.broken(reason: "io_error", detail: "another answer")
        }
        return answer
    }
}

extension StoreCommand {
    fileprivate var name: String { Mirror(reflecting: self).children.first?.label ?? "\(self)" }
}
