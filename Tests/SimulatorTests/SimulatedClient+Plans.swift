import AgentModel
import JSON
import Store

/// Plans and workflows.
extension SimulatedClient {
    func actOnPlans() {
        chance.draw(
            [
                (plans.count < 3 ? 6 : 0, createPlan), (10, executePlan), (3, cancelPlan),
                (workflows.count < 2 ? 4 : 0, startWorkflow), (8, decide), (2, retryWorkflow), (2, cancelWorkflow),
                (1, look),
            ] as [(Int, () -> Void)])()
    }

    private func createPlan() {
        var params: JSONObject = [
            "title": "Plan", "batches": Proposals.batches(chance, stepsMax: 4),
            "driver": pickDriver(),
            "parallel": .int(Int64(1 + chance.below(3))), "continue_on_failure": .bool(chance.oneIn(2)),
            "idempotency_key": .string(chance.pick(keys) ?? ""),
        ]
        if chance.oneIn(4), let session = chance.pick(sessions.sorted()) {
            params["session_id"] = .string("\(session)")
        }
        send("plan.create", .object(params)) { [unowned self] plan in
            guard let id = plan["id"]?.stringValue.flatMap({ PlanID($0) }) else { return }
            if !plans.contains(id) { plans.append(id) }
            promises.add("\(id) exists") { try $0.plan(id) != nil }
        }
    }

    private func executePlan() {
        guard let id = chance.pick(plans) else { return }
        promises.drop("\(id) is cancelled")
        let waits = chance.oneIn(2)
        send("plan.execute", ["plan_id": .string("\(id)"), "wait": .bool(waits)], "\(id)") { [unowned self] plan in
            know(plan)
            promises.add("\(id) was begun") { try $0.plan(id)?.status != .created }
            guard plan["status"] == "completed" else { return }
            promises.add("\(id) is completed") { try $0.plan(id)?.status == .completed }
        }
    }

    /// Where a plan or a workflow works.
    private func know(_ object: JSON) {
        let named = object["sessions"]?.objectValue?.map { $0.value } ?? []
        for text in (named + [object["session_id"]]).compactMap({ $0?.stringValue }) {
            if let session = SessionID(text) { sessions.insert(session) }
        }
    }

    private func cancelPlan() {
        guard let id = chance.pick(plans) else { return }
        let count = asked["\(id)", default: 0]
        send("plan.cancel", ["plan_id": .string("\(id)")]) { [unowned self] answer in
            guard answer["accepted"] == true, isLeftAlone("\(id)", since: count) else { return }
            promises.add("\(id) is cancelled") {
                guard let plan = try $0.plan(id) else { return false }
                return plan.state.isCancelling || [.cancelled, .completed, .failed].contains(plan.status)
            }
        }
    }

    private func startWorkflow() {
        let drivers = (0..<3).map { _ in
            JSON.object(["driver": pickDriver()])
        }
        let reviewers: [JSON] = [["General"], ["Security", "Tests"]]
        var profile: JSONObject = [
            "architect": drivers[0], "developer": drivers[1], "reviewer": drivers[2],
            "reviewers": chance.pick(reviewers) ?? [], "sessions": chance.oneIn(2) ? "shared" : "separate",
        ]
        if chance.oneIn(3) { profile["approve_up_to"] = "medium" }
        let params: JSON = [
            "goal": "a shop", "profile": .object(profile), "wait": .bool(chance.oneIn(2)),
            "idempotency_key": .string(chance.pick(keys) ?? ""),
        ]
        send("workflow.start", params) { [unowned self] workflow in
            know(workflow)
            guard let id = workflow["id"]?.stringValue.flatMap({ FlowID($0) }) else { return }
            if !workflows.contains(id) { workflows.append(id) }
            promises.add("\(id) exists") { try $0.workflow(id) != nil }
        }
    }

    private func decide() {
        guard let id = chance.pick(workflows) else { return }
        drop(id)
        lastText += 1
        let text = "feedback \(lastText)"
        if chance.oneIn(4) {
            return send("workflow.reject", ["workflow_id": .string("\(id)"), "feedback": .string(text)], "\(id)") {
                [unowned self] in
                know($0)
                promises.add("\(id) knows \(text)") { try $0.workflow(id)?.state.feedback.contains(text) == true }
            }
        }
        let count = asked["\(id)", default: 0] + 1
        send("workflow.approve", ["workflow_id": .string("\(id)"), "wait": .bool(chance.oneIn(2))], "\(id)") {
            [unowned self] in
            know($0)
            guard isLeftAlone("\(id)", since: count) else { return }
            promises.add("\(id) is approved") { try $0.workflow(id)?.status != .awaitingPermission }
        }
    }

    func drop(_ id: FlowID) {
        promises.drop("\(id) is cancelled")
        promises.drop("\(id) is approved")
    }

    private func retryWorkflow() {
        guard let id = chance.pick(workflows) else { return }
        drop(id)
        var params: JSONObject = ["workflow_id": .string("\(id)")]
        params["role"] = chance.pick([nil, "architect", "developer", "reviewer"] as [JSON?]) ?? nil
        send("workflow.retry", .object(params), "\(id)") { [unowned self] in know($0) }
    }

    private func cancelWorkflow() {
        guard let id = chance.pick(workflows) else { return }
        drop(id)
        let count = asked["\(id)", default: 0] + 1
        send("workflow.cancel", ["workflow_id": .string("\(id)")], "\(id)") { [unowned self] in
            know($0)
            guard isLeftAlone("\(id)", since: count) else { return }
            promises.add("\(id) is cancelled") {
                guard let workflow = try $0.workflow(id) else { return false }
                return workflow.state.isCancelling || [.cancelled, .completed, .failed].contains(workflow.status)
            }
        }
    }

    private func look() {
        send("host.status", [:])
        if let plan = chance.pick(plans) { send("plan.get", ["plan_id": .string("\(plan)")]) }
    }
}
