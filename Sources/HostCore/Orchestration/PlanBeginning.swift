import AgentEngine
import AgentModel
import Driver
import JSON
import JSONRPC
import Store

/// How steps of a plan begin: each in the plan's session or in a fork of it, told what it does not know.
extension PlanExecution {
    /// Finds out where the turn's steps begin and what they are told, and has it all recorded.
    func prepare(_ turn: PlanTurn) {
        findSession(turn) { [self] turn in
            guard !turn.isPaused else { return hold(turn) }
            settle(turn, turn.starts[...]) { [self] turn in
                guard !turn.isPaused else { return hold(turn) }
                ground(for: turn) { [self] ground in begin(turn, on: ground) }
            }
        }
    }

    // MARK: - Sessions

    /// Looks at the plan's session as it is now, or makes it.
    private func findSession(_ turn: PlanTurn, then: @escaping (PlanTurn) -> Void) {
        guard let id = turn.session?.id else { return makeSession(turn, then: then) }
        runner.host.store.read {
            try $0.session(id)
        } then: { [self] result in
            var turn = turn
            switch result {
            case .success(let found?):
                turn.session = found
                then(turn)
            case .success(nil): giveUp(.notFound("\(id)", path: "params.plan_id"))
            case .failure(let failure): failed(failure, turn)
            }
        }
    }

    /// The plan is known to have it before anything begins there.
    private func makeSession(_ turn: PlanTurn, then: @escaping (PlanTurn) -> Void) {
        do throws(RPCError) {
            let session = try runner.host.newSession(for: plan, of: project)
            var commands = [StoreCommand.insertSession(session)]
            if project != nil {
                commands.append(.useInProject(session.id, driver: session.driver, source: "plan"))
            }
            var changed = plan
            changed.sessionID = session.id
            changed.hostID = runner.host.store.hostID
            runner.commit(commands + [.updatePlan(changed)], isThere: changed.isThere) { [self] result in
                if case .failure(let failure) = result { return failed(failure, turn) }
                keep(changed, in: session)
                var turn = turn
                turn.session = session
                then(turn)
            }
        } catch {
            giveUp(error)
        }
    }

    /// Gives the steps that begin their sessions, one after the other.
    private func settle(
        _ turn: PlanTurn, _ left: ArraySlice<(id: String, place: StepPlace)>, then: @escaping (PlanTurn) -> Void
    ) {
        guard let (id, place) = left.first, let session = turn.session else { return then(turn) }
        let last = turn.next.state.steps[id]?.taskIDs.last
        func settled(_ home: PlanTurn.Home) {
            findStop(of: place == .newSession ? nil : last, in: home) { [self] home in
                var turn = turn
                turn.homes[id] = home
                settle(turn, left.dropFirst(), then: then)
            }
        }
        guard let step = turn.next.state.steps[id], step.isForked else {
            return settled(PlanTurn.Home(session: session))
        }
        guard let fork = step.fork else { return makeFork(for: id, of: session, turn, then: settled) }
        runner.host.store.read {
            try $0.session(fork)
        } then: { [self] result in
            switch result {
            case .success(let found?)
            where found.status == .paused
                || SessionMove.acceptTask.next(from: found.status) != nil:
                settled(PlanTurn.Home(session: found))
            case .success: makeFork(for: id, of: session, turn, then: settled)
            case .failure(let failure):
                abandonForks(of: turn)
                failed(failure, turn)
            }
        }
    }

    /// A step that was interrupted goes on where it stopped, rather than from its prompt.
    private func findStop(
        of task: TaskID?, in home: PlanTurn.Home, then: @escaping (PlanTurn.Home) -> Void
    ) {
        guard let task, home.showing.isEmpty else { return then(home) }
        runner.host.store.read { [id = home.session.id] in
            try Continuation(interrupted: task, in: id, $0)
        } then: { result in
            var home = home
            if case .success(let continuation?) = result {
                home.stopped = PlanTurn.Stopped(task: task, continuation: continuation)
            }
            then(home)
        }
    }

