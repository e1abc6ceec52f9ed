/// The first byte of a row of the index.
enum RowKind: UInt8 {
    /// `PackedPage`: many stems that have one block each.
    case page = 1
    /// `TermDirectory`: what the blocks of one stem hold.
    case directory = 2
    /// `PostingBlock`: of a stem that has several.
    case block = 3

    static func read(_ reader: inout ByteReader) throws(IndexError) -> RowKind {
        guard let kind = RowKind(rawValue: try reader.byte()) else { throw .damaged("kind of a row") }
        return kind
    }

    static func expect(_ kind: RowKind, _ reader: inout ByteReader) throws(IndexError) {
        guard try read(&reader) == kind else { throw .damaged("kind of a row") }
    }
}
