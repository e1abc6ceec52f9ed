package import AgentModel

/// An execution of a plan, from its start to its one end, over the deaths of hosts. It decides; its caller records,
/// runs tasks, waits and tells.
///
/// A step:
///
/// | in | input | to | with |
/// |---|---|---|---|
/// | pending | its turn has come | running | `startStep` |
/// | pending | what it depends on is failed, blocked or cancelled; its batch is denied | blocked | |
/// | running | completed | completed | |
/// | running | failed, an attempt is left | waiting | `setTimer`, each time longer |
/// | running | failed, the last attempt is left | running | `startStep` with a new driver session |
/// | running | failed, none is left | failed | |
/// | running | cancelled | cancelled | |
/// | running | interrupted, held | pending | the plan comes to rest; this attempt does not count |
/// | waiting | `retryDue` | running | `startStep` |
/// | waiting | the plan is cancelled or comes to rest | pending | |
///
/// The plan:
///
/// | in | input | to |
/// |---|---|---|
/// | created, interrupted | start | running |
/// | failed, cancelled | start | running; steps that are not completed are pending again |
/// | running | every step is final | completed, or failed if one is not completed |
/// | running | a step failed, none runs | failed, unless the others are to go on |
/// | running | cancel, none runs | cancelled |
/// | running | a step was interrupted or held, none runs | interrupted |
///
/// Invariants: a completed step is never begun again; of the steps that share the plan's session one at most runs or
/// waits, and none in a fork meanwhile; an interrupted step that has a fork goes on in it; a step is begun when all
/// that it depends on is completed, all earlier batches are at their end and its batch, if of high risk, is permitted;
/// one that is blocked names the step that it waits for in vain; one `finish` for each `start`, when nothing runs;
/// while the plan runs, a step runs or waits, or a batch asks.
package struct PlanMachine: Sendable {
    package struct Limits: Hashable, Sendable {
        /// Before each further attempt in the same driver session.
        package var pausesMilliseconds = [1000, 4000]
        /// Steps at a time, each in a fork; with 1 they run one after the other.
        package var forksMax = 1
        /// Steps whose agents cannot go off from a session of theirs, or not side by side: each runs alone.
        package var unforkable: Set<String> = []

        package init() {}
    }

    package enum Input: Hashable, Sendable {
        case start
        case stepEnded(String, TaskID, StepOutcome)
        /// The step that was to be started has no task: the session takes none.
        case stepRefused(String, reason: String)
        /// The steps that were to be started cannot be for now.
        case held([String], reason: String)
        case retryDue(String)
        case consent(batch: Int, isGiven: Bool)
        case cancel
        /// The host cannot go on for now.
        case rest
    }

    package enum Effect: Hashable, Sendable {
        /// Give the step a task; say which with `assign`, before the state is recorded.
        case startStep(String, attempt: Int, StepPlace)
        case stopTask(TaskID)
        case ask(batch: Int)
        case withdrawAsk(PlanState.Asking)
        case setTimer(String, milliseconds: Int)
        case finish(PlanStatus)
    }

    package let batches: [PlanBatch]
    package let continueOnFailure: Bool
    package internal(set) var state: PlanState
    let limits: Limits
    /// It is to come to rest.
    var isResting = false
    /// Why, if that is to be told.
    var restReason: String?

    package init(_ plan: Plan, limits: Limits = Limits()) {
        batches = plan.batches
        continueOnFailure = plan.continueOnFailure
        state = plan.state
        self.limits = limits
    }

    package var isRunning: Bool { state.status == .running }

    package mutating func handle(_ input: Input) -> [Effect] {
        if input == .start { return start() }
        guard isRunning else { return [] }
        switch input {
        case .start: return []
        case .stepEnded(let id, let task, let outcome): return ended(id, task, outcome)
        case .stepRefused(let id, let reason):
            guard state.steps[id]?.status == .running else { return [] }
            return failed(id, reason, isFinal: false) + goOn()
        case .held(let ids, let reason): return held(ids, reason)
        case .retryDue(let id):
            guard state.steps[id]?.status == .waiting else { return [] }
            return [begin(id)]
        case .consent(let batch, let isGiven): return consent(batch, isGiven)
        case .cancel:
            guard !state.isCancelling else { return [] }
            state.isCancelling = true
            return wind() + goOn()
        case .rest:
            guard !isResting, !state.isCancelling else { return [] }
            isResting = true
            return wind() + goOn()
        }
    }

    /// Goes on with an execution that another host, or an earlier life of this one, has left.
    /// - Parameters:
    ///   - outcomes: what became of the tasks of its running steps, which have all ended.
    ///   - consent: how the batch that asks was answered, if it was.
    ///   - ending: it is not to go on: `cancel` or `rest`.
    package mutating func restore(
        _ outcomes: [TaskID: StepOutcome], consent: Bool? = nil, ending: Input? = nil
    ) -> [Effect] {
        guard isRunning else { return [] }
        if ending == .cancel { state.isCancelling = true }
        isResting = ending == .rest
        var effects: [Effect] = []
        for id in stepIDs where state.steps[id]?.status == .running {
            let outcome = state.steps[id]?.taskIDs.last.flatMap { outcomes[$0] } ?? StepOutcome(.interrupted)
            effects += take(outcome, id)
        }
        for id in stepIDs where state.steps[id]?.status == .waiting {
            let timer = Effect.setTimer(id, milliseconds: pause(id))
            if !effects.contains(timer) { effects.append(timer) }
        }
        switch (state.asking, consent) {
        case (let asking?, true?): state.permitted.insert(asking.batch)
        case (let asking?, false?): state.denied.insert(asking.batch)
        case (let asking?, nil): effects.append(.withdrawAsk(asking))
        case (nil, _): break
        }
        state.asking = nil
        if state.isCancelling || isResting { effects += wind() }
        return effects + goOn()
    }

    /// The task that a started step has.
    package mutating func assign(_ task: TaskID, in session: SessionID, to id: String) {
        state.steps[id]?.taskIDs.append(task)
        state.steps[id]?.sessionID = session
    }

    /// The ask that a batch waits for.
    package mutating func assign(_ ask: PermissionID, toBatch batch: Int) {
        if state.asking?.batch == batch { state.asking?.permissionID = ask }
    }

    var stepIDs: [String] { batches.flatMap { $0.steps.map(\.id) } }

    // MARK: - Inputs

    private mutating func start() -> [Effect] {
        guard state.status != .running, state.status != .completed else { return [] }
        if state.status != .interrupted {
            for id in stepIDs where state.steps[id]?.status != .completed {
                state.steps[id]?.status = .pending
                state.steps[id]?.attempts = 0
                state.steps[id]?.reason = nil
                state.steps[id]?.blockedBy = nil
                state.steps[id]?.isForked = false
                state.steps[id]?.sessionID = nil
            }
            state.denied = []
        }
        state.status = .running
        state.reason = nil
        state.isCancelling = false
        isResting = false
        restReason = nil
        return goOn()
    }

    private mutating func ended(_ id: String, _ task: TaskID, _ outcome: StepOutcome) -> [Effect] {
        guard let step = state.steps[id], step.status == .running, step.taskIDs.last == task else { return [] }
        var effects = take(outcome, id)
        if outcome.end == .interrupted, !state.isCancelling, !isResting {
            isResting = true
            effects += wind()
        }
        return effects + goOn()
    }

    /// What a step's task comes to, for the step alone.
    private mutating func take(_ outcome: StepOutcome, _ id: String) -> [Effect] {
        state.steps[id]?.usage.add(outcome.usage)
        if let driverSession = outcome.driverSessionID { state.steps[id]?.driverSessionID = driverSession }
        state.steps[id]?.add(outcome.files)
        switch outcome.end {
        case .completed:
            state.steps[id]?.status = .completed
            state.steps[id]?.reason = nil
            let order = state.doneCount
            state.steps[id]?.order = order
        case .failed(let reason, let isFinal): return failed(id, reason, isFinal: isFinal)
        case .cancelled:
            state.steps[id]?.status = .cancelled
            state.steps[id]?.reason = "Its task was cancelled."
        case .interrupted:
            state.steps[id]?.status = .pending
            state.steps[id]?.attempts -= 1
        }
        return []
    }

    /// The plan comes to rest, and the steps are as if they had not been begun.
    private mutating func held(_ ids: [String], _ reason: String) -> [Effect] {
        for id in ids where state.steps[id]?.status == .running {
            state.steps[id]?.status = .pending
            state.steps[id]?.attempts -= 1
        }
        restReason = reason
        isResting = true
        return wind() + goOn()
    }

    private mutating func failed(_ id: String, _ reason: String, isFinal: Bool) -> [Effect] {
        state.steps[id]?.reason = reason
        let attempts = state.steps[id]?.attempts ?? 0
        if state.isCancelling || isFinal || attempts > limits.pausesMilliseconds.count + 1 {
            state.steps[id]?.status = .failed
        } else if isResting {
            state.steps[id]?.status = .pending
        } else if attempts > limits.pausesMilliseconds.count {
            return [begin(id)]
        } else {
            state.steps[id]?.status = .waiting
            return [.setTimer(id, milliseconds: pause(id))]
        }
        return []
    }

    private func pause(_ id: String) -> Int {
        let pauses = limits.pausesMilliseconds
        let index = (state.steps[id]?.attempts ?? 1) - 1
        return pauses.indices.contains(index) ? pauses[index] : 0
    }

    private mutating func consent(_ batch: Int, _ isGiven: Bool) -> [Effect] {
        guard state.asking?.batch == batch, !isResting, !state.isCancelling else { return [] }
        state.asking = nil
        if isGiven { state.permitted.insert(batch) } else { state.denied.insert(batch) }
        return goOn()
    }

    /// Nothing new is begun: what runs is stopped when the plan is cancelled, what waits no longer does.
    private mutating func wind() -> [Effect] {
        var effects: [Effect] = []
        for id in stepIDs {
            switch state.steps[id]?.status {
            case .waiting: state.steps[id]?.status = .pending
            case .running:
                if state.isCancelling, let task = state.steps[id]?.taskIDs.last { effects.append(.stopTask(task)) }
            default: break
            }
        }
        if let asking = state.asking { effects.append(.withdrawAsk(asking)) }
        state.asking = nil
        return effects
    }

    /// Begins one more attempt at a step.
    mutating func begin(_ id: String) -> Effect {
        state.steps[id]?.status = .running
        state.steps[id]?.attempts += 1
        let step = state.steps[id] ?? PlanStepState()
        let place: StepPlace =
            if step.isForked, step.sessionID == nil {
                .fork
            } else if step.attempts > limits.pausesMilliseconds.count + 1 {
                .newSession
            } else {
                .session
            }
        return .startStep(id, attempt: step.attempts, place)
    }
}

extension PlanStepState {
    /// What an attempt did to the files, after what earlier ones did.
    fileprivate mutating func add(_ changes: [FileChange]) {
        for change in changes {
            guard let index = files.firstIndex(where: { $0.path == change.path }) else {
                files.append(change)
                continue
            }
            var change = change
            change.isShared = change.isShared && files[index].isShared
            if files[index].change == .created {
                guard change.change != .deleted else {
                    files.remove(at: index)
                    continue
                }
                change.change = .created
            }
            files[index] = change
        }
    }
}
