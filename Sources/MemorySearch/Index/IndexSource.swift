/// The rows of postings, wherever they are kept. The bytes that a closure gets are valid until it returns.
package protocol IndexRows: AnyObject {
    /// Hands the row with the greatest key that is not above `key` to `body`; false when there is none.
    func row(
        atOrBefore key: PostKey, _ body: (PostKey, UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool

    /// Hands the row with the smallest key that is not below `key` to `body`; false when there is none.
    func row(
        atOrAfter key: PostKey, _ body: (PostKey, UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool
}

/// What a recall or a search reads: one consistent state of the index. Every call is for a row or a document, none for
/// a posting.
package protocol IndexSource: IndexRows {
    /// The live segments of a partition, oldest first: disjoint ascending ranges of documents.
    func segments(of partition: Int) throws -> [SegmentInfo]

    /// Hands the rows of a partition's tail to `body` in the order of their documents; those that have none of the
    /// stems may be left out.
    ///
    /// - Parameter stems: ascending
    /// - Returns: how many rows there are in all, and the sum of their lengths
    func tail(
        of partition: Int, having stems: [Int], _ body: (_ document: Int, UnsafeRawBufferPointer) throws -> Void
    ) throws -> (documents: Int, totalLength: Int)

    /// Whether a document may be found: current, not expired, what the filters ask for. Asked of a document only when
    /// its score would do.
    func isVisible(_ document: Int) throws -> Bool

    /// The day on which a document was remembered.
    func day(of document: Int) throws -> CalendarSpan
}

/// Documents that were remembered on one day.
package struct CalendarSpan: Hashable, Sendable {
    /// UTC days since 1970.
    package let day: Int
    /// For which that holds; asked for again only outside.
    package let documents: ClosedRange<Int>

    package init(day: Int, documents: ClosedRange<Int>) {
        self.day = day
        self.documents = documents
    }
}
