/// Deadlines in the order of their time: a binary heap. Time is whatever number the caller counts in.
/// Setting a deadline again moves it; the stale entry is dropped when it comes up.
package struct DeadlineQueue<Name: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var time: UInt64
        var serial: UInt64
        var name: Name
    }

    private var heap: [Entry] = []
    private var serials: [Name: UInt64] = [:]
    private var lastSerial: UInt64 = 0

    package init() {}

    package var isEmpty: Bool { serials.isEmpty }

    package mutating func set(_ name: Name, at time: UInt64) {
        lastSerial += 1
        serials[name] = lastSerial
        heap.append(Entry(time: time, serial: lastSerial, name: name))
        siftUp(heap.count - 1)
        if heap.count > 64, heap.count > serials.count * 4 { compact() }
    }

    package mutating func clear(_ name: Name) { serials[name] = nil }

    /// The time of the earliest deadline.
    package mutating func next() -> UInt64? {
        dropStale()
        return heap.first?.time
    }

    /// Removes and returns the earliest deadline that is due.
    package mutating func popDue(at now: UInt64) -> Name? {
        dropStale()
        guard let first = heap.first, first.time <= now else { return nil }
        removeFirst()
        serials[first.name] = nil
        return first.name
    }

    private mutating func dropStale() {
        while let first = heap.first, serials[first.name] != first.serial { removeFirst() }
    }

    private mutating func compact() {
        let live = heap.filter { serials[$0.name] == $0.serial }
        heap.removeAll(keepingCapacity: true)
        for entry in live {
            heap.append(entry)
            siftUp(heap.count - 1)
        }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        siftDown(0)
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0, heap[index].time < heap[(index - 1) / 2].time {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            let left = 2 * index + 1
            guard left < heap.count else { return }
            let right = left + 1
            let least = right < heap.count && heap[right].time < heap[left].time ? right : left
            guard heap[least].time < heap[index].time else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
