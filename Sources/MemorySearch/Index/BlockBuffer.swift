/// What a block says of itself before its postings.
struct BlockBounds: Equatable {
    var first = 0
    var last = 0
    var count = 0
    var tfMax: UInt32 = 1
    var lengthMin: UInt8 = 0
    var importanceMax: UInt8 = 0

    /// Makes them hold for a later block too.
    mutating func extend(_ later: BlockBounds) {
        if count == 0 { first = later.first }
        last = later.last
        count += later.count
        tfMax = max(tfMax, later.tfMax)
        lengthMin = min(lengthMin, later.lengthMin)
        importanceMax = max(importanceMax, later.importanceMax)
    }
}

/// The postings of one block, decoded into flat columns that are used again for the next block.
///
/// Unsafe buffers, because a long query decodes a million postings, and checks, exclusivity and reference counts cost
/// more than the decoding. Safe, because each column has room for `blockMax` postings, `count` is never more (`decode`
/// refuses such blocks), and the columns live as long as the object.
final class BlockBuffer {
    /// Ascending.
    let documents: UnsafeMutablePointer<Int>
    /// `Posting.tfAndLength`
    let tfAndLength: UnsafeMutablePointer<UInt8>
    let importances: UnsafeMutablePointer<UInt8>
    /// Raw `FieldMask`s.
    let fields: UnsafeMutablePointer<UInt8>
    /// Set only where `tfAndLength` says that there are more occurrences than it can hold.
    private let manyTimes: UnsafeMutablePointer<UInt32>
    private(set) var bounds = BlockBounds()

    var count: Int { bounds.count }

    init() {
        documents = .allocate(capacity: PostingBlock.postingsMax)
        tfAndLength = .allocate(capacity: PostingBlock.postingsMax)
        importances = .allocate(capacity: PostingBlock.postingsMax)
        fields = .allocate(capacity: PostingBlock.postingsMax)
        manyTimes = .allocate(capacity: PostingBlock.postingsMax)
    }

    deinit {
        documents.deallocate()
        tfAndLength.deallocate()
        importances.deallocate()
        fields.deallocate()
        manyTimes.deallocate()
    }

    @inline(__always)
    func tf(_ place: Int) -> UInt32 {
        let code = tfAndLength[place]
        return code < PostingBlock.tfEscapeByte ? UInt32(code >> 5) &+ 1 : manyTimes[place]
    }

    func posting(_ place: Int) -> Posting {
        Posting(
            document: documents[place], tf: tf(place), lengthCode: tfAndLength[place] & 31,
            importance: importances[place], fields: FieldMask(rawValue: fields[place]))
    }

    /// The place of the first posting of `document` or a later one.
    @inline(__always)
    func place(atOrAfter document: Int) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low &+ high) >> 1
            if documents[middle] < document { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// The same among the first `end` of a column, quick where it is one of the last of these.
    @inline(__always)
    static func place(
        in documents: UnsafeMutablePointer<Int>, atOrAfter document: Int, before end: Int
    ) -> Int {
        var high = end
        var step = 1
        while high >= step, documents[high &- step] >= document {
            high &-= step
            step &<<= 1
        }
        var low = max(0, high &- step)
        while low < high {
            let middle = (low &+ high) >> 1
            if documents[middle] < document { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// - Parameter bytes: what `PostingBlock.append` wrote, and nothing after it
    func decode(_ bytes: UnsafeRawBufferPointer) throws(IndexError) {
        bounds.count = 0
        var reader = ByteReader(bytes)
        let header = try PostingBlock.Header(&reader)
        let count = header.bounds.count
        try decodeDocuments(try reader.take(header.documentBytes), header.bounds)
        try copy(&reader, count, to: tfAndLength)
        if hasManyTimes(count) { try decodeManyTimes(&reader, count) }
        try decodeColumn(importances, &reader, count, header.importances)
        try decodeColumn(fields, &reader, count, header.fields)
        guard reader.isAtEnd else { throw .damaged("more than a block") }
        bounds = header.bounds
    }

    private func decodeDocuments(_ bytes: UnsafeRawBufferPointer, _ bounds: BlockBounds) throws(IndexError) {
        documents[0] = bounds.first
        let last = try DocumentGaps.decode(bytes, from: documents, count: bounds.count)
        guard last == bounds.last else { throw .damaged("documents do not add up") }
    }

    private func decodeManyTimes(_ reader: inout ByteReader, _ count: Int) throws(IndexError) {
        for place in 0..<count where tfAndLength[place] >= PostingBlock.tfEscapeByte {
            let more = try reader.varint(max: Int(Posting.tfMax - Posting.tfEscape))
            manyTimes[place] = Posting.tfEscape + UInt32(more)
        }
    }

    /// Whether a frequency does not fit in its three bits. Looks at eight postings at a time: the column has room for
    /// the last of them, and what is there by chance only costs a look at each.
    private func hasManyTimes(_ count: Int) -> Bool {
        let codes = UnsafeRawPointer(tfAndLength)
        for offset in stride(from: 0, to: count, by: 8) {
            let eight = codes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if eight & eight &<< 1 & eight &<< 2 & 0x8080_8080_8080_8080 != 0 { return true }
        }
        return false
    }

    private func decodeColumn(
        _ column: UnsafeMutablePointer<UInt8>, _ reader: inout ByteReader, _ count: Int, _ form: PostingBlock.Column
    ) throws(IndexError) {
        switch form {
        case .constant(let byte): column.update(repeating: byte, count: count)
        case .uniform: column.update(repeating: try reader.byte(), count: count)
        case .each: try copy(&reader, count, to: column)
        }
    }

    private func copy(
        _ reader: inout ByteReader, _ count: Int, to column: UnsafeMutablePointer<UInt8>
    ) throws(IndexError) {
        UnsafeMutableRawBufferPointer(start: column, count: count).copyMemory(from: try reader.take(count))
    }
}
