/// Where a driver session's own count of its usage stands, as far as the host knows: what the bill of its next run is
/// told from.
package struct UsageReading: Hashable, Sendable {
    /// What the agent had counted when it was last heard.
    package var total: Usage
    /// What runs were billed since without a count: the next one may include it.
    package var billed: Usage

    package init(total: Usage, billed: Usage = .none) {
        self.total = total
        self.billed = billed
    }
}

/// A reading to be kept for a driver session, and what it had used by then that nobody was billed for.
package struct ReadingChange: Hashable, Sendable {
    package var driver: String
    package var driverSessionID: String
    package var reading: UsageReading
    /// The run that heard of it.
    package var runID: RunID
    package var rise = Usage.none

    package init(driver: String, driverSessionID: String, reading: UsageReading, runID: RunID) {
        self.driver = driver
        self.driverSessionID = driverSessionID
        self.reading = reading
        self.runID = runID
    }
}

/// The arithmetic of counts that only ever grow.
extension Usage {
    /// All the tokens that an agent counts, each in its own column.
    private var counts: [Int] { [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens] }

    private var hasTokens: Bool { counts.contains { $0 != 0 } }

    /// Costs are sums of fractions: below this they are the same.
    private static let costTolerance: Int64 = 1000

    /// Whether this count cannot have come after the other without having begun anew. Tokens decide; the cost only
    /// where nobody counts tokens.
    package func isLower(than other: Usage) -> Bool {
        if hasTokens || other.hasTokens { return zip(counts, other.counts).contains { $0 < $1 } }
        guard let cost, let before = other.cost else { return false }
        return before.nanoDollars.less(cost.nanoDollars) > Self.costTolerance
    }

    /// Whether there is nothing in it but what rounding leaves.
    package var isNegligible: Bool { !hasTokens && (cost?.nanoDollars ?? 0) <= Self.costTolerance }

    /// What this has and the other has not, nothing below zero. Without a cost in one of them there is none, unless the
    /// other is empty.
    package func beyond(_ other: Usage) -> Usage {
        guard other.hasTokens || other.cost != nil || other.turns != 0 else { return self }
        var rest = Usage.none
        rest.inputTokens = inputTokens.less(other.inputTokens)
        rest.outputTokens = outputTokens.less(other.outputTokens)
        rest.cacheReadTokens = cacheReadTokens.less(other.cacheReadTokens)
        rest.cacheWriteTokens = cacheWriteTokens.less(other.cacheWriteTokens)
        rest.reasoningTokens = reasoningTokens.less(other.reasoningTokens)
        rest.turns = turns < other.turns ? turns : turns.less(other.turns)
        if let cost, let before = other.cost {
            rest.cost = Cost(nanoDollars: cost.nanoDollars.less(before.nanoDollars))
        }
        rest.accuracy = .worse(accuracy, other.accuracy)
        return rest
    }

    /// What the count has risen by since the other one; all of it when it has begun anew.
    package func risen(since other: Usage) -> Usage { isLower(than: other) ? self : beyond(other) }

    /// The same figures, known no better than that.
    package func known(atBest accuracy: Accuracy) -> Usage {
        var usage = self
        if usage != .none { usage.accuracy = .worse(usage.accuracy, accuracy) }
        return usage
    }
}

extension FixedWidthInteger {
    /// What is left without the other, never below zero. Agents report these figures: an absurd one must not trap.
    fileprivate func less(_ other: Self) -> Self {
        let (rest, overflows) = subtractingReportingOverflow(other)
        return overflows ? (other < 0 ? .max : 0) : Swift.max(0, rest)
    }
}
