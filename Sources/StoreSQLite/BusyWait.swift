import CSQLite
import CSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How long a connection waits for another process: in steps of 0.2 ms, 5 s at most.
///
/// SQLite's own handler backs off up to 100 ms and can starve a process for seconds while others keep writing.
struct BusyWait {
    static let stepMicroseconds: UInt32 = 200

    let limitMilliseconds: UInt64
    private var began: UInt64 = 0

    init(limitMilliseconds: UInt64) { self.limitMilliseconds = limitMilliseconds }

    /// Sleeps a step; false when the time is up.
    mutating func sleep(attempt: Int32) -> Bool {
        let now = cs_monotonic_ms()
        if attempt == 0 { began = now }
        guard now - began < limitMilliseconds else { return false }
        usleep(Self.stepMicroseconds)
        return true
    }
}

extension SQLiteConnection {
    func installBusyWait() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_busy_handler(
            handle,
            { context, attempt in
                guard let context else { return 0 }
                return Unmanaged<SQLiteConnection>.fromOpaque(context).takeUnretainedValue().wait(attempt) ? 1 : 0
            }, context)
    }

    private func wait(_ attempt: Int32) -> Bool { !isLate && busyWait.sleep(attempt: attempt) }
}
