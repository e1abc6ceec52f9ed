import CSystem

/// How long one kind of work has kept others from writing, each hold from when it had the store to the end of its
/// commit.
package struct LockHolds: Hashable, Sendable {
    /// One hold, in microseconds.
    package struct Hold: Hashable, Sendable {
        /// From its beginning to its end.
        package var wall: UInt64
        /// What its thread has computed of that: the rest are waits for the disk, and what other processes took of the
        /// processor.
        package var own: UInt64

        package init(wall: UInt64, own: UInt64) {
            self.wall = wall
            self.own = own
        }

        fileprivate mutating func extend(to other: Hold) {
            wall = max(wall, other.wall)
            own = max(own, other.own)
        }
    }

    /// What no hold should reach.
    package static let bound: UInt64 = 5000

    package private(set) var count = 0
    package private(set) var total: UInt64 = 0
    /// Holds longer than `bound`.
    package private(set) var overBound = 0
    /// The longest by each of the clocks, which need not be one and the same.
    package private(set) var longest = Hold(wall: 0, own: 0)

    package init() {}

    package mutating func add(_ hold: Hold) {
        count += 1
        total &+= hold.wall
        if hold.wall > Self.bound { overBound += 1 }
        longest.extend(to: hold)
    }

    mutating func add(_ other: LockHolds) {
        count += other.count
        total &+= other.total
        overBound += other.overBound
        longest.extend(to: other.longest)
    }
}

/// The holds of one process on a store.
package struct StoreHolds: Hashable, Sendable {
    /// Transactions of commands.
    package var commits = LockHolds()
    /// Steps of the memory index's upkeep.
    package var upkeep = LockHolds()
    /// While the write-ahead log was written back to the database.
    package var writeBacks = LockHolds()

    package init() {}
}

/// Measures a hold from when it is made.
struct HoldClock {
    private let began = cs_monotonic_ns()
    private let beganOwn = cs_thread_cpu_ns()

    var hold: LockHolds.Hold {
        LockHolds.Hold(
            wall: (cs_monotonic_ns() - began) / 1000, own: (cs_thread_cpu_ns() - beganOwn) / 1000)
    }
}
