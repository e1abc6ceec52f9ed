/// Reads what a row holds, front to back.
///
/// Unsafe buffers, because rows come as memory of SQLite's and are decoded at some hundred megabytes a second. Safe,
/// because every read compares with the count first, and no reader outlives the call that it was handed the bytes for.
struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { offset >= bytes.count }

    @inline(__always)
    mutating func byte() throws(IndexError) -> UInt8 {
        guard offset < bytes.count else { throw .damaged("cut short") }
        let byte = bytes[offset]
        offset &+= 1
        return byte
    }

    /// LEB128 of at most nine bytes: 0..<2^63.
    @inline(__always)
    mutating func varint() throws(IndexError) -> Int {
        let first = try byte()
        return first < 0x80 ? Int(first) : try longVarint(Int(first & 0x7F))
    }

    private mutating func longVarint(_ start: Int) throws(IndexError) -> Int {
        var value = start
        var shift = 7
        while shift < 63 {
            let byte = try byte()
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .damaged("number too long")
    }

    /// A varint of at most `limit`.
    @inline(__always)
    mutating func varint(max limit: Int) throws(IndexError) -> Int {
        let value = try varint()
        guard value <= limit else { throw .damaged("number too large") }
        return value
    }

    mutating func take(_ count: Int) throws(IndexError) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - offset else { throw .damaged("cut short") }
        defer { offset &+= count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
    }
}

extension [UInt8] {
    mutating func append(varint value: Int) {
        var rest = UInt(bitPattern: value)
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}

/// The bytes that `append(varint:)` takes for a number that is not negative.
func varintSize(_ value: Int) -> Int {
    max(1, (70 - value.leadingZeroBitCount) / 7)
}
