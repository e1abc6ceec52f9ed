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
    /// What a step's agent is told beside its prompt.
    private enum Told: Sendable {
        /// It knows what the steps before it did.
        case nothing
        /// It knows but for these, and what it is to know before it does any.
        case unseen(Set<String>, isNew: Bool)
        /// It knows nothing of the plan.
        case everything
    }

    /// Looks at what the steps that are about to begin need.
    func ground(for turn: PlanTurn, then: @escaping (PlanGround) -> Void) {
        guard !turn.starts.isEmpty, let session = turn.session else { return then(PlanGround()) }
        var plan = plan
        plan.state = turn.next.state
        let steps = plan.steps.compactMap { step -> (PlanStep, Told)? in
            guard let place = turn.starts.first(where: { $0.id == step.id })?.place else { return nil }
            return (step, told(step, place, of: plan, in: session))
        }
        survey(session) { [self] in context(for: steps, of: plan, $0, then: then) }
    }

    /// What a step's agent is to be told if it turns out that it has lost the session that it was to go on in.
    func background(of step: String, in session: AgentSession) -> TaskRunner.Background {
        { [weak self] then in
            guard let self, let step = plan.steps.first(where: { $0.id == step }) else { return then(nil) }
            survey(session) { [self] in
                context(for: [(step, .everything)], of: plan, $0) { then($0.contexts[step.id]) }
            }
        }
    }

    private func survey(_ session: AgentSession, then: @escaping (PlanGround) -> Void) {
        guard let folder = session.workingDirectory else { return then(PlanGround()) }
        runner.survey(folder, knowing: lastSurvey) { then(PlanGround(survey: $0)) }
    }

    /// What an agent knows from its own session, which a fork's goes off from, it is not told.
    /// - Parameter session: the plan's.
    private func told(_ step: PlanStep, _ place: StepPlace, of plan: Plan, in session: AgentSession) -> Told {
        let standard = plan.driver ?? session.driver
        let name = step.driver ?? standard
        let driver = runner.host.runner.parts.drivers[name]
        guard driver?.capabilities.resumes == true, session.persistence == .resume, place != .newSession else {
            return .everything
        }
        let isNew = plan.instructions != nil && plan.isNew(to: name, otherwise: standard)
        guard session.driverSessions[name] != nil else {
            return plan.state.doneCount > 0 ? .everything : isNew ? .unseen([], isNew: true) : .nothing
        }
        let unseen = plan.unseenSteps(by: name, otherwise: standard)
        return unseen.isEmpty && !isNew ? .nothing : .unseen(unseen, isNew: isNew)
    }

    private func context(
        for steps: [(PlanStep, Told)], of plan: Plan, _ ground: PlanGround, then: @escaping (PlanGround) -> Void
    ) {
        let isNeeded = steps.contains { if case .nothing = $0.1 { false } else { true } }
        guard isNeeded else { return then(ground) }
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
                let texts = steps.compactMap { step, told -> (String, String)? in
                    let text: String? =
                        switch told {
                        case .nothing: nil
                        case .unseen(let unseen, let isNew):
                            context.text(of: unseen, for: step, of: plan, isNew: isNew)
                        case .everything: context.text(for: step, of: plan)
                        }
                    return text.map { (step.id, $0) }
                }
                return Dictionary(texts) { first, _ in first }
            } then: { (contexts: [String: String]) in
                then(PlanGround(survey: survey, contexts: contexts))
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