    private func makeFork(
        for id: String, of session: AgentSession, _ turn: PlanTurn, then: @escaping (PlanTurn.Home) -> Void
    ) {
        let request = ForkRequest(session.id) { [plan] fork in
            fork.planID = plan.id
            fork.title = "\(plan.title): \(id)"
        }
        runner.host.prepareFork(request) { [self] result in
            switch result {
            case .success(let fork): then(PlanTurn.Home(session: fork.session, showing: fork.showing))
            case .failure(let failure):
                abandonForks(of: turn)
                failed(failure, turn)
            }
        }
    }

    /// Nothing comes of a turn: what was made for it goes.
    func abandonForks(of turn: PlanTurn) {
        for fork in turn.hiddenForks { runner.host.abandonFork(fork) {} }
    }

    // MARK: - Tasks

    /// Gives each step that begins its task.
    private func begin(_ turn: PlanTurn, on ground: PlanGround) {
        var turn = turn
        turn.survey = ground.survey
        var refused: [String: String] = [:]
        for (id, place) in turn.starts {
            guard let home = turn.homes[id] else { continue }
            do throws(RPCError) {
                var request = request(id)
                request.retryOf = home.stopped?.task
                if !home.knowsPrompt(of: request.driver) { request.context = ground.contexts[id].map(JSON.string) }
                let task = try runner.task(request, in: home.session)
                turn.commands += home.showing
                if place == .newSession {
                    turn.commands.append(.setDriverSession(home.session.id, driver: task.driver, id: nil))
                }
                turn.orders.append(
                    OrchestrationRunner.Order(
                        task: task, isStreamed: isStreamed, background: background(of: id, in: home.session),
                        continuation: home.stopped?.continuation))
                turn.next.assign(task.id, in: home.session.id, to: id)
            } catch {
                refused[id] = error.message
            }
        }
        guard refused.isEmpty else {
            abandonForks(of: turn)
            return refuse(turn, refused)
        }
        commit(turn)
    }

    private func request(_ id: String) -> TaskRequest {
        let step = plan.steps.first { $0.id == id } ?? PlanStep(id: id, description: id)
        var request = TaskRequest(input: [.text(step.task)])
        request.driver = step.driver ?? plan.driver
        request.source = "plan"
        request.metadata = ["plan_id": .string("\(plan.id)"), "step_id": .string(id)]
        request.outputSchema = step.outputSchema
        request.timeoutMilliseconds = step.timeoutMilliseconds
        request.maxIterations = step.maxIterations
        request.check = step.check
        return request
    }

    /// A session is paused: the steps wait until the plan is executed again, and lose no attempt by it.
    func hold(_ turn: PlanTurn) {
        abandonForks(of: turn)
        let change = turn.change
        again { machine in
            let effects = change(&machine)
            var (kept, held) = ([PlanMachine.Effect](), [String]())
            for effect in effects {
                if case .startStep(let id, _, _) = effect { held.append(id) } else { kept.append(effect) }
            }
            return kept
                + machine.handle(
                    .held(held, reason: "A session of it is paused: resume that, then execute the plan again."))
        }
    }

    /// A session takes no task: the same change, with steps that failed to begin.
    /// - Parameter reasons: by step.
    func refuse(_ turn: PlanTurn, _ reasons: [String: String]) {
        let change = turn.change
        again { machine in
            var (left, kept) = (change(&machine)[...], [PlanMachine.Effect]())
            while let effect = left.popFirst() {
                if case .startStep(let id, _, _) = effect, let reason = reasons[id] {
                    left = machine.handle(.stepRefused(id, reason: reason)) + left
                } else {
                    kept.append(effect)
                }
            }
            return kept
        }
    }

    /// All steps that begin in the turn have failed to.
    func refuse(_ turn: PlanTurn, because reason: String) {
        refuse(turn, Dictionary(turn.starts.map { ($0.id, reason) }) { first, _ in first })
    }
}
