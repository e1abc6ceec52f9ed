/// The key of a row of postings: segment (20 bits), stem (27), block (16), so that the rows of a segment lie in the
/// order of their stems, and those of a stem in the order of their documents. Never negative.
package struct PostKey: Hashable, Comparable, Sendable {
    package let rawValue: Int64

    package static let segmentMax = 1 << 20 - 1
    package static let stemMax = 1 << 27 - 1
    package static let blockMax = 1 << 16 - 1

    package init(rawValue: Int64) { self.rawValue = rawValue }

    /// Throws `IndexError.full` when a part does not fit.
    package init(segment: Int, stem: Int, block: Int = 0) throws(IndexError) {
        guard 0...Self.segmentMax ~= segment else { throw .full("segment") }
        guard 0...Self.stemMax ~= stem else { throw .full("stem") }
        guard 0...Self.blockMax ~= block else { throw .full("block") }
        rawValue = Int64(segment) << 43 | Int64(stem) << 16 | Int64(block)
    }

    package var segment: Int { Int(rawValue >> 43) }
    package var stem: Int { Int(rawValue >> 16) & Self.stemMax }
    package var block: Int { Int(rawValue) & Self.blockMax }

    package static func < (left: PostKey, right: PostKey) -> Bool { left.rawValue < right.rawValue }
}

/// A row of the index.
package struct PostRow: Hashable, Sendable {
    package let key: PostKey
    package let bytes: [UInt8]

    package init(key: PostKey, bytes: [UInt8]) {
        self.key = key
        self.bytes = bytes
    }
}
