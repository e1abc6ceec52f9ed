import AgentEngine
import AgentModel
import Driver
import JSON
import JSONRPC
import Store

/// A plan that this host executes: gives its machine what happens, one thing after the other, and each change to the
/// store before anything comes of it.
final class PlanExecution {
    typealias Waiter = (Result<Plan, RPCError>) -> Void
    typealias Change = (inout PlanMachine) -> [PlanMachine.Effect]

    let runner: OrchestrationRunner
    /// As the store has it.
    private(set) var plan: Plan
    private(set) var session: AgentSession?
    private let project: Project?
    var isStreamed = false
    private var machine: PlanMachine
    private var changes: [Change] = []
    private var isCommitting = false
    private var failedCommits = 0
    private var waiters: [Waiter] = []
    /// Told once it has been recorded that the plan runs.
    private var startWaiters: [Waiter] = []
    private let leave: (PlanExecution) -> Void
    /// What the folder held before each task that runs.
    private var surveys: [TaskID: FolderSurvey] = [:]

    private static let commitsMax = 50
    private static let pauseMilliseconds = 100

    /// The session that a change is for.
    private struct Place {
        var session: AgentSession
        /// It is made with the change.
        var isNew: Bool
    }

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
    func whenOver(_ waiter: @escaping Waiter) { waiters.append(waiter) }

    /// Calls back with the plan once it runs, or at its end.
    func whenRunning(_ waiter: @escaping Waiter) {
        if plan.status == .running, plan.hostID == runner.host.store.hostID { return waiter(.success(plan)) }
        startWaiters.append(waiter)
    }

    func give(_ input: PlanMachine.Input) { give { $0.handle(input) } }

    func give(_ change: @escaping Change) {
        changes.append(change)
        goOn()
    }

    // MARK: - One change after the other

    private func goOn() {
        guard !isCommitting, let change = changes.first else { return }
        changes.removeFirst()
        var next = machine
        let effects = change(&next)
        guard next.state != machine.state || !effects.isEmpty else { return goOn() }
        isCommitting = true
        guard effects.contains(where: \.needsSession) else {
            return commit(next, effects, change, in: session.map { Place(session: $0, isNew: false) })
        }
        prepare(next, effects, change)
    }

    /// Looks at the session as it is now, or makes the plan's own.
    private func prepare(_ next: PlanMachine, _ effects: [PlanMachine.Effect], _ change: @escaping Change) {
        guard let id = session?.id else {
            do throws(RPCError) {
                let session = try runner.host.newSession(for: plan, of: project)
                return layGround(next, effects, change, in: Place(session: session, isNew: true))
            } catch {
                return end(.failure(error))
            }
        }
        runner.host.store.read {
            try $0.session(id)
        } then: { [self] result in
            switch result {
            case .success(let found?): layGround(next, effects, change, in: Place(session: found, isNew: false))
            case .success(nil): end(.failure(.notFound("\(id)", path: "params.plan_id")))
            case .failure(let failure): failed(failure, change, in: nil, hadTasks: false)
            }
        }
    }

    private func layGround(
        _ next: PlanMachine, _ effects: [PlanMachine.Effect], _ change: @escaping Change, in place: Place
    ) {
        var plan = plan
        plan.state = next.state
        ground(for: effects, of: plan, in: place.session) { [self] in begin(next, effects, change, in: place, on: $0) }
    }

    /// Gives each step that begins its task.
    private func begin(
        _ next: PlanMachine, _ effects: [PlanMachine.Effect], _ change: @escaping Change, in place: Place,
        on ground: PlanGround
    ) {
        var (next, commands, orders) = (next, [StoreCommand](), [OrchestrationRunner.Order]())
        for case .startStep(let id, _, let kind) in effects {
            do throws(RPCError) {
                var request = request(id)
                request.context = ground.contexts[id].map(JSON.string)
                let task = try runner.task(request, in: place.session)
                surveys[task.id] = ground.survey
                if kind == .newSession {
                    commands.append(.setDriverSession(place.session.id, driver: task.driver, id: nil))
                }
                orders.append(
                    OrchestrationRunner.Order(
                        task: task, isStreamed: isStreamed, background: background(of: id, in: place.session)))
                next.assign(task.id, in: place.session.id, to: id)
            } catch {
                return refuse(change, in: place, reason: error.message)
            }
        }
        commit(next, effects, change, in: place, commands, orders)
    }

