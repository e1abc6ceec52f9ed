import AgentModel

/// Whose turn it is.
extension PlanMachine {
    /// Begins what can be begun, or ends the execution when there is nothing more to wait for.
    mutating func goOn() -> [Effect] {
        if state.steps.values.allSatisfy({ $0.status == .completed }) { return [finish(.completed)] }
        let isBusy = state.steps.values.contains { $0.status == .running || $0.status == .waiting }
        if state.isCancelling { return isBusy ? [] : [finish(.cancelled)] }
        if isResting { return isBusy ? [] : [finish(.interrupted)] }
        block()
        guard let batch = batches.indices.first(where: { !isAtItsEnd(batches[$0]) }) else {
            return [finish(.failed)]
        }
        if isStopped { return isBusy ? [] : [finish(.failed)] }
        guard batches[batch].risk != .high || state.permitted.contains(batch) else {
            guard state.asking == nil else { return [] }
            state.asking = PlanState.Asking(batch: batch)
            return [.ask(batch: batch)]
        }
        return beginReady(in: batches[batch])
    }

    /// A step has failed for good, and the others are not to go on.
    private var isStopped: Bool {
        guard !continueOnFailure else { return false }
        return !state.denied.isEmpty || state.steps.values.contains { $0.status == .failed || $0.status == .cancelled }
    }

    private func isAtItsEnd(_ batch: PlanBatch) -> Bool {
        batch.steps.allSatisfy { state.steps[$0.id]?.status.isFinal ?? true }
    }

    /// Marks the steps that wait in vain. Dependencies lie in the same batch or before it, but a batch may name them
    /// in any order.
    private mutating func block() {
        for (index, batch) in batches.enumerated() {
            if state.denied.contains(index) {
                for step in batch.steps { block(step.id, nil, "Permission for the batch was not given.") }
            }
            var isChanged = true
            while isChanged {
                isChanged = false
                for step in batch.steps where state.steps[step.id]?.status == .pending {
                    guard let lost = step.dependsOn.first(where: isLost) else { continue }
                    let root = state.steps[lost]?.blockedBy ?? lost
                    block(step.id, root, reason(step.id, lost, root))
                    isChanged = true
                }
            }
        }
    }

    private mutating func block(_ id: String, _ root: String?, _ reason: String) {
        guard state.steps[id]?.status == .pending else { return }
        state.steps[id]?.status = .blocked
        state.steps[id]?.blockedBy = root
        state.steps[id]?.reason = reason
    }

    private func isLost(_ id: String) -> Bool {
        switch state.steps[id]?.status {
        case .failed, .blocked, .cancelled: true
        default: false
        }
    }

    private func reason(_ id: String, _ lost: String, _ root: String) -> String {
        let why = state.steps[root]?.reason.map { ": \($0)" } ?? "."
        let end = state.steps[root]?.status == .failed ? "failed" : "was not done"
        return lost == root
            ? "It depends on \"\(root)\", which \(end)\(why)"
            : "It depends on \"\(lost)\", which depends on \"\(root)\", which \(end)\(why)"
    }

    /// Several steps at once each run in a fork; one alone runs in the plan's session, or in the fork that it has.
    /// Nothing is forked while a step has the session.
    private mutating func beginReady(in batch: PlanBatch) -> [Effect] {
        var isShared = false
        var forked = 0
        for step in state.steps.values where step.status == .running || step.status == .waiting {
            if step.isForked { forked += 1 } else { isShared = true }
        }
        guard !isShared else { return [] }
        let ready = batch.steps.filter { step in
            state.steps[step.id]?.status == .pending
                && step.dependsOn.allSatisfy { state.steps[$0]?.status == .completed }
        }.map(\.id)
        let left = ready.filter { state.steps[$0]?.fork != nil }
        let forkable = ready.filter { state.steps[$0]?.fork == nil && !limits.unforkable.contains($0) }
        let areMany = limits.forksMax > 1 && forked + left.count + forkable.count > 1
        let inForks = left + (areMany ? forkable : [])
        guard !inForks.isEmpty || forked > 0 else {
            return ready.first.map { [begin($0, isForked: false)] } ?? []
        }
        return inForks.prefix(max(0, max(1, limits.forksMax) - forked)).map { begin($0, isForked: true) }
    }

    private mutating func begin(_ id: String, isForked: Bool) -> Effect {
        if state.steps[id]?.fork == nil { state.steps[id]?.sessionID = nil }
        state.steps[id]?.isForked = isForked
        return begin(id)
    }

    private mutating func finish(_ status: PlanStatus) -> Effect {
        state.status = status
        state.reason = status == .failed ? failure : status == .interrupted ? restReason : nil
        return .finish(status)
    }

    private var failure: String? {
        for id in stepIDs {
            guard let step = state.steps[id] else { continue }
            switch step.status {
            case .failed: return "The step \"\(id)\" failed: \(step.reason ?? "no reason is known")"
            case .cancelled: return "The task of the step \"\(id)\" was cancelled."
            default: continue
            }
        }
        return state.denied.min().map { batch in
            let title = batches.indices.contains(batch) ? batches[batch].title : nil
            return "Permission for batch \(batch + 1)\(title.map { " (\($0))" } ?? "") was not given."
        }
    }
}
