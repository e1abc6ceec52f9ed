import AgentEngine
import AgentModel
import JSON
import JSONRPC
import Store

/// A plan that this host executes: gives its machine what happens, one thing after the other, and each change to the
/// store before anything comes of it.
final class PlanExecution {
    typealias Ending = Result<Plan, RPCError>
    typealias Waiter = (Ending) -> Void
    typealias Change = (inout PlanMachine) -> [PlanMachine.Effect]

    let runner: OrchestrationRunner
    /// As the store has it.
    private(set) var plan: Plan
    private(set) var session: AgentSession?
    let project: Project?
    var isStreamed = false
    private var machine: PlanMachine
    /// Held until the first change, with which the execution begins (`again`).
    private var line = ChangeLine<Change, Ending>(isHeld: true, failuresMax: 50)
    private var waiters: [Waiter] = []
    /// Told once it has been recorded that the plan runs.
    private var startWaiters: [Waiter] = []
    /// Told once it has been recorded that the plan is to end, or that it has.
    private var cancelWaiters: [Waiter] = []
    private let leave: (PlanExecution) -> Void
    /// Steps that run, by their tasks.
    var watches: [TaskID: PlanWatch] = [:]
    /// The last look at the working folder.
    var lastSurvey: FolderSurvey?
    /// Forks that are closed, as far as is known here.
    private var closedForks: Set<SessionID> = []

    static let pauseMilliseconds = 100

    /// - Parameters:
    ///   - session: the plan's, if it has one that is still there.
    ///   - project: likewise.
    ///   - leave: told when it is over.
    init(
        _ plan: Plan, in session: AgentSession?, of project: Project?, limits: PlanMachine.Limits,
        _ runner: OrchestrationRunner,
        leave: @escaping (PlanExecution) -> Void
    ) {
        self.plan = plan
        self.session = session
        self.project = project
        self.runner = runner
        self.leave = leave
        machine = PlanMachine(plan, limits: limits)
    }

    /// Calls back with the plan when it runs no more.
    func whenOver(_ waiter: @escaping Waiter) {
        if let ending = line.end { return waiter(ending) }
        waiters.append(waiter)
    }

    /// Calls back with the plan once it runs, or at its end.
    func whenRunning(_ waiter: @escaping Waiter) {
        if let ending = line.end { return waiter(ending) }
        if plan.status == .running, plan.hostID == runner.host.store.hostID { return waiter(.success(plan)) }
        startWaiters.append(waiter)
    }

    /// Ends it; calls back once that is recorded.
    func cancel(_ waiter: @escaping Waiter) {
        if let ending = line.end { return waiter(ending) }
        // An earlier execution that was cancelled has left its mark until this one has begun.
        if plan.status == .running, plan.state.isCancelling { return waiter(.success(plan)) }
        cancelWaiters.append(waiter)
        give(.cancel)
    }

    func give(_ input: PlanMachine.Input) { give { $0.handle(input) } }

    func give(_ change: @escaping Change) { follow(line.add(change)) }

    // MARK: - One change after the other

    private func follow(_ next: ChangeLine<Change, Ending>.Next?) {
        switch next {
        case .make(let change)?: make(change)
        case .over(let ending)?: leaveOff(ending)
        case .settled?, nil: break
        }
    }

    private func make(_ change: @escaping Change) {
        var next = machine
        let effects = change(&next)
        guard next.state != machine.state || !effects.isEmpty else {
            // What it is about to do may have changed all the same.
            machine = next
            return made()
        }
        let turn = PlanTurn(next: next, effects: effects, change: change, session: session)
        if turn.needsSession { prepare(turn) } else { commit(turn) }
    }

    /// Nothing more is to be done for the change under way. With one that ends the plan the execution ends.
    private func made() { follow(line.made(ending: machine.isRunning ? nil : .success(plan))) }

    /// Another change in the place of the one under way, or the first.
    func again(_ change: @escaping Change) { follow(line.again(change)) }

    /// The change under way cannot be made, nor can any other.
    func giveUp(_ error: RPCError) { follow(line.made(ending: .failure(error))) }

    /// What goes on outside of it is lost: it ends, after the change under way.
    func end(_ error: RPCError) { follow(line.end(.failure(error))) }

    /// The plan has its session.
    func keep(_ changed: Plan, in session: AgentSession) {
        plan = changed
        plan.revision += 1
        self.session = session
    }

    // MARK: - The store

    func commit(_ given: PlanTurn) {
        var turn = given
        for case .ask(let batch) in turn.effects {
            guard let session = turn.session else { continue }
            let ask = ask(batch, in: session)
            turn.next.assign(ask.id, toBatch: batch)
            turn.asks.append(ask)
        }
        let changed = changed(turn)
        var commands = turn.commands + [.updatePlan(changed)] + turn.asks.map(StoreCommand.insertAsk)
        if let session = turn.session {
            commands += progress(turn.next, in: session.id)
            if session.projectID != nil, turn.next.hasLeftFork(since: machine.state) {
                // Tasks of the project go on in the plan's session, not in what a step had of it.
                commands.append(.useInProject(session.id, driver: session.driver, source: "plan"))
            }
            if isStreamed { runner.host.liveView.streamedSessions.insert(session.id) }
        }
        runner.commit(commands, starting: turn.orders, isThere: changed.isThere) { [self] result in
            switch result {
            case .success: adopt(turn, changed)
            case .failure(let failure):
                abandonForks(of: turn)
                failed(failure, turn)
            }
        }
    }

