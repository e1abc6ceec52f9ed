/// How much one step may write, so that it keeps the store for less than 5 ms whatever the machine is like: halved by a
/// step that took more than half of that, grown again by quick ones.
struct StepBudget: Hashable, Sendable {
    private(set) var bytes: Int

    static let range = 8 << 10...256 << 10
    private static let slowMicroseconds: UInt64 = 2500
    private static let quickMicroseconds: UInt64 = 1250

    init(bytes: Int = 96 << 10) { self.bytes = min(max(bytes, Self.range.lowerBound), Self.range.upperBound) }

    mutating func adapt(to hold: LockHolds.Hold) {
        if hold.wall > Self.slowMicroseconds {
            bytes = max(bytes / 2, Self.range.lowerBound)
        } else if hold.wall < Self.quickMicroseconds {
            bytes = min(bytes + bytes / 8, Self.range.upperBound)
        }
    }
}
