import AgentEngine
import AgentModel
import Store

/// One change of a workflow on its way into the store, with all that begins with it.
struct WorkflowTurn {
    /// The machine after it.
    var next: WorkflowMachine
    var effects: [WorkflowMachine.Effect]
    /// What makes it, whatever the machine is by then.
    let input: WorkflowMachine.Input
    /// By node that begins: how.
    var beginnings: [Int: Beginning] = [:]
    /// What reviewers are shown of the work, once that has been looked at.
    var changes: String?
    /// Readers of the session are told of it.
    var tells = true

    /// What a node needs besides the state: the session that it works in, and what begins there.
    struct Beginning {
        var session: AgentSession
        var isNew: Bool
        var commands: [StoreCommand] = []
        var order: OrchestrationRunner.Order?
        var plan: PlanID?
    }

    /// The first node that is to begin and nothing is known of how.
    var unprepared: Int? {
        for case .run(let node) in effects where beginnings[node] == nil {
            if next.state.nodes[node].status == .running { return node }
        }
        return nil
    }

    /// By their nodes' order.
    var begun: [(node: Int, beginning: Beginning)] {
        beginnings.sorted { $0.key < $1.key }.map { (node: $0.key, beginning: $0.value) }
    }

    /// A node does not begin, and what comes of that.
    mutating func refuse(_ node: Int, _ end: WorkflowOutcome.End) {
        beginnings[node] = nil
        effects += next.handle(.ended(node, WorkflowOutcome(end)))
    }
}

extension WorkflowMachine {
    /// In sentences, what a reader would want to know besides where it stands.
    func news(since old: WorkflowState) -> [String] {
        state.nodes.enumerated().compactMap { index, node in
            let before = old.nodes.indices.contains(index) ? old.nodes[index].status : .running
            guard node.status != before else { return nil }
            let who = node.focus.map { "The reviewer \"\($0)\"" } ?? "The \(node.role.rawValue)"
            switch (node.kind, node.status) {
            case (_, .failed): return "\(who) failed: \(node.reason ?? "no reason is known")"
            case (.plan, .completed): return state.proposal.map { "\(who) proposes \($0.words)." }
            case (.review, .completed):
                guard let verdict = ReviewVerdict(node.result) else { return nil }
                let found = verdict.comments.count
                return "\(who) "
                    + (verdict.approves ? "approves." : "has \(found) comment\(found == 1 ? "" : "s") to be mended.")
            default: return nil
            }
        }
    }
}

extension WorkflowProposal {
    fileprivate var words: String {
        let steps = batches.reduce(0) { $0 + $1.steps.count }
        return "\"\(title)\": \(steps) step\(steps == 1 ? "" : "s"), risk \(greatestRisk.rawValue)"
    }
}
