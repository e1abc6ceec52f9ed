import AgentEngine
import AgentModel
import Driver
import Store

/// Runs the tasks that this host has accepted: one at a time in each session, each from its start to its one end.
/// Confined to the loop's thread.
final class TaskRunner {
    struct Parts {
        var store: StoreClient
        var children: Children
        var programs: HostPrograms
        var files: FileThread
        var outsideStore: OutsideStore
        var drivers: [String: any Driver]
        var environment: ChildEnvironment
        var limits: TaskMachine.Limits
        /// By driver: the dangerous modes of its agent's own that sessions may ask for.
        var driverModes: [String: Set<String>]
        /// Runs at a time, over all sessions.
        var runsMax: Int
        /// Processes that are kept for the next run, and for how long.
        var warm: WarmPool
        var clock: HostClock
        var setDeadline: (Deadline, UInt64) -> Void
        var clearDeadline: (Deadline) -> Void
        /// What gives memories their vectors, if anything does.
        var embedder: Embedder?
    }

    /// Something of a session's that this host looks after.
    let parts: Parts
    weak var sink: (any TaskSink)?
    var active: [TaskID: ActiveTask] = [:]
    /// Of purses that sessions have in common.
    var spending = SharedSpending()
    var asks: [PermissionID: PermissionAsk] = [:]
    /// Those of them that the store has.
    var recordedAsks: Set<PermissionID> = []
    /// Who waits for the answers of those without a task.
    var sessionAsks: [PermissionID: AskWaiter] = [:]
    var warm: WarmPool
    /// Nobody is there to answer asks.
    var isUnattended = false
    /// Nobody can resume a paused session any more: its tasks end.
    var endsHeld = false {
        didSet { if endsHeld { endHeld() } }
    }
    var lines: [SessionID: SessionLine] = [:]
    /// What the store is to record without a run's doing.
    var ends: [TaskID: UnrecordedEnd] = [:]
    /// Tasks that are about to start, once memory has said what it knows.
    var recollections: [TaskID: Recollection] = [:]
    /// The session of each task that this host has.
    private var sessions: [TaskID: SessionID] = [:]
    /// Tasks that go on without their client.
    private var detached: Set<TaskID> = []
    /// Where tasks go on from that retry others from their checkpoints.
    private var continuations: [TaskID: Continuation] = [:]
    private(set) var backgrounds: [TaskID: Background] = [:]
    private var runsUnderWay = 0
    private var attempts: [UInt64: () -> Void] = [:]
    private var lastAttempt: UInt64 = 0
    /// What tasks that are about to start wait for.
    private var delays: [TaskID: Delay] = [:]
    var idleWaiters: [SessionID: [() -> Void]] = [:]
    /// Who waits for dead hosts to be buried.
    var burials: [HostID: [(StoreFailure?) -> Void]] = [:]
    /// Sessions whose next task waits for one of the runs to end, in their order.
    private var ready: [SessionID] = []

    init(_ parts: Parts) {
        self.parts = parts
        warm = parts.warm
    }

    /// Whether this host has the task, running or waiting.
    func owns(_ task: TaskID) -> Bool { sessions[task] != nil }

    var isIdle: Bool { lines.isEmpty }
    var runningCount: Int { active.count }
    /// Tasks of this host that have not ended.
    var openTasks: [TaskID] { Array(sessions.keys) }

    private enum Delay {
        /// Another session of this host works with the driver session: its turn comes.
        case turn(Preparation)
        /// The store has not told what it needs to know.
        case preparation
        /// The store has not said that it started it, or cannot be believed that it did not.
        case answer(Preparation)
    }

    // MARK: - Queue

    /// Finds out what an agent that has lost its session is told beside the conversation.
    typealias Background = (_ then: @escaping (String?) -> Void) -> Void

    /// Takes over a task that is durably queued.
    func enqueue(
        _ task: AgentTask, continuing continuation: Continuation? = nil, background: Background? = nil
    ) {
        backgrounds[task.id] = background
        sessions[task.id] = task.sessionID
        continuations[task.id] = continuation
        if task.detached { detached.insert(task.id) }
        lines[task.sessionID, default: SessionLine()].add(task.id)
        if idleWaiters[task.sessionID] == nil {
            startNext(in: task.sessionID)
        } else {
            end(task.id, in: task.sessionID, .cancelled)
        }
    }

    /// The session may start tasks again, or others have changed it.
    func resume(_ session: SessionID) {
        guard lines[session]?.isHeld == true else { return }
        lines[session]?.release()
        startNext(in: session)
    }

    /// Calls back once this host has no task of the session any more; at once unless it is to wait. Tasks that come
    /// meanwhile are cancelled.
    func whenIdle(_ session: SessionID, after isAwaited: Bool, _ then: @escaping () -> Void) {
        guard isAwaited, lines[session] != nil else { return then() }
        idleWaiters[session, default: []].append(then)
    }

