import AgentModel
import Foundation
import Store

/// A store in front of another that fails at chosen changes, of plans unless it is told of which.
// The lock guards what counts.
final class FailingStore: Store, @unchecked Sendable {
    enum Fault {
        /// Nothing changes.
        case refuses(StoreFailure)
        /// The change is durable, and the answer says that it failed.
        case losesAnswer
        /// Nothing changes any more, and nothing is said.
        case hangs
        /// The change is durable, and the next read is refused.
        case refusesNextRead(StoreFailure)
    }

    /// Which changes are counted.
    enum Kind {
        case changesOfPlans
        case startsOfTasks
        case endsOfTasks
        case acceptedTasks
        /// What running tasks record.
        case records
        /// What others ask is forgotten.
        case requestsOfOthers
        case warnings
        case answersToAsks

        func includes(_ command: StoreCommand) -> Bool {
            switch (self, command) {
            case (.changesOfPlans, .updatePlan), (.startsOfTasks, .startTask), (.endsOfTasks, .endTask): true
            case (.answersToAsks, .resolveAsk): true
            case (.acceptedTasks, .insertTask), (.records, .fence), (.requestsOfOthers, .forgetOwnerRequests): true
            case (.warnings, .append(_, let drafts)): drafts.contains { $0.type == .warning }
            default: false
            }
        }
    }

    private let inner: any Store
    private let sink: StoreSink
    private let faults: [Int: Fault]
    private let kind: Kind
    private let lost: Lost
    private let lock = NSLock()
    private var changes = 0
    private var isHung = false
    private var readFailure: StoreFailure?

    private final class Lost: @unchecked Sendable {
        private let lock = NSLock()
        private var tickets: Set<StoreTicket> = []

        func add(_ ticket: StoreTicket) { lock.withLock { _ = tickets.insert(ticket) } }

        func answer(_ event: StoreEvent) -> StoreEvent {
            guard case .committed(let commit) = event, lock.withLock({ tickets.contains(commit.ticket) }) else {
                return event
            }
            return .failed(commit.ticket, .broken(reason: "io_error", detail: "the answer is lost"))
        }
    }

    /// - Parameter faults: by which change they hit, from 1.
    init(
        _ faults: [Int: Fault], of kind: Kind, _ sink: @escaping StoreSink,
        open: (@escaping StoreSink) throws -> any Store
    ) throws {
        self.kind = kind
        let lost = Lost()
        inner = try open { sink(lost.answer($0)) }
        self.lost = lost
        self.faults = faults
        self.sink = sink
    }

    var hostID: HostID { inner.hostID }
    func describe() -> StoreDescription { inner.describe() }

    func submit(_ batch: StoreBatch) {
        let isChange = batch.commands.contains(where: kind.includes)
        let fault = lock.withLock { () -> Fault? in
            changes += isChange ? 1 : 0
            let fault = isChange ? faults[changes] : nil
            if case .hangs? = fault { isHung = true }
            return isHung ? .hangs : fault
        }
        if case .hangs? = fault { return }
        if case .refuses(let failure)? = fault { return sink(.failed(batch.ticket, failure)) }
        if case .losesAnswer? = fault { lost.add(batch.ticket) }
        if case .refusesNextRead(let failure)? = fault { lock.withLock { readFailure = failure } }
        inner.submit(batch)
    }

    func read(_ ticket: StoreTicket, _ query: @escaping @Sendable (any StoreReader) throws -> any Sendable) {
        let failure = lock.withLock {
            defer { readFailure = nil }
            return readFailure
        }
        if let failure { sink(.read(ticket, .failure(failure))) } else { inner.read(ticket, query) }
    }

    func abandonRead(_ ticket: StoreTicket) { inner.abandonRead(ticket) }
    func watch(_ wanted: Bool) { inner.watch(wanted) }
    func close(leavingProcesses: Bool) { inner.close(leavingProcesses: leavingProcesses) }
}
