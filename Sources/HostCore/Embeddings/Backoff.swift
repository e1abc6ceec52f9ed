/// How long to leave something alone that does not work: a second, twice as long after each further failure, a minute
/// at most. Times are milliseconds of a monotonic clock.
struct Backoff: Equatable {
    private static let firstMilliseconds: UInt64 = 1000
    private static let doublingsMax = 6
    private static let milliseconds: ClosedRange<UInt64> = firstMilliseconds...60_000

    private var failures = 0
    private var until: UInt64 = 0

    mutating func failed(at now: UInt64) {
        let wait = Self.firstMilliseconds << UInt64(min(failures, Self.doublingsMax))
        until = now &+ min(wait, Self.milliseconds.upperBound)
        failures = min(failures + 1, Self.doublingsMax)
    }

    mutating func succeeded() { self = Backoff() }

    /// `nil` when it may be tried.
    func remaining(at now: UInt64) -> UInt64? { until > now ? until - now : nil }
}
