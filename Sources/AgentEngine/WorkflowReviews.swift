import AgentModel

/// A round of reviews, each by a reviewer with a focus of its own.
extension WorkflowMachine {
    /// Begins a round.
    mutating func review() -> [Effect] {
        state.round += 1
        state.roundStart = state.nodes.count
        return goOnReviewing()
    }

    /// Asks whom there is to ask in this round; when all are heard, sees what they say.
    mutating func goOnReviewing() -> [Effect] {
        let running = state.running.count
        let next = unheard
        guard running > 0 || !next.isEmpty else { return [judge()] }
        return next.prefix(max(0, max(1, limits.reviewersMax) - running)).map { begin(.review, $0) }
    }

    private mutating func judge() -> Effect {
        if verdicts.allSatisfy(\.approves) { return finish(.completed) }
        if state.round >= profile.maxReviewRounds {
            let rounds = "\(state.round) round\(state.round == 1 ? "" : "s")"
            return finish(.failed, "The reviewers did not approve within \(rounds).")
        }
        return begin(.fix)
    }

    /// Of the last round, one of each reviewer that has given it.
    package var verdicts: [ReviewVerdict] {
        let given = given
        return profile.reviewers.compactMap { given[$0] }
    }

    private var given: [String: ReviewVerdict] {
        var given: [String: ReviewVerdict] = [:]
        for node in state.nodes.dropFirst(state.roundStart) where node.kind == .review && node.status == .completed {
            guard let focus = node.focus, let verdict = ReviewVerdict(node.result) else { continue }
            given[focus] = verdict
        }
        return given
    }

    /// Reviewers that have neither given their verdict in this round nor are about it.
    var unheard: [String] {
        let asked = Set(state.running.compactMap { state.nodes[$0].focus })
        let given = given
        return profile.reviewers.filter { given[$0] == nil && !asked.contains($0) }
    }
}
