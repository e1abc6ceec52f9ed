/// One recall at work: goes through the tails, then through each segment in windows from the newest document to the
/// oldest.
final class RecallScan {
    private let query: RecallQuery
    let terms: GatheredTerms
    let weights: QueryWeights
    let source: any IndexSource
    private(set) var factor: DocumentFactor
    private(set) var best: BestHits
    private(set) var work = RecallWork()
    lazy var window = ScoreWindow()
    /// One for each candidate, used again in each segment.
    let buffers: [BlockBuffer]
    /// Room for one for each candidate, used again in each segment. As unsafe as `BlockBuffer`, for its reasons.
    let cursors: UnsafeMutablePointer<ListCursor>
    /// Room for those of `cursors` that are merged.
    let merged: UnsafeMutablePointer<UnsafeMutablePointer<ListCursor>>

    init(
        _ query: RecallQuery, _ terms: GatheredTerms, _ weights: QueryWeights, source: any IndexSource,
        minimumScore: Double
    ) {
        self.query = query
        self.terms = terms
        self.weights = weights
        self.source = source
        factor = DocumentFactor(query, unit: weights.unit, source: source)
        best = BestHits(limit: query.limit, minimumScore: minimumScore)
        buffers = weights.scorers.map { _ in BlockBuffer() }
        cursors = .allocate(capacity: max(1, buffers.count))
        merged = .allocate(capacity: max(1, buffers.count))
        work.rowsRead = terms.rowsRead
    }

    deinit {
        cursors.deallocate()
        merged.deallocate()
    }

    func run() throws {
        for place in terms.tail.indices.reversed() { try scanTail(place) }
        try terms.blocks.withUnsafeBufferPointer { blocks in
            for segment in terms.segments.indices.reversed() {
                enter(terms.segments[segment].partition)
                var scan = SegmentScan(self, segment: segment, blocks: blocks)
                try scan.run()
                best = scan.best
                work.documentsScored += scan.documentsScored
            }
        }
    }

    func enter(_ partition: Int) { factor.scopeWeight = max(0, query.partitions[partition].weight) }

    func isVisible(_ document: Int) throws -> Bool {
        work.documentsChecked += 1
        return try source.isVisible(document)
    }

    private func scanTail(_ place: Int) throws {
        let document = terms.tail[place]
        var sum: UInt32 = 0
        for word in weights.words { sum &+= bestMatch(word, of: document)?.score ?? 0 }
        work.documentsScored += 1
        enter(document.partition)
        let recency = try factor.recency(of: document.document)
        let score = Double(sum) * factor.factor(importance: document.importance, recency: recency)
        guard best.admits(score, document.document), try isVisible(document.document) else { return }
        best.insert(BestHits.Hit(score: score, document: document.document, place: ~place))
    }

    private typealias Match = (candidate: QueryWeights.Candidate, tf: UInt32, fields: FieldMask, score: UInt32)

    private func bestMatch(_ word: QueryWeights.Word, of document: GatheredTerms.TailDocument) -> Match? {
        var found: Match?
        for candidate in word.candidates {
            for match in terms.tailMatches[document.matches] where match.stem == candidate.stem {
                let score = weights.scorers[candidate.scorer].score(tf: match.tf, lengthCode: document.lengthCode)
                if score > found?.score ?? 0 || found == nil { found = (candidate, match.tf, match.fields, score) }
            }
        }
        return found
    }
}

// MARK: What a hit is made of

extension RecallScan {
    func hit(_ hit: BestHits.Hit) throws -> RecallHit {
        let isTail = hit.place < 0
        let partition = isTail ? terms.tail[~hit.place].partition : terms.segments[hit.place].partition
        var result = RecallHit(
            document: hit.document, partition: query.partitions[partition].id, score: hit.score, explanation: nil)
        if query.explain { result.explanation = try explain(hit, partition: partition) }
        return result
    }

    private func explain(_ hit: BestHits.Hit, partition: Int) throws -> RecallExplanation {
        var words: [RecallExplanation.Word] = []
        var about: (lengthCode: UInt8, importance: UInt8) = (0, 0)
        for word in weights.words {
            let match: Match?
            if hit.place < 0 {
                let document = terms.tail[~hit.place]
                match = bestMatch(word, of: document)
                about = (document.lengthCode, document.importance)
            } else {
                match = try bestMatch(word, of: hit.document, in: hit.place, &about)
            }
            guard let match else { continue }
            words.append(
                RecallExplanation.Word(
                    word: word.place, candidate: match.candidate.place, stem: terms.stems[match.candidate.stem],
                    idf: match.candidate.idf, tf: Int(match.tf), fields: match.fields,
                    score: Double(match.score) * weights.unit))
        }
        let importance = ImportanceCode.importance(about.importance)
        let recency = try factor.recency(of: hit.document)
        return RecallExplanation(
            words: words, length: LengthCode.length(about.lengthCode), importance: importance, recency: recency,
            factor: query.tuning.factor(importance: importance, recency: recency),
            scopeWeight: max(0, query.partitions[partition].weight))
    }

    private func bestMatch(
        _ word: QueryWeights.Word, of document: Int, in segment: Int,
        _ about: inout (lengthCode: UInt8, importance: UInt8)
    ) throws -> Match? {
        var found: Match?
        for candidate in word.candidates {
            let blocks = terms.list(candidate.stem, in: segment).blocks
            let holder = blocks.first { terms.blocks[$0].bounds.first...terms.blocks[$0].bounds.last ~= document }
            guard let holder else { continue }
            let buffer = buffers[candidate.scorer]
            try load(holder, of: candidate.stem, in: segment, into: buffer)
            let place = buffer.place(atOrAfter: document)
            guard place < buffer.count, buffer.documents[place] == document else { continue }
            let posting = buffer.posting(place)
            about = (posting.lengthCode, posting.importance)
            let score = weights.scorers[candidate.scorer].score(tf: posting.tf, lengthCode: posting.lengthCode)
            if score > found?.score ?? 0 || found == nil { found = (candidate, posting.tf, posting.fields, score) }
        }
        return found
    }

    func load(_ block: Int, of stem: Int, in segment: Int, into buffer: BlockBuffer) throws {
        work.blocksDecoded += 1
        if terms.blocks[block].number > 0 { work.rowsRead += 1 }
        try terms.load(block, of: stem, in: segment, source, into: buffer)
    }
}
