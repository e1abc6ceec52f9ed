/// A row of stems with one block each: `(stem - previous varint, size varint, block)*`, ascending. The first stem
/// counts from the one in the row's key, which is that stem, or an earlier one that was removed since.
enum PackedPage {
    static let bytesMax = 1_950

    struct Entry {
        let stem: Int
        let block: UnsafeRawBufferPointer
    }

    /// Walks a page; starts after the byte of its kind.
    struct Entries {
        private var reader: ByteReader
        private var stem: Int
        private var isFirst = true

        init(_ reader: ByteReader, key: PostKey) {
            self.reader = reader
            stem = key.stem
        }

        @inline(__always)
        mutating func next() throws(IndexError) -> Entry? {
            if reader.isAtEnd { return nil }
            let delta = try reader.varint(max: PostKey.stemMax)
            guard isFirst || delta > 0 else { throw .damaged("stems out of order") }
            isFirst = false
            stem &+= delta
            guard stem <= PostKey.stemMax else { throw .damaged("stem too large") }
            return Entry(stem: stem, block: try reader.take(try reader.varint()))
        }
    }

    /// The block of a stem, if it is here.
    static func find(_ stem: Int, _ reader: ByteReader, key: PostKey) throws(IndexError) -> UnsafeRawBufferPointer? {
        var entries = Entries(reader, key: key)
        while let entry = try entries.next(), entry.stem <= stem {
            if entry.stem == stem { return entry.block }
        }
        return nil
    }
}

/// Gathers entries until a page is full.
struct PageWriter {
    private(set) var bytes: [UInt8] = []
    private(set) var firstStem = 0
    private var lastStem = 0

    var isEmpty: Bool { bytes.isEmpty }

    /// - Parameter keyedBy: the stem in the row's key, if the row has one already
    init(keyedBy stem: Int? = nil) {
        guard let stem else { return }
        start(stem)
    }

    private mutating func start(_ stem: Int) {
        bytes = [RowKind.page.rawValue]
        firstStem = stem
        lastStem = stem
    }

    func hasRoom(for block: [UInt8]) -> Bool {
        isEmpty || bytes.count + block.count + 7 <= PackedPage.bytesMax
    }

    mutating func add(_ stem: Int, _ block: some Collection<UInt8>) {
        if isEmpty { start(stem) }
        bytes.append(varint: stem - lastStem)
        bytes.append(varint: block.count)
        bytes.append(contentsOf: block)
        lastStem = stem
    }
}
