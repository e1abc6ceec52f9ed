/// A host's way from serving to its end. It decides; its caller answers, stops, kills and leaves.
///
/// | in | input | to | with |
/// |---|---|---|---|
/// | serving | `drain` | draining | |
/// | serving, draining | `end` | orderly | a timer, `interrupt` |
/// | orderly | `timeIsUp` | rash | a timer, `refuse`, `kill` |
/// | rash | `timeIsUp` | over | `refuse` |
///
/// It leaves by itself when it serves nobody any more, drains or ends, and nothing is left to do; over, it leaves in
/// any case.
///
/// Invariants: it never goes back; from the first `end` to the end there are two timers at most, three seconds in all,
/// and no request comes through unanswered; the exit code is that of the first `end`.
package struct ShutdownSequence: Hashable, Sendable {
    package enum Phase: Hashable, Sendable {
        case serving
        /// Nothing new is taken; what was is finished.
        case draining
        /// Running tasks are being interrupted; agents end as they do.
        case orderly
        /// They are killed.
        case rash
        /// What is left is left to whoever buries this host.
        case over
    }

    package enum Effect: Hashable, Sendable {
        /// Answered with `timeIsUp`.
        case setTimer(milliseconds: UInt64)
        /// Refuse what has no answer, and interrupt what runs.
        case interrupt
        /// Interrupt what was not interrupted yet, and kill what runs.
        case kill
        /// Every request has its answer before the host is gone.
        case refuse
    }

    package static let orderlyMilliseconds: UInt64 = 2500
    package static let rashMilliseconds: UInt64 = 300

    package private(set) var phase = Phase.serving
    private var code: Int32 = 0

    package init() {}

    /// It ends, whatever is left to do.
    package var isEnding: Bool { phase != .serving && phase != .draining }

    package mutating func drain() { if phase == .serving { phase = .draining } }

    package mutating func end(exitCode: Int32) -> [Effect] {
        guard !isEnding else { return [] }
        code = exitCode
        phase = .orderly
        return [.setTimer(milliseconds: Self.orderlyMilliseconds), .interrupt]
    }

    package mutating func timeIsUp() -> [Effect] {
        switch phase {
        case .orderly:
            phase = .rash
            return [.setTimer(milliseconds: Self.rashMilliseconds), .refuse, .kill]
        case .rash:
            phase = .over
            return [.refuse]
        case .serving, .draining, .over: return []
        }
    }

    /// With which it is to leave now, if it is.
    /// - Parameters:
    ///   - isAlone: no request can come any more, or nobody reads the answers.
    ///   - isDone: asked only where it matters: nothing is left to do.
    package func exitCode(isAlone: Bool, isDone: () -> Bool) -> Int32? {
        switch phase {
        case .serving: isAlone && isDone() ? 0 : nil
        case .draining: isDone() ? 0 : nil
        case .orderly, .rash: isDone() ? code : nil
        case .over: code
        }
    }
}
