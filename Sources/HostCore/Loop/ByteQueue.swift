#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Bytes on their way to a descriptor, written together and only as far as it takes them without waiting.
struct ByteQueue {
    enum Result {
        case drained
        /// The descriptor takes no more for now.
        case blocked
        /// Nobody reads it any more.
        case broken
    }

    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

    /// Lets a writer append in place.
    mutating func append(_ write: (inout [UInt8]) -> Void) { write(&bytes) }

    /// - Parameter chunkMax: bytes to give the kernel at once; a blocking descriptor must not be given more than it
    ///   has said it can take.
    mutating func write(to descriptor: Int32, chunkMax: Int = .max) -> Result {
        while !isEmpty {
            let written = bytes.withUnsafeBytes { buffer in
                Self.write(descriptor, buffer[start...], min(count, chunkMax))
            }
            guard written >= 0 else {
                switch errno {
                case EINTR: continue
                case EAGAIN, EWOULDBLOCK:
                    compact()
                    return .blocked
                default:
                    return .broken
                }
            }
            start += written
            if chunkMax != .max { break }
        }
        compact()
        return isEmpty ? .drained : .blocked
    }

    mutating func removeAll() {
        bytes = []
        start = 0
    }

    private static func write(_ descriptor: Int32, _ bytes: Slice<UnsafeRawBufferPointer>, _ count: Int) -> Int {
        let rebased = UnsafeRawBufferPointer(rebasing: bytes)
        #if canImport(Glibc)
            return Glibc.write(descriptor, rebased.baseAddress, count)
        #else
            return Darwin.write(descriptor, rebased.baseAddress, count)
        #endif
    }

    /// Keeps the buffer small once it is empty, and moves the rest to its front when most of it has been written.
    private mutating func compact() {
        if isEmpty {
            start = 0
            if bytes.capacity > 1 << 18 { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
        } else if start > bytes.count / 2 {
            bytes.removeFirst(start)
            start = 0
        }
    }
}
