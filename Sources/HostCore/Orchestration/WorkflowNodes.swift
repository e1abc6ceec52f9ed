import AgentEngine
import AgentModel
import Driver
import JSON
import JSONRPC
import Store

/// How each node of a workflow begins: in which session, with which task or plan.
extension WorkflowExecution {
    private struct Found: Sendable {
        var session: AgentSession?
        var project: Project?
        var plan: Plan?
        /// Where the node before stopped, if it is the same one and was interrupted.
        var stopped: PlanTurn.Stopped?
        /// What a reviewer is shown of the work.
        var changes = ""
    }

    func prepare(
        _ kind: WorkflowNode.Kind, _ next: WorkflowMachine, then: @escaping (Result<Beginning, RPCError>) -> Void
    ) {
        let role = next.state.nodes.last?.role ?? .architect
        let sessions = next.state.sessionIDs
        let own =
            next.profile.sharesSession ? WorkflowRole.allCases.lazy.compactMap { sessions[$0] }.first : sessions[role]
        let (project, plan) = (workflow.projectID, next.state.planID)
        let interrupted = next.interruptedTask
        runner.host.store.read { reader throws -> Found in
            var found = Found(
                session: try own.flatMap { try reader.session($0) },
                project: try project.flatMap { try reader.project($0) },
                plan: try plan.flatMap { try reader.plan($0) })
            if let interrupted, let own, let stop = try Continuation(interrupted: interrupted, in: own, reader) {
                found.stopped = PlanTurn.Stopped(task: interrupted, continuation: stop)
            }
            return found
        } then: { [self] result in
            switch result {
            case .failure(let failure): then(.failure(RPCError(failure)))
            case .success(let found) where kind == .review:
                changes(found) { [self] text in
                    var found = found
                    found.changes = text
                    then(beginning(kind, role, next, found))
                }
            case .success(let found): then(beginning(kind, role, next, found))
            }
        }
    }

    private func beginning(
        _ kind: WorkflowNode.Kind, _ role: WorkflowRole, _ next: WorkflowMachine, _ found: Found
    ) -> Result<Beginning, RPCError> {
        do throws(RPCError) {
            return .success(try place(kind, role, next, found))
        } catch {
            return .failure(error)
        }
    }

    private func place(
        _ kind: WorkflowNode.Kind, _ role: WorkflowRole, _ next: WorkflowMachine, _ found: Found
    ) throws(RPCError) -> Beginning {
        var place: Beginning
        if let session = found.session {
            place = Beginning(session: session, isNew: false)
        } else {
            place = Beginning(session: try newSession(role, of: found.project), isNew: true)
        }
        guard let prompt = prompt(kind, next, found) else {
            if let plan = found.plan, plan.sessionID == place.session.id {
                place.plan = plan.id
            } else {
                let plan = plan(of: next, in: place.session)
                place.commands.append(.insertPlan(plan))
                place.plan = plan.id
            }
            return place
        }
        var request = request(prompt, role, in: place.session)
        request.retryOf = found.stopped?.task
        place.order = OrchestrationRunner.Order(
            task: try runner.task(request, in: place.session), isStreamed: isStreamed,
            continuation: found.stopped?.continuation)
        return place
    }

    private func newSession(_ role: WorkflowRole, of project: Project?) throws(RPCError) -> AgentSession {
        let settings = workflow.profile.roles[role]
        var session = try runner.host.newSession(of: project, connection: nil, driver: settings?.driver)
        if let folder = workflow.workingDirectory { session.workingDirectory = folder }
        if !workflow.profile.sharesSession { session.model = settings?.model ?? session.model }
        session.title = workflow.profile.sharesSession ? workflow.title : "\(workflow.title) (\(role.rawValue))"
        session.metadata = ["workflow_id": .string("\(workflow.id)")]
        return session
    }

