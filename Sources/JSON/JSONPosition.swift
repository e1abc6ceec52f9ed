/// Where something stands in a text, as editors count: both from 1, columns in characters of UTF-8.
package struct JSONPosition: Hashable, Sendable, CustomStringConvertible {
    package let line: Int
    package let column: Int

    package init(offset: Int, in bytes: [UInt8]) {
        let before = bytes.prefix(max(0, offset))
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        column = 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
    }

    /// The place of a value, or of the innermost one above it that is there.
    /// - Parameters:
    ///   - path: as messages name members, e.g. `drivers[0].arguments[2]`.
    ///   - bytes: a text that can be parsed.
    package init(of path: String, in bytes: [UInt8]) {
        var value = 0..<bytes.count
        for step in path.split(whereSeparator: { ".[]".contains($0) }) {
            guard let next = Self.value(String(step), in: bytes, value) else { break }
            value = next
        }
        let start = bytes[value].firstIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } ?? value.lowerBound
        self.init(offset: start, in: bytes)
    }

    package var description: String { "\(line):\(column)" }

    /// Where the member or the element of that number lies in the value that lies there.
    private static func value(_ step: String, in bytes: [UInt8], _ whole: Range<Int>) -> Range<Int>? {
        bytes.withUnsafeBytes { buffer -> Range<Int>? in
            let part = UnsafeRawBufferPointer(rebasing: buffer[whole])
            guard var scan = try? JSONScan(part) else { return nil }
            var found: Range<Int>?
            switch scan.kind {
            case .object:
                while let member = try? scan.nextMember() {
                    if scan.key(of: member) == step { found = member.value }
                }
            case .array:
                guard let number = Int(step), number >= 0 else { return nil }
                for _ in 0...number { found = try? scan.nextElement() }
            case .scalar: break
            }
            return found.map { $0.lowerBound + whole.lowerBound..<$0.upperBound + whole.lowerBound }
        }
    }
}