    private func changed(_ turn: PlanTurn) -> Plan {
        var changed = plan
        let now = runner.host.clock.now()
        changed.state = turn.next.state
        changed.hostID = runner.host.store.hostID
        changed.updatedAt = now
        if turn.next.isRunning, !machine.isRunning { changed.startedAt = now }
        changed.endedAt = turn.next.isRunning ? nil : now
        return changed
    }

    /// What readers of the session are told of the change.
    private func progress(_ next: PlanMachine, in session: SessionID) -> [StoreCommand] {
        next.news(since: machine.state).map { message in
            runner.progress(
                session, done: next.state.doneCount, total: next.state.steps.count, message: message,
                members: ["plan_id": .string("\(plan.id)")])
        }
    }

    private func adopt(_ turn: PlanTurn, _ changed: Plan) {
        machine = turn.next
        session = turn.session
        plan = changed
        plan.revision += 1
        watch(turn)
        for effect in turn.effects { perform(effect) }
        if let session {
            for ask in turn.asks { wait(for: ask, in: session) }
        }
        closeForks()
        for waiter in startWaiters { waiter(.success(plan)) }
        startWaiters = []
        if machine.state.isCancelling {
            let told = cancelWaiters
            cancelWaiters = []
            for waiter in told { waiter(.success(plan)) }
        }
        made()
    }

    /// Forks in which nothing more will run take no further task. One that is not closed since the host dies is when
    /// the plan goes on.
    private func closeForks() {
        let ended = machine.state.endedForks.subtracting(closedForks)
        closedForks.formUnion(ended)
        runner.close(ended)
    }

    func failed(_ failure: StoreFailure, _ turn: PlanTurn) {
        let hasTasks = !turn.orders.isEmpty
        switch failure {
        case .refused(let why) where hasTasks: lookForPause(turn) { [self] in refuse(turn, because: why) }
        case .limit(let why) where hasTasks: refuse(turn, because: why)
        case .busy where hasTasks: refuse(turn, because: "Another host works on the session.")
        case .overloaded, .broken:
            guard line.countFailure() else { return giveUp(RPCError(failure)) }
            runner.after(milliseconds: Self.pauseMilliseconds) { [self] in again(turn.change) }
        default: giveUp(RPCError(failure))
        }
    }

    /// Holds the turn if one of its sessions was paused just before it was committed.
    private func lookForPause(_ turn: PlanTurn, else refuse: @escaping () -> Void) {
        let ids = turn.homes.values.filter(\.showing.isEmpty).map(\.session.id)
        runner.host.store.read { reader in
            try ids.contains { try reader.session($0)?.status == .paused }
        } then: { [self] result in
            if case .success(true) = result { hold(turn) } else { refuse() }
        }
    }

    // MARK: - What comes of it

    private func perform(_ effect: PlanMachine.Effect) {
        switch effect {
        case .startStep, .ask, .finish: break
        case .stopTask(let task): runner.stop(task)
        case .withdrawAsk(let asking): if let ask = asking.permissionID { runner.withdraw(ask) }
        case .setTimer(let step, let milliseconds):
            runner.after(milliseconds: milliseconds) { [weak self] in self?.give(.retryDue(step)) }
        }
    }

    /// It is over, here at least: nothing of it goes on that nobody would hear of.
    private func leaveOff(_ ending: Ending) {
        if case .failure = ending {
            for task in watches.keys { runner.stop(task) }
        }
        watches = [:]
        let told = startWaiters + cancelWaiters + waiters
        (startWaiters, cancelWaiters, waiters) = ([], [], [])
        if let session { runner.host.liveView.streamedSessions.remove(session.id) }
        leave(self)
        for waiter in told { waiter(ending) }
    }
}

extension PlanMachine {
    /// In sentences, what a reader would want to know.
    fileprivate func news(since old: PlanState) -> [String] {
        var news: [String] = []
        for step in batches.flatMap(\.steps) {
            guard let now = state.steps[step.id], let before = old.steps[step.id],
                now.status != before.status || now.taskIDs != before.taskIDs
            else { continue }
            switch now.status {
            case .completed: news.append("\"\(step.id)\" is completed.")
            case .running: news.append("\"\(step.id)\" begins.")
            case .waiting, .failed, .blocked, .cancelled:
                news.append("\"\(step.id)\" is \(now.status.rawValue): \(now.reason ?? "")")
            case .pending: break
            }
        }
        if state.asking != nil, old.asking == nil { news.append("A batch of high risk waits for permission.") }
        if state.status != old.status, !isRunning { news.append("The plan is \(state.status.rawValue).") }
        return news
    }

    /// A step's task in a fork has ended.
    fileprivate func hasLeftFork(since old: PlanState) -> Bool {
        old.steps.contains { id, step in
            step.status == .running && step.isForked && state.steps[id]?.status != .running
        }
    }
}
