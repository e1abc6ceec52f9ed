/// What is known of an immutable run of documents besides its rows.
package struct SegmentInfo: Hashable, Sendable {
    /// The first part of its rows' keys.
    package let id: Int
    package let documents: Int
    /// Of its documents in words, as their length codes say.
    package let totalLength: Int
    /// It holds no document outside `firstDocument...lastDocument`, and no other live segment of its partition any
    /// inside.
    package let firstDocument: Int
    package let lastDocument: Int

    /// More than any segment holds; keeps the sums of what a damaged store says in range.
    private static let countMax = 1 << 40

    package init(id: Int, documents: Int, totalLength: Int, firstDocument: Int, lastDocument: Int) {
        self.id = id
        self.documents = min(max(0, documents), Self.countMax)
        self.totalLength = min(max(0, totalLength), Self.countMax)
        self.firstDocument = firstDocument
        self.lastDocument = lastDocument
    }

    /// What becomes of `sources` when they are merged; a document that is dropped counts as one of average length.
    ///
    /// - Parameter dropped: how many of their documents are left out
    package init(id: Int, merging sources: [SegmentInfo], dropped: Int) {
        let all = sources.reduce(0) { $0 + $1.documents }
        let length = sources.reduce(0) { $0 + $1.totalLength }
        let kept = max(0, all - dropped)
        self.init(
            id: id, documents: kept, totalLength: all > 0 ? Int(Double(length) * Double(kept) / Double(all)) : 0,
            firstDocument: sources.map(\.firstDocument).min() ?? 0,
            lastDocument: sources.map(\.lastDocument).max() ?? 0)
    }

    /// Without one of its documents.
    ///
    /// - Parameter lengthCode: of that document, as `SegmentEditor.Removal` says
    package func without(documentOfLength lengthCode: UInt8) -> SegmentInfo {
        SegmentInfo(
            id: id, documents: documents - 1, totalLength: totalLength - LengthCode.length(lengthCode),
            firstDocument: firstDocument, lastDocument: lastDocument)
    }
}
