import AgentEngine
import AgentModel
import Driver
import HostProtocol
import JSON
import JSONRPC
import Store

extension Host {
    func executeTask(_ params: Wire.TaskExecuteParams, _ call: Call) throws(RPCError) {
        try accept(try TaskRequest(params), call) { [self] task, _ in
            guard isOpen(call) else { return }
            // Cancelling the request is cancelling its task; the answer comes after the terminal event.
            call.cancel = { [unowned self] in stopTask(task) }
            waitForEnd(task, call)
            if call.isCancelled { stopTask(task) }
        }
    }

    func startTask(_ params: Wire.TaskStartParams, _ call: Call) throws(RPCError) {
        try accept(try TaskRequest(params), call) { [self] task, session in
            replyStarted(task, session, retryOf: nil, call)
        }
    }

    private func replyStarted(_ task: TaskID, _ session: SessionID, retryOf: TaskID?, _ call: Call) {
        reply(
            call,
            Wire.TaskStarted(
                taskID: "\(task)", sessionID: "\(session)", status: .queued,
                fromCheckpointID: call.head?.description, retryOf: retryOf?.description))
    }

    func retryTask(_ params: Wire.TaskRetryParams, _ call: Call) throws(RPCError) {
        let id = try taskID(params.taskID)
        let goesOn = params.from == .checkpoint
        read(call) { reader throws -> (AgentTask, driver: String, Continuation?)? in
            guard let task = try reader.task(id) else { return nil }
            // Which driver a file names is not the word of whoever imported it.
            let own = try reader.isImported(id) ? reader.session(task.sessionID)?.driver : nil
            return (task, own ?? task.driver, goesOn ? try Continuation(of: task, reader) : nil)
        } then: { [self] found in
            guard let (old, driver, continuation) = found else {
                return fail(call, .notFound("\(id)", path: "params.task_id"))
            }
            guard old.status.isFinal else {
                return fail(
                    call, RPCError(.conflict, "the task has not ended", path: "params.task_id", taskID: "\(id)"))
            }
            do throws(RPCError) {
                let request = TaskRequest(retrying: old, with: driver, from: continuation, params)
                try accept(request, call) { [self] task, session in
                    replyStarted(task, session, retryOf: id, call)
                }
            } catch {
                fail(call, error)
            }
        }
    }

