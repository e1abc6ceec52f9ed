/// Turns tail rows into a segment (a fold).
package enum SegmentBuilder {
    /// - Parameters:
    ///   - id: of the segment
    ///   - tail: documents ascending, each once
    /// - Returns: the rows, ascending by key. A document without entries leaves no row and is counted.
    package static func build(
        id: Int, tail: [(document: Int, row: TailRow)]
    ) throws(IndexError) -> (info: SegmentInfo, rows: [PostRow]) {
        var places: [Place] = []
        places.reserveCapacity(tail.reduce(0) { $0 + $1.row.entries.count })
        for (document, (_, row)) in tail.enumerated() {
            for (entry, posting) in row.entries.enumerated() {
                places.append(Place(stem: posting.stem, document: Int32(document), entry: Int32(entry)))
            }
        }
        places.sort { ($0.stem, $0.document) < ($1.stem, $1.document) }
        var writer = SegmentWriter(segment: id)
        var next = 0
        while next < places.count {
            let stem = places[next].stem
            writer.beginStem(stem)
            while next < places.count, places[next].stem == stem {
                writer.add(posting(places[next], tail))
                next += 1
            }
            try writer.endStem()
        }
        try writer.finish()
        let info = SegmentInfo(
            id: id, documents: tail.count,
            totalLength: tail.reduce(0) { $0 + LengthCode.length($1.row.lengthCode) },
            firstDocument: tail.first?.document ?? 0, lastDocument: tail.last?.document ?? 0)
        return (info, writer.rows)
    }

    private struct Place {
        let stem: Int
        let document: Int32
        let entry: Int32
    }

    private static func posting(_ place: Place, _ tail: [(document: Int, row: TailRow)]) -> Posting {
        let (document, row) = tail[Int(place.document)]
        let entry = row.entries[Int(place.entry)]
        return Posting(
            document: document, tf: entry.tf, lengthCode: row.lengthCode, importance: row.importance,
            fields: entry.fields)
    }
}
