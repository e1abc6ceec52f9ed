import AgentModel
import Driver
import HostProtocol
import JSON
import JSONRPC
import Store

/// A session to be made that goes on from where another one stood.
struct ForkRequest {
    var source: SessionID
    /// Of the source; `nil`: where it stands.
    var checkpoint: CheckpointID?
    /// What is to be otherwise than in the source, e.g. its title. Drivers' sessions and usage begin anew in any case.
    var change: (inout AgentSession) -> Void = { _ in }

    init(
        _ source: SessionID, at checkpoint: CheckpointID? = nil,
        change: @escaping (inout AgentSession) -> Void = { _ in }
    ) {
        self.source = source
        self.checkpoint = checkpoint
        self.change = change
    }
}

/// What is known of the source when the copying begins.
private struct ForkOrigin: Sendable {
    var session: AgentSession
    var checkpoint: Checkpoint?
    var state = CheckpointState()
    var lastSeq: Int

    /// The parts of its log that the conversation consists of.
    var ranges: [ClosedRange<Int>] { state.history.ranges(through: checkpoint?.seq ?? lastSeq) }

    init?(_ request: (source: SessionID, checkpoint: CheckpointID?), _ reader: any StoreReader) throws {
        guard let session = try reader.session(request.source) else { throw StoreFailure.notFound("\(request.source)") }
        self.session = session
        lastSeq = try reader.lastSeq(session.id)
        checkpoint = try request.checkpoint.map(reader.checkpoint) ?? reader.lastCheckpoint(session.id)
        if let id = request.checkpoint, checkpoint?.sessionID != session.id { throw StoreFailure.notFound("\(id)") }
        if let checkpoint, let state = try reader.checkpointState(checkpoint.id) { self.state = state }
    }
}

/// A session that is made, and out of sight until the commands are committed, by themselves or with others. One that
/// is not to be shown is given to `abandonFork`; when the host dies instead, the next one to start purges it.
struct PreparedFork {
    var session: AgentSession
    var showing: [StoreCommand]
}

extension Host {
    /// Makes a session that goes on from a checkpoint of another: with its conversation and its memories, its agents'
    /// own sessions to go off from where that is possible. It is made out of sight, in bounded steps, and shown whole.
    ///
    /// - Parameter then: told of the session as it is, or why there is none: `notFound` for the source and its
    ///   checkpoint, else what the store says.
    func fork(_ request: ForkRequest, then: @escaping (Result<AgentSession, StoreFailure>) -> Void) {
        prepareFork(request) { [self] result in
            guard case .success(let fork) = result else { return then(result.map(\.session)) }
            store.commit(fork.showing) { [self] result in
                switch result {
                case .success(let commit): then(.success(commit.sessions[fork.session.id] ?? fork.session))
                case .failure(let failure): abandonFork(fork.session.id) { then(.failure(failure)) }
                }
            }
        }
    }

    /// As `fork`, but for the last step: the session waits to be shown.
    func prepareFork(_ request: ForkRequest, then: @escaping (Result<PreparedFork, StoreFailure>) -> Void) {
        store.read { [source = request.source, checkpoint = request.checkpoint] in
            try ForkOrigin((source, checkpoint), $0)
        } then: { [self] result in
            switch result {
            case .success(let origin?): prepareFork(request, origin, then)
            case .success(nil): then(.failure(.notFound("\(request.source)")))
            case .failure(let failure): then(.failure(failure))
            }
        }
    }

    private func prepareFork(
        _ request: ForkRequest, _ origin: ForkOrigin, _ then: @escaping (Result<PreparedFork, StoreFailure>) -> Void
    ) {
        let session = newFork(request, of: origin.session)
        let forking = Set(options.drivers.filter(\.capabilities.forks).map(\.name))
        let fork = SessionFork(session, from: request.source, at: origin.checkpoint?.id, forkingDrivers: forking)
        let copy = HistoryCopy(from: request.source, to: session.id, ranges: origin.ranges)
        self.copy([.forkSession(fork)], copy) { [self] failure, isBegun in
            let settle = { [self] (failure: StoreFailure?) in
                guard let failure else {
                    let show = StoreCommand.showFork(
                        session.id, driver: origin.state.driver, turn: origin.checkpoint?.turn)
                    return then(.success(PreparedFork(session: session, showing: [show])))
                }
                guard isBegun else { return then(.failure(failure)) }
                abandonFork(session.id) { then(.failure(failure)) }
            }
            if failure != nil { return settle(failure) }
            self.copy(MemoryCopy(from: request.source, to: session.id), then: settle)
        }
    }