    /// Replies with the task's result once it has ended.
    private func waitForEnd(_ task: TaskID, _ call: Call) {
        waitForEnd(task) { [self] result in
            switch result {
            case .success(let ended):
                if call.isCancelled, ended.task.status == .cancelled { return fail(call, .cancelled) }
                guard let result = Wire.TaskResult(ended) else {
                    return fail(call, RPCError(.storeFailed, "the task ended without a result"))
                }
                reply(call, result)
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    /// Calls back when the task has ended, whichever host runs it; at once if it has.
    @discardableResult
    func waitForEnd(_ task: TaskID, then: @escaping TaskWaiters.Waiter) -> UInt64 {
        let number = waiters.add(task, then)
        if !runner.owns(task) { lookAtWaited(task) }
        return number
    }

    func waitForTask(_ params: Wire.TaskWaitParams, _ call: Call) throws(RPCError) {
        let id = try taskID(params.taskID)
        call.task = id
        read(call) {
            try $0.task(id)
        } then: { [self] task in
            guard task != nil else { return fail(call, .notFound("\(id)", path: "params.task_id")) }
            let number = waitForEnd(id) { [self] result in
                switch result {
                case .success(let ended):
                    if let result = Wire.TaskResult(ended) { reply(call, result) }
                case .failure(let failure): fail(call, failure)
                }
            }
            call.cancel = { [unowned self, unowned call] in
                waiters.remove(id, number)
                fail(call, .cancelled)
            }
            guard let milliseconds = params.timeoutMilliseconds else { return }
            after(milliseconds: UInt64(milliseconds)) { [self] in
                guard isOpen(call) else { return }
                waiters.remove(id, number)
                fail(call, RPCError(.timedOut, "the task goes on after \(milliseconds) ms", isRetryable: true))
            }
        }
    }

    func getTask(_ params: Wire.TaskGetParams, _ call: Call) throws(RPCError) {
        let id = try taskID(params.taskID)
        read(call) { reader throws -> (EndedTask, [Run])? in
            guard let task = try reader.task(id) else { return nil }
            return (EndedTask(task: task, artifacts: try reader.artifacts(of: id)), try reader.runs(id))
        } then: { [self] found in
            guard let (ended, runs) = found else { return fail(call, .notFound("\(id)", path: "params.task_id")) }
            reply(call, Wire.Task(ended.task, ended, runs: runs))
        }
    }

    func listTasks(_ params: Wire.TaskListParams, _ call: Call) throws(RPCError) {
        var filter = TaskFilter()
        if let session = params.sessionID { filter.sessionID = try sessionID(session) }
        filter.statuses = Set((params.statuses ?? []).compactMap { TaskStatus(rawValue: $0.rawValue) })
        filter.source = params.source
        filter.milestoneID = params.milestoneID
        let page = PageRequest(limit: params.limit, cursor: params.cursor)
        read(call) { [filter] reader throws -> (Page<AgentTask>, isKnown: Bool) in
            let isKnown = try filter.sessionID.map { try reader.session($0) != nil } ?? true
            return (try reader.tasks(filter, page), isKnown)
        } then: { [self] found, isKnown in
            guard isKnown else { return fail(call, .notFound(params.sessionID ?? "", path: "params.session_id")) }
            reply(call, Wire.TaskPage(items: found.items.map { Wire.Task($0) }, nextCursor: found.nextCursor))
        }
    }

    func cancelTask(_ params: Wire.TaskCancelParams, _ call: Call) throws(RPCError) {
        let id = try taskID(params.taskID)
        read(call) {
            try $0.task(id)
        } then: { [self] task in
            guard let task else { return fail(call, .notFound("\(id)", path: "params.task_id")) }
            func heard(_ accepted: Bool) {
                reply(
                    call,
                    Wire.CancelResult(
                        taskID: "\(id)", status: .init(rawValue: task.status.rawValue), accepted: accepted))
            }
            guard !task.status.isFinal else { return heard(false) }
            if runner.owns(id) {
                runner.stop(id, .cancelled)
                return heard(true)
            }
            store.commit([.requestOwner(OwnerRequest(host: task.hostID, kind: .cancel, taskID: id))]) { [self] result in
                switch result {
                case .success:
                    lookAtWaited(id)
                    heard(true)
                case .failure(.superseded): heard(false)
                case .failure(let failure): fail(call, failure)
                }
            }
        }
    }

    /// Ends a task wherever it runs; a store that does not serve is asked again.
    private func stopTask(_ id: TaskID, after refusals: Int = 0) {
        if runner.owns(id) { return runner.stop(id, .cancelled) }
        func stopLater(_ failure: StoreFailure) {
            guard failure.isOfStore, refusals < TaskRunner.attemptsMax else { return }
            runner.tryAgain(after: refusals + 1) { [weak self] in self?.stopTask(id, after: refusals + 1) }
        }
        store.read {
            try $0.task(id)
        } then: { [self] result in
            switch result {
            case .success(let task?) where !task.status.isFinal:
                let request = OwnerRequest(host: task.hostID, kind: .cancel, taskID: id)
                store.commit([.requestOwner(request)]) { if case .failure(let failure) = $0 { stopLater(failure) } }
            case .success: break
            case .failure(let failure): stopLater(failure)
            }
        }
    }

    func taskID(_ text: String) throws(RPCError) -> TaskID {
        guard let id = TaskID(text) else { throw .notFound(text, path: "params.task_id") }
        return id
    }
}

extension StoreReader {
    /// As many files of one task as a reply holds.
    func artifacts(of task: TaskID) throws -> [Artifact] {
        var filter = ArtifactFilter()
        filter.taskID = task
        return try artifacts(filter, PageRequest(limit: 1000)).items.reversed()
    }
}

extension TaskRequest {
    init(_ params: Wire.TaskExecuteParams) throws(RPCError) {
        self.init(input: params.input?.map(\.json) ?? [.text(params.prompt ?? "")])
        try refer(session: params.sessionID, project: params.projectID, connection: params.dbConnectionID)
        mode = params.mode.flatMap { SessionMode(rawValue: $0.rawValue) }
        driver = params.driver
        persistence = params.persistence.flatMap { Persistence(rawValue: $0.rawValue) }
        recursionLimit = params.recursionLimit
        source = params.source
        context = params.context
        metadata = params.metadata
        if let schema = params.outputSchema { outputSchema = try Self.checked(schema) }
        planOnly = params.planOnly
        maxIterations = params.maxIterations
        check = params.check
        asksToAccept = params.accept == .permission
        resumption = params.resumption
        budget = params.budget.map(Budget.init)
        timeoutMilliseconds = params.timeoutMilliseconds
        waitMilliseconds = params.waitMilliseconds
        force = params.force
        isStreamed = params.stream
        idempotencyKey = params.idempotencyKey
    }

    /// - Parameter path: of the schema, for what is wrong with it.
    static func checked(_ schema: JSONObject, path: String = "params.output_schema") throws(RPCError) -> JSON {
        do throws(JSONSchema.Fault) {
            return try JSONSchema(.object(schema)).root
        } catch {
            let path = path + error.path
            throw RPCError(.invalidParams, "\(path): expected \(error.expected)", path: path, expected: error.expected)
        }
    }

    /// `task.start` takes what `task.execute` takes, and may let the task go on without its client.
    init(_ params: Wire.TaskStartParams) throws(RPCError) {
        try self.init(
            Wire.TaskExecuteParams(
                prompt: params.prompt, input: params.input, sessionID: params.sessionID, projectID: params.projectID,
                dbConnectionID: params.dbConnectionID, mode: params.mode, driver: params.driver,
                persistence: params.persistence, recursionLimit: params.recursionLimit, source: params.source,
                context: params.context, metadata: params.metadata, outputSchema: params.outputSchema,
                planOnly: params.planOnly, maxIterations: params.maxIterations, check: params.check,
                accept: params.accept, resumption: params.resumption,
                budget: params.budget, timeoutMilliseconds: params.timeoutMilliseconds,
                waitMilliseconds: params.waitMilliseconds, force: params.force, stream: params.stream,
                idempotencyKey: params.idempotencyKey))
        detached = params.detach
    }

    init(
        retrying old: AgentTask, with driver: String, from continuation: Continuation?, _ params: Wire.TaskRetryParams
    ) {
        self.init(input: old.input)
        sessionID = old.sessionID
        mode = old.mode
        self.driver = params.driver ?? driver
        persistence = old.persistence
        recursionLimit = params.recursionLimit ?? old.recursionLimit
        source = old.source
        context = old.context
        metadata = old.metadata
        outputSchema = old.outputSchema
        planOnly = old.planOnly
        maxIterations = old.maxIterations
        check = old.check
        asksToAccept = old.asksToAccept
        resumption = old.resumption
        budget = params.budget.map(Budget.init) ?? old.budget
        timeoutMilliseconds = params.timeoutMilliseconds ?? old.timeoutMilliseconds
        detached = params.detach
        retryOf = old.id
        // What one driver said of its state means nothing to another.
        self.continuation = self.driver == old.driver ? continuation : nil
        waitMilliseconds = params.waitMilliseconds
        force = params.force
        isStreamed = params.stream
        idempotencyKey = params.idempotencyKey
    }

    private mutating func refer(session: String?, project: String?, connection: String?) throws(RPCError) {
        if let project {
            guard let id = ProjectID(project) else { throw .notFound(project, path: "params.project_id") }
            projectID = id
        }
        if let session {
            guard let id = SessionID(session) else { throw .notFound(session, path: "params.session_id") }
            sessionID = id
        }
        if let connection {
            guard let id = ConnectionID(connection) else {
                throw .notFound(connection, path: "params.db_connection_id")
            }
            connectionID = id
        }
    }
}

extension Budget {
    init(_ wire: Wire.Budget) { self.init(cost: wire.costUSD.flatMap(Cost.init(dollars:)), tokens: wire.tokens) }
}

extension JSON {
    static func text(_ text: String) -> JSON { ["type": "text", "text": .string(text)] }
}
