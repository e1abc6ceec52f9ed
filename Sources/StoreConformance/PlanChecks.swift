import AgentModel
import JSON
import Store

extension StoreCheck {
    static let plans = [
        StoreCheck(name: "a plan comes back as it was given", run: planKeepsEverything),
        StoreCheck(name: "a plan changes from the revision that it has", run: planRevisions),
        StoreCheck(name: "a step's task and its plan's state are written together or not at all", run: planAtomicity),
        StoreCheck(name: "plans are listed and deleted", run: planLists),
        StoreCheck(name: "a plan asks in its session without a task", run: planAsks),
    ]

    private static func newPlan(_ host: StoreHost, _ change: (inout Plan) -> Void = { _ in }) -> Plan {
        var first = PlanStep(id: "schéma", description: "Make the schema")
        first.type = "create_file"
        first.prompt = "Write schema.sql"
        first.outputSchema = ["type": "object"]
        first.driver = "claude"
        first.timeoutMilliseconds = 9
        first.check = "test -f schema.sql"
        first.maxIterations = 3
        var second = PlanStep(id: "b", description: "Use it")
        second.dependsOn = ["schéma"]
        var plan = Plan(
            id: Fresh.id(), title: "Shop", batches: [PlanBatch([first, second], risk: .high, title: "All")],
            hostID: host.store.hostID, at: StoreHost.noon)
        change(&plan)
        return plan
    }

    private static func planKeepsEverything(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let project = Project(id: Fresh.id(), name: "Shop", at: StoreHost.noon)
        try host.write(.insertProject(project))
        var plan = newPlan(host) { plan in
            plan.goal = "Sell"
            plan.continueOnFailure = true
            plan.sessionID = session.id
            plan.projectID = project.id
            plan.workingDirectory = "/srv/shop"
            plan.driver = "claude"
            plan.ttlSeconds = 60
        }
        let id = plan.id
        try host.write(.insertPlan(plan))
        try expect(try host.read { try $0.plan(id) }, plan, "the plan read back")
        try expectFailure("the same id again", \.isRefused) { [plan] in try host.write(.insertPlan(plan)) }
        var step = PlanStepState()
        step.status = .running
        step.attempts = 2
        step.isForked = true
        step.taskIDs = [Fresh.id(), Fresh.id()]
        step.sessionID = Fresh.id()
        step.driverSessionID = "0192"
        step.reason = "It broke."
        step.usage.inputTokens = 5
        step.files = [FileChange(path: "a/b", change: .modified, bytes: 3, sha256: "00")]
        plan.state.steps["schéma"] = step
        plan.state.steps["b"]?.blockedBy = "schéma"
        plan.state.status = .running
        plan.state.asking = PlanState.Asking(batch: 0, permissionID: Fresh.id())
        plan.state.permitted = [1]
        plan.state.denied = [2]
        plan.state.isCancelling = true
        plan.state.reason = "No."
        plan.startedAt = StoreHost.noon
        plan.endedAt = StoreHost.noon
        try host.write(.updatePlan(plan))
        plan.revision = 2
        try expect(try host.read { try $0.plan(id) }, plan, "the plan after an update")
        try expect(try host.read { try $0.plan(Fresh.id()) }, nil, "a plan that is not there")
    }

    private static func planRevisions(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let plan = newPlan(host)
        try expectFailure("one that is not there", \.isNotFound) { try host.write(.updatePlan(plan)) }
        try host.write(.insertPlan(plan))
        try host.write(.updatePlan(plan))
        try expectFailure("from a revision that is past", \.isOutdated) { try host.write(.updatePlan(plan)) }
    }

    private static func planAtomicity(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        var plan = newPlan(host)
        try host.write(.insertPlan(plan))
        let task = host.newTask(in: session.id)
        plan.state.steps["b"]?.taskIDs = [task.id]
        try host.write(.updatePlan(plan), .insertTask(task, force: false, queueLimit: 10))
        let late = host.newTask(in: session.id)
        try expectFailure("a task from a past revision", \.isOutdated) { [plan] in
            try host.write(.insertTask(late, force: false, queueLimit: 10), .updatePlan(plan))
        }
        try expect(try host.read { try $0.task(late.id) }, nil, "the task of the batch that failed")
        try expect(try host.read { [id = plan.id] in try $0.plan(id) }?.revision, 2, "the revision")
    }

    private static func planLists(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let project: ProjectID = Fresh.id()
        try expectFailure("one of a project that is not there", \.isNotFound) {
            try host.write(.insertPlan(newPlan(host) { $0.projectID = project }))
        }
        try host.write(.insertProject(Project(id: project, name: "Shop", at: StoreHost.noon)))
        let first = newPlan(host) { $0.sessionID = session.id }
        var second = newPlan(host) { $0.projectID = project }
        try host.write(.insertPlan(first), .insertPlan(second))
        func ids(_ filter: PlanFilter) throws -> [PlanID] {
            try host.read { try $0.plans(filter, PageRequest()) }.items.map(\.id)
        }
        let all = try host.read { try $0.plans(PlanFilter(), PageRequest(limit: 1)) }
        try expect(all.items.map(\.id), [second.id], "newest first")
        let rest = try host.read { try $0.plans(PlanFilter(), PageRequest(limit: 1, cursor: all.nextCursor)) }
        try expect(rest.items.map(\.id), [first.id], "the next page")
        try expect(rest.nextCursor, nil, "after the last page")
        var filter = PlanFilter()
        filter.sessionID = session.id
        try expect(try ids(filter), [first.id], "by session")
        filter = PlanFilter()
        filter.projectID = project
        try expect(try ids(filter), [second.id], "by project")
        second.state.status = .running
        try host.write(.updatePlan(second))
        filter = PlanFilter()
        filter.statuses = [.running]
        try expect(try ids(filter), [second.id], "by status")
        try expectFailure("deleting one that runs", \.isRefused) { [second] in try host.write(.deletePlan(second.id)) }
        try host.write(.deletePlan(first.id))
        try expectFailure("deleting it again", \.isNotFound) { try host.write(.deletePlan(first.id)) }
        try expect(try host.read { try $0.session(session.id) }?.id, session.id, "its session")
    }

    private static func planAsks(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        var ask = PermissionAsk(
            id: Fresh.id(), sessionID: session.id, taskID: nil, runID: nil, driverAskID: "plan", kind: .permission,
            title: "May it?", at: StoreHost.noon)
        ask.tool = "plan.batch"
        let id = ask.id
        try host.write(.insertAsk(ask))
        try expect(try host.read { try $0.openAsks(session.id) }, [ask], "the open asks")
        let resolution = PermissionAsk.Resolution(option: "allow", by: "client", at: StoreHost.noon)
        try host.write(.resolveAsk(id, resolution))
        try expectFailure("a second answer", \.isOutdated) { try host.write(.resolveAsk(id, resolution)) }
        try expect(try host.read { try $0.ask(id) }?.resolution, resolution, "the answer")
        try expect(
            try host.events(session.id).map(\.type), [.sessionCreated, .permissionRequested, .permissionResolved],
            "the log")
    }
}