    /// Copies some of the memories, then more.
    private func copy(_ copy: MemoryCopy, then: @escaping (StoreFailure?) -> Void) {
        store.commit([.copyMemories(copy)]) { [self] result in
            switch result {
            case .success(let commit) where commit.isMoreLeft:
                var next = copy
                next.afterDocument = commit.copiedDocument ?? copy.afterDocument
                self.copy(next, then: then)
            case .success: then(nil)
            case .failure(.overloaded): after(milliseconds: 50) { [self] in self.copy(copy, then: then) }
            case .failure(let failure): then(failure)
            }
        }
    }

    /// Copies a part, then the next.
    /// - Parameters:
    ///   - first: what comes before in the same transaction.
    ///   - then: told of what failed, if anything, and whether something was made before.
    private func copy(
        _ first: [StoreCommand], _ copy: HistoryCopy, then: @escaping (StoreFailure?, _ isBegun: Bool) -> Void
    ) {
        store.commit(first + [.copyHistory(copy)]) { [self] result in
            switch result {
            case .success(let commit) where commit.isMoreLeft:
                var next = copy
                next.afterSeq = commit.copiedSeq ?? copy.afterSeq
                self.copy([], next, then: then)
            case .success: then(nil, true)
            case .failure(.overloaded): after(milliseconds: 50) { [self] in self.copy(first, copy, then: then) }
            case .failure(let failure): then(failure, first.isEmpty)
            }
        }
    }

    private func newFork(_ request: ForkRequest, of source: AgentSession) -> AgentSession {
        let id: SessionID = clock.id()
        let folder = "\(options.resultsRoot)/\(source.connectionID?.description ?? "none")/\(id)"
        var session = AgentSession(id: id, driver: source.driver, resultsDirectory: folder, at: clock.now())
        session.connectionID = source.connectionID
        session.projectID = source.projectID
        session.workingDirectory = source.workingDirectory
        session.model = source.model
        session.mode = source.mode
        session.persistence = source.persistence
        session.recursionLimit = source.recursionLimit
        session.ttlSeconds = source.ttlSeconds
        session.budget = source.budget
        session.title = source.title
        session.metadata = source.metadata
        session.learning = source.learning
        session.permissions = source.permissions
        session.retention = source.retention
        request.change(&session)
        session.parentSessionID = source.id
        return session
    }

    /// Removes a session that is not to be shown.
    func abandonFork(_ session: SessionID, then: @escaping () -> Void) {
        store.commit([.abandonSession(session)]) { [self] _ in
            purge(PurgeCounts()) { _, _ in then() }
        }
    }

    // MARK: - The method

    func forkSession(_ params: Wire.SessionForkParams, _ call: Call) throws(RPCError) {
        if let driver = params.driver { try check(driver: driver) }
        let given = [params.sessionID, params.taskID, params.checkpointID].compactMap { $0 }
        guard given.count == 1 else {
            throw RPCError(
                .invalidParams, "one of session_id, task_id and checkpoint_id is to be given", path: "params",
                expected: "session_id, task_id or checkpoint_id")
        }
        let session = try params.sessionID.map(sessionID)
        let task = try params.taskID.map(taskID)
        let checkpoint = try params.checkpointID.map(checkpointID)
        readChecked(call) { reader throws -> (SessionID, CheckpointID?) in
            if let session { return (session, nil) }
            if let task { return try Self.forkPoint(of: task, reader) }
            guard let checkpoint, let found = try reader.checkpoint(checkpoint) else {
                throw RPCError.notFound(params.checkpointID ?? "", path: "params.checkpoint_id")
            }
            return (found.sessionID, found.id)
        } then: { [self] source, checkpoint in
            // Made in steps: nothing is left of them when it fails, and nothing undoes them when it is done.
            call.cancel = nil
            let request = ForkRequest(source, at: checkpoint) { session in
                session.title = params.title ?? session.title
                session.driver = params.driver ?? session.driver
                session.workingDirectory = params.workingDirectory.map(self.absolute) ?? session.workingDirectory
                session.metadata = params.metadata ?? session.metadata
            }
            fork(request) { [self] result in
                switch result {
                case .success(let session): reply(call, created(session))
                case .failure(.notFound(let id)): fail(call, .notFound(id, path: "params.session_id"))
                case .failure(let failure): fail(call, failure)
                }
            }
        }
    }

    /// The checkpoint that a task left.
    private static func forkPoint(of id: TaskID, _ reader: any StoreReader) throws -> (SessionID, CheckpointID?) {
        guard let task = try reader.task(id) else { throw RPCError.notFound("\(id)", path: "params.task_id") }
        guard let checkpoint = task.result?.checkpointID, try reader.checkpoint(checkpoint) != nil else {
            throw RPCError(.conflict, "the task has left no checkpoint", path: "params.task_id", taskID: "\(id)")
        }
        return (task.sessionID, checkpoint)
    }
}