    private func request(_ id: String) -> TaskRequest {
        let step = plan.steps.first { $0.id == id } ?? PlanStep(id: id, description: id)
        var request = TaskRequest(input: [.text(step.task)])
        request.driver = step.driver
        request.source = "plan"
        request.metadata = ["plan_id": .string("\(plan.id)"), "step_id": .string(id)]
        request.outputSchema = step.outputSchema
        request.timeoutMilliseconds = step.timeoutMilliseconds
        request.maxIterations = step.maxIterations
        request.check = step.check
        return request
    }

    /// The session takes no task: the same change, with steps that failed to begin.
    private func refuse(_ change: @escaping Change, in place: Place, reason: String) {
        let refused: Change = { machine in
            var (left, kept) = (change(&machine)[...], [PlanMachine.Effect]())
            while let effect = left.popFirst() {
                if case .startStep(let id, _, _) = effect {
                    left = machine.handle(.stepRefused(id, reason: reason)) + left
                } else {
                    kept.append(effect)
                }
            }
            return kept
        }
        var next = machine
        let effects = refused(&next)
        commit(next, effects, refused, in: place)
    }

    // MARK: - The store

    private func commit(
        _ next: PlanMachine, _ effects: [PlanMachine.Effect], _ change: @escaping Change, in place: Place?,
        _ more: [StoreCommand] = [], _ orders: [OrchestrationRunner.Order] = []
    ) {
        var next = next
        var asks: [PermissionAsk] = []
        for case .ask(let batch) in effects {
            guard let session = place?.session else { continue }
            let ask = ask(batch, in: session)
            next.assign(ask.id, toBatch: batch)
            asks.append(ask)
        }
        let changed = changed(next, place?.session.id)
        var commands: [StoreCommand] = []
        if let place, place.isNew {
            commands.append(.insertSession(place.session))
            if project != nil {
                commands.append(.useInProject(place.session.id, driver: place.session.driver, source: "plan"))
            }
        }
        commands += more + [.updatePlan(changed)] + asks.map(StoreCommand.insertAsk)
        if let session = place?.session.id {
            commands += progress(next, in: session)
            if isStreamed { runner.host.liveView.streamedSessions.insert(session) }
        }
        runner.commit(commands, starting: orders) { [self] result in
            switch result {
            case .success:
                session = place?.session
                adopt(next, changed, effects, asks, orders)
            case .failure(let failure): failed(failure, change, in: place, hadTasks: !orders.isEmpty)
            }
        }
    }

    private func changed(_ next: PlanMachine, _ session: SessionID?) -> Plan {
        var changed = plan
        let now = runner.host.clock.now()
        changed.state = next.state
        changed.hostID = runner.host.store.hostID
        changed.sessionID = session
        changed.updatedAt = now
        if next.isRunning, !machine.isRunning { changed.startedAt = now }
        changed.endedAt = next.isRunning ? nil : now
        return changed
    }

    /// What readers of the session are told of the change.
    private func progress(_ next: PlanMachine, in session: SessionID) -> [StoreCommand] {
        guard let message = next.news(since: machine.state) else { return [] }
        return [
            runner.progress(
                session, done: next.state.doneCount, total: next.state.steps.count, message: message,
                members: ["plan_id": .string("\(plan.id)")])
        ]
    }

    private func adopt(
        _ next: PlanMachine, _ changed: Plan, _ effects: [PlanMachine.Effect], _ asks: [PermissionAsk],
        _ orders: [OrchestrationRunner.Order]
    ) {
        failedCommits = 0
        machine = next
        plan = changed
        plan.revision += 1
        isCommitting = false
        for order in orders { listen(to: order.task) }
        for effect in effects { perform(effect) }
        if let session {
            for ask in asks { wait(for: ask, in: session) }
        }
        for waiter in startWaiters { waiter(.success(plan)) }
        startWaiters = []
        if machine.isRunning { goOn() } else { end(.success(plan)) }
    }

    private func failed(_ failure: StoreFailure, _ change: @escaping Change, in place: Place?, hadTasks: Bool) {
        switch (failure, place) {
        case (.refused(let why), let place?) where hadTasks, (.limit(let why), let place?) where hadTasks:
            refuse(change, in: place, reason: why)
        case (.busy, let place?) where hadTasks:
            refuse(change, in: place, reason: "Another host works on the session.")
        case (.overloaded, _), (.broken("locked", _), _):
            failedCommits += 1
            guard failedCommits < Self.commitsMax else { return end(.failure(RPCError(failure))) }
            runner.after(milliseconds: Self.pauseMilliseconds) { [self] in
                isCommitting = false
                changes.insert(change, at: 0)
                goOn()
            }
        default: end(.failure(RPCError(failure)))
        }
    }

