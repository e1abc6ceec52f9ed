/// Up to 512 postings of one stem as bytes:
///
///     flags u8
///     count varint                         unless single
///     first document varint
///     span varint, tf maximum varint, length minimum u8, importance maximum u8, size of the deltas varint
///                                          unless single
///     (document - previous - 1) varint     for all but the first
///     tf and length u8                     each; three bits of tf - 1, five of the length code
///     (tf - 8) varint                      of each whose three bits are 7
///     importance u8                        once if all have the same, else each
///     fields u8                            not at all if content only, once if all have the same, else each
enum PostingBlock {
    static let postingsMax = 512
    /// Two rows go on a page of SQLite's 4,096 bytes, with what it adds to each.
    static let bytesMax = 1_900
    static let tfEscapeByte: UInt8 = 7 << 5

    enum Flag {
        static let single: UInt8 = 1
        static let importancesDiffer: UInt8 = 2
        static let hasFields: UInt8 = 4
        static let fieldsDiffer: UInt8 = 8
    }

    enum Column {
        case constant(UInt8)
        case uniform
        case each
    }

    struct Header {
        var bounds = BlockBounds()
        var documentBytes = 0
        let importances: Column
        let fields: Column

        init(_ reader: inout ByteReader) throws(IndexError) {
            let flags = try reader.byte()
            guard flags < 16 else { throw .damaged("flags of a block") }
            importances = flags & Flag.importancesDiffer != 0 ? .each : .uniform
            let differ: Column = flags & Flag.fieldsDiffer != 0 ? .each : .uniform
            fields = flags & Flag.hasFields != 0 ? differ : .constant(FieldMask.content.rawValue)
            bounds.count = flags & Flag.single != 0 ? 1 : try reader.varint(max: PostingBlock.postingsMax)
            guard bounds.count > 0 else { throw .damaged("an empty block") }
            bounds.first = try reader.varint(max: Posting.documentMax)
            bounds.last = bounds.first
            if flags & Flag.single != 0 { try lookAhead(reader) } else { try readBounds(&reader) }
        }

        private mutating func readBounds(_ reader: inout ByteReader) throws(IndexError) {
            bounds.last += try reader.varint(max: Posting.documentMax)
            bounds.tfMax = UInt32(try reader.varint(max: Int(Posting.tfMax)))
            guard bounds.tfMax > 0 else { throw .damaged("no occurrence") }
            bounds.lengthMin = try reader.byte() & 31
            bounds.importanceMax = try reader.byte()
            documentBytes = try reader.varint()
        }

        /// A single posting is its own bounds.
        private mutating func lookAhead(_ reader: ByteReader) throws(IndexError) {
            var reader = reader
            let byte = try reader.byte()
            bounds.lengthMin = byte & 31
            bounds.tfMax = UInt32(byte >> 5) + 1
            if byte >= PostingBlock.tfEscapeByte {
                bounds.tfMax += UInt32(try reader.varint(max: Int(Posting.tfMax - Posting.tfEscape)))
            }
            bounds.importanceMax = try reader.byte()
        }
    }

    static func bounds(of postings: [Posting]) -> BlockBounds {
        var bounds = BlockBounds(
            first: postings.first?.document ?? 0, last: postings.last?.document ?? 0, count: postings.count,
            lengthMin: 31)
        for posting in postings {
            bounds.tfMax = max(bounds.tfMax, posting.tf)
            bounds.lengthMin = min(bounds.lengthMin, posting.lengthCode)
            bounds.importanceMax = max(bounds.importanceMax, posting.importance)
        }
        return bounds
    }

    /// - Parameter postings: 1...512, documents ascending
    static func append(_ postings: [Posting], to bytes: inout [UInt8]) {
        guard let first = postings.first else { return }
        let importancesDiffer = postings.contains { $0.importance != first.importance }
        let fieldsDiffer = postings.contains { $0.fields != first.fields }
        let hasFields = fieldsDiffer || first.fields != .content
        var flags: UInt8 = postings.count == 1 ? Flag.single : 0
        if importancesDiffer { flags |= Flag.importancesDiffer }
        if hasFields { flags |= Flag.hasFields }
        if fieldsDiffer { flags |= Flag.fieldsDiffer }
        bytes.append(flags)
        appendDocuments(postings, to: &bytes)
        for posting in postings { bytes.append(posting.tfAndLength) }
        for posting in postings where posting.tf >= Posting.tfEscape {
            bytes.append(varint: Int(posting.tf - Posting.tfEscape))
        }
        if importancesDiffer {
            for posting in postings { bytes.append(posting.importance) }
        } else {
            bytes.append(first.importance)
        }
        if fieldsDiffer {
            for posting in postings { bytes.append(posting.fields.rawValue) }
        } else if hasFields {
            bytes.append(first.fields.rawValue)
        }
    }

    private static func appendDocuments(_ postings: [Posting], to bytes: inout [UInt8]) {
        let bounds = bounds(of: postings)
        if postings.count > 1 { bytes.append(varint: postings.count) }
        bytes.append(varint: bounds.first)
        guard postings.count > 1 else { return }
        bytes.append(varint: bounds.last - bounds.first)
        bytes.append(varint: Int(bounds.tfMax))
        bytes.append(bounds.lengthMin)
        bytes.append(bounds.importanceMax)
        var size = 0
        for place in 1..<postings.count { size += varintSize(gap(postings, place)) }
        bytes.append(varint: size)
        for place in 1..<postings.count { bytes.append(varint: gap(postings, place)) }
    }

    private static func gap(_ postings: [Posting], _ place: Int) -> Int {
        postings[place].document - postings[place - 1].document - 1
    }
}
