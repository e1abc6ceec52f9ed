#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is read line by line from its start, each line with its number. Every call blocks: for the file thread.
struct LineFile: Sendable {
    enum Line: Hashable, Sendable {
        case bytes([UInt8])
        /// It has more bytes than a line may have.
        case overlong
    }

    /// Of the file when it was opened.
    let size: Int
    /// The number of the line that was read last.
    private(set) var number = 0
    /// Bytes of the lines read so far.
    private(set) var offset = 0
    private let descriptor: Int32
    private let lineBytesMax: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var hasEnded = false

    /// - Parameter path: as `OutsideStore.resolve` returns it.
    init(_ path: String, lineBytesMax: Int) throws(OutsideStore.Failure) {
        // Not to wait for the writer of a pipe.
        descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw OutsideStore.failure(errno, path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            #if canImport(Glibc)
                Glibc.close(descriptor)
            #else
                Darwin.close(descriptor)
            #endif
            throw .notARegularFile
        }
        size = Int(status.st_size)
        self.lineBytesMax = lineBytesMax
    }

    /// The next line without its end; `nil` after the last. A last line without an end counts.
    mutating func next() throws(OutsideStore.Failure) -> Line? {
        var searched = start
        var isOverlong = false
        while true {
            if let end = endOfLine(from: searched) {
                return take(upTo: end, endBytes: 1, isOverlong)
            }
            if hasEnded {
                guard buffer.count > start || isOverlong else { return nil }
                return take(upTo: buffer.count, endBytes: 0, isOverlong)
            }
            if buffer.count - start > lineBytesMax {
                isOverlong = true
                offset += buffer.count - start
                start = buffer.count
            }
            searched = buffer.count - start
            try fill()
        }
    }

    /// Begins anew with the first line.
    mutating func rewind() throws(OutsideStore.Failure) {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw .io(SystemError("read the file", errno)) }
        (number, offset, start, hasEnded) = (0, 0, 0, false)
        buffer = []
    }

    func close() {
        #if canImport(Glibc)
            Glibc.close(descriptor)
        #else
            Darwin.close(descriptor)
        #endif
    }

    private mutating func take(upTo end: Int, endBytes: Int, _ isOverlong: Bool) -> Line {
        var line = buffer[start..<end]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        number += 1
        offset += end - start + endBytes
        start = end + endBytes
        return isOverlong || line.count > lineBytesMax ? .overlong : .bytes(Array(line))
    }

    private func endOfLine(from place: Int) -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, place < bytes.count else { return nil }
            let found = memchr(base + place, Int32(UInt8(ascii: "\n")), bytes.count - place)
            return found.map { UnsafeRawPointer($0) - base }
        }
    }

    /// Reads more; what was taken makes room.
    private mutating func fill() throws(OutsideStore.Failure) {
        buffer.removeFirst(start)
        start = 0
        var (count, code): (Int, Int32) = (0, 0)
        let chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { [descriptor] bytes, filled in
            #if canImport(Glibc)
                count = Glibc.read(descriptor, bytes.baseAddress, Self.chunkBytes)
            #else
                count = Darwin.read(descriptor, bytes.baseAddress, Self.chunkBytes)
            #endif
            code = errno
            filled = max(0, count)
        }
        guard count >= 0 else { throw .io(SystemError("read the file", code)) }
        hasEnded = count == 0
        buffer += chunk
    }

    private static let chunkBytes = 128 << 10
}
