import AgentModel

/// The counts of a thread, which go on over resume and fork, as events.
struct CodexUsage {
    private var total: Usage?
    private var hasFoundBefore = false

    /// A count from before the run's turn: of a thread that goes on, or that was forked from.
    mutating func found(_ count: Usage) -> [DriverEvent] {
        guard total == nil, !hasFoundBefore else { return [] }
        hasFoundBefore = true
        return [.usageBefore(count)]
    }

    /// A count from within it: one more answer of the model. An interrupted one repeats the count before.
    mutating func counted(_ count: Usage) -> [DriverEvent] {
        guard count != total else { return [] }
        total = count
        return [.usageTotal(count), .turnEnded]
    }
}
