import AgentModel
import Foundation
import JSON
import Store
import Synchronization

@testable import StoreSQLite

/// A folder that goes when the test is over.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Ids and times that differ from call to call and go up.
enum Fresh {
    private static let counter = Atomic<Int64>(1_700_000_000_000)

    static func uuid() -> UUID128 {
        UUID128(
            milliseconds: counter.add(1, ordering: .relaxed).newValue, randomA: .random(in: 0...4095),
            randomB: .random(in: 0...UInt64.max))
    }

    static func id<Kind>(_ kind: Identifier<Kind>.Type = Identifier<Kind>.self) -> Identifier<Kind> {
        Identifier(uuid())
    }

    static func ticket() -> StoreTicket {
        StoreTicket(UInt64(counter.add(1, ordering: .relaxed).newValue))
    }
}

/// A store whose answers a test waits for.
final class OpenStore: Sendable {
    let store: SQLiteStore
    private let answers: Answers

    // Everything mutable is touched under the lock only; the thread sanitizer knows this one, and not a `Mutex`.
    final class Answers: @unchecked Sendable {
        private let lock = NSLock()
        private var events: [StoreTicket: StoreEvent] = [:]
        private var changesSeen = 0

        func take(_ event: StoreEvent) {
            lock.withLock {
                switch event {
                case .committed(let commit): events[commit.ticket] = event
                case .failed(let ticket, _), .read(let ticket, _): events[ticket] = event
                case .changedElsewhere: changesSeen += 1
                }
            }
        }

        var changes: Int { lock.withLock { changesSeen } }

        func wait(_ ticket: StoreTicket) -> StoreEvent? {
            for _ in 0..<200_000 {
                if let event = lock.withLock({ events.removeValue(forKey: ticket) }) { return event }
                usleep(100)
            }
            return nil
        }
    }

    init(_ folder: String, _ change: (inout StoreOptions) -> Void = { _ in }) throws {
        let answers = Answers()
        var options = StoreOptions(
            folder: folder, hostID: Fresh.id(), pid: Int(getpid()), startedAt: Timestamp(milliseconds: 1),
            sink: { answers.take($0) })
        change(&options)
        store = try SQLiteStore.open(options)
        self.answers = answers
    }

    var changes: Int { answers.changes }

    func submit(_ commands: [StoreCommand], at now: Timestamp = Timestamp(milliseconds: 1000)) -> StoreTicket {
        let ticket = Fresh.ticket()
        store.submit(StoreBatch(ticket, at: now, commands))
        return ticket
    }

    func wait(_ ticket: StoreTicket) throws -> StoreCommit {
        switch answers.wait(ticket) {
        case .committed(let commit): return commit
        case .failed(_, let failure): throw failure
        default: throw StoreFailure.broken(reason: "no_answer", detail: "")
        }
    }

    @discardableResult
    func write(_ commands: StoreCommand..., at now: Timestamp = Timestamp(milliseconds: 1000)) throws -> StoreCommit {
        try wait(submit(commands, at: now))
    }

    func read<Value: Sendable>(_ query: @escaping @Sendable (any StoreReader) throws -> Value) throws -> Value {
        let ticket = Fresh.ticket()
        store.read(ticket) { try query($0) }
        guard case .read(_, let result) = answers.wait(ticket), let value = try result.get() as? Value else {
            throw StoreFailure.broken(reason: "no_answer", detail: "")
        }
        return value
    }

    func session(_ change: (inout AgentSession) -> Void = { _ in }) -> AgentSession {
        var session = AgentSession(
            id: Fresh.id(), driver: "analyst", resultsDirectory: "/results", at: Timestamp(milliseconds: 1000))
        change(&session)
        return session
    }

    func task(in session: SessionID) -> AgentTask {
        AgentTask(
            id: Fresh.id(), sessionID: session, hostID: store.hostID, input: [["type": "text", "text": "hello"]],
            driver: "analyst", mode: .analysis, persistence: .resume, recursionLimit: 10,
            at: Timestamp(milliseconds: 1000))
    }

    func run(of task: AgentTask) -> Run {
        Run(
            id: Fresh.id(), taskID: task.id, sessionID: task.sessionID, driver: "analyst",
            at: Timestamp(milliseconds: 1000))
    }
}
