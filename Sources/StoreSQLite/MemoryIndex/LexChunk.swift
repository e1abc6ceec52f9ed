import Store

/// Words of one first letter and one length, packed for scanning: `[id u32, little-endian][bytes u8][UTF-8]` each.
enum LexChunk {
    /// Where a word is kept.
    struct Place: Hashable, Sendable {
        let letter: Unicode.Scalar
        /// In scalars.
        let length: Int
    }

    /// Two rows go on a page.
    static let bytesMax = 1_900

    /// False when `body` has said that it is enough.
    static func each(
        _ bytes: UnsafeRawBufferPointer, _ body: (Int, UnsafeRawBufferPointer) throws -> Bool
    ) throws -> Bool {
        var offset = 0
        while offset < bytes.count {
            guard offset + 5 <= bytes.count else { throw StoreFailure.damaged("a chunk of words is cut short") }
            let id = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            let end = offset + 5 + Int(bytes[offset + 4])
            guard end <= bytes.count else { throw StoreFailure.damaged("a chunk of words is cut short") }
            if try !body(Int(id), UnsafeRawBufferPointer(rebasing: bytes[offset + 5..<end])) { return false }
            offset = end
        }
        return true
    }

    /// Adds a word; false when the chunk has no room for it.
    static func append(_ id: Int, _ word: [UInt8], to chunk: inout [UInt8]) -> Bool {
        guard chunk.isEmpty || chunk.count + 5 + word.count <= bytesMax, let id = UInt32(exactly: id) else {
            return false
        }
        withUnsafeBytes(of: id.littleEndian) { chunk.append(contentsOf: $0) }
        chunk.append(UInt8(clamping: word.count))
        chunk.append(contentsOf: word.prefix(255))
        return true
    }
}

extension LexChunk.Place {
    /// `nil` for a word that is never scanned: one too short to be corrected or too long to be one.
    init?(_ word: [UInt8]) {
        guard word.count <= 255 else { return nil }
        let scalars = String(decoding: word, as: UTF8.self).unicodeScalars
        guard let first = scalars.first, scalars.count >= Self.lengthMin else { return nil }
        self.init(letter: first, length: scalars.count)
    }

    /// A word of four scalars is looked for among those that have one fewer.
    private static let lengthMin = 3
}
