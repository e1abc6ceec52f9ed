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
    typealias Waiter = (Result<Workflow, RPCError>) -> Void

    let runner: OrchestrationRunner
    /// As the store has it.
    private(set) var workflow: Workflow
    var isStreamed = false
    private var machine: WorkflowMachine
    private var inputs: [WorkflowMachine.Input] = []
    private var isCommitting = false
    private var failedCommits = 0
    private var restWaiters: [Waiter] = []
    private var changeWaiters: [Waiter] = []
    private let leave: () -> Void

    private static let commitsMax = 50
    private static let pauseMilliseconds = 100

    /// What a change needs besides the state: the session that its node works in, and what begins there.
    struct Beginning {
        var session: AgentSession
        var isNew: Bool
        var commands: [StoreCommand] = []
        var order: OrchestrationRunner.Order?
        var plan: PlanID?
    }

    /// - Parameter leave: told when it rests.
    init(_ workflow: Workflow, _ runner: OrchestrationRunner, leave: @escaping () -> Void) {
        self.workflow = workflow
        self.runner = runner
        self.leave = leave
        machine = WorkflowMachine(workflow)
    }

    /// Calls back with the workflow once it waits for somebody, or is over.
    func whenResting(_ waiter: @escaping Waiter) { restWaiters.append(waiter) }

    /// Calls back with the workflow after its next change; at once if there is none to come.
    func whenChanged(_ waiter: @escaping Waiter) { changeWaiters.append(waiter) }

    func give(_ input: WorkflowMachine.Input) {
        inputs.append(input)
        goOn()
    }

    private func goOn() {
        guard !isCommitting, let input = inputs.first else { return }
        inputs.removeFirst()
        var next = machine
        let effects = next.handle(input)
        guard next.state != machine.state || !effects.isEmpty else {
            settle()
            return goOn()
        }
        isCommitting = true
        guard case .run(let kind)? = effects.first else { return commit(next, effects, nil, input) }
        prepare(kind, next) { [self] result in
            switch result {
            case .success(let beginning): commit(next, effects, beginning, input)
            case .failure(let error): refuse(next, error)
            }
        }
    }

    /// Nothing comes of an input: who waits for it hears how things stand.
    private func settle() {
        guard inputs.isEmpty else { return }
        tellChange()
    }

    /// What was given is done with. Who hears of it may give something else at once: to this one while it runs.
    private func tellChange() {
        guard machine.state.status.isRunning else { return end(.success(workflow)) }
        let told = changeWaiters
        changeWaiters = []
        for waiter in told { waiter(.success(workflow)) }
    }

    // MARK: - The store

    private func commit(
        _ next: WorkflowMachine, _ effects: [WorkflowMachine.Effect], _ beginning: Beginning?,
        _ input: WorkflowMachine.Input, tells: Bool = true
    ) {
        var next = next
        var commands: [StoreCommand] = []
        if let beginning {
            if beginning.isNew { commands.append(.insertSession(beginning.session)) }
            next.assign(
                session: beginning.session.id, task: beginning.order?.task.id, plan: beginning.plan,
                driver: beginning.order?.task.driver ?? beginning.session.driver)
            commands += beginning.commands
        }
        var changed = workflow
        let now = runner.host.clock.now()
        changed.state = next.state
        changed.hostID = runner.host.store.hostID
        changed.updatedAt = now
        changed.endedAt = next.state.status.isFinal ? now : nil
        commands.append(.updateWorkflow(changed))
        if tells { commands += progress(next) }
        // Also after its plan, which has worked in the same session and listens no more.
        if isStreamed, let session = next.state.session { runner.host.liveView.streamedSessions.insert(session) }
        let orders = [beginning?.order].compactMap(\.self)
        runner.commit(commands, starting: orders, isThere: changed.isThere) { [self] result in
            switch result {
            case .success: adopt(next, changed, effects, beginning)
            case .failure(.notFound) where beginning == nil && tells:
                // The session is gone in which it was to be told.
                commit(next, effects, nil, input, tells: false)
            case .failure(let failure): failed(failure, next, input, hadTask: beginning != nil)
            }
        }
    }

    private func progress(_ next: WorkflowMachine) -> [StoreCommand] {
        guard next.state.status != machine.state.status, let session = next.state.session else { return [] }
        return [
            runner.progress(
                session, done: next.state.nodes.count { $0.status == .completed }, total: next.state.nodes.count,
                message: "The workflow is \(next.state.status.words).",
                members: [
                    "workflow_id": .string("\(workflow.id)"), "workflow_status": .string(next.state.status.rawValue),
                ])
        ]
    }

    private func adopt(
        _ next: WorkflowMachine, _ changed: Workflow, _ effects: [WorkflowMachine.Effect], _ beginning: Beginning?
    ) {
        failedCommits = 0
        machine = next
        workflow = changed
        workflow.revision += 1
        isCommitting = false
        if let task = beginning?.order?.task.id { listen(to: task) }
        if let plan = beginning?.plan { execute(plan) }
        if effects.contains(.stop) { stop() }
        // Who has given what comes next waits for what comes of that.
        guard inputs.isEmpty else { return goOn() }
        tellChange()
    }

    private func failed(
        _ failure: StoreFailure, _ next: WorkflowMachine, _ input: WorkflowMachine.Input, hadTask: Bool
    ) {
        switch failure {
        case .refused(let why) where hadTask, .limit(let why) where hadTask:
            refuse(next, RPCError(.conflict, why))
        case .busy where hadTask: refuse(next, RPCError(failure))
        case .overloaded, .broken:
            failedCommits += 1
            guard failedCommits < Self.commitsMax else { return end(.failure(RPCError(failure))) }
            runner.after(milliseconds: Self.pauseMilliseconds) { [self] in
                isCommitting = false
                inputs.insert(input, at: 0)
                goOn()
            }
        default: end(.failure(RPCError(failure)))
        }
    }

    /// The node cannot begin: it has failed.
    private func refuse(_ next: WorkflowMachine, _ error: RPCError) {
        machine = next
        isCommitting = false
        inputs.insert(.ended(WorkflowOutcome(.failed(error.message))), at: 0)
        goOn()
    }

    // MARK: - What comes of it

    private func listen(to task: TaskID) {
        runner.whenEnded(task) { [self] result in
            switch result {
            case .success(let ended):
                give(.ended(ended.task.result.map { WorkflowOutcome($0) } ?? WorkflowOutcome(.interrupted)))
            case .failure(.overloaded), .failure(.broken("locked", _)):
                // It has ended, but nothing is known of how: the store is asked again.
                runner.after(milliseconds: Self.pauseMilliseconds) { [self] in listen(to: task) }
            case .failure(let failure): end(.failure(RPCError(failure)))
            }
        }
    }

    private func execute(_ plan: PlanID) {
        runner.host.plans.execute(plan) { [self] found in
            switch found {
            case .over(let plan): give(.ended(WorkflowOutcome(plan)))
            case .failed(let error): abandon(plan, error)
            case .running(let execution, _):
                execution.isStreamed = isStreamed
                execution.whenOver { [self] result in
                    switch result {
                    case .success(let plan): give(.ended(WorkflowOutcome(plan)))
                    case .failure(let error): abandon(plan, error)
                    }
                }
                if machine.state.isCancelling { execution.give(.cancel) }
            }
        }
    }

    /// The plan cannot be executed any further: the node has failed once nothing of it is left running. If that cannot
    /// be had either, both are left, for the workflow to be looked at when it is given something.
    private func abandon(_ plan: PlanID, _ error: RPCError) {
        runner.host.plans.rest(plan) { [self] result in
            guard case .success(let plan) = result else { return end(.failure(error)) }
            var outcome = WorkflowOutcome(plan)
            if outcome.end == .interrupted { outcome.end = .failed(error.message) }
            give(.ended(outcome))
        }
    }

    private func stop() {
        guard let node = machine.state.nodes.last else { return }
        if let task = node.taskID { runner.stop(task) }
        if let plan = node.planID { runner.host.plans.execution(plan)?.give(.cancel) }
    }

    /// It waits for somebody, or is over.
    private func end(_ result: Result<Workflow, RPCError>) {
        isCommitting = true
        inputs = []
        for session in workflow.state.sessionIDs.values {
            runner.host.liveView.streamedSessions.remove(session)
        }
        leave()
        let told = changeWaiters + restWaiters
        (changeWaiters, restWaiters) = ([], [])
        for waiter in told { waiter(result) }
    }
}

extension WorkflowState {
    /// The one that was worked in last.
    fileprivate var session: SessionID? { nodes.last { $0.sessionID != nil }?.sessionID }
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
