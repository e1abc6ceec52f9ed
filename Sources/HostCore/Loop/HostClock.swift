import AgentModel
import CSystem

/// Time and randomness, the only place where the host asks for them.
struct HostClock {
    func now() -> Timestamp { Timestamp(milliseconds: cs_wall_ms()) }
    func monotonicMilliseconds() -> UInt64 { cs_monotonic_ms() }
    func monotonicNanoseconds() -> UInt64 { cs_monotonic_ns() }

    /// An id that nothing else has.
    func id<Kind: IdentifierKind>() -> Identifier<Kind> { Identifier(uuid()) }

    func uuid() -> UUID128 {
        var random: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &random) { cs_random($0.baseAddress, $0.count) }
        return UUID128(milliseconds: cs_wall_ms(), randomA: random.0, randomB: random.1)
    }
}