    // MARK: - What comes of it

    private func listen(to task: AgentTask) {
        guard let step = task.metadata?["step_id"]?.stringValue else { return }
        runner.whenEnded(task.id) { [self] result in
            switch result {
            case .success(let ended):
                heard(ended.task.result.map { StepOutcome($0) } ?? StepOutcome(.interrupted), of: step, task.id)
            case .failure(.overloaded), .failure(.broken("locked", _)):
                // It has ended, but nothing is known of how: the store is asked again.
                runner.after(milliseconds: Self.pauseMilliseconds) { [self] in listen(to: task) }
            case .failure(let failure): end(.failure(RPCError(failure)))
            }
        }
    }

    private func heard(_ outcome: StepOutcome, of step: String, _ task: TaskID) {
        let survey = surveys.removeValue(forKey: task)
        guard let survey, runner.host.phase == .serving || runner.host.phase == .draining else {
            return give(.stepEnded(step, task, outcome))
        }
        runner.changes(since: survey) { [self] changes in
            var outcome = outcome
            outcome.files = changes
            give(.stepEnded(step, task, outcome))
        }
    }

    private func perform(_ effect: PlanMachine.Effect) {
        switch effect {
        case .startStep, .ask, .finish: break
        case .stopTask(let task): runner.stop(task)
        case .withdrawAsk(let asking): if let ask = asking.permissionID { runner.withdraw(ask) }
        case .setTimer(let step, let milliseconds):
            runner.after(milliseconds: milliseconds) { [weak self] in self?.give(.retryDue(step)) }
        }
    }

    private func ask(_ batch: Int, in session: AgentSession) -> PermissionAsk {
        let found = plan.batches.indices.contains(batch) ? plan.batches[batch] : PlanBatch([])
        let name = found.title.map { "\"\($0)\"" } ?? "\(batch + 1)"
        let steps = found.steps.map { JSON.object(["id": .string($0.id), "description": .string($0.description)]) }
        var input: JSONObject = ["plan_id": .string("\(plan.id)"), "batch": .int(Int64(batch))]
        input["title"] = found.title.map(JSON.string)
        input["risk"] = .string(found.risk.rawValue)
        input["steps"] = .array(steps)
        return runner.newAsk(
            "plan.batch", title: "The plan \"\(plan.title)\" is about to begin its batch \(name) of high risk.",
            input: .object(input), in: session)
    }

    private func wait(for ask: PermissionAsk, in session: AgentSession) {
        guard let batch = ask.input["batch"]?.intValue else { return }
        runner.offer(ask, in: session) { [weak self] isGiven in
            self?.give(.consent(batch: batch, isGiven: isGiven))
        }
    }

    /// It is over, here at least.
    private func end(_ result: Result<Plan, RPCError>) {
        isCommitting = true
        changes = []
        let told = startWaiters + waiters
        (startWaiters, waiters) = ([], [])
        if let session { runner.host.liveView.streamedSessions.remove(session.id) }
        leave(self)
        for waiter in told { waiter(result) }
    }
}

extension PlanMachine.Effect {
    /// Whether it makes something in the plan's session.
    fileprivate var needsSession: Bool {
        switch self {
        case .startStep, .ask: true
        default: false
        }
    }
}

extension PlanMachine {
    /// In a sentence, the first that a reader would want to know; `nil` when there is nothing.
    fileprivate func news(since old: PlanState) -> String? {
        if state.status != old.status, state.status != .running { return "The plan is \(state.status.rawValue)." }
        for step in batches.flatMap(\.steps) {
            guard let now = state.steps[step.id], now.status != old.steps[step.id]?.status,
                now.status.isFinal || now.status == .waiting
            else { continue }
            if now.status == .completed { return "\"\(step.id)\" is completed." }
            return "\"\(step.id)\" is \(now.status.rawValue): \(now.reason ?? "")"
        }
        for step in batches.flatMap(\.steps) where state.steps[step.id]?.status == .running {
            if old.steps[step.id]?.status != .running { return "\"\(step.id)\" begins." }
        }
        return state.asking != nil && old.asking == nil ? "A batch of high risk waits for permission." : nil
    }
}
