/// Cuts a stream of bytes into lines, however the stream was cut into chunks.
///
/// A line ends with `\n` or `\r\n`; the last one needs no end. Blank lines are left out. Of a line beyond the limit
/// only the fact is reported, as soon as it is known; the rest of it is skipped without being kept. Give it a chunk,
/// then take lines until there are none: then it holds no more than one unfinished line.
package struct LineFramer: Sendable {
    package enum Line: Hashable, Sendable {
        /// A line without its end. It shares the framer's memory: whoever keeps it beyond the next `append` copies it.
        case line(ArraySlice<UInt8>)
        /// A line of more bytes than `lineBytesMax`.
        case overlong
    }

    package let lineBytesMax: Int
    private var buffer: [UInt8] = []
    /// Where the next line starts in `buffer`.
    private var head = 0
    /// There is no line end in `buffer` between `head` and here.
    private var scanned = 0
    private var isSkipping = false
    private var hasEnded = false

    /// Above this, memory is given back when it is no longer needed.
    private static let keptBytesMax = 1 << 20

    package init(lineBytesMax: Int = 16 << 20) {
        self.lineBytesMax = min(max(lineBytesMax, 1), Int.max / 2)
    }

    /// How many bytes wait to be taken as lines or for the rest of their line.
    package var bufferedBytes: Int { buffer.count - head }

    package mutating func append(_ chunk: [UInt8]) {
        chunk.withUnsafeBytes { append($0) }
    }

    package mutating func append(_ chunk: ArraySlice<UInt8>) {
        chunk.withUnsafeBytes { append($0) }
    }

    package mutating func append(_ chunk: UnsafeRawBufferPointer) {
        var chunk = chunk
        if isSkipping {
            guard let newline = chunk.firstNewline(from: 0) else { return }
            isSkipping = false
            chunk = UnsafeRawBufferPointer(rebasing: chunk[(newline + 1)...])
        }
        compact()
        buffer.append(contentsOf: chunk)
    }

    /// Tells that no more bytes follow, so what is left is a line too.
    package mutating func end() { hasEnded = true }

    /// The next line that is not blank; `nil` until more bytes are appended.
    package mutating func next() -> Line? {
        while true {
            guard let newline = buffer.withUnsafeBytes({ $0.firstNewline(from: scanned) }) else {
                return unfinished()
            }
            if let line = take(upTo: newline, next: newline + 1) { return line }
        }
    }

    /// What to do with bytes that no line end follows yet.
    private mutating func unfinished() -> Line? {
        scanned = buffer.count
        let count = buffer.count - head
        // One byte too many is no verdict yet if it may be the `\r` of the line's end.
        if count > lineBytesMax + 1 || (count == lineBytesMax + 1 && buffer.last != UInt8(ascii: "\r")) {
            isSkipping = true
            discard()
            return .overlong
        }
        guard hasEnded, count > 0 else { return nil }
        return take(upTo: buffer.count, next: buffer.count)
    }

    private mutating func take(upTo end: Int, next: Int) -> Line? {
        let start = head
        (head, scanned) = (next, next)
        let end = end > start && buffer[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
        guard end - start <= lineBytesMax else { return .overlong }
        let line = buffer[start..<end]
        let isBlank = line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        return isBlank ? nil : .line(line)
    }

    /// Moves the unfinished line to the front, each time at most as many bytes as were taken since the last time.
    private mutating func compact() {
        if head == buffer.count {
            discard()
        } else if head >= buffer.count - head {
            buffer.removeSubrange(..<head)
            scanned -= head
            head = 0
        }
    }

    private mutating func discard() {
        buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptBytesMax)
        (head, scanned) = (0, 0)
    }
}

extension UnsafeRawBufferPointer {
    /// The index of the first `\n` from `start` on; looks at eight bytes at a time.
    fileprivate func firstNewline(from start: Int) -> Int? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = start
        while count &- index >= 8 {
            let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ (ones &* 0x0A)
            let zeros = (word &- ones) & ~word & (ones &* 0x80)
            if zeros != 0 { return index &+ zeros.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < count {
            if self[index] == 0x0A { return index }
            index &+= 1
        }
        return nil
    }
}
