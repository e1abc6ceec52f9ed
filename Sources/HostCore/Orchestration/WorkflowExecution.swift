import AgentEngine
import AgentModel
import Driver
import HostProtocol
import JSON
import JSONRPC
import Store

/// A workflow while a role of it works: gives its machine what happens, one thing after the other, and each change to
/// the store before anything comes of it.
final class WorkflowExecution {
    typealias Ending = Result<Workflow, RPCError>
    typealias Waiter = (Ending) -> Void

    let runner: OrchestrationRunner
    /// As the store has it.
    private(set) var workflow: Workflow
    var isStreamed = false
    private var machine: WorkflowMachine
    private var line = ChangeLine<WorkflowMachine.Input, Ending>(failuresMax: 50)
    private var restWaiters: [Waiter] = []
    private var changeWaiters: [Waiter] = []
    private let leave: () -> Void

    private static let pauseMilliseconds = 100

    /// - Parameter leave: told when it rests.
    init(
        _ workflow: Workflow, limits: WorkflowMachine.Limits, _ runner: OrchestrationRunner,
        leave: @escaping () -> Void
    ) {
        self.workflow = workflow
        self.runner = runner
        self.leave = leave
        machine = WorkflowMachine(workflow, limits: limits)
    }

    /// Calls back with the workflow once it waits for somebody, or is over.
    func whenResting(_ waiter: @escaping Waiter) {
        if let ending = line.end { return waiter(ending) }
        restWaiters.append(waiter)
    }

    /// Calls back with the workflow after its next change; at once if there is none to come.
    func whenChanged(_ waiter: @escaping Waiter) {
        if let ending = line.end { return waiter(ending) }
        changeWaiters.append(waiter)
    }

    func give(_ input: WorkflowMachine.Input) { follow(line.add(input)) }

    private func follow(_ next: ChangeLine<WorkflowMachine.Input, Ending>.Next?) {
        switch next {
        case .make(let input)?: make(input)
        // Who has given what comes next waits for what comes of that.
        case .settled?: tellChange()
        case .over(let ending)?: leaveOff(ending)
        case nil: break
        }
    }

    private func make(_ input: WorkflowMachine.Input) {
        var next = machine
        let effects = next.handle(input)
        guard next.state != machine.state || !effects.isEmpty else { return follow(line.made()) }
        prepare(WorkflowTurn(next: next, effects: effects, input: input))
    }

    /// The input under way cannot be recorded, nor can any other.
    private func giveUp(_ failure: StoreFailure) { follow(line.made(ending: .failure(RPCError(failure)))) }

    /// What goes on outside of it is lost, or it rests: it ends, after the input under way.
    private func end(_ ending: Ending) { follow(line.end(ending)) }

    /// What was given is done with, whatever came of it. Who hears of it may give something else at once: to this one
    /// while it runs.
    private func tellChange() {
        guard machine.state.status.isRunning else { return end(.success(workflow)) }
        let told = changeWaiters
        changeWaiters = []
        for waiter in told { waiter(.success(workflow)) }
    }

    // MARK: - The store

    func commit(_ turn: WorkflowTurn) {
        var next = turn.next
        var commands: [StoreCommand] = []
        for (node, beginning) in turn.begun {
            if beginning.isNew { commands.append(.insertSession(beginning.session)) }
            next.assign(
                session: beginning.session.id, task: beginning.order?.task.id, plan: beginning.plan,
                driver: beginning.order?.task.driver ?? beginning.session.driver, to: node)
            commands += beginning.commands
        }
        var changed = workflow
        let now = runner.host.clock.now()
        changed.state = next.state
        changed.hostID = runner.host.store.hostID
        changed.updatedAt = now
        changed.endedAt = next.state.status.isFinal ? now : nil
        commands.append(.updateWorkflow(changed))
        if turn.tells { commands += progress(next) }
        // Also after its plan, which has worked in the same session and listens no more.
        if isStreamed { runner.host.liveView.streamedSessions.formUnion(next.state.streamed) }
        let orders = turn.begun.compactMap(\.beginning.order)
        runner.commit(commands, starting: orders, isThere: changed.isThere) { [self] result in
            switch result {
            case .success: adopt(next, changed, turn)
            case .failure(.notFound) where turn.beginnings.isEmpty && turn.tells:
                // The session is gone in which it was to be told.
                var turn = turn
                turn.tells = false
                commit(turn)
            case .failure(let failure): failed(failure, turn)
            }
        }
    }

    private func progress(_ next: WorkflowMachine) -> [StoreCommand] {
        guard let session = next.state.nodes.last(where: { $0.sessionID != nil })?.sessionID else { return [] }
        let news = next.news(since: machine.state)
        func tell(_ message: String, _ members: JSONObject = [:]) -> StoreCommand {
            var members = members
            members["workflow_id"] = .string("\(workflow.id)")
            return runner.progress(
                session, done: next.state.nodes.count { $0.status == .completed }, total: next.state.nodes.count,
                message: message, members: members)
        }
        guard next.state.status != machine.state.status else { return news.map { tell($0) } }
        return news.map { tell($0) } + [
            tell(
                "The workflow is \(next.state.status.words).",
                ["workflow_status": .string(next.state.status.rawValue)])
        ]
    }

