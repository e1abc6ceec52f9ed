/// Cuts a stream of bytes into lines, holding no more than one line of bounded length. What it returns does not depend
/// on how the bytes were chunked, and its work is linear in them.
package struct LineSplitter {
    package enum Line: Equatable {
        /// Without its end (`\n` or `\r\n`).
        case line(ArraySlice<UInt8>)
        /// A line of more than the bytes allowed, told once; the rest of it is skipped.
        case overlong(start: [UInt8])
    }

    private static let overlongStartBytes = 200

    package let lineBytesMax: Int
    private var pending: [UInt8] = []
    private var isSkipping = false

    package init(lineBytesMax: Int) { self.lineBytesMax = lineBytesMax }

    package mutating func split(_ bytes: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var rest = bytes[...]
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if let line = take(rest[..<newline], isWhole: true) { lines.append(line) }
            rest = rest[(newline + 1)...]
        }
        if !rest.isEmpty, let line = take(rest, isWhole: false) { lines.append(line) }
        return lines
    }

    /// The last line, if the stream ended without a newline.
    package mutating func end() -> ArraySlice<UInt8>? {
        defer { pending = [] }
        return pending.isEmpty ? nil : pending[...]
    }

    /// Takes the next part of a line. Returns the line when this part completes it or makes it too long.
    private mutating func take(_ part: ArraySlice<UInt8>, isWhole: Bool) -> Line? {
        if isSkipping {
            isSkipping = !isWhole
            return nil
        }
        if pending.count + part.count > lineBytesMax {
            let start = (pending.prefix(Self.overlongStartBytes) + part.prefix(Self.overlongStartBytes))
                .prefix(Self.overlongStartBytes)
            pending = []
            isSkipping = !isWhole
            return .overlong(start: Array(start))
        }
        if !isWhole {
            pending.append(contentsOf: part)
            return nil
        }
        if pending.isEmpty { return .line(Self.withoutReturn(part)) }
        let line = pending + part
        pending = []
        return .line(Self.withoutReturn(line[...]))
    }

    private static func withoutReturn(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }
}
