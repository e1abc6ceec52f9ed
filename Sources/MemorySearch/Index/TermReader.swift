/// Reads the stems of one segment with their postings, ascending.
final class TermReader {
    private enum Place {
        /// Entries of the page from `offset` on.
        case page
        case directory(TermDirectory)
    }

    private let segment: Int
    private let rows: any IndexRows
    private let buffer = BlockBuffer()
    private var key: PostKey
    private var bytes: [UInt8] = []
    /// Of the entry of the page that is the current stem's, and of the one after it.
    private var block = 0..<0
    private var pageStem = 0
    private var directory: TermDirectory?
    /// The current stem; `nil` after the last one.
    private(set) var stem: Int?

    /// Starts at the first stem that is not below `start`.
    init(segment: Int, rows: any IndexRows, from start: Int) throws {
        self.segment = segment
        self.rows = rows
        key = try PostKey(segment: segment, stem: start)
        let found = try rows.row(atOrBefore: key) { [unowned self] key, bytes in
            if key.segment == segment { take(key, bytes) }
        }
        if !found || bytes.isEmpty { try loadRow(atOrAfter: key) } else { try openRow() }
        while let stem, stem < start { try advance() }
    }

    private func take(_ key: PostKey, _ bytes: UnsafeRawBufferPointer) {
        self.key = key
        self.bytes = Array(bytes)
    }

    private func loadRow(atOrAfter wanted: PostKey) throws {
        bytes = []
        _ = try rows.row(atOrAfter: wanted) { key, bytes in
            if key.segment == segment { take(key, bytes) }
        }
        try openRow()
    }

    /// Makes the first stem of the row that was taken the current one.
    private func openRow() throws {
        directory = nil
        stem = nil
        guard let first = bytes.first else { return }
        switch RowKind(rawValue: first) {
        case .page:
            block = 1..<1
            pageStem = key.stem
            try advanceInPage()
        case .directory:
            directory = try bytes.withUnsafeBytes { bytes in try TermDirectory(decoding: bytes) }
            stem = key.stem
        case .block:
            // A block of a stem before: its directory stands at that stem's key, and is not wanted.
            try loadRow(atOrAfter: PostKey(segment: segment, stem: key.stem + 1))
        case nil:
            throw IndexError.damaged("kind of a row")
        }
    }

    func advance() throws {
        if directory != nil {
            guard key.stem < PostKey.stemMax else { return stem = nil }
            try loadRow(atOrAfter: PostKey(segment: segment, stem: key.stem + 1))
        } else {
            try advanceInPage()
        }
    }

    private func advanceInPage() throws {
        guard block.upperBound < bytes.count else {
            return try loadRow(atOrAfter: PostKey(rawValue: key.rawValue + 1))
        }
        let isFirst = block.upperBound == 1
        let start = block.upperBound
        (pageStem, block) = try bytes.withUnsafeBytes { [pageStem] bytes in
            var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[start...]))
            let delta = try reader.varint(max: PostKey.stemMax)
            guard isFirst || delta > 0, pageStem + delta <= PostKey.stemMax else {
                throw IndexError.damaged("stems out of order")
            }
            let size = try reader.varint()
            _ = try reader.take(size)
            return (pageStem + delta, (start + reader.offset - size)..<(start + reader.offset))
        }
        stem = pageStem
    }

    /// Hands the blocks of the current stem to `body`, ascending.
    func forEachBlock(_ body: (BlockBuffer) throws -> Void) throws {
        guard let directory else {
            try bytes.withUnsafeBytes { bytes in
                try buffer.decode(UnsafeRawBufferPointer(rebasing: bytes[block]))
            }
            return try body(buffer)
        }
        for place in directory.blocks.indices where directory.blocks[place].count > 0 {
            try rows.loadBlock(PostKey(segment: segment, stem: key.stem, block: place + 1), into: buffer)
            try body(buffer)
        }
    }
}

extension IndexRows {
    /// Decodes the block in the row of that key.
    func loadBlock(_ key: PostKey, into buffer: BlockBuffer) throws {
        var isThere = false
        _ = try row(atOrBefore: key) { found, bytes in
            guard found == key else { return }
            isThere = true
            var reader = ByteReader(bytes)
            try RowKind.expect(.block, &reader)
            try buffer.decode(UnsafeRawBufferPointer(rebasing: bytes[reader.offset...]))
        }
        guard isThere else { throw IndexError.damaged("a block is missing") }
    }
}
