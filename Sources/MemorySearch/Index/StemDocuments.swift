extension IndexRows {
    /// Hands the documents of a segment in which a stem occurs to `body`, ascending, until it returns false.
    package func documents(of stem: Int, in segment: Int, _ body: (Int) throws -> Bool) throws {
        let reader = try TermReader(segment: segment, rows: self, from: stem)
        guard reader.stem == stem else { return }
        do {
            try reader.forEachBlock { block in
                for place in 0..<block.count where try !body(block.documents[place]) { throw EndOfReading() }
            }
        } catch is EndOfReading {}
    }
}

private struct EndOfReading: Error {}
