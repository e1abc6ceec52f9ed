package import AgentModel

/// One run's page of the ledger: turns what its agent says of usage into the run's own bill.
///
/// An agent may say what the run used (`usage`), what its session had used before (`usageBefore`) and what it has used
/// by now (`usageTotal`), over all its runs and what it was forked from. The bill:
///
/// | said | start of the driver session | bill |
/// |---|---|---|
/// | `usage`, known, and the run came to its result | any | `usage` |
/// | `usageTotal` | new | all of it |
/// | `usageTotal` | `usageBefore`, or a reading from an earlier run | what it has risen by |
/// | `usageTotal` lower than the count before | any | all of it: the agent has begun to count anew |
/// | `usageTotal` alone | resumed, never read | `usage` as estimated if there is any, else unknown |
/// | `usage` alone | any | `usage` |
///
/// What a run says that died counts as estimated. What the driver session used before the run and nobody was billed for
/// is a rise: `usageBefore` beyond the last reading or, where a run says both, `usageTotal` beyond `usage`.
package struct UsageLedger: Hashable, Sendable {
    package enum Start: Hashable, Sendable {
        /// The driver session begins with the run.
        case new
        /// It goes on, or goes off from another, which stood like this; `nil`: nobody has read it.
        case resumed(UsageReading?)
        case forked(UsageReading?)

        var reading: UsageReading? {
            switch self {
            case .new: UsageReading(total: .none)
            case .resumed(let reading), .forked(let reading): reading
            }
        }
    }

    private var start: Start
    private var before: Usage?
    /// The last count, and what the counts have risen by in this run.
    private var total: Usage?
    private var counted: Usage?
    private var said: Usage?
    /// What had been said when the last count came.
    private var saidAtCount: Usage?

    package init(_ start: Start) { self.start = start }

    /// The agent has begun another session than the one it was to go on with.
    package mutating func beginsAnew() {
        if case .resumed = start, total == nil, before == nil { start = .new }
    }

    package mutating func hear(usage: Usage) { said = usage }

    package mutating func hear(total count: Usage) {
        if let total {
            let rise = count.risen(since: total)
            counted = counted.map { $0.adding(rise) } ?? rise.known(atBest: .estimated)
        } else if let before {
            counted = count.risen(since: before)
        } else if let reading = start.reading {
            let billed = reading.total.adding(reading.billed)
            counted = count.isLower(than: billed) ? count.risen(since: reading.total) : count.beyond(billed)
        }
        total = count
        saidAtCount = said
    }

    /// Hears what the session that the run goes on with had used before it, unless it has told of more by now.
    /// - Returns: where that session stands, and what nobody was billed for; `nil` when that changes nothing.
    package mutating func hear(before count: Usage) -> (reading: UsageReading, rise: Usage)? {
        guard before == nil, total == nil else { return nil }
        before = count
        if case .new = start { return nil }
        guard let reading = start.reading else { return (UsageReading(total: count), .none) }
        let rise = count.risen(since: reading.total).beyond(reading.billed)
        return (UsageReading(total: count), rise.isNegligible ? .none : rise)
    }

    /// The run's bill so far.
    package var usage: Usage {
        if let said, said.accuracy == .known { return said }
        return countedUsage ?? said?.known(atBest: .estimated) ?? .none
    }

    /// What the counts say, with what the agent has said after the last of them.
    private var countedUsage: Usage? {
        guard let counted else { return nil }
        guard let late = said?.beyond(saidAtCount ?? counted), !late.isNegligible else { return counted }
        return counted.adding(late.known(atBest: .estimated))
    }

    /// The bill at the run's end.
    /// - Parameter isWhole: the agent gave a result; else it may have used more than it said.
    package func bill(isWhole: Bool) -> Usage {
        isWhole ? usage : (countedUsage ?? said ?? .none).known(atBest: .estimated)
    }

    /// Where the run's driver session stands now; `nil` when nobody knows.
    package var reading: UsageReading? {
        if let total {
            let late = said?.beyond(saidAtCount ?? counted ?? .none) ?? .none
            return UsageReading(total: total, billed: late.isNegligible ? .none : late)
        }
        if let before { return UsageReading(total: before, billed: usage) }
        guard var reading = start.reading else { return nil }
        reading.billed.add(usage)
        return reading
    }

    /// What the counts hold beyond what the run itself used, where it has told both: used before it, and billed to
    /// nobody. For the end of a run that gave a result.
    package var riseBefore: Usage {
        guard case .resumed(.some) = start, before == nil, let counted, let said, said.accuracy == .known,
            said == saidAtCount, !counted.isLower(than: said)
        else { return .none }
        let rise = counted.beyond(said)
        return rise.isNegligible ? .none : rise
    }
}

extension Usage {
    fileprivate func adding(_ other: Usage) -> Usage {
        var sum = self
        sum.add(other)
        return sum
    }
}