    /// Sessions whose waiting tasks may be startable now.
    var heldSessions: [SessionID] { lines.filter(\.value.isHeld).map(\.key) }

    func startNext(in session: SessionID) {
        guard let line = lines[session] else { return }
        guard !line.isEmpty else {
            lines[session] = nil
            for waiter in idleWaiters.removeValue(forKey: session) ?? [] { waiter() }
            return
        }
        guard line.hasNext else { return }
        guard runsUnderWay < parts.runsMax else {
            if !ready.contains(session) { ready.append(session) }
            return
        }
        guard let next = lines[session]?.next() else { return }
        runsUnderWay += 1
        prepare(next, in: session)
    }

    private func prepare(_ id: TaskID, in session: SessionID) {
        let resumers = Set(parts.drivers.values.filter(\.capabilities.resumes).map(\.name))
        let forgetful = Set(parts.drivers.values.filter(\.capabilities.forgetsOpening).map(\.name))
        let now = parts.clock.now()
        parts.store.read { reader throws -> Preparation? in
            guard let found = try reader.session(session), let task = try reader.task(id), task.status == .queued
            else { return nil }
            return Preparation(
                task: task, session: found, connection: try found.connectionID.flatMap { try reader.connection($0) },
                knowledge: Self.knowledge(of: found, at: now, reader),
                opening: forgetful.contains(task.driver)
                    ? (try? Self.opening(of: session, driver: task.driver, reader)) ?? [] : [],
                record: Self.needsRecord(task, in: found, resumers: resumers)
                    ? try? Self.record(of: session, before: id, reader) : nil,
                forkOrigin: try reader.forkOrigin(session, driver: task.driver),
                hasForgotten: try Self.hasForgotten(found, reader))
        } then: { [self] result in
            switch result {
            case .success(nil): endLost(id, in: session)
            case .success(let preparation?): recollect(preparation) { [self] in begin($0) }
            case .failure(let failure): startLater(id, in: session, .preparation, failure)
            }
        }
    }

    /// Comes back to a task that is about to start, unless that has no prospect.
    private func startLater(_ id: TaskID, in session: SessionID, _ delay: Delay, _ failure: StoreFailure) {
        let attempts = lines[session]?.countFailedStart() ?? Self.attemptsMax
        guard attempts < Self.attemptsMax else { return endLost(id, in: session, after: attempts - 1) }
        wait(id, in: session, delay, milliseconds: Self.pause(afterAttempts: attempts))
    }

    private func wait(_ id: TaskID, in session: SessionID, _ delay: Delay, milliseconds: UInt64) {
        if let cause = lines[session]?.stopAtStart { return end(id, in: session, cause) }
        delays[id] = delay
        parts.setDeadline(.startAgain(id, session), milliseconds)
    }

    private static let turnMilliseconds: UInt64 = 20

    func startAgain(_ id: TaskID, in session: SessionID) {
        guard let delay = delays.removeValue(forKey: id), isStarting(id, in: session) else { return }
        switch delay {
        case .turn(let preparation): begin(preparation)
        case .preparation: prepare(id, in: session)
        case .answer(let preparation): beginAgain(preparation)
        }
    }

    /// Whether the task is about to start and is not ending instead.
    private func isStarting(_ id: TaskID, in session: SessionID) -> Bool {
        lines[session]?.current == id && active[id] == nil && ends[id] == nil
    }

    /// The store was asked to start a task, and its answer was no answer: what it holds says what is left to do.
    private func beginAgain(_ preparation: Preparation) {
        let (id, session) = (preparation.task.id, preparation.session.id)
        parts.store.read {
            try $0.task(id)?.status
        } then: { [self] result in
            guard isStarting(id, in: session) else { return }
            switch result {
            case .success(.queued?): begin(preparation)
            case .success(.running?): start(preparation, telling: [])
            case .success: endLost(id, in: session)
            case .failure(let failure): startLater(id, in: session, .answer(preparation), failure)
            }
        }
    }

    private func begin(_ preparation: Preparation) {
        let (task, session) = (preparation.task, preparation.session)
        guard let driver = parts.drivers[task.driver] else {
            return refuse(task, .driverUnavailable("There is no driver called \(task.driver)."))
        }
        if let refusal = driver.refusal(of: session.permissions, allowed: parts.driverModes) {
            return refuse(task, TaskError(code: 1008, reason: "permission_denied", message: refusal))
        }
        guard !session.isSpent else {
            return refuse(
                task,
                TaskError(
                    code: 1010, reason: "budget_exceeded", message: "The session has spent its budget.",
                    retryable: true), .budget)
        }
        var preparation = preparation
        let run = preparation.run ?? newRun(preparation, driver)
        preparation.run = run
        start(preparation, telling: Self.commands(telling: preparation.knowledge, to: run))
    }

