import AgentModel
import Driver
import HostProtocol
import JSON
import JSONRPC
import Store

/// A task on its way into a session: checked against it, inserted once, handed to the runner.
struct TaskAcceptance {
    var task: AgentTask
    /// A session to make for it.
    var newSession: AgentSession?
    var force: Bool
    var isStreamed: Bool
    var claim: IdempotencyClaim?
    /// Where a task stopped that this one goes on from.
    var continuation: Continuation?
    /// When to give up waiting for another host, in the clock's milliseconds.
    var waitsUntil: UInt64
    /// What to do once it is durable, or has been for long (the key had been used before).
    var then: (TaskID, SessionID) -> Void
}

extension Host {
    private static let retryMilliseconds: UInt64 = 50

    /// Makes a task durable and queues it.
    func accept(_ acceptance: TaskAcceptance, _ call: Call) {
        let task = acceptance.task
        var commands: [StoreCommand] = []
        if let claim = acceptance.claim { commands.append(.claimKey(claim)) }
        if let session = acceptance.newSession { commands.append(.insertSession(session)) }
        commands.append(.insertTask(task, force: acceptance.force, queueLimit: options.queuedTasksMax))
        if acceptance.newSession?.projectID != nil {
            // Tasks of the project that come from now on go on in it.
            commands.append(.useInProject(task.sessionID, driver: task.driver, source: task.source))
        }
        if acceptance.isStreamed { liveView.streamed.insert(task.id) }
        // Known from here on: whatever is answered while the commit is under way hides a task.
        call.task = task.id
        commit(call, commands) { [self] result in
            switch result {
            case .success(let commit): accepted(acceptance, from: commit.heads[task.sessionID], call)
            case .failure(.broken(let reason, let detail)):
                lookFor(acceptance, .broken(reason: reason, detail: detail), call)
            case .failure(let failure): refused(acceptance, failure, call)
            }
        }
    }

    private func refused(_ acceptance: TaskAcceptance, _ failure: StoreFailure, _ call: Call) {
        call.task = nil
        liveView.streamed.remove(acceptance.task.id)
        switch failure {
        case .replayed(let target): replay(target, acceptance, call)
        case .deadHolder(let host):
            runner.bury(host) { [self] failure in
                switch failure {
                case nil: if isOpen(call) { accept(acceptance, call) }
                case .busy: acceptLater(acceptance, call, waitingFor: host)
                case let failure?: fail(call, failure)
                }
            }
        case .busy(let holder): acceptLater(acceptance, call, waitingFor: holder)
        case .notFound(let id): fail(call, .missing(id, else: "session_id"))
        default: fail(call, failure)
        }
    }

    private func accepted(_ acceptance: TaskAcceptance, from head: CheckpointID?, _ call: Call) {
        let task = acceptance.task
        if task.resumption { call.head = acceptance.continuation?.checkpointID ?? head }
        runner.enqueue(task, continuing: acceptance.continuation)
        if let cause = causeToStop(task) { runner.stop(task.id, cause) }
        acceptance.then(task.id, task.sessionID)
    }

    /// The store has not said whether it has the task: it is asked. What cannot be found out is told as a failure, and
    /// the task, should it be there after all, is not left waiting for nobody.
    private func lookFor(
        _ acceptance: TaskAcceptance, _ failure: StoreFailure, attempts: Int = 10, _ call: Call
    ) {
        let (task, session) = (acceptance.task.id, acceptance.task.sessionID)
        store.read { reader throws -> (isThere: Bool, head: CheckpointID?) in
            (try reader.task(task) != nil, try reader.lastCheckpoint(session)?.id)
        } then: { [self] result in
            switch result {
            case .success((true, let head)): accepted(acceptance, from: head, call)
            case .success: refused(acceptance, failure, call)
            case .failure where attempts > 1:
                after(milliseconds: Self.retryMilliseconds) { [self] in
                    lookFor(acceptance, failure, attempts: attempts - 1, call)
                }
            case .failure:
                runner.disown(task, in: session)
                refused(acceptance, failure, call)
            }
        }
    }

    private func acceptLater(_ acceptance: TaskAcceptance, _ call: Call, waitingFor holder: HostRecord) {
        guard clock.monotonicMilliseconds() < acceptance.waitsUntil else {
            return fail(call, StoreFailure.busy(holder))
        }
        call.cancel = { [unowned self, unowned call] in fail(call, .cancelled) }
        after(milliseconds: Self.retryMilliseconds) { [self] in if isOpen(call) { accept(acceptance, call) } }
    }

    /// The key has been used: the task that it made then is the answer.
    private func replay(_ target: String, _ acceptance: TaskAcceptance, _ call: Call) {
        guard let id = TaskID(target) else { return fail(call, .notFound(target, path: "params.idempotency_key")) }
        read(call) {
            try $0.task(id)
        } then: { [self] task in
            guard let task else { return fail(call, .notFound(target, path: "params.idempotency_key")) }
            call.task = id
            acceptance.then(id, task.sessionID)
        }
    }
}

