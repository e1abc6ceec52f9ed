import AgentEngine
import AgentModel
import Driver
import Store

/// What is known before steps of a plan begin.
struct PlanGround {
    /// The working folder as it is; `nil` when the plan has none.
    var survey: FolderSurvey?
    /// By step: what its agent is told beside its prompt.
    var contexts: [String: String] = [:]
}

extension PlanExecution {
    /// Looks at what the steps that are about to begin need.
    /// - Parameter plan: as it is once they have begun.
    func ground(
        for effects: [PlanMachine.Effect], of plan: Plan, in session: AgentSession,
        then: @escaping (PlanGround) -> Void
    ) {
        var starting: [(step: PlanStep, place: StepPlace)] = []
        for case .startStep(let id, _, let place) in effects {
            if let step = plan.steps.first(where: { $0.id == id }) { starting.append((step, place)) }
        }
        guard !starting.isEmpty else { return then(PlanGround()) }
        let told = starting.filter { needsContext($0.step, $0.place, of: plan, in: session) }.map(\.step)
        survey(session) { [self] in context(for: told, of: plan, $0, then: then) }
    }

    /// What a step's agent is to be told if it turns out that it has lost the session that it was to go on in.
    func background(of step: String, in session: AgentSession) -> TaskRunner.Background {
        { [weak self] then in
            guard let self, let step = plan.steps.first(where: { $0.id == step }) else { return then(nil) }
            survey(session) { [self] in
                context(for: [step], of: plan, $0) { then($0.contexts[step.id]) }
            }
        }
    }

    private func survey(_ session: AgentSession, then: @escaping (PlanGround) -> Void) {
        guard let folder = session.workingDirectory else { return then(PlanGround()) }
        runner.survey(folder) { then(PlanGround(survey: $0)) }
    }

    /// Whether a step's agent does not know from its own session what the steps before it did.
    private func needsContext(
        _ step: PlanStep, _ place: StepPlace, of plan: Plan, in session: AgentSession
    ) -> Bool {
        let name = step.driver ?? session.driver
        let driver = runner.host.runner.parts.drivers[name]
        guard driver?.capabilities.resumes == true, session.persistence == .resume, place != .newSession else {
            return true
        }
        return plan.state.doneCount > 0 && session.driverSessions[name] == nil
    }

    private func context(
        for steps: [PlanStep], of plan: Plan, _ ground: PlanGround, then: @escaping (PlanGround) -> Void
    ) {
        guard !steps.isEmpty else { return then(ground) }
        let survey = ground.survey
        runner.host.store.read { reader throws -> [String: String] in
            var outputs: [String: String] = [:]
            for (id, step) in plan.state.steps where step.status == .completed {
                outputs[id] = try step.taskIDs.last.flatMap { try reader.task($0) }?.result?.output
            }
            return outputs
        } then: { [self] result in
            let outputs = (try? result.get()) ?? [:]
            runner.host.files.perform {
                var context = PlanContext()
                context.outputs = outputs
                context.paths = survey?.paths ?? []
                context.exports = survey?.exports(of: plan) ?? [:]
                let texts = steps.compactMap { step in context.text(for: step, of: plan).map { (step.id, $0) } }
                return Dictionary(texts) { first, _ in first }
            } then: { (contexts: [String: String]) in
                then(PlanGround(survey: ground.survey, contexts: contexts))
            }
        }
    }
}

extension FolderSurvey {
    private static let readFilesMax = 200
    private static let readBytesMax = 64 << 10

    /// What the files that a plan's steps made or changed give to others. Blocks.
    fileprivate func exports(of plan: Plan) -> [String: [String]] {
        let changed = Set(plan.state.steps.values.flatMap { $0.files.map(\.path) }).intersection(stamps.keys)
        var exports: [String: [String]] = [:]
        for path in changed.sorted().prefix(Self.readFilesMax) {
            guard let (bytes, _) = try? folder.read(path, offset: 0, count: Self.readBytesMax) else { continue }
            let names = FileExports.names(in: String(decoding: bytes, as: UTF8.self), path: path)
            if !names.isEmpty { exports[path] = names }
        }
        return exports
    }
}
