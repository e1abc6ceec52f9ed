import AgentModel
import HostProtocol
import JSON

extension Wire.Plan {
    init(_ plan: Plan) {
        let states = plan.batches.enumerated().flatMap { index, batch in
            batch.steps.map { Wire.PlanStepState($0.id, batch: index, plan.state.steps[$0.id] ?? PlanStepState()) }
        }
        self.init(
            id: "\(plan.id)", title: plan.title, goal: plan.goal, status: .init(rawValue: plan.status.rawValue),
            sessionID: plan.sessionID?.description, projectID: plan.projectID?.description,
            workingDirectory: plan.workingDirectory, driver: plan.driver,
            batches: plan.batches.map(Wire.PlanBatch.init), continueOnFailure: plan.continueOnFailure,
            parallel: plan.parallel, ttlSeconds: plan.ttlSeconds, steps: states, done: plan.state.doneCount,
            total: states.count,
            waitsFor: plan.state.asking?.permissionID?.description, reason: plan.state.reason,
            usage: .init(plan.state.usage), createdAt: "\(plan.createdAt)", updatedAt: "\(plan.updatedAt)",
            startedAt: plan.startedAt?.description, endedAt: plan.endedAt?.description)
    }
}

extension Wire.PlanBatch {
    init(_ batch: PlanBatch) {
        self.init(
            title: batch.title, risk: .init(rawValue: batch.risk.rawValue), steps: batch.steps.map(Wire.PlanStep.init))
    }
}

extension Wire.PlanStep {
    init(_ step: PlanStep) {
        self.init(
            id: step.id, description: step.description, type: step.type, prompt: step.prompt,
            dependsOn: step.dependsOn.isEmpty ? nil : step.dependsOn, outputSchema: step.outputSchema?.objectValue,
            driver: step.driver, timeoutMilliseconds: step.timeoutMilliseconds, check: step.check,
            maxIterations: step.maxIterations)
    }
}

extension Wire.PlanStepState {
    init(_ id: String, batch: Int, _ step: PlanStepState) {
        self.init(
            id: id, batch: batch, status: .init(rawValue: step.status.rawValue), attempts: step.attempts,
            taskIDs: step.taskIDs.map { "\($0)" }, sessionID: step.sessionID?.description,
            driverSessionID: step.driverSessionID, reason: step.reason, blockedBy: step.blockedBy,
            usage: .init(step.usage), artifacts: step.files.map(Wire.FileChange.init))
    }
}

extension Wire.FileChange {
    init(_ change: FileChange) {
        self.init(
            path: change.path, change: .init(rawValue: change.change.rawValue), bytes: change.bytes,
            sha256: change.sha256, shared: change.isShared ? true : nil)
    }
}
