package import JSON

/// Runs searches over a source.
///
/// Every word of the query has to stand in a queried field. While fewer documents than a threshold are found, words are
/// corrected, by one edit, then by two; then words are dropped. What is found once stays found. Filters, phrases and
/// exclusions are tested on the documents, so `found` counts what matches and nothing else, unless the search was cut.
package struct MemorySearchEngine<Source: SearchSource> {
    private let source: Source
    private let request: SearchRequest
    private let analyzer: TextAnalyzer
    private let planner: SearchPlanner<Source>
    package let work: SearchWork
    private var hits: SearchHits
    private var matchers: [TextMatcher] = []
    private var filter = FilterEvaluation()
    private let conditions: TextConditions
    private let hidden: Set<String>

    /// - Parameter isLate: whether to answer with what was found so far; asked between batches of documents.
    package init(
        _ source: Source, _ request: SearchRequest, analyzer: TextAnalyzer = TextAnalyzer(),
        isLate: @escaping () -> Bool = { false }
    ) {
        self.source = source
        self.request = request
        self.analyzer = analyzer
        planner = SearchPlanner(source: source, request: request, analyzer: analyzer)
        work = SearchWork(isLate: isLate)
        hits = SearchHits(request)
        conditions = TextConditions(
            query: request.query, fields: request.queryBy.map(\.field), analyzer: analyzer)
        hidden = Set(request.hiddenHits)
    }

    /// The reply as TypeSense shapes it; `search_time_ms` is 0 for the caller to set.
    ///
    /// - Throws: `SearchError`, and what the source throws.
    package mutating func run() throws -> JSONObject {
        if request.vectorQuery != nil {
            throw SearchError(.unsupported, "vector_query", expected: "vector_query without embeddings")
        }
        try pin()
        if request.query.isEverything {
            try scan()
        } else if !request.query.isEmpty {
            try searchWords()
        }
        return try SearchReply(source: source, request: request, analyzer: analyzer, matchers: matchers, work: work)
            .make(hits)
    }

    // MARK: Ways of finding

    private mutating func pin() throws {
        guard !request.pinnedHits.isEmpty else { return }
        var positions: [String: Int] = [:]
        for pin in request.pinnedHits where !hidden.contains(pin.id) { positions[pin.id] = pin.position }
        for document in try source.documents(ids: Array(positions.keys)) {
            if request.filtersPinnedHits, !passesFilter(document) { continue }
            hits.add(document, TextMatch(), attempt: nil, position: positions[document.id])
        }
    }

    private mutating func scan() throws {
        let pushdown = FilterPushdown(request.filter)
        var last: Int64 = -1
        while !work.shallEnd() {
            let batch = try source.scan(pushdown, after: last, limit: SearchBatch.documents)
            guard let end = batch.last?.number, end > last else {
                // A source ends early when it is late.
                _ = work.shallEnd()
                return
            }
            last = end
            for document in batch where accepts(document) { hits.add(document, TextMatch(), attempt: nil) }
        }
    }

    private mutating func searchWords() throws {
        let variants = try planner.variants()
        guard let words = variants.first?.words, !words.isEmpty else {
            if !request.query.phrases.isEmpty { try attempt([], typos: 0, dropped: 0, isSynonym: false) }
            return
        }
        for variant in variants {
            try searchWithTypos(variant.words, dropped: 0, isSynonym: variant.isSynonym)
        }
        for rest in planner.dropped(words) {
            if !request.isExhaustive, hits.hits.count >= request.dropTokensThreshold { return }
            if request.dropTokensThreshold == 0 || work.shallEnd() { return }
            try searchWithTypos(rest, dropped: words.count - rest.count, isSynonym: false)
        }
    }

    /// With the words as they are, then corrected, until enough is found.
    private mutating func searchWithTypos(_ words: [QueryWord], dropped: Int, isSynonym: Bool) throws {
        let most = request.typoTokensThreshold == 0 ? 0 : isSynonym ? 0 : request.queryBy.map(\.typos).max() ?? 0
        for typos in 0...min(2, most) {
            if typos > 0, !request.isExhaustive, hits.hits.count >= request.typoTokensThreshold { return }
            if work.shallEnd() { return }
            try attempt(words, typos: typos, dropped: dropped, isSynonym: isSynonym)
        }
    }

    private mutating func attempt(_ words: [QueryWord], typos: Int, dropped: Int, isSynonym: Bool) throws {
        work.attempts += 1
        guard let planned = try planner.plan(words, typos: typos) else { return }
        var sets = planned.isEmpty ? [] : [try planner.documents(planned)]
        if !request.query.phrases.isEmpty { sets.append(try planner.documentsOfPhrases()) }
        let found = DocumentSet.all(sets)
        matchers.append(TextMatcher(planned, dropped: dropped, request, analyzer))
        var next: Int64? = 0
        while let start = next, !work.shallEnd() {
            var batch: [Int64] = []
            next = start
            while let place = next, batch.count < SearchBatch.documents {
                next = try found.next(from: place, work: work)
                guard let number = next else { break }
                if !hits.contains(number) { batch.append(number) }
                next = number == .max ? nil : number + 1
            }
            try take(batch, isSynonym: isSynonym)
        }
        matchers.last?.rest()
    }

    private mutating func take(_ numbers: [Int64], isSynonym: Bool) throws {
        guard !numbers.isEmpty, let matcher = matchers.last else { return }
        for document in try source.documents(numbers) where accepts(document) {
            let found = matcher.words.isEmpty ? TextMatch() : matcher.match(document, work: work)
            guard var match = found else { continue }
            // Below every direct match with as many words, above the ones with fewer.
            if isSynonym, request.demotesSynonymMatches { match.score = max(0, match.score - 1 << 56) }
            hits.add(document, match, attempt: matchers.count - 1)
        }
    }

    // MARK: Tests

    private mutating func accepts(_ document: MemoryDocument) -> Bool {
        work.documents += 1
        return !hits.contains(document.number) && !hidden.contains(document.id) && passesFilter(document)
            && conditions.hold(for: document, work: work)
    }

    private mutating func passesFilter(_ document: MemoryDocument) -> Bool {
        guard let expression = request.filter else { return true }
        let before = filter.steps
        let passes = filter.matches(expression, document)
        work.steps += filter.steps - before
        return passes
    }
}