    private func newRun(_ preparation: Preparation, _ driver: any Driver) -> Run {
        let (task, session) = (preparation.task, preparation.session)
        var run = Run(
            id: parts.clock.id(), taskID: task.id, sessionID: session.id, driver: task.driver, at: parts.clock.now())
        if task.persistence == .resume, task.resumption, driver.capabilities.resumes {
            run.driverSessionID = session.driverSessions[task.driver]
            run.driverResumed = run.driverSessionID != nil
            if !run.driverResumed, driver.capabilities.forks { run.forkedFrom = preparation.forkOrigin }
        }
        run.fromCheckpointID = continuations[task.id]?.checkpointID
        return run
    }

    /// Has the store start it, and record what its agent is told.
    private func start(_ preparation: Preparation, telling told: [StoreCommand]) {
        let (task, session) = (preparation.task, preparation.session)
        guard let run = preparation.run, let driver = parts.drivers[task.driver] else { return }
        parts.store.commit([.startTask(task.id, run)] + told) { [self] result in
            switch result {
            case .success(let commit): started(preparation, commit, driver, run)
            case .failure(.refused): hold(task.id, in: session.id)
            case .failure(.superseded), .failure(.notFound): endLost(task.id, in: session.id)
            case .failure(.deadHolder(let host)):
                bury(host) { [self] failure in
                    switch failure {
                    case nil: begin(preparation)
                    case .busy: refuse(task, .held, .leaseLost)
                    case let failure?: startLater(task.id, in: session.id, .answer(preparation), failure)
                    }
                }
            case .failure(.busy(let holder)) where holder.id == parts.store.hostID:
                wait(task.id, in: session.id, .turn(preparation), milliseconds: Self.turnMilliseconds)
            case .failure(.busy): refuse(task, .held, .leaseLost)
            case .failure(let failure) where told.contains(where: \.isOfMemory):
                var uncounted = preparation
                uncounted.knowledge.isCounted = false
                uncounted.knowledge.warnings.append("Memory does not count what was told: \(Self.said(of: failure)).")
                beginAgain(uncounted)
            case .failure(let failure): startLater(task.id, in: session.id, .answer(preparation), failure)
            }
        }
    }

    /// The session is paused: the task keeps its place, unless it was told to end meanwhile or nobody can resume the
    /// session any more.
    private func hold(_ id: TaskID, in session: SessionID) {
        let cause = lines[session]?.stopAtStart
        if lines[session]?.putBack(id) == true { runsUnderWay -= 1 }
        if let cause { end(id, in: session, cause) }
        if endsHeld { endHeld() }
        startReady()
    }

    private func endHeld() {
        for (session, line) in lines where line.isHeld {
            for id in line.waiting { end(id, in: session, .clientGone) }
        }
    }

    /// Ends what a dead host left, and its tasks with it: not before its processes are gone, since until then what it
    /// held is not free.
    /// - Parameter then: told why it cannot be, if so: `busy` while a process that was killed has not gone.
    func bury(_ host: HostRecord, then: @escaping (StoreFailure?) -> Void) {
        burials[host.id, default: []].append(then)
        guard burials[host.id]?.count == 1 else { return }
        parts.files.perform { [processes = parts.children.processes] in
            // Also what is left of runs that had ended: the host may have died while it ended their processes.
            processes.hunt(token: RunToken.assignment(host.id), descendants: [])
        } then: { [self] left in
            guard left == 0 else { return buried(host, .busy(host)) }
            parts.store.commit([.buryHost(host.id)]) { [self] result in
                if case .failure(let failure) = result { buried(host, failure) } else { buried(host, nil) }
            }
        }
    }

    private func buried(_ host: HostRecord, _ failure: StoreFailure?) {
        for waiter in burials.removeValue(forKey: host.id) ?? [] { waiter(failure) }
    }

