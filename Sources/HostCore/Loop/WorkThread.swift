import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A thread of its own that does blocking work in the order in which it is given. It never ends: the processes it
/// spawns die with the thread that spawned them, and that must not happen before the host's own end.
final class WorkThread: Worker {
    private let queue = Mutex<[@Sendable () -> Void]>([])
    private let signal: WorkSignal

    init() {
        signal = WorkSignal()
        let unmanaged = Unmanaged.passRetained(self)
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        pthread_create(
            &thread, nil,
            { argument in
                #if canImport(Darwin)
                    Unmanaged<WorkThread>.fromOpaque(argument).takeUnretainedValue().work()
                #else
                    if let argument { Unmanaged<WorkThread>.fromOpaque(argument).takeUnretainedValue().work() }
                #endif
                return nil
            }, unmanaged.toOpaque())
    }

    func run(_ work: @escaping @Sendable () -> Void) {
        queue.withLock { $0.append(work) }
        signal.raise()
    }

    private func work() {
        while true {
            signal.wait()
            let taken = queue.withLock { queue in
                let taken = queue
                queue = []
                return taken
            }
            for work in taken { work() }
        }
    }
}

/// Wakes one waiting thread; a raise before the wait is not lost.
final class WorkSignal: @unchecked Sendable {
    // Safe: the three are touched under the mutex only, or are the mutex and the condition themselves.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isRaised = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    func raise() {
        pthread_mutex_lock(mutex)
        isRaised = true
        pthread_mutex_unlock(mutex)
        // Not under the mutex, which whoever is woken wants next.
        pthread_cond_signal(condition)
    }

    func wait() {
        pthread_mutex_lock(mutex)
        while !isRaised { pthread_cond_wait(condition, mutex) }
        isRaised = false
        pthread_mutex_unlock(mutex)
    }
}
