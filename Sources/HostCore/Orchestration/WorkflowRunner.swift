import AgentEngine
import AgentModel
import Driver
import JSONRPC
import Store

/// The workflows that this host runs.
final class WorkflowRunner {
    private let runner: OrchestrationRunner
    private var executions: [FlowID: WorkflowExecution] = [:]
    /// Inputs to workflows that are being looked at.
    private var loading: [FlowID: [Visit]] = [:]

    private struct Visit {
        var input: WorkflowMachine.Input
        var then: (Result<WorkflowExecution, RPCError>) -> Void
    }

    init(_ runner: OrchestrationRunner) { self.runner = runner }

    var isIdle: Bool { executions.isEmpty && loading.isEmpty }

    func execution(_ id: FlowID) -> WorkflowExecution? { executions[id] }

    /// Gives a workflow something, wherever it was left.
    /// - Parameter then: told of the execution that has it, before anything comes of it.
    func give(
        _ input: WorkflowMachine.Input, to id: FlowID, then: @escaping (Result<WorkflowExecution, RPCError>) -> Void
    ) {
        if let running = executions[id] {
            then(.success(running))
            return running.give(input)
        }
        loading[id, default: []].append(Visit(input: input, then: then))
        if loading[id]?.count == 1 { load(id) }
    }

    /// The host ends, or its client is gone: what runs is interrupted with its tasks.
    func cancelAll() {
        for execution in executions.values { execution.give(.cancel) }
    }

    private struct Loaded: Sendable {
        var workflow: Workflow
        /// The host that runs it, if that is another one that is registered.
        var holder: HostRecord?
        var isHolderDead = false
        /// What became of the nodes that nobody ends any more.
        var outcomes: [(node: Int, outcome: WorkflowOutcome)] = []
        /// Tasks of theirs that have not ended.
        var open: [TaskID] = []
        /// Their plan, if that was left running.
        var leftPlan: PlanID?
        var project: Project?
    }

    private func load(_ id: FlowID) {
        let own = runner.host.store.hostID
        runner.host.store.read { reader throws -> Loaded? in
            guard let workflow = try reader.workflow(id) else { return nil }
            var loaded = Loaded(workflow: workflow)
            loaded.project = try workflow.projectID.flatMap { try reader.project($0) }
            guard workflow.status.isRunning else { return loaded }
            if workflow.hostID != own { loaded.holder = try reader.host(workflow.hostID) }
            loaded.isHolderDead = try reader.deadHosts().contains { $0.id == workflow.hostID }
            for index in workflow.state.running {
                let node = workflow.state.nodes[index]
                var outcome = WorkflowOutcome(.interrupted)
                if let task = try node.taskID.flatMap({ try reader.task($0) }) {
                    if let result = task.result { outcome = WorkflowOutcome(result) }
                    if !task.status.isFinal { loaded.open.append(task.id) }
                }
                if let plan = try node.planID.flatMap({ try reader.plan($0) }) {
                    outcome = WorkflowOutcome(plan)
                    if plan.status == .running { loaded.leftPlan = plan.id }
                }
                loaded.outcomes.append((node: index, outcome: outcome))
            }
            return loaded
        } then: { [self] result in
            switch result {
            case .success(nil): tell(id, .failure(.notFound("\(id)", path: "params.workflow_id")))
            case .success(let loaded?): begin(loaded)
            case .failure(let failure): tell(id, .failure(RPCError(failure)))
            }
        }
    }

    private func begin(_ loaded: Loaded) {
        let id = loaded.workflow.id
        if let holder = loaded.holder {
            guard loaded.isHolderDead else { return tell(id, .failure(RPCError(StoreFailure.busy(holder)))) }
            return runner.host.runner.bury(holder) { [self] failure in
                if let failure { tell(id, .failure(RPCError(failure))) } else { load(id) }
            }
        }
        guard loaded.open.isEmpty else {
            return runner.settle(loaded.open) { [self] failure in
                if let failure { tell(id, .failure(RPCError(failure))) } else { load(id) }
            }
        }
        if let plan = loaded.leftPlan { return interrupt(plan, of: id) }
        let execution = WorkflowExecution(loaded.workflow, limits: limits(loaded), runner) { [weak self] in
            self?.executions[id] = nil
        }
        executions[id] = execution
        // First what was lost: nothing more begins then before it rests, and is given what it was loaded for.
        let lost = loaded.outcomes.filter(\.outcome.isLost)
        for (node, outcome) in lost + loaded.outcomes.filter({ !$0.outcome.isLost }) {
            execution.give(.ended(node, outcome))
        }
        tell(id, .success(execution))
    }

    private func limits(_ loaded: Loaded) -> WorkflowMachine.Limits {
        let profile = loaded.workflow.profile
        var limits = WorkflowMachine.Limits()
        let driver =
            profile.roles[.reviewer]?.driver ?? loaded.project?.defaults.driver ?? runner.host.options.defaultDriver
        if !profile.sharesSession, runner.host.runner.parts.drivers[driver]?.capabilities.concurrentRunsSafe == true {
            limits.reviewersMax = profile.parallel(.reviewer)
        }
        return limits
    }

    /// A plan comes to rest with the workflow that it is of; then that is looked at again.
    private func interrupt(_ plan: PlanID, of id: FlowID) {
        runner.host.plans.rest(plan) { [self] result in
            if case .failure(let error) = result { tell(id, .failure(error)) } else { load(id) }
        }
    }

    private func tell(_ id: FlowID, _ found: Result<WorkflowExecution, RPCError>) {
        for visit in loading.removeValue(forKey: id) ?? [] {
            guard case .success(let execution) = found, executions[id] !== execution else {
                visit.then(found)
                if case .success(let execution) = found { execution.give(visit.input) }
                continue
            }
            // Nothing came of an earlier one, and it rests again.
            give(visit.input, to: id, then: visit.then)
        }
    }
}

extension WorkflowOutcome {
    fileprivate var isLost: Bool {
        switch end {
        case .interrupted, .held, .cancelled: true
        case .completed, .failed: false
        }
    }
}
