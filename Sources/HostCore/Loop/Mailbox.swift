import CSystem
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where other threads leave what the loop should handle next. Posting never blocks on the loop.
final class Mailbox<Letter: Sendable>: Sendable {
    private let letters = Mutex<[Letter]>([])
    /// Readable while letters wait.
    let descriptor: Int32
    private let wakeDescriptor: Int32

    /// Throws the errno with which no waker could be opened.
    init() throws(SystemError) {
        var pair: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutablePointer(to: &pair) { pointer in
            pointer.withMemoryRebound(to: Int32.self, capacity: 2) { cs_waker_open($0) }
        }
        guard result == 0 else { throw SystemError("open a waker", result) }
        (descriptor, wakeDescriptor) = pair
    }

    deinit {
        close(descriptor)
        if wakeDescriptor != descriptor { close(wakeDescriptor) }
    }

    func post(_ letter: Letter) {
        let wasEmpty = letters.withLock { letters in
            letters.append(letter)
            return letters.count == 1
        }
        if wasEmpty { cs_waker_wake(wakeDescriptor) }
    }

    /// Takes all letters, in the order in which they came.
    func take() -> [Letter] {
        cs_waker_clear(descriptor)
        return letters.withLock { letters in
            let taken = letters
            letters = []
            return taken
        }
    }
}
