/// A document that no segment holds yet: `[importance u8][length code u8][count varint] (stem delta varint, tf varint,
/// fields u8)*`, stems ascending. The first delta is the stem itself.
package struct TailRow: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package let stem: Int
        package let tf: UInt32
        package let fields: FieldMask

        package init(stem: Int, tf: Int, fields: FieldMask) {
            self.stem = stem
            self.tf = UInt32(clamping: min(max(tf, 1), Int(Posting.tfMax)))
            self.fields = fields
        }
    }

    package let importance: UInt8
    package let lengthCode: UInt8
    /// Stems ascending, each once.
    package let entries: [Entry]

    /// - Parameters:
    ///   - importance: 0...1
    ///   - length: of the document, in words
    ///   - entries: in any order; of entries of one stem, tf is added up and fields are united
    package init(importance: Double, length: Int, entries: [Entry]) {
        self.importance = ImportanceCode.encode(importance)
        self.lengthCode = LengthCode.encode(length)
        var unique: [Entry] = []
        unique.reserveCapacity(entries.count)
        for entry in entries.sorted(by: { $0.stem < $1.stem }) {
            if let last = unique.last, last.stem == entry.stem {
                unique.removeLast()
                let tf = Int(last.tf) + Int(entry.tf)
                unique.append(Entry(stem: last.stem, tf: tf, fields: last.fields.union(entry.fields)))
            } else {
                unique.append(entry)
            }
        }
        self.entries = unique
    }

    package init(decoding bytes: UnsafeRawBufferPointer) throws(IndexError) {
        var reader = try TailReader(bytes)
        importance = reader.importance
        lengthCode = reader.lengthCode
        var entries: [Entry] = []
        entries.reserveCapacity(min(reader.count, bytes.count))
        while let entry = try reader.next() { entries.append(entry) }
        self.entries = entries
    }

    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = [importance, lengthCode]
        bytes.reserveCapacity(3 + entries.count * 4)
        bytes.append(varint: entries.count)
        var last = 0
        for entry in entries {
            bytes.append(varint: entry.stem - last)
            bytes.append(varint: Int(entry.tf))
            bytes.append(entry.fields.rawValue)
            last = entry.stem
        }
        return bytes
    }
}

/// Walks the entries of a tail row without making an array of them.
struct TailReader {
    let importance: UInt8
    let lengthCode: UInt8
    let count: Int
    private var reader: ByteReader
    private var left: Int
    private var stem = -1

    init(_ bytes: UnsafeRawBufferPointer) throws(IndexError) {
        reader = ByteReader(bytes)
        importance = try reader.byte()
        lengthCode = try reader.byte() & 31
        count = try reader.varint()
        left = count
    }

    @inline(__always)
    mutating func next() throws(IndexError) -> TailRow.Entry? {
        guard left > 0 else { return nil }
        left &-= 1
        let delta = try reader.varint(max: PostKey.stemMax)
        guard stem < 0 || delta > 0 else { throw .damaged("stems out of order") }
        stem = max(stem, 0) &+ delta
        guard stem <= PostKey.stemMax else { throw .damaged("stem too large") }
        let tf = try reader.varint(max: Int(Posting.tfMax))
        guard tf > 0 else { throw .damaged("no occurrence") }
        return TailRow.Entry(stem: stem, tf: tf, fields: FieldMask(rawValue: try reader.byte()))
    }
}
