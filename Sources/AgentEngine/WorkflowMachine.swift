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
/// | developing | the plan is completed | reviewing | `run` review by the first reviewer |
/// | reviewing | a verdict, a reviewer is left | reviewing | `run` review by the next |
/// | reviewing | all approve | completed | `finish` |
/// | reviewing | one does not, a round is left | fixing | `run` fix |
/// | reviewing | one does not, none is left | failed | `finish` |
/// | fixing | done | reviewing | `run` review, one round on |
/// | planning, reviewing, fixing | failed, an attempt is left | the same | `run` again |
/// | a role works | failed, none is left | failed | `finish` |
/// | a role works | cancel | the same, then cancelled | `stop`, then `finish` |
/// | a role works | its node was interrupted | interrupted | `finish` |
/// | not running | retry of a role | planning, developing or reviewing | `run` |
///
/// Invariants: one node at most runs, and it is the last; one `finish` each time that it comes to rest with nothing
/// running; nothing is developed before a proposal is approved; it is completed only when the last verdict of every
/// reviewer is to approve; a proposal that is developed is sound.
package struct WorkflowMachine: Sendable {
    package enum Input: Hashable, Sendable {
        case start
        /// The running node.
        case ended(WorkflowOutcome)
        case approve
        case reject(String)
        case cancel
        /// From the role's work on; `nil`: from where it stopped.
        case retry(WorkflowRole?)
    }

    package enum Effect: Hashable, Sendable {
        /// Begin the last node; say with `assign` what does it, before the state is recorded.
        case run(WorkflowNode.Kind)
        /// End what the last node runs.
        case stop
        /// It rests: until somebody approves or retries, or for good.
        case finish(WorkflowStatus)
    }

    /// Tries at one node before the workflow counts as failed.
    package static let attemptsMax = 2

    package let profile: WorkflowProfile
    package private(set) var state: WorkflowState

    package init(_ workflow: Workflow) {
        profile = workflow.profile
        state = workflow.state
    }

    package mutating func handle(_ input: Input) -> [Effect] {
        switch input {
        case .start: return state.status == .created ? [plan()] : []
        case .ended(let outcome): return ended(outcome)
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

    /// What the last node has: its session, and its task or plan.
    package mutating func assign(session: SessionID, task: TaskID? = nil, plan: PlanID? = nil, driver: String) {
        guard let last = state.nodes.indices.last else { return }
        state.nodes[last].sessionID = session
        state.nodes[last].taskID = task
        state.nodes[last].planID = plan
        state.nodes[last].driver = driver
        state.sessionIDs[state.nodes[last].role] = session
        if let plan { state.planID = plan }
    }

    // MARK: - Inputs

    private mutating func ended(_ outcome: WorkflowOutcome) -> [Effect] {
        guard state.status.isRunning, let last = state.nodes.indices.last, state.nodes[last].status == .running else {
            return []
        }
        if let plan = state.nodes[last].planID {
            // A plan that goes on tells what all of it has used.
            for index in state.nodes.indices where state.nodes[index].planID == plan {
                state.nodes[index].usage = .none
            }
        }
        state.nodes[last].usage = outcome.usage
        state.nodes[last].driverSessionID = outcome.driverSessionID
        state.nodes[last].result = outcome.result
        switch outcome.end {
        case .completed:
            state.nodes[last].status = .completed
            if state.isCancelling { return [finish(.cancelled)] }
            return completed(state.nodes[last])
        case .failed(let reason):
            state.nodes[last].status = .failed
            state.nodes[last].reason = reason
            if state.isCancelling { return [finish(.cancelled)] }
            return failed(state.nodes[last], reason)
        case .cancelled:
            state.nodes[last].status = .cancelled
            return [finish(.cancelled)]
        case .interrupted:
            state.nodes[last].status = .interrupted
            return [finish(state.isCancelling ? .cancelled : .interrupted)]
        }
    }

    private mutating func completed(_ node: WorkflowNode) -> [Effect] {
        switch node.kind {
        case .plan: return proposed(node)
        case .develop, .fix: return [review()]
        case .review:
            guard ReviewVerdict(node.result) != nil else {
                return failedAgain(node, "The reviewer gave no verdict.")
            }
            let done = verdicts.count
            if done < profile.reviewers.count { return [begin(.review, profile.reviewers[done])] }
            if verdicts.allSatisfy(\.approves) { return [finish(.completed)] }
            if state.round >= profile.maxReviewRounds {
                return [finish(.failed, "The reviewers did not approve within \(state.round) rounds.")]
            }
            return [begin(.fix)]
        }
    }

    private mutating func proposed(_ node: WorkflowNode) -> [Effect] {
        switch WorkflowProposal.read(node.result) {
        case .failure(let fault): return failedAgain(node, fault.message)
        case .success(let proposal):
            state.proposal = proposal
            state.isApproved = profile.approveUpTo.map { proposal.greatestRisk <= $0 } ?? false
            return [developOrAsk()]
        }
    }

    /// An answer that nobody can go on with counts as a failure.
    private mutating func failedAgain(_ node: WorkflowNode, _ reason: String) -> [Effect] {
        if let last = state.nodes.indices.last {
            state.nodes[last].status = .failed
            state.nodes[last].reason = reason
        }
        if node.kind == .plan { state.feedback.append(reason) }
        return failed(node, reason)
    }

    private mutating func failed(_ node: WorkflowNode, _ reason: String) -> [Effect] {
        let tries = state.nodes.reversed().prefix {
            $0.kind == node.kind && $0.focus == node.focus && $0.round == node.round && $0.status == .failed
        }.count
        guard node.kind != .develop, tries < Self.attemptsMax else { return [finish(.failed, reason)] }
        return [begin(node.kind, node.focus)]
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
        guard let role else { return goOn() }
        switch role {
        case .architect: return [plan()]
        case .developer:
            if state.status == .awaitingPermission { return [] }
            return [state.proposal == nil ? plan() : developOrAsk()]
        case .reviewer:
            guard state.planID != nil, state.isApproved else { return [] }
            state.round = 0
            return [review()]
        }
    }

    /// Where it stopped.
    private mutating func goOn() -> [Effect] {
        guard state.status != .awaitingPermission, state.status != .completed, let last = state.nodes.last else {
            return state.nodes.isEmpty ? [plan()] : []
        }
        switch last.kind {
        case .plan: return [state.proposal == nil ? plan() : developOrAsk()]
        case .develop: return [last.status == .completed ? review() : develop()]
        case .fix: return [last.status == .completed && state.round < profile.maxReviewRounds ? review() : begin(.fix)]
        case .review where last.status != .completed: return [begin(.review, last.focus)]
        case .review:
            // The rounds were used up: one more is what a retry is for.
            state.round = 0
            return [begin(.fix)]
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

    private mutating func review() -> Effect {
        state.round += 1
        return begin(.review, profile.reviewers.first ?? "General")
    }

    private mutating func begin(_ kind: WorkflowNode.Kind, _ focus: String? = nil) -> Effect {
        state.status =
            switch kind {
            case .plan: .planning
            case .develop: .developing
            case .review: .reviewing
            case .fix: .fixing
            }
        state.reason = nil
        state.isCancelling = false
        let round = kind == .plan ? state.feedback.count + 1 : state.round
        state.nodes.append(WorkflowNode(kind, round: round, focus: focus))
        return .run(kind)
    }

    private mutating func finish(_ status: WorkflowStatus, _ reason: String? = nil) -> Effect {
        state.status = status
        state.reason = reason
        state.isCancelling = false
        return .finish(status)
    }

    /// Of the present round, one of each reviewer that has given it.
    package var verdicts: [ReviewVerdict] {
        var found: [String: ReviewVerdict] = [:]
        for node in state.nodes.reversed() {
            if node.kind == .fix, found.isEmpty { continue }
            guard node.kind == .review, node.round == state.round else { break }
            guard node.status == .completed, let focus = node.focus, found[focus] == nil else { continue }
            found[focus] = ReviewVerdict(node.result)
        }
        return profile.reviewers.compactMap { found[$0] }
    }
}

extension PlanRisk {
    fileprivate static func <= (left: PlanRisk, right: PlanRisk) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) <= (allCases.firstIndex(of: right) ?? 0)
    }
}
