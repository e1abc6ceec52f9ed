#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What one thread or more take their work from, first come first served. A thread that waits costs nothing.
// Everything mutable is touched under the mutex only.
final class Inbox<Item: Sendable>: @unchecked Sendable {
    enum Wake {
        case item(Item)
        case items([Item])
        /// The interval has passed without an item.
        case tick
        /// Closed, and everything was taken.
        case closed
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [Item] = []
    private var isClosed = false
    private var tickInterval: UInt32?

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        #if os(Linux)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        #endif
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// How many wait now, this one included; `nil` when the inbox is closed.
    func put(_ item: Item) -> Int? {
        let count: Int? = locked {
            guard !isClosed else { return nil }
            waiting.append(item)
            return waiting.count
        }
        // Not under the mutex, which whoever is woken wants next. All, for glibc before 2.41 may lose a signal among
        // several that wait (its bug 25847); there are two readers at most.
        if count != nil { pthread_cond_broadcast(condition) }
        return count
    }

    /// Everything that was put is still taken; nothing more can be.
    func close() {
        locked {
            isClosed = true
            pthread_cond_broadcast(condition)
        }
    }

    /// From now on `takeAll` ticks when it has waited so long; `nil` for never.
    func setInterval(milliseconds: UInt32?) {
        locked {
            guard tickInterval != milliseconds else { return }
            tickInterval = milliseconds
            pthread_cond_broadcast(condition)
        }
    }

    /// In milliseconds.
    var interval: UInt32? { locked { tickInterval } }

    /// Whether there is work to take, or none will come any more.
    var isAwaited: Bool { locked { isClosed || !waiting.isEmpty } }

    /// Waits for work and takes all of it.
    ///
    /// - Parameter patience: in milliseconds; ticks after so long too
    func takeAll(patience: UInt32? = nil) -> Wake {
        locked {
            while waiting.isEmpty {
                if isClosed { return .closed }
                if !sleep(patience), waiting.isEmpty, !isClosed { return .tick }
            }
            defer { waiting = [] }
            return .items(waiting)
        }
    }

    /// Waits for work and takes the oldest piece.
    func takeOne() -> Wake {
        locked {
            while waiting.isEmpty {
                if isClosed { return .closed }
                _ = sleep()
            }
            return .item(waiting.removeFirst())
        }
    }

    /// Sleeps until there may be something to do; false when the interval has passed.
    private func sleep(_ patience: UInt32? = nil) -> Bool {
        guard let interval = [tickInterval, patience].lazy.compactMap({ $0 }).min() else {
            pthread_cond_wait(condition, mutex)
            return true
        }
        #if os(Linux)
            var until = timespec()
            clock_gettime(CLOCK_MONOTONIC, &until)
            let nanoseconds = until.tv_nsec + Int(interval) * 1_000_000
            until.tv_sec += nanoseconds / 1_000_000_000
            until.tv_nsec = nanoseconds % 1_000_000_000
            return pthread_cond_timedwait(condition, mutex, &until) != ETIMEDOUT
        #else
            var span = timespec(tv_sec: Int(interval) / 1000, tv_nsec: Int(interval) % 1000 * 1_000_000)
            return pthread_cond_timedwait_relative_np(condition, mutex, &span) != ETIMEDOUT
        #endif
    }
}
