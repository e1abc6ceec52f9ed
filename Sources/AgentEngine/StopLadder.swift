/// Ends an agent's process by ever harder means: its own way, its input closed, SIGTERM, SIGKILL of its group, then
/// whatever is left of its descendants. Each rung waits a while for the process to end by itself.
///
/// ```
/// idle --begin--> askedToCancel --> inputClosed --> terminated --> killed --exited--> hunting --clean--> done
///                 (any rung, or none) ------------------------------------exited----> hunting
///                 hunting --some are left--> waiting --deadline--> hunting
/// ```
///
/// Invariants: `done` comes once, last, and only after the process has ended and a hunt has found nothing; no rung that
/// ends the process is climbed twice, and none after its end.
package struct StopLadder: Hashable, Sendable {
    /// How long each rung waits, in milliseconds.
    package struct Pace: Hashable, Sendable {
        package var ownWay: UInt64
        package var inputClosed: UInt64
        package var terminated: UInt64

        package init(ownWay: UInt64, inputClosed: UInt64, terminated: UInt64) {
            self.ownWay = ownWay
            self.inputClosed = inputClosed
            self.terminated = terminated
        }

        /// Leaves an agent the time to save its conversation.
        package static let patient = Pace(ownWay: 3000, inputClosed: 1000, terminated: 2000)
        /// The host itself has three seconds to end.
        package static let brisk = Pace(ownWay: 500, inputClosed: 300, terminated: 700)
        /// The agent has said all it had to: it only has to go.
        package static let finished = Pace(ownWay: 0, inputClosed: 1000, terminated: 1000)
    }

    package enum Effect: Hashable, Sendable {
        case cancelDriver
        case closeInput
        case terminateGroup
        case killGroup
        /// End what descends from the process or carries the run's token; each is answered with `hunted`.
        case hunt
        case wait(milliseconds: UInt64)
        /// Nothing of the run is left.
        case done
    }

    private enum Rung: Int, Hashable {
        case idle, askedToCancel, inputClosed, terminated, killed, hunting, waiting, done
    }

    /// Before another look for what was killed and is not gone.
    private static let huntPause: UInt64 = 500

    private var rung = Rung.idle
    private var pace = Pace.patient

    package init() {}

    package var hasBegun: Bool { rung != .idle }
    package var isDone: Bool { rung == .done }
    /// The process has been killed, or has ended.
    package var hasKilled: Bool { rung.rawValue >= Rung.killed.rawValue }

    /// Begins to end the process. A second call only ever quickens the pace.
    package mutating func begin(_ pace: Pace) -> [Effect] {
        guard rung == .idle else {
            guard pace.ownWay < self.pace.ownWay, !hasKilled else { return [] }
            self.pace = pace
            return [.wait(milliseconds: wait)]
        }
        self.pace = pace
        if pace.ownWay == 0 { return step(to: .inputClosed) }
        return step(to: .askedToCancel)
    }

    /// Ends the process at once: it has nothing to save.
    package mutating func kill() -> [Effect] {
        hasKilled ? [] : step(to: .killed)
    }

    /// The wait of the present rung is over.
    package mutating func deadline() -> [Effect] {
        switch rung {
        case .askedToCancel: step(to: .inputClosed)
        case .inputClosed: step(to: .terminated)
        case .terminated: step(to: .killed)
        case .waiting: step(to: .hunting)
        case .idle, .killed, .hunting, .done: []
        }
    }

    /// The process has ended, on the ladder or by itself.
    package mutating func exited() -> [Effect] {
        rung.rawValue <= Rung.killed.rawValue ? step(to: .hunting) : []
    }

    /// - Parameter isClean: nothing was found any more.
    package mutating func hunted(isClean: Bool) -> [Effect] {
        guard rung == .hunting else { return [] }
        return step(to: isClean ? .done : .waiting)
    }

    private var wait: UInt64 {
        switch rung {
        case .askedToCancel: pace.ownWay
        case .inputClosed: pace.inputClosed
        case .terminated: pace.terminated
        case .waiting: Self.huntPause
        case .idle, .killed, .hunting, .done: 0
        }
    }

    private mutating func step(to next: Rung) -> [Effect] {
        rung = next
        switch next {
        case .askedToCancel: return [.cancelDriver, .wait(milliseconds: wait)]
        case .inputClosed: return [.closeInput, .wait(milliseconds: wait)]
        case .terminated: return [.terminateGroup, .wait(milliseconds: wait)]
        case .killed: return [.killGroup]
        case .hunting: return [.hunt]
        case .waiting: return [.wait(milliseconds: wait)]
        case .done: return [.done]
        case .idle: return []
        }
    }
}
