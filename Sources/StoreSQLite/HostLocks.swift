import AgentModel
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Who lives: each host holds the lock on a file of its own for life, and no clock is asked.
struct HostLocks: Sendable {
    let folder: String

    func path(_ host: HostID) -> String { "\(folder)/\(host).lock" }

    /// A host whose lock can be shared does not hold it. Looking takes a shared lock, so that two who look at one time
    /// do not take each other for the host. What cannot be told counts as alive.
    func isAlive(_ host: HostID) -> Bool {
        guard access(path(host), F_OK) == 0 else { return false }
        do { return try KernelLock.take(path(host), .shared) == nil } catch { return true }
    }

    func claim(_ host: HostID) throws(StoreFailure) -> KernelLock {
        guard let lock = try KernelLock.take(path(host), .exclusive) else {
            throw .broken(reason: "locked", detail: "another host goes by the id \(host)")
        }
        return lock
    }

    /// Removes the file of a host of ours that is about to release its lock.
    func unlinkOwn(_ host: HostID) { unlink(path(host)) }

    /// Removes a dead host's file, unless somebody looks at it just now.
    func remove(_ host: HostID) {
        guard access(path(host), F_OK) == 0, let lock = try? KernelLock.take(path(host), .exclusive) else { return }
        unlink(path(host))
        lock.release()
    }
}
