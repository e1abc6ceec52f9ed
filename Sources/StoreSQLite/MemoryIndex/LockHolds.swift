/// How long upkeep of the index has kept others from writing, each hold from the start of its transaction to the end of
/// its commit.
package struct LockHolds: Hashable, Sendable {
    /// The upper ends of the classes of `counts`, in microseconds; the last class has none.
    package static let bounds: [UInt64] = [250, 500, 1000, 2000, 3000, 5000, 10_000]

    package private(set) var longestMicroseconds: UInt64 = 0
    package private(set) var totalMicroseconds: UInt64 = 0
    package private(set) var counts = [Int](repeating: 0, count: Self.bounds.count + 1)

    package init() {}

    package var count: Int { counts.reduce(0, +) }

    package mutating func add(microseconds: UInt64) {
        longestMicroseconds = max(longestMicroseconds, microseconds)
        totalMicroseconds &+= microseconds
        counts[Self.bounds.firstIndex { microseconds <= $0 } ?? Self.bounds.count] += 1
    }
}

/// How much one step may write, so that it keeps the store for less than 5 ms whatever the machine is like: halved by a
/// step that took more than half of that, grown again by quick ones.
struct StepBudget: Hashable, Sendable {
    private(set) var bytes: Int

    static let range = 8 << 10...256 << 10
    private static let slowMicroseconds: UInt64 = 2500
    private static let quickMicroseconds: UInt64 = 1250

    init(bytes: Int = 96 << 10) { self.bytes = min(max(bytes, Self.range.lowerBound), Self.range.upperBound) }

    mutating func adapt(toMicroseconds microseconds: UInt64) {
        if microseconds > Self.slowMicroseconds {
            bytes = max(bytes / 2, Self.range.lowerBound)
        } else if microseconds < Self.quickMicroseconds {
            bytes = min(bytes + bytes / 8, Self.range.upperBound)
        }
    }
}
