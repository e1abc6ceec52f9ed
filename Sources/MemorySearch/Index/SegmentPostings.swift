/// Everything that a segment says, for looking it over.
package enum SegmentPostings {
    /// Hands each posting to `body`, by stems and then documents ascending. Throws `IndexError.damaged`.
    package static func forEach(
        of segment: Int, in rows: some IndexRows, _ body: (_ stem: Int, Posting) throws -> Void
    ) throws {
        let reader = try TermReader(segment: segment, rows: rows, from: 0)
        while let stem = reader.stem {
            try reader.forEachBlock { block in
                for place in 0..<block.count { try body(stem, block.posting(place)) }
            }
            try reader.advance()
        }
    }
}