    private func adopt(_ next: WorkflowMachine, _ changed: Workflow, _ turn: WorkflowTurn) {
        machine = next
        workflow = changed
        workflow.revision += 1
        for (node, beginning) in turn.begun {
            if let task = beginning.order?.task.id { listen(to: task, of: node) }
            if let plan = beginning.plan { execute(plan, of: node) }
        }
        if turn.effects.contains(.stop) { stop() }
        follow(line.made())
    }

    private func failed(_ failure: StoreFailure, _ turn: WorkflowTurn) {
        let hasTasks = !turn.beginnings.isEmpty
        switch failure {
        case .refused(let why) where hasTasks: lookForPause(turn) { [self] in refuse(turn, .failed(why)) }
        case .limit(let why) where hasTasks: refuse(turn, .failed(why))
        case .busy where hasTasks: refuse(turn, .failed(RPCError(failure).message))
        case .overloaded, .broken:
            guard line.countFailure() else { return giveUp(failure) }
            runner.after(milliseconds: Self.pauseMilliseconds) { [self] in follow(line.again(turn.input)) }
        default: giveUp(failure)
        }
    }

    /// What was to begin does not.
    private func refuse(_ turn: WorkflowTurn, _ end: WorkflowOutcome.End) {
        var turn = turn
        for (node, _) in turn.begun { turn.refuse(node, end) }
        prepare(turn)
    }

    /// Holds the turn if one of its sessions was paused just before it was committed.
    private func lookForPause(_ turn: WorkflowTurn, else refuse: @escaping () -> Void) {
        let ids = turn.beginnings.values.filter { !$0.isNew }.map(\.session.id)
        runner.host.store.read { reader in
            try ids.contains { try reader.session($0)?.status == .paused }
        } then: { [self] result in
            if case .success(true) = result { self.refuse(turn, .held) } else { refuse() }
        }
    }

    // MARK: - What comes of it

    private func listen(to task: TaskID, of node: Int) {
        runner.whenEnded(task) { [self] result in
            switch result {
            case .success(let ended):
                give(.ended(node, ended.task.result.map { WorkflowOutcome($0) } ?? WorkflowOutcome(.interrupted)))
            case .failure(.overloaded), .failure(.broken("locked", _)):
                // It has ended, but nothing is known of how: the store is asked again.
                runner.after(milliseconds: Self.pauseMilliseconds) { [self] in listen(to: task, of: node) }
            case .failure(let failure): end(.failure(RPCError(failure)))
            }
        }
    }

    private func execute(_ plan: PlanID, of node: Int) {
        runner.host.plans.execute(plan) { [self] found in
            switch found {
            case .over(let plan): give(.ended(node, WorkflowOutcome(plan)))
            case .failed(let error): abandon(plan, of: node, error)
            case .running(let execution, _):
                execution.isStreamed = isStreamed
                execution.whenOver { [self] result in
                    switch result {
                    case .success(let plan): give(.ended(node, WorkflowOutcome(plan)))
                    case .failure(let error): abandon(plan, of: node, error)
                    }
                }
                if machine.state.isCancelling { execution.give(.cancel) }
            }
        }
    }

    /// The plan cannot be executed any further: the node has failed once nothing of it is left running. If that cannot
    /// be had either, both are left, for the workflow to be looked at when it is given something.
    private func abandon(_ plan: PlanID, of node: Int, _ error: RPCError) {
        runner.host.plans.rest(plan) { [self] result in
            guard case .success(let plan) = result else { return end(.failure(error)) }
            var outcome = WorkflowOutcome(plan)
            if outcome.end == .interrupted { outcome.end = .failed(error.message) }
            give(.ended(node, outcome))
        }
    }

    private func stop() {
        for node in machine.state.running.map({ machine.state.nodes[$0] }) {
            if let task = node.taskID { runner.stop(task) }
            if let plan = node.planID { runner.host.plans.execution(plan)?.give(.cancel) }
        }
    }

    /// It waits for somebody, or is over.
    private func leaveOff(_ ending: Ending) {
        for session in workflow.state.nodes.compactMap(\.sessionID) {
            runner.host.liveView.streamedSessions.remove(session)
        }
        leave()
        let told = changeWaiters + restWaiters
        (changeWaiters, restWaiters) = ([], [])
        for waiter in told { waiter(ending) }
    }
}

extension WorkflowState {
    /// The session that was worked in last, which is told how things stand, and those in which something runs.
    fileprivate var streamed: [SessionID] {
        let last = nodes.last { $0.sessionID != nil }
        return (running.map { nodes[$0] } + [last].compactMap(\.self)).compactMap(\.sessionID)
    }
}

extension WorkflowStatus {
    fileprivate var isFinal: Bool {
        switch self {
        case .completed, .failed, .cancelled: true
        default: false
        }
    }

    fileprivate var words: String { self == .awaitingPermission ? "waiting for permission" : rawValue }
}
