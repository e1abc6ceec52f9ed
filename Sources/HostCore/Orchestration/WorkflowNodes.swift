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
    }

    /// Finds out how the turn's nodes begin, one after the other, and has it all recorded.
    func prepare(_ turn: WorkflowTurn) {
        guard let node = turn.unprepared else { return commit(turn) }
        find(node, turn) { [self] result in
            var turn = turn
            switch result {
            case .failure(let failure):
                turn.refuse(node, .failed(RPCError(failure).message))
                prepare(turn)
            case .success(let found) where found.session?.status == .paused:
                turn.refuse(node, .held)
                prepare(turn)
            case .success(let found) where turn.next.state.nodes[node].kind == .review && turn.changes == nil:
                changes(found) { [self] text in
                    turn.changes = text
                    prepare(begin(node, turn, found))
                }
            case .success(let found): prepare(begin(node, turn, found))
            }
        }
    }

    private func find(
        _ node: Int, _ turn: WorkflowTurn, then: @escaping (Result<Found, StoreFailure>) -> Void
    ) {
        let own = turn.next.session(of: node)
        let (project, plan) = (workflow.projectID, turn.next.state.planID)
        let interrupted = turn.next.interruptedTask(before: node)
        runner.host.store.read { reader throws -> Found in
            var found = Found(
                session: try own.flatMap { try reader.session($0) },
                project: try project.flatMap { try reader.project($0) },
                plan: try plan.flatMap { try reader.plan($0) })
            if let interrupted, let own, let stop = try Continuation(interrupted: interrupted, in: own, reader) {
                found.stopped = PlanTurn.Stopped(task: interrupted, continuation: stop)
            }
            return found
        } then: {
            then($0)
        }
    }

    private func begin(_ node: Int, _ given: WorkflowTurn, _ found: Found) -> WorkflowTurn {
        var turn = given
        do throws(RPCError) {
            turn.beginnings[node] = try place(node, turn, found)
        } catch {
            turn.refuse(node, .failed(error.message))
        }
        return turn
    }

    private func place(
        _ index: Int, _ turn: WorkflowTurn, _ found: Found
    ) throws(RPCError) -> WorkflowTurn.Beginning {
        let node = turn.next.state.nodes[index]
        var place: WorkflowTurn.Beginning
        if let session = found.session {
            place = WorkflowTurn.Beginning(session: session, isNew: false)
        } else {
            place = WorkflowTurn.Beginning(session: try newSession(for: node, of: found.project), isNew: true)
        }
        guard let prompt = prompt(node, turn, found) else {
            if let plan = found.plan, plan.sessionID == place.session.id {
                place.plan = plan.id
            } else {
                let plan = plan(of: turn.next, in: place.session, project: found.project)
                place.commands.append(.insertPlan(plan))
                place.plan = plan.id
            }
            return place
        }
        var request = request(prompt, node.role, in: place.session)
        request.retryOf = found.stopped?.task
        place.order = OrchestrationRunner.Order(
            task: try runner.task(request, in: place.session), isStreamed: isStreamed,
            continuation: found.stopped?.continuation)
        return place
    }

    private func newSession(for node: WorkflowNode, of project: Project?) throws(RPCError) -> AgentSession {
        let role = node.role
        let settings = workflow.profile.roles[role]
        var session = try runner.host.newSession(of: project, connection: nil, driver: settings?.driver)
        if let folder = workflow.workingDirectory { session.workingDirectory = folder }
        if !workflow.profile.sharesSession { session.model = settings?.model ?? session.model }
        let who = [role.rawValue, workflow.profile.hasOwnReviewers ? node.focus : nil].compactMap(\.self)
        session.title =
            workflow.profile.sharesSession ? workflow.title : "\(workflow.title) (\(who.joined(separator: ": ")))"
        session.permissions = workflow.permissions ?? session.permissions
        session.metadata = ["workflow_id": .string("\(workflow.id)")]
        return session
    }

    /// What was approved, as a plan. Its batches of high risk need no further permission.
    private func plan(of next: WorkflowMachine, in session: AgentSession, project: Project?) -> Plan {
        let batches = next.state.proposal?.batches ?? []
        var plan = Plan(
            id: runner.host.clock.id(), title: next.state.proposal?.title ?? workflow.title, batches: batches,
            hostID: runner.host.store.hostID, at: runner.host.clock.now())
        plan.goal = next.state.proposal?.goal
        plan.instructions = WorkflowPrompts(workflow).developer(isTestFirst: next.state.proposal?.isTestFirst == true)
        plan.sessionID = session.id
        // The workflow's, unless that has been deleted meanwhile.
        plan.projectID = project?.id
        plan.workingDirectory = session.workingDirectory
        plan.driver = workflow.profile.roles[.developer]?.driver
        plan.parallel = workflow.profile.parallel(.developer)
        plan.state.permitted = Set(batches.indices)
        if let driver = plan.driver {
            for batch in plan.batches.indices {
                for step in plan.batches[batch].steps.indices { plan.batches[batch].steps[step].driver = driver }
            }
        }
        return plan
    }

    /// What a node's agent is asked; `nil` for a plan, whose steps have prompts of their own.
    private func prompt(_ node: WorkflowNode, _ turn: WorkflowTurn, _ found: Found) -> String? {
        let prompts = WorkflowPrompts(workflow)
        switch node.kind {
        case .plan: return prompts.architect(feedback: turn.next.state.feedback)
        case .fix: return prompts.fix(turn.next.verdicts)
        case .review:
            return prompts.reviewer(
                focus: node.focus ?? "General", round: turn.next.state.round, changes: turn.changes ?? "")
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

extension WorkflowProfile {
    /// Whether each reviewer has a session of its own, so that they can judge side by side.
    fileprivate var hasOwnReviewers: Bool { !sharesSession && parallel(.reviewer) > 1 }
}

extension WorkflowMachine {
    /// The session that a node works in, if it was made.
    fileprivate func session(of node: Int) -> SessionID? {
        if profile.sharesSession {
            return WorkflowRole.allCases.lazy.compactMap { state.sessionIDs[$0] }.first
        }
        let node = state.nodes[node]
        guard node.kind == .review, profile.hasOwnReviewers else { return state.sessionIDs[node.role] }
        return state.nodes.last { $0.kind == .review && $0.focus == node.focus && $0.sessionID != nil }?.sessionID
    }

    /// The task of the node before, if that was interrupted and this one tries the same again.
    fileprivate func interruptedTask(before index: Int) -> TaskID? {
        let node = state.nodes[index]
        let before =
            node.kind == .review
            ? state.nodes[..<index].dropFirst(state.roundStart).last { $0.focus == node.focus }
            : state.nodes[..<index].last
        guard let before, before.status == .interrupted, before.kind == node.kind else { return nil }
        return before.taskID
    }
}
