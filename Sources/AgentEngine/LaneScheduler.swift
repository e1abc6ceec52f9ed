/// Decides when a request may go to its handler, from what it reads and writes.
///
/// Writes of one lane are handled in the order in which they came. A read waits for the commits of the writes that
/// came before it and that it could see, so a client reads its own writes. Nothing else waits: one session never
/// holds up another.
///
/// A write leaves its lane in two steps. Once *submitted* its place in the store's queue is fixed, so the next write
/// may follow; once *ended* (committed or refused) the reads behind it may look.
package struct LaneScheduler {
    package enum Lane: Hashable, Sendable {
        /// All that is not one session's, project's or connection's.
        case store
        case session(String)
        case project(String)
        case connection(String)
    }

    package enum Access: Hashable, Sendable {
        case write(Lane)
        /// Reads what one lane writes, and `store`.
        case read(Lane)
        /// Reads what any lane writes.
        case readAll
        /// Waits for nothing.
        case overtake
    }

    package typealias Key = UInt64

    private struct Write {
        var lane: Lane
        /// Its neighbours among the writes of the lane that have not ended.
        var previous: Key?
        var next: Key?
        var isSubmitted = false
        var nextWrites: [Key] = []
        var nextReads: [Key] = []
    }

    private var writes: [Key: Write] = [:]
    /// The last write of each lane that has not ended.
    private var tails: [Lane: Key] = [:]
    /// How many writes a waiting request still waits for.
    private var blockers: [Key: Int] = [:]

    package init() {}

    /// How many requests wait.
    package var waitingCount: Int { blockers.count }

    /// Takes in a request. Returns whether it may go at once; if not, a later call returns its key.
    package mutating func admit(_ key: Key, _ access: Access) -> Bool {
        switch access {
        case .overtake:
            return true
        case .write(let lane):
            let tail = tails[lane]
            writes[key] = Write(lane: lane, previous: tail)
            tails[lane] = key
            if let tail { writes[tail]?.next = key }
            guard let tail, writes[tail]?.isSubmitted == false else { return true }
            writes[tail]?.nextWrites.append(key)
            blockers[key] = 1
            return false
        case .read(let lane):
            return admitRead(key, behind: Set([tails[lane], tails[.store]].compactMap { $0 }))
        case .readAll:
            return admitRead(key, behind: Set(tails.values))
        }
    }

    private mutating func admitRead(_ key: Key, behind tails: Set<Key>) -> Bool {
        guard !tails.isEmpty else { return true }
        for tail in tails { writes[tail]?.nextReads.append(key) }
        blockers[key] = tails.count
        return false
    }

    /// The write's place in the store's queue is fixed. Returns the requests that may go now.
    package mutating func submitted(_ key: Key) -> [Key] {
        guard writes[key]?.isSubmitted == false else { return [] }
        writes[key]?.isSubmitted = true
        let next = writes[key]?.nextWrites ?? []
        writes[key]?.nextWrites = []
        return unblock(next)
    }

    /// The request has its answer: a write has been committed or will never be, perhaps without having been let go.
    /// Returns the requests that may go now.
    package mutating func ended(_ key: Key) -> [Key] {
        blockers[key] = nil
        guard let write = writes.removeValue(forKey: key) else { return [] }
        if let next = write.next { writes[next]?.previous = write.previous }
        if tails[write.lane] == key { tails[write.lane] = write.previous }
        guard let previous = write.previous else { return unblock(write.nextWrites + write.nextReads) }
        // Who waits for this one also waits for those before it.
        writes[previous]?.next = write.next
        writes[previous]?.nextReads += write.nextReads
        if writes[previous]?.isSubmitted == true { return unblock(write.nextWrites) }
        writes[previous]?.nextWrites += write.nextWrites
        return []
    }

    private mutating func unblock(_ keys: [Key]) -> [Key] {
        keys.filter { key in
            guard let count = blockers[key] else { return false }
            blockers[key] = count > 1 ? count - 1 : nil
            return count == 1
        }
    }
}
