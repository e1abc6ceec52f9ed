/// That a stem occurs in a document.
package struct Posting: Hashable, Sendable {
    /// The document's number, 0...2^53.
    package var document: Int
    /// How often, 1...2^24.
    package var tf: UInt32
    package var lengthCode: UInt8
    package var importance: UInt8
    /// Where it occurs.
    package var fields: FieldMask

    package static let documentMax = 1 << 53
    package static let tfMax: UInt32 = 1 << 24

    package init(document: Int, tf: UInt32, lengthCode: UInt8, importance: UInt8, fields: FieldMask) {
        self.document = document
        self.tf = tf
        self.lengthCode = lengthCode
        self.importance = importance
        self.fields = fields
    }

    /// Occurrences above a posting's three bits.
    static let tfEscape: UInt32 = 8

    /// Three bits of tf - 1, where 7 says that more follows, and five of the length.
    var tfAndLength: UInt8 { UInt8(min(tf, Self.tfEscape) - 1) << 5 | lengthCode & 31 }
}
