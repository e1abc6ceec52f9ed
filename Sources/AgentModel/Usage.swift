/// How well a figure is known: reported by the agent, worked out by the host, or not at all.
package enum Accuracy: String, Sendable, CaseIterable {
    case known, estimated, unknown
}

/// Money in billionths of a dollar: exact, unlike a binary fraction.
package struct Cost: Hashable, Sendable, Comparable {
    package var nanoDollars: Int64

    package init(nanoDollars: Int64) { self.nanoDollars = nanoDollars }

    /// The nearest billionth; `nil` when it is not finite or does not fit.
    package init?(dollars: Double) {
        guard let nano = Int64(exactly: (dollars * 1e9).rounded()) else { return nil }
        nanoDollars = nano
    }

    /// The nearest double; its shortest decimal form is exact up to nine million dollars.
    package var dollars: Double { Double(nanoDollars) / 1e9 }

    package static func < (left: Cost, right: Cost) -> Bool { left.nanoDollars < right.nanoDollars }
    package static func + (left: Cost, right: Cost) -> Cost {
        var sum = left
        sum.nanoDollars.addSaturating(right.nanoDollars)
        return sum
    }
}

/// What a run, a task or a session has used.
package struct Usage: Hashable, Sendable {
    package var inputTokens = 0
    package var outputTokens = 0
    package var cacheReadTokens = 0
    package var cacheWriteTokens = 0
    package var reasoningTokens = 0
    package var turns = 0
    /// `nil` when nobody said what it cost.
    package var cost: Cost?
    package var accuracy = Accuracy.unknown

    package init() {}

    package static let none = Usage()

    /// What a budget of tokens counts.
    package var tokens: Int {
        var sum = inputTokens
        sum.addSaturating(outputTokens)
        return sum
    }

    /// Adds another part of the same bill. Cost and accuracy are as good as the worse part; an empty part changes
    /// nothing.
    package mutating func add(_ other: Usage) {
        guard other != .none else { return }
        let wasEmpty = self == .none
        inputTokens.addSaturating(other.inputTokens)
        outputTokens.addSaturating(other.outputTokens)
        cacheReadTokens.addSaturating(other.cacheReadTokens)
        cacheWriteTokens.addSaturating(other.cacheWriteTokens)
        reasoningTokens.addSaturating(other.reasoningTokens)
        turns.addSaturating(other.turns)
        if let cost, let more = other.cost { self.cost = cost + more } else { cost = cost ?? other.cost }
        accuracy = wasEmpty ? other.accuracy : .worse(accuracy, other.accuracy)
    }
}

extension FixedWidthInteger {
    /// Agents report these figures: an absurd one must not trap.
    fileprivate mutating func addSaturating(_ other: Self) {
        let (sum, overflows) = addingReportingOverflow(other)
        self = overflows ? (other < 0 ? .min : .max) : sum
    }
}

extension Accuracy {
    package static func worse(_ left: Accuracy, _ right: Accuracy) -> Accuracy {
        let order: [Accuracy] = [.known, .estimated, .unknown]
        return order.last { $0 == left || $0 == right } ?? .unknown
    }
}
