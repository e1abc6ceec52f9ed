import CSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A thread of the store's own: what blocks must not sit on Swift's pool, which has one thread for each core.
struct StoreThread: Sendable {
    #if os(Linux)
        private let thread: pthread_t
    #else
        private nonisolated(unsafe) let thread: pthread_t
    #endif

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// `nil` when the system gives no thread.
    init?(_ run: @escaping @Sendable () -> Void) {
        let body = Unmanaged.passRetained(Body(run))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        defer { pthread_attr_destroy(&attributes) }
        #if os(Linux)
            var made = pthread_t()
            let code = pthread_create(&made, &attributes, { Self.start($0) }, body.toOpaque())
            guard code == 0 else {
                body.release()
                return nil
            }
            thread = made
        #else
            var made: pthread_t?
            let code = pthread_create(&made, &attributes, { Self.start($0) }, body.toOpaque())
            guard code == 0, let made else {
                body.release()
                return nil
            }
            thread = made
        #endif
    }

    /// Enough for values nested as deep as the parser lets them be; other systems give a second thread 512 KiB.
    private static let stackBytes = 4 << 20

    private static func start(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
    }

    /// Waits for its end.
    func join() { pthread_join(thread, nil) }
}
