import AgentModel
import CSystem

/// Time and randomness, the only place where the host asks for them.
struct HostClock: Sendable {
    /// Another one makes what a host does repeatable.
    var source: any TimeSource = SystemTime()

    func now() -> Timestamp { Timestamp(milliseconds: source.wallMilliseconds()) }
    func monotonicMilliseconds() -> UInt64 { source.monotonicNanoseconds() / 1_000_000 }
    func monotonicNanoseconds() -> UInt64 { source.monotonicNanoseconds() }

    /// An id that nothing else has.
    func id<Kind: IdentifierKind>() -> Identifier<Kind> { Identifier(uuid()) }

    func uuid() -> UUID128 {
        let random = source.random()
        return UUID128(milliseconds: source.wallMilliseconds(), randomA: random.0, randomB: random.1)
    }
}

/// What clocks and random numbers come from.
protocol TimeSource: Sendable {
    /// Since 1970; it may jump.
    func wallMilliseconds() -> Int64
    /// It never goes back.
    func monotonicNanoseconds() -> UInt64
    func random() -> (UInt64, UInt64)
}

/// The system's own.
struct SystemTime: TimeSource {
    func wallMilliseconds() -> Int64 { cs_wall_ms() }
    func monotonicNanoseconds() -> UInt64 { cs_monotonic_ns() }

    func random() -> (UInt64, UInt64) {
        var random: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &random) { cs_random($0.baseAddress, $0.count) }
        return random
    }
}
