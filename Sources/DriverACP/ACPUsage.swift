import AgentModel
import JSON

/// What an agent says of what it used: tokens in the answer to a prompt, cost in `usage_update`, each as it likes.
///
/// Whether counts of tokens are of the prompt or of the session is not settled in the protocol (its request for
/// discussion "end turn token usage" says so); in a new session both are the same.
struct ACPUsage {
    private let scope: ACPConfiguration.UsageScope?
    private let isResumed: Bool
    private var hasPrompted = false
    /// Of the session, before the prompt.
    private var before: Usage?
    private var costBefore: Cost?
    private var cost: Cost?
    /// What was last told: the same again is no news.
    private var told: Usage?

    init(scope: ACPConfiguration.UsageScope?, isResumed: Bool) {
        self.scope = scope
        self.isResumed = isResumed
        if !isResumed {
            before = Usage()
            costBefore = Cost(nanoDollars: 0)
        }
    }

    /// The prompt goes out. Returns what the session had used before, where that is known.
    mutating func prompted() -> [DriverEvent] {
        hasPrompted = true
        guard isResumed, scope == .session, var before else { return [] }
        before.cost = costBefore
        return [.usageBefore(before)]
    }

    /// Hears a `usage_update`. Returns what is known by it of the run so far, for its budget.
    mutating func hear(_ update: JSON) -> [DriverEvent] {
        if let dollars = update["cost"]?["amount"]?.doubleValue, update["cost"]?["currency"] == "USD", dollars >= 0 {
            cost = Cost(dollars: dollars) ?? cost
            if !hasPrompted { costBefore = cost }
        }
        guard scope == .session else {
            guard hasPrompted, let runCost else { return [] }
            var usage = Usage()
            (usage.cost, usage.accuracy) = (runCost, .estimated)
            return tell(usage) { .usage($0) }
        }
        // Counts of the session as Mistral Vibe gives them.
        guard let input = update["_meta"]?["promptTokens"] else { return [] }
        var counts = Usage(
            input: input, output: update["_meta"]?["completionTokens"], cached: update["_meta"]?["cachedTokens"])
        if !hasPrompted {
            before = counts
            return []
        }
        counts.cost = cost
        return tell(counts) { .usageTotal($0) }
    }

    private mutating func tell(_ usage: Usage, _ event: (Usage) -> DriverEvent) -> [DriverEvent] {
        defer { told = usage }
        return usage == told ? [] : [event(usage)]
    }

    /// What the run used, and the events that tell it.
    /// - Parameter answer: to the prompt.
    func ended(_ answer: JSON?, turns: Int) -> (events: [DriverEvent], usage: Usage?) {
        let counts = answer?["usage"].flatMap(Usage.init(counts:))
        switch scope {
        case .session:
            guard var total = counts else { return ([], nil) }
            total.cost = cost
            total.turns = turns
            return ([.usageTotal(total)], before.map { run(total, without: $0, turns: turns) })
        case .turn, nil:
            var usage = counts ?? Usage()
            usage.cost = runCost
            guard usage != Usage() else { return ([], nil) }
            usage.turns = turns
            usage.accuracy = counts != nil && (scope == .turn || !isResumed) ? .known : .estimated
            return ([.usage(usage)], usage)
        }
    }

    /// What the session cost since the prompt; a lower figure than before is one of a new count.
    private var runCost: Cost? {
        guard let cost, let costBefore else { return nil }
        return cost < costBefore ? cost : Cost(nanoDollars: cost.nanoDollars - costBefore.nanoDollars)
    }

    private func run(_ total: Usage, without before: Usage, turns: Int) -> Usage {
        guard total.inputTokens >= before.inputTokens, total.outputTokens >= before.outputTokens else { return total }
        var usage = total
        usage.inputTokens -= before.inputTokens
        usage.outputTokens -= before.outputTokens
        usage.cacheReadTokens = max(0, total.cacheReadTokens - before.cacheReadTokens)
        usage.cacheWriteTokens = max(0, total.cacheWriteTokens - before.cacheWriteTokens)
        usage.reasoningTokens = max(0, total.reasoningTokens - before.reasoningTokens)
        usage.cost = runCost
        usage.turns = turns
        return usage
    }
}

extension Usage {
    /// `{inputTokens, outputTokens, thoughtTokens?, cachedReadTokens?, cachedWriteTokens?}`; `nil` without figures.
    fileprivate init?(counts: JSON) {
        guard counts["inputTokens"]?.intValue != nil || counts["outputTokens"]?.intValue != nil else { return nil }
        self.init(input: counts["inputTokens"], output: counts["outputTokens"], cached: counts["cachedReadTokens"])
        cacheWriteTokens = Self.count(counts["cachedWriteTokens"])
        reasoningTokens = Self.count(counts["thoughtTokens"])
    }

    fileprivate init(input: JSON?, output: JSON?, cached: JSON?) {
        self.init()
        inputTokens = Self.count(input)
        outputTokens = Self.count(output)
        cacheReadTokens = Self.count(cached)
        accuracy = .known
    }

    /// Held within 0...2^50, so that sums cannot overflow whatever an agent says.
    private static func count(_ json: JSON?) -> Int { min(max(json?.intValue ?? 0, 0), 1 << 50) }
}
