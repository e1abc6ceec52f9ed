#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whole reads and writes.
enum Descriptor {
    /// Writes all of it, or ends quietly when nobody reads any more.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Self.write(descriptor, $0) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, -1)
            } else if errno != EINTR {
                return
            }
        }
    }

    /// What can be read at once, at most 64 KiB; empty at the end.
    static func readSome(from descriptor: Int32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            var got = -1
            repeat { got = Self.read(descriptor, buffer) } while got < 0 && errno == EINTR
            count = max(0, got)
        }
    }

    #if canImport(Glibc)
        private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
            Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        }

        private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
    #else
        private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
            Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        }

        private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        }
    #endif

    static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }

    static func readAll(from descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        while true {
            let more = readSome(from: descriptor)
            if more.isEmpty { break }
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func read(path: String) -> String {
        guard let text = readIfThere(path: path) else { fail(64, "cannot read \(path)") }
        return text
    }

    static func readIfThere(path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return readAll(from: descriptor)
    }

    /// Writes a file, and makes the folders above it.
    static func write(_ bytes: [UInt8], path: String, appending: Bool = false) {
        for (index, byte) in path.utf8.enumerated() where byte == UInt8(ascii: "/") && index > 0 {
            mkdir(String(decoding: path.utf8.prefix(index), as: UTF8.self), 0o755)
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC), 0o644)
        guard descriptor >= 0 else { fail(64, "cannot write \(path)") }
        defer { close(descriptor) }
        write(bytes, to: descriptor)
    }
}
