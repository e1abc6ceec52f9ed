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
    }

    func prepare(
        _ kind: WorkflowNode.Kind, _ next: WorkflowMachine, then: @escaping (Result<Beginning, RPCError>) -> Void
    ) {
        let role = next.state.nodes.last?.role ?? .architect
        let sessions = next.state.sessionIDs
        let own =
            next.profile.sharesSession ? WorkflowRole.allCases.lazy.compactMap { sessions[$0] }.first : sessions[role]
        let (project, plan) = (workflow.projectID, next.state.planID)
        runner.host.store.read { reader throws -> Found in
            Found(
                session: try own.flatMap { try reader.session($0) },
                project: try project.flatMap { try reader.project($0) },
                plan: try plan.flatMap { try reader.plan($0) })
        } then: { [self] result in
            do {
                let found = try result.get()
                then(.success(try beginning(kind, role, next, found)))
            } catch let error as RPCError {
                then(.failure(error))
            } catch let failure as StoreFailure {
                then(.failure(RPCError(failure)))
            } catch {
                then(.failure(RPCError(.internalError, "\(error)")))
            }
        }
    }

    private func beginning(
        _ kind: WorkflowNode.Kind, _ role: WorkflowRole, _ next: WorkflowMachine, _ found: Found
    ) throws(RPCError) -> Beginning {
        var place: Beginning
        if let session = found.session {
            place = Beginning(session: session, isNew: false)
        } else {
            place = Beginning(session: try newSession(role, of: found.project), isNew: true)
        }
        if kind == .develop {
            if let plan = found.plan, plan.sessionID == place.session.id {
                place.plan = plan.id
            } else {
                let plan = plan(of: next, in: place.session)
                place.commands.append(.insertPlan(plan))
                place.plan = plan.id
            }
            return place
        }
        let request = request(kind, role, next, found, in: place.session)
        place.order = OrchestrationRunner.Order(
            task: try runner.task(request, in: place.session), isStreamed: isStreamed)
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

    private func request(
        _ kind: WorkflowNode.Kind, _ role: WorkflowRole, _ next: WorkflowMachine, _ found: Found,
        in session: AgentSession
    ) -> TaskRequest {
        let prompts = WorkflowPrompts(workflow)
        let node = next.state.nodes.last
        let prompt =
            switch kind {
            case .plan: prompts.architect(feedback: next.state.feedback)
            case .fix: prompts.fix(next.verdicts)
            case .review, .develop:
                prompts.reviewer(
                    focus: node?.focus ?? "General", round: next.state.round, changes: changes(found.plan))
            }
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

    /// What the steps of a plan did, as a text for a reviewer.
    private func changes(_ plan: Plan?) -> String {
        guard let plan else { return "- nothing is recorded" }
        let lines = plan.steps.flatMap { step -> [String] in
            let files = plan.state.steps[step.id]?.files ?? []
            return ["- \(step.description)"] + files.map { "  \($0.change.rawValue): \($0.path)" }
        }
        return lines.joined(separator: "\n")
    }
}
