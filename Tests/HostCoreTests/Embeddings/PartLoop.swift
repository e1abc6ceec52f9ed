import AgentEngine
import AgentModel
import CSystem
import Store
import StoreSQLite

@testable import HostCore

/// The parts that embeddings need of a host, on a loop of the test's own thread.
final class PartLoop {
    let children: Children
    let files: FileThread
    let http: HTTPThread
    let store: StoreClient
    private let mailbox: Mailbox<HostEvent>
    private let readiness: Readiness<Source>
    private let timers = Timers()
    private let folder: TemporaryFolder

    private final class Timers {
        var queue = DeadlineQueue<Deadline>()
        var calls: [UInt64: () -> Void] = [:]
        var last: UInt64 = 0

        func set(_ deadline: Deadline, _ milliseconds: UInt64) {
            queue.set(deadline, at: cs_monotonic_ms() + milliseconds)
        }

        func after(_ milliseconds: UInt64, _ then: @escaping () -> Void) {
            last += 1
            calls[last] = then
            set(.request(last), milliseconds)
        }
    }

    init() throws {
        cs_ignore_sigpipe()
        let mailbox = try Mailbox<HostEvent>()
        let readiness = try Readiness<Source>()
        let timers = timers
        let folder = try TemporaryFolder()
        (self.mailbox, self.readiness, self.folder) = (mailbox, readiness, folder)
        children = Children(HostSystem()) {
            mailbox.post(.child($0))
        } watch: { descriptor, child, pipe, readable, writable in
            readiness.set(descriptor, .child(child, pipe), readable: readable, writable: writable)
        } unwatch: { descriptor in
            readiness.remove(descriptor)
        } setDeadline: { child, milliseconds in
            timers.set(.ladder(child), milliseconds)
        }
        files = FileThread(WorkThread()) { mailbox.post(.file($0)) }
        http = HTTPThread { mailbox.post(.http($0)) }
        store = StoreClient(
            try SQLiteStore.open(
                StoreOptions(
                    folder: "\(folder.path)/store", hostID: HostClock().id(), pid: 1, startedAt: HostClock().now()
                ) { mailbox.post(.store($0)) }), now: HostClock().now)
        readiness.set(mailbox.descriptor, .mailbox, readable: true, writable: false)
    }

    deinit { store.close(leavingProcesses: false) }

    var path: String { folder.path }

    func after(_ milliseconds: UInt64, _ then: @escaping () -> Void) { timers.after(milliseconds, then) }

    /// Told of each commit.
    var committed: (StoreCommit) -> Void = { _ in }

    /// Turns the loop until a condition holds.
    func turn(_ what: String, until condition: () -> Bool) throws {
        let end = cs_monotonic_ms() + 60_000
        while !condition() {
            guard cs_monotonic_ms() < end else { throw LoopError("nothing of \(what)") }
            for ready in readiness.wait(milliseconds: 5) {
                switch ready.source {
                case .mailbox: for letter in mailbox.take() { handle(letter) }
                case .child(let child, let pipe): children.ready(child, pipe)
                default: break
                }
            }
            while let due = timers.queue.popDue(at: cs_monotonic_ms()) {
                switch due {
                case .ladder(let child): children.deadline(child)
                case .request(let number): timers.calls.removeValue(forKey: number)?()
                default: break
                }
            }
        }
    }

    private func handle(_ letter: HostEvent) {
        switch letter {
        case .store(let event): store.handle(event) { committed($0) }
        case .child(let report): children.handle(report)
        case .file(let report): files.handle(report)
        case .http(let report): http.handle(report)
        }
    }

    /// What comes of a call, once it has.
    func result<Answer>(_ what: String, _ ask: (@escaping (Answer) -> Void) -> Void) throws -> Answer {
        var answers: [Answer] = []
        ask { answers.append($0) }
        try turn(what) { !answers.isEmpty }
        return answers[0]
    }
}