    /// What was approved, as a plan. Its batches of high risk need no further permission.
    private func plan(of next: WorkflowMachine, in session: AgentSession) -> Plan {
        let batches = next.state.proposal?.batches ?? []
        var plan = Plan(
            id: runner.host.clock.id(), title: next.state.proposal?.title ?? workflow.title, batches: batches,
            hostID: runner.host.store.hostID, at: runner.host.clock.now())
        plan.goal = next.state.proposal?.goal
        plan.sessionID = session.id
        plan.projectID = workflow.projectID
        plan.workingDirectory = session.workingDirectory
        plan.driver = workflow.profile.roles[.developer]?.driver
        plan.state.permitted = Set(batches.indices)
        if let driver = plan.driver {
            for batch in plan.batches.indices {
                for step in plan.batches[batch].steps.indices { plan.batches[batch].steps[step].driver = driver }
            }
        }
        return plan
    }

    /// What a node's agent is asked; `nil` for a plan, whose steps have prompts of their own.
    private func prompt(_ kind: WorkflowNode.Kind, _ next: WorkflowMachine, _ found: Found) -> String? {
        let prompts = WorkflowPrompts(workflow)
        switch kind {
        case .plan: return prompts.architect(feedback: next.state.feedback)
        case .fix: return prompts.fix(next.verdicts)
        case .review:
            let focus = next.state.nodes.last?.focus ?? "General"
            return prompts.reviewer(focus: focus, round: next.state.round, changes: found.changes)
        case .develop: return nil
        }
    }

    private func request(_ prompt: String, _ role: WorkflowRole, in session: AgentSession) -> TaskRequest {
        var request = TaskRequest(input: [.text(prompt)])
        request.driver = workflow.profile.roles[role]?.driver
        request.source = "workflow"
        request.metadata = ["workflow_id": .string("\(workflow.id)"), "role": .string(role.rawValue)]
        switch role {
        case .architect: request.outputSchema = WorkflowProposal.schema
        case .reviewer: request.outputSchema = ReviewVerdict.schema
        case .developer: break
        }
        // Who plans and who judges changes nothing, where the agent can be held to it.
        let driver = runner.host.options.drivers.first { $0.name == request.driver ?? session.driver }
        request.planOnly = role != .developer && driver?.capabilities.plansOnly == true
        return request
    }

    /// What was done, as a text for a reviewer: the steps with their files, and in a git repository the difference.
    private func changes(_ found: Found, then: @escaping (String) -> Void) {
        let listed = Self.list(found.plan)
        let folder =
            found.session?.workingDirectory ?? workflow.workingDirectory ?? found.project?.defaults.workingDirectory
        guard let folder else { return then(listed) }
        let order = HostPrograms.Order(
            program: "git",
            arguments: [
                "-c", "core.fsmonitor=false", "diff", "--no-color", "--no-ext-diff", "--no-textconv", "HEAD",
            ], folder: folder, milliseconds: Self.gitMilliseconds, outputBytesMax: Self.differenceBytesMax)
        runner.host.programs.run(order) { outcome in
            guard outcome.status == 0, !outcome.output.isEmpty else { return then(listed) }
            let text = String(decoding: outcome.output, as: UTF8.self) + (outcome.isCut ? "\n[... cut]" : "")
            then("\(listed)\n\nThe difference to the last commit:\n\(text)")
        }
    }

    private static let gitMilliseconds = 10_000
    private static let differenceBytesMax = 64 << 10

    private static func list(_ plan: Plan?) -> String {
        guard let plan else { return "- nothing is recorded" }
        let lines = plan.steps.flatMap { step -> [String] in
            let files = plan.state.steps[step.id]?.files ?? []
            return ["- \(step.description)"] + files.map { "  \($0.change.rawValue): \($0.path)" }
        }
        return lines.joined(separator: "\n")
    }
}

extension WorkflowMachine {
    /// The task of the node before the last one, if that was interrupted and the last one tries the same again.
    fileprivate var interruptedTask: TaskID? {
        guard let node = state.nodes.last, let before = state.nodes.dropLast().last,
            before.status == .interrupted, before.kind == node.kind, before.focus == node.focus
        else { return nil }
        return before.taskID
    }
}