    private func started(
        _ preparation: Preparation, _ commit: StoreCommit, _ driver: any Driver, _ run: Run
    ) {
        let task = commit.tasks[preparation.task.id] ?? preparation.task
        var session = commit.sessions[preparation.session.id] ?? preparation.session
        session.purse = preparation.session.purse
        let active = ActiveTask(
            task: task, session: session, connection: preparation.connection, driver: driver, run: run,
            continuing: continuations[task.id], start: commit, limits: parts.limits,
            now: parts.clock.monotonicMilliseconds())
        active.memories = preparation.knowledge.context.hits.map(RecalledMemory.init)
        active.opening = preparation.opening
        active.turn = preparation.knowledge.turn
        active.record = preparation.record
        active.hasForgotten = preparation.hasForgotten
        active.lastSeq = commit.events.last { $0.sessionID == session.id }?.seq ?? 0
        self.active[task.id] = active
        perform(active.machine.start(), active)
        if let purse = session.purse {
            perform(active.machine.handle(.spentBeside(spending.start(task.id, of: purse))), active)
        }
        if let cause = lines[session.id]?.stopAtStart {
            return perform(active.machine.handle(.stop(cause)), active)
        }
        let (folder, resumed) = (active.folder, run.driverResumed ? run.driverSessionID : nil)
        parts.files.perform { () -> Result<Surroundings, Folder.Failure> in
            do throws(Folder.Failure) {
                try folder.make()
                return .success(
                    Surroundings(stamps: folder.stamps(), lastPrompt: resumed.flatMap(driver.lastPrompt)))
            } catch {
                return .failure(error)
            }
        } then: { [self] result in
            guard !active.machine.hasEnded else { return }
            switch result {
            case .failure(let failure):
                perform(active.machine.handle(.driverFinished(.cannotStart("\(failure)"))), active)
            case .success(let surroundings):
                active.stampsBefore = surroundings.stamps
                if active.machine.isRunning { startDriver(active, after: surroundings.lastPrompt) }
            }
        }
    }

    /// What a run finds.
    private struct Surroundings {
        /// What lies in the results folder.
        var stamps: [String: Folder.Stamp]
        /// The id of the last prompt in the agent's own record of the session that it resumes, where that is known.
        var lastPrompt: String?
    }

    /// A queued task that can never start ends here.
    private func refuse(_ task: AgentTask, _ error: TaskError, _ reason: StopReason = .error) {
        var result = TaskResult(status: reason == .leaseLost ? .interrupted : .failed, stopReason: reason)
        result.error = error
        end(task.id, in: task.sessionID, result)
    }

    /// The task is no longer this host's: it has ended, or could not be looked after.
    func left(_ task: TaskID, in session: SessionID, _ failure: StoreFailure?) {
        if let active = active.removeValue(forKey: task) { spending.end(task, usage: active.machine.used) }
        sessions[task] = nil
        continuations[task] = nil
        backgrounds[task] = nil
        detached.remove(task)
        delays[task] = nil
        if lines[session]?.remove(task) == true { runsUnderWay -= 1 }
        sink?.ended(task, in: session, failure)
        // The session queues up behind those that have waited for a run already.
        startReady()
        startNext(in: session)
    }

    /// A run has ended: the session that has waited longest for one takes its place, if it still has a task to start.
    private func startReady() {
        while runsUnderWay < parts.runsMax, !ready.isEmpty { startNext(in: ready.removeFirst()) }
    }

    // MARK: - Stopping

    /// Ends a task of this host's: its running run by the ladder, or its place in the queue.
    func stop(_ id: TaskID, _ cause: StopCause) {
        if let active = active[id] {
            return perform(active.machine.handle(.stop(cause)), active)
        }
        guard let session = sessions[id] else { return }
        guard isStarting(id, in: session), delays[id] == nil else { return end(id, in: session, cause) }
        lines[session]?.stopCurrent(cause)
        endRecollection(id)
    }

    // MARK: - Trying again

    /// Calls back when the store, which has refused something so often in a row, may be asked again.
    func tryAgain(after refusals: Int, _ then: @escaping () -> Void) {
        lastAttempt += 1
        attempts[lastAttempt] = then
        parts.setDeadline(.again(lastAttempt), Self.pause(afterAttempts: refusals))
    }

    func again(_ number: UInt64) { attempts.removeValue(forKey: number)?() }

    // MARK: - All of them

    func stopAll(_ cause: StopCause, keepingDetached: Bool) {
        for task in openTasks where !keepingDetached || !detached.contains(task) { stop(task, cause) }
    }

    func stopAll(in session: SessionID, _ cause: StopCause) {
        for (task, home) in sessions where home == session { stop(task, cause) }
    }
}

extension RunOutcome {
    fileprivate static func cannotStart(_ why: String) -> RunOutcome {
        RunOutcome(
            stopReason: .error,
            error: TaskError(
                code: 1007, reason: "driver_failed", message: "The results folder cannot be made: \(why)",
                retryable: true))
    }
}

extension TaskError {
    fileprivate static let held = TaskError(
        code: 1003, reason: "busy", message: "Another host works on the session.", retryable: true)
}

/// How the children of a run, and all of a host's, are found wherever they went: by their environment.
enum RunToken {
    static func assignment(_ run: RunID) -> String { "AGENTHOST_RUN=\(run)" }
    static func assignment(_ host: HostID) -> String { "AGENTHOST_HOST=\(host)" }
}
