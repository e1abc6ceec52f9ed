package import AgentModel
import JSON

/// A workflow from its start to its one end, over the deaths of hosts. It decides; its caller records, runs tasks and
/// plans, and tells.
///
/// | in | input | to | with |
/// |---|---|---|---|
/// | created | start, retry | planning | `run` plan |
/// | planning | a sound proposal | awaiting_permission, or developing where its risk needs none | `run` develop |
/// | planning | a faulty proposal, an attempt is left | planning | `run` plan, told of the fault |
/// | awaiting_permission | approve | developing | `run` develop |
/// | awaiting_permission | reject | planning | `run` plan, told why |
/// | developing | the plan is completed | reviewing | `run` of as many reviewers as may judge at a time |
/// | reviewing | a verdict, reviewers are left | reviewing | `run` of the next, when it is their turn |
/// | reviewing | all approve | completed | `finish` |
/// | reviewing | one does not, a round is left | fixing | `run` fix |
/// | reviewing | one does not, none is left | failed | `finish` |
/// | fixing | done | reviewing | `run` of reviewers, one round on |
/// | planning, reviewing, fixing | failed, an attempt is left | the same | `run` again |
/// | a role works | failed, none is left | failed | `finish`, when those at its side are done |
/// | a role works | cancel; a task of it was cancelled | the same, then cancelled | `stop`, then `finish` |
/// | a role works | its node was interrupted, is held | interrupted | `finish`, when those at its side are done |
/// | not running | retry | where it stopped | `run`; of a round of reviews only what is missing |
/// | not running | retry of a role | planning, developing or reviewing | `run` |
///
/// Invariants: one node at most runs, and it is the last, or several reviewers of the present round, each another; no
/// more of them than may judge at a time; one `finish` each time that it comes to rest, with nothing
/// running; nothing is developed before a proposal is approved; it is completed only when the last verdict of every
/// reviewer is to approve, and all of them are of the present round; a verdict that was given is not asked for again
/// in its round; a proposal that is developed is sound.
package struct WorkflowMachine: Sendable {
    package struct Limits: Hashable, Sendable {
        /// Reviewers at a time.
        package var reviewersMax = 1

        package init() {}
    }

    package enum Input: Hashable, Sendable {
        case start
        /// A running node, by its index.
        case ended(Int, WorkflowOutcome)
        case approve
        case reject(String)
        case cancel
        /// From the role's work on; `nil`: from where it stopped.
        case retry(WorkflowRole?)
    }

    package enum Effect: Hashable, Sendable {
        /// Begin a node, by its index; say with `assign` what does it, before the state is recorded.
        case run(Int)
        /// End what the running nodes run.
        case stop
        /// It rests: until somebody approves or retries, or for good.
        case finish(WorkflowStatus)
    }

    /// Tries at one node before the workflow counts as failed.
    package static let attemptsMax = 2

    package let profile: WorkflowProfile
    package internal(set) var state: WorkflowState
    let limits: Limits

    package init(_ workflow: Workflow, limits: Limits = Limits()) {
        profile = workflow.profile
        state = workflow.state
        self.limits = limits
    }

    package mutating func handle(_ input: Input) -> [Effect] {
        switch input {
        case .start: return state.status == .created ? [plan()] : []
        case .ended(let node, let outcome): return ended(node, outcome)
        case .approve:
            guard state.status == .awaitingPermission else { return [] }
            state.isApproved = true
            return [develop()]
        case .reject(let feedback):
            guard state.status == .awaitingPermission else { return [] }
            state.feedback.append(feedback)
            return [plan()]
        case .cancel: return cancel()
        case .retry(let role):
            guard !state.status.isRunning else { return [] }
            return retry(role)
        }
    }

    /// What a node has: its session, and its task or plan.
    package mutating func assign(
        session: SessionID, task: TaskID? = nil, plan: PlanID? = nil, driver: String, to node: Int
    ) {
        guard state.nodes.indices.contains(node) else { return }
        state.nodes[node].sessionID = session
        state.nodes[node].taskID = task
        state.nodes[node].planID = plan
        state.nodes[node].driver = driver
        state.sessionIDs[state.nodes[node].role] = session
        if let plan { state.planID = plan }
    }

    // MARK: - Inputs

    private mutating func ended(_ node: Int, _ outcome: WorkflowOutcome) -> [Effect] {
        guard state.status.isRunning, state.nodes.indices.contains(node), state.nodes[node].status == .running else {
            return []
        }
        if let plan = state.nodes[node].planID {
            // A plan that goes on tells what all of it has used.
            for index in state.nodes.indices where state.nodes[index].planID == plan {
                state.nodes[index].usage = .none
            }
        }
        state.nodes[node].usage = outcome.usage
        state.nodes[node].driverSessionID = outcome.driverSessionID
        state.nodes[node].result = outcome.result
        switch outcome.end {
        case .completed:
            state.nodes[node].status = .completed
            return state.isCancelling ? rest() : completed(node)
        case .failed(let reason): return failed(node, reason)
        case .cancelled:
            state.nodes[node].status = .cancelled
            let isNew = !state.isCancelling
            state.isCancelling = true
            return isNew && !state.running.isEmpty ? [.stop] : rest()
        case .interrupted:
            state.nodes[node].status = .interrupted
            return rest(.interrupted)
        case .held:
            state.nodes[node].status = .interrupted
            state.nodes[node].reason = Self.pause
            state.isHeld = true
            return rest(.interrupted, Self.pause)
        }
    }

    private static let pause = "A session of it is paused: resume that, then retry the workflow."

    private mutating func completed(_ node: Int) -> [Effect] {
        switch state.nodes[node].kind {
        case .plan: return proposed(node)
        case .develop, .fix: return review()
        case .review:
            guard ReviewVerdict(state.nodes[node].result) != nil else {
                return failed(node, "The reviewer gave no verdict.")
            }
            return state.ending == nil ? goOnReviewing() : rest()
        }
    }

    private mutating func proposed(_ node: Int) -> [Effect] {
        switch WorkflowProposal.read(state.nodes[node].result) {
        case .failure(let fault):
            state.feedback.append(fault.message)
            return failed(node, fault.message)
        case .success(let proposal):
            state.proposal = proposal
            state.isApproved = profile.approveUpTo.map { proposal.greatestRisk <= $0 } ?? false
            return [developOrAsk()]
        }
    }

    /// It did not do its work, or gave an answer that nobody can go on with.
    private mutating func failed(_ node: Int, _ reason: String) -> [Effect] {
        state.nodes[node].status = .failed
        state.nodes[node].reason = reason
        let failed = state.nodes[node]
        guard !state.isCancelling, state.ending == nil else { return rest() }
        guard failed.kind != .develop, failed.attempt < Self.attemptsMax else { return rest(.failed, reason) }
        return [begin(failed.kind, failed.focus, attempt: failed.attempt + 1)]
    }

    private mutating func cancel() -> [Effect] {
        guard !state.isCancelling else { return [] }
        switch state.status {
        case .completed, .failed, .cancelled: return []
        case .created, .awaitingPermission, .interrupted: return [finish(.cancelled)]
        case .planning, .developing, .reviewing, .fixing:
            state.isCancelling = true
            return [.stop]
        }
    }

    private mutating func retry(_ role: WorkflowRole?) -> [Effect] {
        let (nodes, last) = (state.nodes, state.nodes.last)
        // What never began is begun now, or not needed any more.
        state.nodes.removeAll { $0.isHeld }
        let effects = goOn(from: role, last)
        if effects.isEmpty { state.nodes = nodes }
        return effects
    }

    private mutating func goOn(from role: WorkflowRole?, _ last: WorkflowNode?) -> [Effect] {
        switch role {
        case nil: return goOn(from: last)
        case .architect: return [plan()]
        case .developer:
            if state.status == .awaitingPermission { return [] }
            return [state.proposal == nil ? plan() : developOrAsk()]
        case .reviewer:
            guard state.planID != nil, state.isApproved else { return [] }
            state.round = 0
            return review()
        }
    }

    /// Where it stopped.
    private mutating func goOn(from last: WorkflowNode?) -> [Effect] {
        guard let last else { return [plan()] }
        guard state.status != .awaitingPermission, state.status != .completed else { return [] }
        switch last.kind {
        case .plan: return [state.proposal == nil ? plan() : developOrAsk()]
        case .develop: return last.status == .completed ? review() : [develop()]
        case .fix where last.status == .completed && state.round < profile.maxReviewRounds: return review()
        case .fix: return [begin(.fix)]
        case .review:
            let isRefused = unheard.isEmpty && !verdicts.allSatisfy(\.approves)
            // If the rounds are used up, one more is what a retry is for.
            if isRefused, state.round >= profile.maxReviewRounds { state.round = 0 }
            return goOnReviewing()
        }
    }

    // MARK: - What comes next

    private mutating func plan() -> Effect {
        state.proposal = nil
        state.planID = nil
        state.isApproved = false
        state.round = 0
        return begin(.plan)
    }

    /// What nobody has approved is not developed, by whatever way it comes there.
    private mutating func developOrAsk() -> Effect { state.isApproved ? develop() : finish(.awaitingPermission) }

    private mutating func develop() -> Effect {
        state.round = 0
        return begin(.develop)
    }

    mutating func begin(_ kind: WorkflowNode.Kind, _ focus: String? = nil, attempt: Int = 1) -> Effect {
        state.status =
            switch kind {
            case .plan: .planning
            case .develop: .developing
            case .review: .reviewing
            case .fix: .fixing
            }
        state.reason = nil
        state.isHeld = false
        var node = WorkflowNode(kind, round: kind == .plan ? state.feedback.count + 1 : state.round, focus: focus)
        node.attempt = attempt
        state.nodes.append(node)
        return .run(state.nodes.count - 1)
    }

    /// It comes to rest, once nothing runs any more.
    private mutating func rest(_ status: WorkflowStatus? = nil, _ reason: String? = nil) -> [Effect] {
        if let status, state.ending == nil || reason != nil && state.ending?.reason == nil {
            state.ending = WorkflowState.Ending(status, reason)
        }
        guard state.running.isEmpty else { return [] }
        let ending = state.isCancelling ? WorkflowState.Ending(.cancelled) : state.ending
        return [finish(ending?.status ?? .interrupted, ending?.reason)]
    }

    mutating func finish(_ status: WorkflowStatus, _ reason: String? = nil) -> Effect {
        state.status = status
        state.reason = reason
        state.isCancelling = false
        state.ending = nil
        state.isHeld = state.isHeld && status == .interrupted
        return .finish(status)
    }
}

extension PlanRisk {
    fileprivate static func <= (left: PlanRisk, right: PlanRisk) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) <= (allCases.firstIndex(of: right) ?? 0)
    }
}
