package import JSON

/// Keeps what one record holds within a size that every line and every reader can take.
package enum RecordLimits {
    /// The JSON as it is, or, beyond so many bytes, what it begins with and how much there was.
    package static func bounded(_ json: JSON, bytesMax: Int) -> JSON {
        guard json.textBytes > bytesMax else { return json }
        let encoded = json.encoded()
        let head = String(decoding: encoded.prefix(bytesMax / 4), as: UTF8.self)
        return ["truncated": true, "bytes": .int(Int64(encoded.count)), "head": .string(head)]
    }

    /// A text in parts of at most so many bytes, each a whole number of characters, with the bytes before it.
    package static func parts(_ text: String, bytesMax: Int) -> [(offsetBytes: Int, text: String)] {
        guard text.utf8.count > bytesMax else { return [(0, text)] }
        var parts: [(Int, String)] = []
        var start = text.startIndex
        var offset = 0
        while start < text.endIndex {
            let limit = text.utf8.index(start, offsetBy: bytesMax, limitedBy: text.endIndex) ?? text.endIndex
            var end = limit
            while end > start, String.Index(end, within: text) == nil { end = text.utf8.index(before: end) }
            // One character longer than a part goes whole.
            if end == start { end = text.index(after: start) }
            let part = text[start..<end]
            parts.append((offset, String(part)))
            offset += part.utf8.count
            start = end
        }
        return parts
    }
}

extension JSON {
    /// About how many bytes its text takes; cheap, and never less than its strings.
    fileprivate var textBytes: Int {
        switch self {
        case .string(let text): text.utf8.count + 2
        case .array(let items): items.reduce(2) { $0 + $1.textBytes + 1 }
        case .object(let members): members.reduce(2) { $0 + $1.key.utf8.count + $1.value.textBytes + 4 }
        default: 8
        }
    }
}