/// What the methods that make tasks have in common.
struct TaskRequest {
    var input: [JSON]
    var sessionID: SessionID?
    var projectID: ProjectID?
    var connectionID: ConnectionID?
    var mode: SessionMode?
    var driver: String?
    var persistence: Persistence?
    var recursionLimit: Int?
    var source: String?
    var context: JSON?
    var metadata: JSONObject?
    var outputSchema: JSON?
    var planOnly = false
    var maxIterations = 1
    var check: String?
    var asksToAccept = false
    var resumption = true
    var budget: Budget?
    var timeoutMilliseconds: Int?
    var detached = false
    var retryOf: TaskID?
    /// Where that one stopped, to go on from there.
    var continuation: Continuation?
    var waitMilliseconds = 0
    var force = false
    var isStreamed = true
    var idempotencyKey: String?
}

extension Host {
    /// Finds or makes the session, checks the task against it and accepts it.
    func accept(
        _ request: TaskRequest, _ call: Call, then: @escaping (TaskID, SessionID) -> Void
    ) throws(RPCError) {
        guard let id = request.sessionID else {
            if let project = request.projectID { return accept(request, in: project, call, then: then) }
            var session = try newSession(connection: request.connectionID, driver: request.driver)
            session.temporary = true
            return accept(request, in: session, isNew: true, call, then: then)
        }
        read(call) {
            try $0.session(id)
        } then: { [self] session in
            guard let session else { return fail(call, .notFound("\(id)", path: "params.session_id")) }
            accept(request, in: session, isNew: false, call, then: then)
        }
    }

    /// Goes on in the project's latest session, or starts a new one of the project.
    private func accept(
        _ request: TaskRequest, in id: ProjectID, _ call: Call, then: @escaping (TaskID, SessionID) -> Void
    ) {
        read(call) { reader throws -> (project: Project, last: AgentSession?)? in
            guard let project = try reader.project(id) else { return nil }
            return (project, try project.lastSession.flatMap { try reader.session($0.sessionID) })
        } then: { [self] found in
            guard let (project, last) = found else { return fail(call, .notFound("\(id)", path: "params.project_id")) }
            if let session = project.session(toResume: last, at: clock.now()) {
                return accept(request, in: session, isNew: false, call, then: then)
            }
            do throws(RPCError) {
                let session = try newSession(of: project, connection: request.connectionID, driver: request.driver)
                accept(request, in: session, isNew: true, call, then: then)
            } catch {
                fail(call, error)
            }
        }
    }

    private func accept(
        _ request: TaskRequest, in session: AgentSession, isNew: Bool, _ call: Call,
        then: @escaping (TaskID, SessionID) -> Void
    ) {
        do throws(RPCError) {
            let task = try task(request, in: session)
            accept(
                TaskAcceptance(
                    task: task, newSession: isNew ? session : nil, force: request.force, isStreamed: request.isStreamed,
                    claim: claim(
                        call, request.idempotencyKey, scope: request.sessionID?.description ?? "", target: "\(task.id)"),
                    continuation: request.continuation,
                    waitsUntil: clock.monotonicMilliseconds() &+ UInt64(request.waitMilliseconds), then: then), call)
        } catch {
            fail(call, error)
        }
    }

    func task(_ request: TaskRequest, in session: AgentSession) throws(RPCError) -> AgentTask {
        if let project = request.projectID { try session.check(project: project) }
        if let connection = request.connectionID, connection != session.connectionID {
            throw RPCError(
                .conflict, "the session works on \(session.connectionID?.description ?? "no database")",
                path: "params.db_connection_id")
        }
        let mode = request.mode ?? session.mode
        guard mode <= session.mode else {
            throw RPCError(
                .conflict, "the session's mode is \(session.mode.rawValue); a task may narrow it, not widen it",
                path: "params.mode", expected: "\(session.mode.rawValue) or narrower")
        }
        guard !session.isSpent else {
            throw RPCError(
                .budgetExceeded, "the session has spent its budget", detail: "raise it with session.update")
        }
        let driver = request.driver ?? session.driver
        try check(driver: driver)
        if request.planOnly { try checkPlansOnly(driver: driver) }
        var task = AgentTask(
            id: clock.id(), sessionID: session.id, hostID: store.hostID, input: request.input, driver: driver,
            mode: mode, persistence: request.persistence ?? session.persistence,
            recursionLimit: request.recursionLimit ?? session.recursionLimit, at: clock.now())
        task.source = request.source
        task.context = request.context
        task.metadata = request.metadata
        task.outputSchema = request.outputSchema
        task.planOnly = request.planOnly
        task.maxIterations = request.maxIterations
        task.check = request.check
        task.asksToAccept = request.asksToAccept
        task.resumption = request.resumption
        task.budget = request.budget
        task.timeoutMilliseconds = request.timeoutMilliseconds
        task.detached = request.detached
        task.retryOf = request.retryOf
        return task
    }
}
