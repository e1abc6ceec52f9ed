import CSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which descriptors the loop waits for, and what each belongs to. Confined to the loop's thread.
final class Readiness<Source: Hashable> {
    struct Ready {
        var source: Source
        var readable: Bool
        var writable: Bool
        /// The other side is gone; what it wrote before may still be there to read.
        var hungUp: Bool
    }

    private struct Interest {
        var source: Source
        var readable: Bool
        var writable: Bool
        /// A regular file: the kernel cannot watch it, and it never makes anyone wait.
        var isAlwaysReady: Bool
    }

    private let poller: Int32
    private var interests: [Int32: Interest] = [:]
    private var alwaysReadyCount = 0
    private var buffer = [cs_ready](repeating: cs_ready(), count: 256)

    init() throws(SystemError) {
        poller = cs_poller_open()
        guard poller >= 0 else { throw SystemError("open a poller", poller) }
    }

    deinit { close(poller) }

    /// With neither readable nor writable only the other side's end is told.
    func set(_ descriptor: Int32, _ source: Source, readable: Bool, writable: Bool) {
        if let known = interests[descriptor] {
            guard known.source != source || known.readable != readable || known.writable != writable else { return }
            alwaysReadyCount -= known.isAlwaysReady ? 1 : 0
        }
        let isAlwaysReady = !cs_is_pollable(descriptor)
        alwaysReadyCount += isAlwaysReady ? 1 : 0
        interests[descriptor] = Interest(
            source: source, readable: readable, writable: writable, isAlwaysReady: isAlwaysReady)
        if !isAlwaysReady { _ = cs_poller_set(poller, descriptor, readable, writable) }
    }

    /// To be called before the descriptor is closed.
    func remove(_ descriptor: Int32) {
        guard let known = interests.removeValue(forKey: descriptor) else { return }
        if known.isAlwaysReady { alwaysReadyCount -= 1 } else { _ = cs_poller_remove(poller, descriptor) }
    }

    /// Waits until something is ready, `nil` milliseconds for ever. A source may be told again although nothing
    /// changed.
    func wait(milliseconds: Int?) -> [Ready] {
        var always: [Ready] = []
        if alwaysReadyCount > 0 {
            always = interests.values.filter { $0.isAlwaysReady && ($0.readable || $0.writable) }.map {
                Ready(source: $0.source, readable: $0.readable, writable: $0.writable, hungUp: false)
            }
        }
        let timeout = always.isEmpty ? milliseconds.map { Int32(clamping: $0) } ?? -1 : 0
        let count = buffer.withUnsafeMutableBufferPointer {
            cs_poller_wait(poller, $0.baseAddress, Int32($0.count), timeout)
        }
        guard count > 0 else { return always }
        return always
            + buffer[..<Int(count)].compactMap { ready in
                interests[ready.descriptor].map {
                    Ready(source: $0.source, readable: ready.readable, writable: ready.writable, hungUp: ready.hung_up)
                }
            }
    }
}
