import AgentEngine
import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

extension Host {
    func createPlan(_ params: Wire.PlanCreateParams, _ call: Call) throws(RPCError) {
        var plan = try newPlan(params)
        plan.permissions = permissions(of: call)
        guard plan.permissions == nil || plan.sessionID == nil else {
            throw .invalid("params.permissions", "no permissions with session_id: the session has its own")
        }
        let drivers = [plan.driver ?? options.defaultDriver] + plan.steps.compactMap(\.driver)
        if let refusal = refusal(of: plan.permissions ?? [:], by: drivers) { throw refusal }
        var commands: [StoreCommand] = []
        let scope = params.sessionID ?? ""
        if let claim = claim(call, params.idempotencyKey, scope: scope, target: "\(plan.id)") {
            commands.append(.claimKey(claim))
        }
        commit(call, commands + [.insertPlan(plan)]) { [self, plan] result in
            switch result {
            case .success: reply(call, Wire.Plan(plan))
            case .failure(.replayed(let target)): replyPlan(target, path: "params.idempotency_key", call)
            case .failure(.notFound(let id)):
                let path = id.hasPrefix(ProjectKind.prefix) ? "params.project_id" : "params.session_id"
                fail(call, .notFound(id, path: path))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    private func newPlan(_ params: Wire.PlanCreateParams) throws(RPCError) -> Plan {
        var batches: [PlanBatch] = []
        for (index, batch) in params.batches.enumerated() {
            batches.append(try planBatch(batch, path: "params.batches[\(index)]"))
        }
        if let fault = PlanFault.first(in: batches) {
            throw RPCError(
                .invalidParams, "params.\(fault.path): \(fault.message)", path: "params.\(fault.path)",
                expected: "steps of different ids that depend on earlier ones")
        }
        if let driver = params.driver { try check(driver: driver) }
        var plan = Plan(id: clock.id(), title: params.title, batches: batches, hostID: store.hostID, at: clock.now())
        plan.goal = params.goal
        plan.sessionID = try params.sessionID.map { text throws(RPCError) in try sessionID(text) }
        plan.projectID = try params.projectID.map { text throws(RPCError) in try projectID(text) }
        plan.workingDirectory = params.workingDirectory.map(absolute)
        plan.driver = params.driver
        plan.continueOnFailure = params.continueOnFailure
        plan.parallel = params.parallel
        plan.ttlSeconds = params.ttlSeconds
        return plan
    }

    private func planBatch(_ wire: Wire.PlanBatch, path: String) throws(RPCError) -> PlanBatch {
        var steps: [PlanStep] = []
        for (index, step) in wire.steps.enumerated() {
            steps.append(try planStep(step, path: "\(path).steps[\(index)]"))
        }
        return PlanBatch(steps, risk: PlanRisk(rawValue: wire.risk.rawValue) ?? .low, title: wire.title)
    }

    private func planStep(_ wire: Wire.PlanStep, path: String) throws(RPCError) -> PlanStep {
        var step = PlanStep(id: wire.id, description: wire.description)
        step.type = wire.type
        step.prompt = wire.prompt
        step.dependsOn = wire.dependsOn ?? []
        if let driver = wire.driver {
            try check(driver: driver, path: "\(path).driver")
            step.driver = driver
        }
        if let schema = wire.outputSchema {
            step.outputSchema = try TaskRequest.checked(schema, path: "\(path).output_schema")
        }
        step.timeoutMilliseconds = wire.timeoutMilliseconds
        step.check = wire.check
        step.maxIterations = wire.maxIterations
        return step
    }

    /// The session of a plan that has none.
    func newSession(for plan: Plan, of project: Project?) throws(RPCError) -> AgentSession {
        var session = try newSession(of: project, connection: nil, driver: plan.driver)
        session.planID = plan.id
        if let folder = plan.workingDirectory { session.workingDirectory = folder }
        session.ttlSeconds = plan.ttlSeconds
        session.permissions = plan.permissions ?? session.permissions
        session.title = plan.title
        return session
    }

    func getPlan(_ params: Wire.PlanGetParams, _ call: Call) {
        replyPlan(params.planID, path: "params.plan_id", call)
    }

    private func replyPlan(_ text: String, path: String, _ call: Call) {
        guard let id = PlanID(text) else { return fail(call, .notFound(text, path: path)) }
        read(call) {
            try $0.plan(id)
        } then: { [self] plan in
            guard let plan else { return fail(call, .notFound(text, path: path)) }
            reply(call, Wire.Plan(plan))
        }
    }

    func listPlans(_ params: Wire.PlanListParams, _ call: Call) {
        var filter = PlanFilter()
        filter.statuses = Set((params.statuses ?? []).compactMap { PlanStatus(rawValue: $0.rawValue) })
        filter.sessionID = params.sessionID.flatMap(SessionID.init)
        filter.projectID = params.projectID.flatMap(ProjectID.init)
        let page = PageRequest(limit: params.limit, cursor: params.cursor)
        read(call) { [filter] in
            try $0.plans(filter, page)
        } then: { [self] found in
            reply(call, Wire.PlanPage(items: found.items.map(Wire.Plan.init), nextCursor: found.nextCursor))
        }
    }

    func executePlan(_ params: Wire.PlanExecuteParams, _ call: Call) throws(RPCError) {
        let id = try planID(params.planID)
        guard shutdown.phase == .serving else { throw RPCError(.shuttingDown, "the host is ending") }
        plans.execute(id) { [self] found in
            switch found {
            case .over(let plan): reply(call, Wire.Plan(plan))
            case .failed(let error): fail(call, error)
            case .running(let execution, let isNew):
                guard isOpen(call) else { return }
                if params.stream { execution.isStreamed = true }
                guard params.wait else { return execution.whenRunning { [self] in reply(call, $0) } }
                execution.whenOver { [self] in reply(call, $0) }
                // Cancelling the request that began it is cancelling the plan; the others stop waiting.
                call.cancel = { [unowned self, unowned call] in
                    if isNew { execution.give(.cancel) } else { fail(call, .cancelled) }
                }
                if call.isCancelled { call.cancel?() }
            }
        }
    }

    private func reply(_ call: Call, _ result: Result<Plan, RPCError>) {
        switch result {
        case .success(let plan): reply(call, Wire.Plan(plan))
        case .failure(let error): fail(call, error)
        }
    }

    func cancelPlan(_ params: Wire.PlanCancelParams, _ call: Call) throws(RPCError) {
        cancelPlan(try planID(params.planID), call)
    }

    /// - Parameter looks: after the host that executes the plan was asked to cancel it; `nil`: it was not.
    private func cancelPlan(_ id: PlanID, looks: Int? = nil, _ call: Call) {
        read(call) { reader throws -> (plan: Plan, holder: HostRecord?)? in
            guard let plan = try reader.plan(id) else { return nil }
            let isDead = try reader.deadHosts().contains { $0.id == plan.hostID }
            return (plan, isDead ? nil : try reader.host(plan.hostID))
        } then: { [self] found in
            guard let (plan, holder) = found else { return fail(call, .notFound("\(id)", path: "params.plan_id")) }
            if let execution = plans.execution(id) { return cancel(execution, call) }
            let isElsewhere = plan.status == .running && holder.map { $0.id != store.hostID } ?? false
            // What was asked for before comes first.
            if plans.isLookedAt(id), !isElsewhere { return cancelHere(id, call) }
            guard plan.status == .running || plan.status == .interrupted else {
                return replyCancelled(plan, isAccepted: looks != nil && plan.status == .cancelled, call)
            }
            if let holder, isElsewhere {
                guard !plan.state.isCancelling else { return replyCancelled(plan, isAccepted: true, call) }
                guard let looks else { return handOver(plan, to: holder, call) }
                guard looks < Self.cancelLooksMax else { return fail(call, StoreFailure.busy(holder)) }
                return lookAgain(id, looks: looks + 1, call)
            }
            guard plan.status == .running else { return end(plan, call) }
            cancelHere(id, call)
        }
    }

    private func cancelHere(_ id: PlanID, _ call: Call) {
        plans.end(id, by: .cancel) { [self] found in
            switch found {
            case .running(let execution, _): cancel(execution, call)
            case .over(let plan) where plan.status == .interrupted: end(plan, call)
            case .over(let plan): replyCancelled(plan, isAccepted: false, call)
            case .failed(let error): fail(call, error)
            }
        }
    }

    private static let cancelLooksMax = 100
    private static let cancelLookMilliseconds: UInt64 = 100

    private func lookAgain(_ id: PlanID, looks: Int, _ call: Call) {
        after(milliseconds: Self.cancelLookMilliseconds) { [self] in
            if isOpen(call) { cancelPlan(id, looks: looks, call) }
        }
    }

    private func replyCancelled(_ plan: Plan, isAccepted: Bool, _ call: Call) {
        reply(
            call,
            Wire.PlanCancelled(
                planID: "\(plan.id)", status: .init(rawValue: plan.status.rawValue), accepted: isAccepted))
    }

    private func cancel(_ execution: PlanExecution, _ call: Call) {
        execution.cancel { [self] result in
            switch result {
            // It came to rest before it heard of it.
            case .success(let plan) where plan.status == .interrupted: end(plan, call)
            case .success(let plan): replyCancelled(plan, isAccepted: true, call)
            case .failure(let error): fail(call, error)
            }
        }
    }

    /// Has the host cancel the plan that executes it. It is asked as the owner of a task that runs; where none does
    /// at the moment, the client is told which host has the plan. The answer waits until the plan is known to end: a
    /// host that dies before it hears of it leaves the plan to this one.
    private func handOver(_ plan: Plan, to holder: HostRecord, _ call: Call) {
        let running = plan.state.steps.values.first { $0.status == .running }?.taskIDs.last
        guard let task = running else { return fail(call, StoreFailure.busy(holder)) }
        let request = OwnerRequest(
            host: holder.id, kind: .cancel, taskID: task, detail: ["plan_id": .string("\(plan.id)")])
        commit(call, [.requestOwner(request)]) { [self] result in
            switch result {
            case .success: lookAgain(plan.id, looks: 0, call)
            // The step has just ended: the plan is about to go on, there.
            case .failure(.superseded), .failure(.notFound): fail(call, StoreFailure.busy(holder))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    /// Ends a plan that was interrupted: nothing of it runs.
    private func end(_ plan: Plan, _ call: Call) {
        var ended = plan
        ended.state.status = .cancelled
        ended.hostID = store.hostID
        ended.endedAt = clock.now()
        store.commit([.updatePlan(ended)]) { [self] result in
            switch result {
            case .success:
                plans.runner.close(ended.state.endedForks)
                replyCancelled(ended, isAccepted: true, call)
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    func deletePlan(_ params: Wire.PlanDeleteParams, _ call: Call) throws(RPCError) {
        let id = try planID(params.planID)
        commit(call, [.deletePlan(id)]) { [self] result in
            switch result {
            case .success: reply(call, Wire.PlanDeleted(planID: "\(id)"))
            case .failure(.notFound): fail(call, .notFound("\(id)", path: "params.plan_id"))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    func planID(_ text: String) throws(RPCError) -> PlanID {
        guard let id = PlanID(text) else { throw .notFound(text, path: "params.plan_id") }
        return id
    }
}
