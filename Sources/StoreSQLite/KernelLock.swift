import CSystem
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A lock on a file of its own, held until it is released or its process ends.
struct KernelLock: ~Copyable {
    private let descriptor: Int32

    enum Kind { case shared, exclusive }

    /// `nil` when another holds it, even another lock of this process.
    static func take(_ path: String, _ kind: Kind) throws(StoreFailure) -> KernelLock? {
        let result = cs_lock_file(path, kind == .exclusive, false)
        if result >= 0 { return KernelLock(descriptor: result) }
        if result == -EWOULDBLOCK { return nil }
        throw .broken(reason: "io_error", detail: "\(path): \(String(cString: strerror(-result)))")
    }

    /// Waits for it in steps of 1 ms.
    static func wait(_ path: String, _ kind: Kind, milliseconds: UInt64) throws(StoreFailure) -> KernelLock? {
        let began = cs_monotonic_ms()
        while true {
            if let lock = try take(path, kind) { return lock }
            guard cs_monotonic_ms() - began < milliseconds else { return nil }
            usleep(1000)
        }
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    /// Ends it now rather than with its variable.
    consuming func release() {}

    deinit { cs_unlock_file(descriptor) }
}
