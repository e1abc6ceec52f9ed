/// Changes of one thing, made one at a time in the order in which they are given: the next one is thought of when the
/// last is made. It ends between two of them, once, and nothing is made any more.
///
/// | in | input | to | says |
/// |---|---|---|---|
/// | held | `add` | held; it waits | |
/// | open | `add` | making | `make` |
/// | making, ending | `add` | the same; it waits | |
/// | held, making | `again` | making | `make`, that one |
/// | making | `made` | making the next one that waits, or open | `make`, or `settled` |
/// | making, ending | `made` with an end | over | `over` |
/// | held, open | `end` | over | `over` |
/// | making | `end` | ending | |
/// | ending | `again`, `made` | over | `over`, with the first end that was given |
/// | over | anything | over | |
///
/// Invariants: one is made at a time; `over` is said once, and nothing after it; what is added is made in its order,
/// each once, unless it ends before.
package struct ChangeLine<Change, End> {
    /// What is to be done now.
    package enum Next {
        case make(Change)
        /// Nothing: all that was given is made.
        case settled
        case over(End)
    }

    private enum Phase {
        case held
        case open
        case making
        /// It is over when the change under way is done with.
        case ending(End)
        case over(End)
    }

    private var phase: Phase
    private var waiting: [Change] = []
    private let failuresMax: Int
    /// In a row, of the change under way.
    private var failures = 0

    /// - Parameters:
    ///   - isHeld: what is added waits until the first change is given by `again`.
    ///   - failuresMax: how often in a row a change may fail.
    package init(isHeld: Bool = false, failuresMax: Int) {
        phase = isHeld ? .held : .open
        self.failuresMax = failuresMax
    }

    /// How it has ended, once it is over.
    package var end: End? { if case .over(let end) = phase { end } else { nil } }

    package mutating func add(_ change: Change) -> Next? {
        switch phase {
        case .open: return make(change)
        case .held, .making, .ending: waiting.append(change)
        case .over: break
        }
        return nil
    }

    /// The change under way has taken effect, or none is to come of it.
    /// - Parameter end: all ends with it.
    package mutating func made(ending end: End? = nil) -> Next? {
        failures = 0
        switch phase {
        case .making:
            if let end { return finish(end) }
            guard waiting.isEmpty else { return make(waiting.removeFirst()) }
            phase = .open
            return .settled
        case .ending(let first): return finish(end ?? first)
        case .held, .open, .over: return nil
        }
    }

    /// The change under way is to be made anew, or this one in its place; the first one, if it is held.
    package mutating func again(_ change: Change) -> Next? {
        switch phase {
        case .held, .making: make(change)
        case .ending(let end): finish(end)
        case .open, .over: nil
        }
    }

    /// The change under way has failed. Returns whether it may be made `again`.
    package mutating func countFailure() -> Bool {
        failures += 1
        return failures < failuresMax
    }

    /// Nothing is to be made any more.
    package mutating func end(_ end: End) -> Next? {
        switch phase {
        case .held, .open: return finish(end)
        case .making: phase = .ending(end)
        case .ending, .over: break
        }
        return nil
    }

    private mutating func make(_ change: Change) -> Next {
        phase = .making
        return .make(change)
    }

    private mutating func finish(_ end: End) -> Next {
        phase = .over(end)
        waiting = []
        return .over(end)
    }
}

extension ChangeLine.Next: Equatable where Change: Equatable, End: Equatable {}
