/// Takes one document out of the rows of a segment (a memory is forgotten).
package enum SegmentEditor {
    package struct Removal: Sendable {
        package enum Change: Hashable, Sendable {
            case replace(PostRow)
            case delete(PostKey)
        }

        /// To be written together.
        package let changes: [Change]
        /// Of the document, as its posting says.
        package let lengthCode: UInt8
    }

    /// The rows of `stem` without `document`; `nil` when the stem does not have it. Changes of one row for several
    /// stems follow from each other: write them, or read through what is to be written, before the next call.
    package static func remove(
        _ document: Int, stem: Int, segment: Int, rows: any IndexRows
    ) throws -> Removal? {
        var found: PostRow?
        let key = try PostKey(segment: segment, stem: stem)
        _ = try rows.row(atOrBefore: key) { key, bytes in
            if key.segment == segment { found = PostRow(key: key, bytes: Array(bytes)) }
        }
        guard let row = found, let kind = row.bytes.first else { return nil }
        switch RowKind(rawValue: kind) {
        case .page: return try removeFromPage(document, stem, row)
        case .directory: return row.key == key ? try removeFromBlocks(document, row, rows) : nil
        case .block: return nil
        case nil: throw IndexError.damaged("kind of a row")
        }
    }

    private static func removeFromPage(_ document: Int, _ stem: Int, _ row: PostRow) throws -> Removal? {
        var page = PageWriter(keyedBy: row.key.stem)
        var removed: Posting?
        var entriesLeft = 0
        try row.bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            try RowKind.expect(.page, &reader)
            var entries = PackedPage.Entries(reader, key: row.key)
            while let entry = try entries.next() {
                var block = Array(entry.block)
                if entry.stem == stem { (removed, block) = try cut(document, from: entry.block) }
                if block.isEmpty { continue }
                page.add(entry.stem, block)
                entriesLeft += 1
            }
        }
        guard let removed else { return nil }
        let change: Removal.Change =
            entriesLeft == 0 ? .delete(row.key) : .replace(PostRow(key: row.key, bytes: page.bytes))
        return Removal(changes: [change], lengthCode: removed.lengthCode)
    }

    /// The posting that was removed, if any, and the bytes of the block without it, none if it was the last.
    private static func cut(
        _ document: Int, from bytes: UnsafeRawBufferPointer
    ) throws(IndexError) -> (Posting?, [UInt8]) {
        let buffer = BlockBuffer()
        try buffer.decode(bytes)
        let (removed, left) = split(buffer, document)
        var block: [UInt8] = []
        PostingBlock.append(left, to: &block)
        return (removed, block)
    }

    private static func split(_ buffer: BlockBuffer, _ document: Int) -> (removed: Posting?, left: [Posting]) {
        let all = (0..<buffer.count).map(buffer.posting)
        return (all.first { $0.document == document }, all.filter { $0.document != document })
    }

    private static func removeFromBlocks(
        _ document: Int, _ row: PostRow, _ rows: any IndexRows
    ) throws -> Removal? {
        var directory = try row.bytes.withUnsafeBytes { bytes in
            try TermDirectory(decoding: bytes)
        }
        let holds = directory.blocks.firstIndex { $0.count > 0 && $0.first <= document && document <= $0.last }
        guard let place = holds else { return nil }
        let key = try PostKey(segment: row.key.segment, stem: row.key.stem, block: place + 1)
        let buffer = BlockBuffer()
        try rows.loadBlock(key, into: buffer)
        let (removed, left) = split(buffer, document)
        guard let removed else { return nil }
        directory.blocks[place] = left.isEmpty ? BlockBounds() : PostingBlock.bounds(of: left)
        var bytes = [RowKind.block.rawValue]
        PostingBlock.append(left, to: &bytes)
        let block: Removal.Change = left.isEmpty ? .delete(key) : .replace(PostRow(key: key, bytes: bytes))
        let head: Removal.Change =
            directory.df == 0 ? .delete(row.key) : .replace(PostRow(key: row.key, bytes: directory.encoded()))
        return Removal(changes: [block, head], lengthCode: removed.lengthCode)
    }
}
