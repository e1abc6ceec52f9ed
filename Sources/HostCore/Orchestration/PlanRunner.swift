import AgentEngine
import AgentModel
import Driver
import JSONRPC
import Store

/// The plans that this host executes.
final class PlanRunner {
    let runner: OrchestrationRunner
    private var executions: [PlanID: PlanExecution] = [:]
    /// Who waits for a plan that is being looked at.
    private var loading: [PlanID: [Visit]] = [:]

    private struct Visit {
        /// How it is to end; `nil`: it is to be executed.
        var ending: PlanMachine.Input?
        var then: (Found) -> Void
    }

    /// What there is to wait for.
    enum Found {
        case running(PlanExecution, isNew: Bool)
        /// It is completed; or nobody executes it, and it was only to be ended.
        case over(Plan)
        case failed(RPCError)
    }

    init(_ runner: OrchestrationRunner) { self.runner = runner }

    var isIdle: Bool { executions.isEmpty && loading.isEmpty }

    func execution(_ id: PlanID) -> PlanExecution? { executions[id] }
    /// Whether somebody waits for it to be looked at.
    func isLookedAt(_ id: PlanID) -> Bool { loading[id] != nil }

    /// Executes a plan, or goes on with it, unless it is being executed.
    func execute(_ id: PlanID, then: @escaping (Found) -> Void) { visit(id, Visit(then: then)) }

    /// As `execute` a plan that was left running, for it to end: nothing more of it begins.
    /// - Parameter input: `cancel` or `rest`.
    func end(_ id: PlanID, by input: PlanMachine.Input, then: @escaping (Found) -> Void) {
        visit(id, Visit(ending: input, then: then))
    }

    private func visit(_ id: PlanID, _ visit: Visit) {
        if let running = executions[id] { return visit.then(.running(running, isNew: false)) }
        loading[id, default: []].append(visit)
        if loading[id]?.count == 1 { load(id) }
    }

    /// Has a plan come to rest, if it runs or was left running.
    func rest(_ id: PlanID, then: @escaping (Result<Plan, RPCError>) -> Void) {
        end(id, by: .rest) { found in
            switch found {
            case .over(let plan): then(.success(plan))
            case .failed(let error): then(.failure(error))
            case .running(let execution, _):
                execution.whenOver(then)
                execution.give(.rest)
            }
        }
    }

    /// What is given to every plan: the host ends, or its client is gone.
    func giveAll(_ input: PlanMachine.Input) {
        for execution in executions.values { execution.give(input) }
    }

    // MARK: - Beginning

    private struct Loaded: Sendable {
        var plan: Plan
        var session: AgentSession?
        var project: Project?
        /// The host that executes it, if that is another one that is registered.
        var holder: HostRecord?
        var isHolderDead = false
        var outcomes: [TaskID: StepOutcome] = [:]
        /// Tasks of its running steps that have not ended.
        var open: [TaskID] = []
        var consent: Bool?
    }

    private func load(_ id: PlanID) {
        let own = runner.host.store.hostID
        runner.host.store.read { reader throws -> Loaded? in
            guard let plan = try reader.plan(id) else { return nil }
            var loaded = Loaded(plan: plan)
            loaded.session = try plan.sessionID.flatMap { try reader.session($0) }
            loaded.project = try plan.projectID.flatMap { try reader.project($0) }
            guard plan.status == .running else { return loaded }
            if plan.hostID != own { loaded.holder = try reader.host(plan.hostID) }
            loaded.isHolderDead = try reader.deadHosts().contains { $0.id == plan.hostID }
            for step in plan.state.steps.values where step.status == .running {
                guard let task = try step.taskIDs.last.flatMap({ try reader.task($0) }) else { continue }
                loaded.outcomes[task.id] = task.result.map { StepOutcome($0) }
                if !task.status.isFinal { loaded.open.append(task.id) }
            }
            let ask = try plan.state.asking?.permissionID.flatMap { try reader.ask($0) }
            loaded.consent = ask?.resolution.map { $0.option == "allow" }
            return loaded
        } then: { [self] result in
            switch result {
            case .success(nil): tell(id, .failed(.notFound("\(id)", path: "params.plan_id")))
            case .success(let loaded?): begin(loaded)
            case .failure(let failure): tell(id, .failed(RPCError(failure)))
            }
        }
    }

    private func begin(_ loaded: Loaded) {
        let plan = loaded.plan
        let endings = (loading[plan.id] ?? []).map(\.ending)
        let end = endings.compactMap(\.self).last
        guard plan.status == .running || (plan.status != .completed && endings.contains(nil)) else {
            return tell(plan.id, .over(plan))
        }
        if let holder = loaded.holder {
            guard loaded.isHolderDead else { return tell(plan.id, .failed(RPCError(StoreFailure.busy(holder)))) }
            return runner.host.runner.bury(holder) { [self] failure in
                if let failure { tell(plan.id, .failed(RPCError(failure))) } else { load(plan.id) }
            }
        }
        guard loaded.open.isEmpty else {
            if end == .cancel { for task in loaded.open { runner.stop(task) } }
            return runner.settle(loaded.open) { [self] failure in
                if let failure { tell(plan.id, .failed(RPCError(failure))) } else { load(plan.id) }
            }
        }
        let execution = PlanExecution(
            plan, in: loaded.session, of: loaded.project, limits: limits(loaded), runner
        ) { [weak self] in self?.executions[$0.plan.id] = nil }
        executions[plan.id] = execution
        tell(plan.id, .running(execution, isNew: true))
        if plan.status == .running {
            execution.again { $0.restore(loaded.outcomes, consent: loaded.consent, ending: end) }
        } else {
            execution.again { $0.handle(.start) }
        }
    }

    private func limits(_ loaded: Loaded) -> PlanMachine.Limits {
        let plan = loaded.plan
        let standard =
            plan.driver ?? loaded.session?.driver ?? loaded.project?.defaults.driver
            ?? runner.host.options.defaultDriver
        var limits = PlanMachine.Limits()
        limits.forksMax = plan.parallel
        limits.unforkable = Set(
            plan.steps.filter { step in
                let can = runner.host.runner.parts.drivers[step.driver ?? standard]?.capabilities
                return can?.forks != true || can?.concurrentRunsSafe != true
            }.map(\.id))
        return limits
    }

    private func tell(_ id: PlanID, _ found: Found) {
        for (index, visit) in (loading.removeValue(forKey: id) ?? []).enumerated() {
            if case .running(let execution, _) = found {
                visit.then(.running(execution, isNew: index == 0))
            } else {
                visit.then(found)
            }
        }
    }
}
