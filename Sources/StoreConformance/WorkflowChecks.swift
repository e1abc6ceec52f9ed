import AgentModel
import JSON
import Store

extension StoreCheck {
    static let workflows = [
        StoreCheck(name: "a workflow comes back as it was given", run: workflowKeepsEverything),
        StoreCheck(name: "a workflow changes from the revision that it has", run: workflowRevisions),
    ]

    private static func newWorkflow(_ host: StoreHost, project: ProjectID? = nil) -> Workflow {
        var profile = WorkflowProfile()
        profile.sharesSession = false
        profile.approveUpTo = .medium
        profile.reviewers = ["Sicherheit", "Tests"]
        profile.maxReviewRounds = 2
        var developer = WorkflowProfile.Role()
        developer.driver = "claude"
        developer.model = "m"
        developer.instructions = "Kurz."
        profile.roles[.developer] = developer
        var workflow = Workflow(
            id: Fresh.id(), title: "Shop", goal: "Sell", profile: profile, hostID: host.store.hostID,
            at: StoreHost.noon)
        workflow.issue = ["id": "#7", "title": "Shop"]
        workflow.projectID = project
        workflow.workingDirectory = "/srv/shop"
        return workflow
    }

    private static func workflowKeepsEverything(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let unknown: ProjectID = Fresh.id()
        try expectFailure("an unknown project", \.isNotFound) {
            try host.write(.insertWorkflow(newWorkflow(host, project: unknown)))
        }
        var workflow = newWorkflow(host, project: try host.makeProject().id)
        let id = workflow.id
        try host.write(.insertWorkflow(workflow))
        try expect(try host.read { try $0.workflow(id) }, workflow, "the workflow read back")
        try expectFailure("the same id again", \.isRefused) { [workflow] in
            try host.write(.insertWorkflow(workflow))
        }
        var node = WorkflowNode(.review, round: 2, focus: "Tests")
        node.status = .completed
        node.taskID = Fresh.id()
        node.planID = Fresh.id()
        node.sessionID = Fresh.id()
        node.driver = "claude"
        node.driverSessionID = "own"
        node.result = ["approved": true]
        node.reason = "why"
        node.usage.inputTokens = 3
        workflow.state.status = .reviewing
        workflow.state.nodes = [WorkflowNode(.plan, round: 1), node]
        workflow.state.round = 2
        workflow.state.feedback = ["smaller"]
        workflow.state.planID = Fresh.id()
        workflow.state.sessionIDs = [.architect: Fresh.id(), .reviewer: Fresh.id()]
        var proposal = WorkflowProposal(
            title: "t", goal: "g", batches: [PlanBatch([PlanStep(id: "a", description: "d")], risk: .high)],
            reasoning: "r")
        proposal.estimatedMinutes = 5
        proposal.riskSummary = "some"
        proposal.isTestFirst = true
        workflow.state.proposal = proposal
        workflow.state.isCancelling = true
        workflow.state.reason = "none"
        let later = StoreHost.noon.adding(milliseconds: 5)
        workflow.endedAt = later
        try host.write(.updateWorkflow(workflow), at: later)
        workflow.updatedAt = later
        workflow.revision = 2
        try expect(try host.read { try $0.workflow(id) }, workflow, "the workflow after a change")
    }

    private static func workflowRevisions(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let project = try host.makeProject().id
        var first = newWorkflow(host, project: project)
        let second = newWorkflow(host)
        try expectFailure("one that is not there", \.isNotFound) { [first] in try host.write(.updateWorkflow(first)) }
        try host.write(.insertWorkflow(first), .insertWorkflow(second))
        first.state.status = .planning
        try host.write(.updateWorkflow(first))
        try expectFailure("the old revision", { $0 == .outdated(first.id.description) }) { [first] in
            try host.write(.updateWorkflow(first))
        }
        func found(_ change: (inout WorkflowFilter) -> Void = { _ in }) throws -> [FlowID] {
            var filter = WorkflowFilter()
            change(&filter)
            return try host.read { [filter] in try $0.workflows(filter, PageRequest()) }.items.map(\.id)
        }
        try expect(try found(), [second.id, first.id], "all")
        try expect(try found { $0.statuses = [.planning] }, [first.id], "by status")
        try expect(try found { $0.projectID = project }, [first.id], "by project")
        let page = try host.read { try $0.workflows(WorkflowFilter(), PageRequest(limit: 1)) }
        let next = try host.read { try $0.workflows(WorkflowFilter(), PageRequest(limit: 1, cursor: page.nextCursor)) }
        try expect(next.items.map(\.id), [first.id], "the next page")
    }
}
