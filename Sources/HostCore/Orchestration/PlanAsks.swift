import AgentEngine
import AgentModel
import JSON

/// Consent to batches of high risk.
extension PlanExecution {
    func ask(_ batch: Int, in session: AgentSession) -> PermissionAsk {
        let found = plan.batches.indices.contains(batch) ? plan.batches[batch] : PlanBatch([])
        let name = found.title.map { "\"\($0)\"" } ?? "\(batch + 1)"
        let steps = found.steps.map { JSON.object(["id": .string($0.id), "description": .string($0.description)]) }
        var input: JSONObject = ["plan_id": .string("\(plan.id)"), "batch": .int(Int64(batch))]
        input["title"] = found.title.map(JSON.string)
        input["risk"] = .string(found.risk.rawValue)
        input["steps"] = .array(steps)
        return runner.newAsk(
            "plan.batch", title: "The plan \"\(plan.title)\" is about to begin its batch \(name) of high risk.",
            input: .object(input), in: session)
    }

    func wait(for ask: PermissionAsk, in session: AgentSession) {
        guard let batch = ask.input["batch"]?.intValue else { return }
        runner.offer(ask, in: session) { [weak self] isGiven in
            self?.give(.consent(batch: batch, isGiven: isGiven))
        }
    }
}
