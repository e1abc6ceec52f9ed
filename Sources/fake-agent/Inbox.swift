import Driver
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the host says on stdin, heard while waiting.
struct Inbox {
    private var bytes: [UInt8] = []
    private(set) var hasEnded = false

    /// Waits for more. Whether there is any: else stdin has ended.
    var isAwaited: Bool {
        mutating get {
            while bytes.isEmpty, !hasEnded {
                let more = Descriptor.readSome(from: STDIN_FILENO)
                bytes += more
                hasEnded = more.isEmpty
            }
            return !bytes.isEmpty
        }
    }

    /// The next line, waiting at most so long (milliseconds; `nil`: for ever). `nil` when the time is up or stdin
    /// ended.
    mutating func next(within milliseconds: Int?) -> [UInt8]? {
        let deadline = milliseconds.map { Self.now() + Int64($0) }
        while true {
            if let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(bytes[..<newline])
                bytes.removeSubrange(...newline)
                return line
            }
            let left = deadline.map { max(0, $0 - Self.now()) }
            if hasEnded {
                Self.sleep(left)
                return nil
            }
            guard Self.isReadable(within: left) else { return nil }
            let more = Descriptor.readSome(from: STDIN_FILENO)
            bytes += more
            hasEnded = more.isEmpty
            if hasEnded { return nil }
        }
    }

    /// Milliseconds; `nil` sleeps for ever.
    static func sleep(_ milliseconds: Int64?) {
        guard let milliseconds else { while true { pause() } }
        let deadline = now() + milliseconds
        while case let left = deadline - now(), left > 0 {
            var time = timespec(tv_sec: Int(left / 1000), tv_nsec: Int(left % 1000) * 1_000_000)
            nanosleep(&time, nil)
        }
    }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static func isReadable(within milliseconds: Int64?) -> Bool {
        var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        let deadline = milliseconds.map { now() + $0 }
        while true {
            let left = deadline.map { Int32(clamping: max(0, $0 - now())) } ?? -1
            let count = poll(&ready, 1, left)
            if count > 0 { return true }
            if count == 0 || errno != EINTR { return false }
        }
    }
}
