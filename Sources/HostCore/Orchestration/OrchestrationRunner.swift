import AgentEngine
import AgentModel
import Driver
import HostProtocol
import JSON
import JSONRPC
import Store

/// What ordered work over many tasks has in common: it begins tasks in the transaction that records its own state,
/// hears their ends, waits, asks for consent in a session and tells how far it has come. Confined to the loop's thread.
final class OrchestrationRunner {
    /// A task to be begun.
    struct Order {
        var task: AgentTask
        /// Whether the client that waits is told of its events.
        var isStreamed = false
        /// What its agent is told if it has lost its session.
        var background: TaskRunner.Background?
        /// Where an interrupted task stopped that it goes on from.
        var continuation: Continuation?
    }

    typealias StoreQuestion = @Sendable (any StoreReader) throws -> Bool

    unowned let host: Host

    private static let pauseMilliseconds = 100

    init(_ host: Host) { self.host = host }

    // MARK: - Tasks

    /// A task as a request for one would make it: with the checks of its session.
    func task(_ request: TaskRequest, in session: AgentSession) throws(RPCError) -> AgentTask {
        try host.task(request, in: session)
    }

    /// Records a change and queues tasks, both or neither.
    /// - Parameters:
    ///   - commands: of the change; sessions that the tasks are for are made by them or there already.
    ///   - isThere: whether the store holds the change. A commit that is said to be broken may have taken effect; its
    ///     tasks are nobody's then, and the change is not made again.
    ///   - then: told once the tasks are queued, before any of them starts.
    func commit(
        _ commands: [StoreCommand], starting orders: [Order] = [], isThere: @escaping StoreQuestion,
        then: @escaping (Result<Void, StoreFailure>) -> Void
    ) {
        let inserts = orders.map {
            StoreCommand.insertTask($0.task, force: false, queueLimit: host.options.queuedTasksMax)
        }
        for order in orders where order.isStreamed { host.liveView.streamed.insert(order.task.id) }
        host.store.commit(commands + inserts) { [self] result in
            switch result {
            case .success: begin(orders, then)
            case .failure(.deadHolder(let dead)):
                for order in orders { host.liveView.streamed.remove(order.task.id) }
                host.runner.bury(dead) { [self] failure in
                    if let failure { return then(.failure(failure)) }
                    commit(commands, starting: orders, isThere: isThere, then: then)
                }
            case .failure(let failure):
                lookFor(failure, isThere) { [self] isThere in
                    if isThere { return begin(orders, then) }
                    for order in orders { host.liveView.streamed.remove(order.task.id) }
                    then(.failure(failure))
                }
            }
        }
    }

    /// Who is told may stop them at once.
    private func begin(_ orders: [Order], _ then: (Result<Void, StoreFailure>) -> Void) {
        for order in orders {
            host.runner.enqueue(order.task, continuing: order.continuation, background: order.background)
            if let cause = host.causeToStop(order.task) { host.runner.stop(order.task.id, cause) }
        }
        then(.success(()))
    }

    /// Asks for a change that is said to have failed. What cannot be found out counts as not there.
    private func lookFor(
        _ failure: StoreFailure, _ isThere: @escaping StoreQuestion, attempts: Int = 10,
        then: @escaping (Bool) -> Void
    ) {
        guard case .broken = failure else { return then(false) }
        host.store.read(isThere) { [self] result in
            switch result {
            case .success(let isThere): then(isThere)
            case .failure where attempts > 1:
                after(milliseconds: Self.pauseMilliseconds) { [self] in
                    lookFor(failure, isThere, attempts: attempts - 1, then: then)
                }
            case .failure: then(false)
            }
        }
    }

    /// Calls back once when the task has ended, or cannot be looked after any more.
    func whenEnded(_ task: TaskID, then: @escaping (Result<EndedTask, StoreFailure>) -> Void) {
        host.waitForEnd(task, then: then)
    }

    /// Waits until tasks of this host have ended. One that nobody runs any more, since the store failed when it was to
    /// be recorded, is interrupted.
    /// - Parameter then: told why one cannot be, if so.
    func settle(_ tasks: [TaskID], then: @escaping (StoreFailure?) -> Void) {
        guard let task = tasks.first else { return then(nil) }
        let rest = Array(tasks.dropFirst())
        guard host.runner.owns(task) else {
            return host.store.commit([.endTask(task, TaskResult(status: .interrupted, stopReason: .hostLost))]) {
                [self] result in
                switch result {
                case .success, .failure(.superseded): settle(rest, then: then)
                case .failure(let failure): then(failure)
                }
            }
        }
        whenEnded(task) { [self] _ in settle(rest, then: then) }
    }

    func stop(_ task: TaskID) { host.runner.stop(task, .cancelled) }

    /// Sessions that were made for tasks that are over take no further ones. Those that somebody has changed meanwhile
    /// stay as they are.
    func close(_ forks: Set<SessionID>) {
        for fork in forks { host.store.commit([.moveSession(fork, .complete)]) { _ in } }
    }

    func after(milliseconds: Int, then: @escaping () -> Void) {
        host.after(milliseconds: UInt64(max(0, milliseconds)), then)
    }

    // MARK: - Consent

    /// An ask for consent to what a session is about to do. It waits as long as the session's asks do, and is denied
    /// when nobody answers.
    func newAsk(_ tool: String, title: String, input: JSON, in session: AgentSession) -> PermissionAsk {
        let now = host.clock.now()
        let id: PermissionID = host.clock.id()
        var ask = PermissionAsk(
            id: id, sessionID: session.id, taskID: nil, runID: nil, driverAskID: "\(id)", kind: .permission,
            title: title, at: now)
        ask.tool = tool
        ask.input = input
        ask.options = [
            DriverAsk.Option(id: "allow", title: "Allow", kind: "allow_once"),
            DriverAsk.Option(id: "deny", title: "Deny", kind: "reject_once"),
        ]
        let wait = AskPolicy(session.permissions).deadlineMilliseconds
        ask.deadlineAt = now.adding(milliseconds: Int64(wait))
        ask.defaultOption = "deny"
        return ask
    }

    /// Has an ask answered that is recorded by now: by the session's rules, by a client, or by its deadline.
    func offer(_ ask: PermissionAsk, in session: AgentSession, then: @escaping (_ isGiven: Bool) -> Void) {
        host.runner.offer(ask, in: session) { then($0.option == "allow") }
    }

    /// Nobody needs an answer any more.
    func withdraw(_ ask: PermissionID) { host.runner.withdraw(ask) }

    // MARK: - Progress

    /// What tells the session's readers how far its work has come.
    func progress(
        _ session: SessionID, done: Int, total: Int, message: String, members: JSONObject
    ) -> StoreCommand {
        var data: JSONObject = ["done": .int(Int64(done)), "total": .int(Int64(total)), "message": .string(message)]
        for (key, value) in members { data[key] = value }
        return .append(session, [EventDraft(.progress, data: data)])
    }
}

extension Plan {
    /// Whether it was recorded as it is here, from the revision that it has.
    var isThere: OrchestrationRunner.StoreQuestion {
        { [self] reader in
            guard let found = try reader.plan(id) else { return false }
            return found.revision == revision + 1 && found.hostID == hostID && found.status == status
        }
    }
}

extension Workflow {
    /// Whether it was recorded as it is here, from the revision that it has.
    var isThere: OrchestrationRunner.StoreQuestion {
        { [self] reader in
            guard let found = try reader.workflow(id) else { return false }
            return found.revision == revision + 1 && found.hostID == hostID && found.status == status
        }
    }
}
