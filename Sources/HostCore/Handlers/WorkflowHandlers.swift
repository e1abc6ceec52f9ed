import AgentEngine
import AgentModel
import Driver
import HostProtocol
import JSON
import JSONRPC
import Store

extension Host {
    func startWorkflow(_ params: Wire.WorkflowStartParams, _ call: Call) throws(RPCError) {
        var workflow = try newWorkflow(params)
        workflow.permissions = permissions(of: call)
        let drivers = WorkflowRole.allCases.map { workflow.profile.roles[$0]?.driver ?? options.defaultDriver }
        if let refusal = refusal(of: workflow.permissions ?? [:], by: drivers) { throw refusal }
        var commands: [StoreCommand] = []
        if let claim = claim(call, params.idempotencyKey, scope: "", target: "\(workflow.id)") {
            commands.append(.claimKey(claim))
        }
        commit(call, commands + [.insertWorkflow(workflow)]) { [self, workflow] result in
            switch result {
            case .success: give(.start, to: workflow.id, waits: params.wait, streams: params.stream, call)
            case .failure(.replayed(let target)): replyWorkflow(target, path: "params.idempotency_key", call)
            case .failure(.notFound(let id)): fail(call, .missing(id, else: "project_id"))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    private func newWorkflow(_ params: Wire.WorkflowStartParams) throws(RPCError) -> Workflow {
        var profile = WorkflowProfile()
        if let wire = params.profile { profile = try self.profile(wire) }
        let goal = params.goal ?? params.issue.map { $0.description ?? $0.title } ?? ""
        var workflow = Workflow(
            id: clock.id(), title: params.title ?? params.issue?.title ?? String(goal.prefix(80)), goal: goal,
            profile: profile, hostID: store.hostID, at: clock.now())
        try checkDrivers(of: profile, hasProject: params.projectID != nil)
        workflow.issue = params.issue?.json
        workflow.projectID = try params.projectID.map { text throws(RPCError) in try projectID(text) }
        workflow.workingDirectory = params.workingDirectory.map(absolute)
        return workflow
    }

    private func profile(_ wire: Wire.WorkflowProfile) throws(RPCError) -> WorkflowProfile {
        var profile = WorkflowProfile()
        profile.sharesSession = wire.sessions != .separate
        profile.approveUpTo = wire.approveUpTo.flatMap { PlanRisk(rawValue: $0.rawValue) }
        profile.reviewers = wire.reviewers ?? profile.reviewers
        profile.maxReviewRounds = wire.maxReviewRounds
        for (role, settings) in [
            (WorkflowRole.architect, wire.architect), (.developer, wire.developer), (.reviewer, wire.reviewer),
        ] {
            guard let settings else { continue }
            let path = "params.profile.\(role.rawValue)"
            if let driver = settings.driver { try check(driver: driver, path: "\(path).driver") }
            guard settings.model == nil || !profile.sharesSession else {
                throw .invalid("\(path).model", "no model while the roles share a session, or sessions: separate")
            }
            try check(parallel: settings.parallel, of: role, profile, path: "\(path).parallel")
            profile.roles[role] = WorkflowProfile.Role(json: settings.json)
        }
        guard Set(profile.reviewers).count == profile.reviewers.count else {
            throw .invalid("params.profile.reviewers", "each reviewer once")
        }
        return profile
    }

    /// Whether the agents can do what the roles do, as far as is known of a project's.
    private func checkDrivers(of profile: WorkflowProfile, hasProject: Bool) throws(RPCError) {
        for role in WorkflowRole.allCases {
            let standard = hasProject ? nil : options.defaultDriver
            guard let name = profile.roles[role]?.driver ?? standard,
                options.drivers.first(where: { $0.name == name })?.capabilities.onlyAnalyses == true
            else { continue }
            throw RPCError(
                .unsupported, "\(name) answers questions about databases: name an agent that plans, writes and reviews",
                path: "params.profile.\(role.rawValue).driver")
        }
    }

    private func check(
        parallel: Int, of role: WorkflowRole, _ profile: WorkflowProfile, path: String
    ) throws(RPCError) {
        switch role {
        case .architect where parallel > 1: throw .invalid(path, "1: there is one architect")
        case .reviewer where parallel > 1 && profile.sharesSession:
            throw .invalid(path, "1 while the roles share a session, or sessions: separate")
        default: break
        }
    }

    func getWorkflow(_ params: Wire.WorkflowGetParams, _ call: Call) {
        replyWorkflow(params.workflowID, path: "params.workflow_id", call)
    }

    private func replyWorkflow(_ text: String, path: String, _ call: Call) {
        guard let id = FlowID(text) else { return fail(call, .notFound(text, path: path)) }
        read(call) {
            try $0.workflow(id)
        } then: { [self] workflow in
            guard let workflow else { return fail(call, .notFound(text, path: path)) }
            reply(call, Wire.Workflow(workflow))
        }
    }

    func listWorkflows(_ params: Wire.WorkflowListParams, _ call: Call) {
        var filter = WorkflowFilter()
        filter.statuses = Set((params.statuses ?? []).compactMap { WorkflowStatus(rawValue: $0.rawValue) })
        filter.projectID = params.projectID.flatMap(ProjectID.init)
        let page = PageRequest(limit: params.limit, cursor: params.cursor)
        read(call) { [filter] in
            try $0.workflows(filter, page)
        } then: { [self] found in
            reply(call, Wire.WorkflowPage(items: found.items.map(Wire.Workflow.init), nextCursor: found.nextCursor))
        }
    }

    func approveWorkflow(_ params: Wire.WorkflowApproveParams, _ call: Call) throws(RPCError) {
        try decide(.approve, params.workflowID, waits: params.wait, streams: params.stream, call)
    }

    func rejectWorkflow(_ params: Wire.WorkflowRejectParams, _ call: Call) throws(RPCError) {
        try decide(.reject(params.feedback), params.workflowID, waits: params.wait, streams: params.stream, call)
    }

    func retryWorkflow(_ params: Wire.WorkflowRetryParams, _ call: Call) throws(RPCError) {
        let role = params.role.flatMap { WorkflowRole(rawValue: $0.rawValue) }
        give(.retry(role), to: try flowID(params.workflowID), waits: params.wait, streams: params.stream, call)
    }

    func cancelWorkflow(_ params: Wire.WorkflowCancelParams, _ call: Call) throws(RPCError) {
        give(.cancel, to: try flowID(params.workflowID), waits: false, streams: false, call)
    }

    /// An answer to a plan that waits for one.
    private func decide(
        _ input: WorkflowMachine.Input, _ text: String, waits: Bool, streams: Bool, _ call: Call
    ) throws(RPCError) {
        let id = try flowID(text)
        read(call) {
            try $0.workflow(id)
        } then: { [self] workflow in
            guard let workflow else { return fail(call, .notFound(text, path: "params.workflow_id")) }
            guard workflow.status == .awaitingPermission else { return fail(call, .undecidable(workflow)) }
            give(input, to: id, waits: waits, streams: streams, call)
        }
    }

    private func give(_ input: WorkflowMachine.Input, to id: FlowID, waits: Bool, streams: Bool, _ call: Call) {
        guard shutdown.phase == .serving else { return fail(call, RPCError(.shuttingDown, "the host is ending")) }
        workflows.give(input, to: id) { [self] found in
            switch found {
            case .failure(let error): fail(call, error)
            case .success(let execution):
                guard isOpen(call) else { return }
                if streams { execution.isStreamed = true }
                let answer: WorkflowExecution.Waiter = { [self] result in
                    switch result {
                    case .success(let workflow) where workflow.hasMissed(input): fail(call, .undecidable(workflow))
                    case .success(let workflow): reply(call, Wire.Workflow(workflow))
                    case .failure(let error): fail(call, error)
                    }
                }
                guard waits else { return execution.whenChanged(answer) }
                execution.whenResting(answer)
                call.cancel = { [unowned self, unowned call] in
                    if input == .start { execution.give(.cancel) } else { fail(call, .cancelled) }
                }
                if call.isCancelled { call.cancel?() }
            }
        }
    }

    private func flowID(_ text: String) throws(RPCError) -> FlowID {
        guard let id = FlowID(text) else { throw .notFound(text, path: "params.workflow_id") }
        return id
    }
}

extension RPCError {
    fileprivate static func undecidable(_ workflow: Workflow) -> RPCError {
        RPCError(
            .conflict, "no plan waits for approval: the workflow is \(workflow.status.rawValue)",
            path: "params.workflow_id")
    }
}

extension Workflow {
    /// Whether a plan was decided upon otherwise before it was rejected.
    fileprivate func hasMissed(_ input: WorkflowMachine.Input) -> Bool {
        if case .reject(let feedback) = input { !state.feedback.contains(feedback) } else { false }
    }
}

extension Wire.Workflow {
    init(_ workflow: Workflow) {
        let state = workflow.state
        let sessions = WorkflowRole.allCases.compactMap { role in
            state.sessionIDs[role].map { (role.rawValue, JSON.string("\($0)")) }
        }
        self.init(
            id: "\(workflow.id)", title: workflow.title, goal: workflow.goal, issue: workflow.issue?.objectValue,
            status: .init(rawValue: state.status.rawValue), projectID: workflow.projectID?.description,
            workingDirectory: workflow.workingDirectory, profile: Wire.WorkflowProfile(workflow.profile),
            proposal: state.proposal?.json.objectValue, planID: state.planID?.description, round: state.round,
            waitsFor: state.waitsFor, nodes: state.nodes.map(Wire.WorkflowNode.init), sessions: JSONObject(sessions),
            driverSessionID: state.driverSessionID, reason: state.reason, usage: .init(state.usage),
            createdAt: "\(workflow.createdAt)", updatedAt: "\(workflow.updatedAt)",
            endedAt: workflow.endedAt?.description)
    }
}

extension WorkflowState {
    fileprivate var waitsFor: String? {
        switch status {
        case .awaitingPermission: "permission"
        case .interrupted: isHeld ? "session" : "retry"
        case .planning, .developing, .reviewing, .fixing: running.first.map { nodes[$0].role.rawValue }
        case .created, .completed, .failed, .cancelled: nil
        }
    }
}

extension Wire.WorkflowProfile {
    init(_ profile: WorkflowProfile) {
        func role(_ role: WorkflowRole) -> Wire.WorkflowRoleSettings? {
            profile.roles[role].map {
                Wire.WorkflowRoleSettings(
                    driver: $0.driver, model: $0.model, instructions: $0.instructions, parallel: $0.parallel)
            }
        }
        self.init(
            sessions: profile.sharesSession ? .shared : .separate,
            approveUpTo: profile.approveUpTo.map { .init(rawValue: $0.rawValue) }, reviewers: profile.reviewers,
            maxReviewRounds: profile.maxReviewRounds, architect: role(.architect), developer: role(.developer),
            reviewer: role(.reviewer))
    }
}

extension Wire.WorkflowNode {
    init(_ node: WorkflowNode) {
        self.init(
            role: .init(rawValue: node.role.rawValue), kind: .init(rawValue: node.kind.rawValue), round: node.round,
            focus: node.focus, status: .init(rawValue: node.status.rawValue), taskID: node.taskID?.description,
            planID: node.planID?.description, sessionID: node.sessionID?.description, driver: node.driver,
            driverSessionID: node.driverSessionID, result: node.result, reason: node.reason,
            usage: .init(node.usage))
    }
}
