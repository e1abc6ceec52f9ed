package import JSON

/// Runs searches over a source.
///
/// Every word of the query has to stand in a queried field. While fewer documents than a threshold are found, words are
/// corrected, by one edit, then by two; then words are dropped. What is found once stays found. Filters, phrases and
/// exclusions are tested on the documents, so `found` counts what matches and nothing else, unless the search was cut.
/// Where the postings and the columns of the store tell as much (`isDecidedByRows`), documents are read only around the
/// page: the places of words decide among `SearchBatch.documents` hits that are equal or next to each other without.
package struct MemorySearchEngine<Source: SearchSource> {
    private let source: Source
    private let request: SearchRequest
    private let analyzer: TextAnalyzer
    private let planner: SearchPlanner<Source>
    package let work: SearchWork
    private var hits: SearchHits
    private var matchers: [TextMatcher] = []
    private var seen = SeenDocuments()
    private var filter = FilterEvaluation()
    private let conditions: TextConditions
    private let hidden: Set<String>
    private let pushdown: FilterPushdown
    private let isOfRows: Bool
    /// The fields of the sort, and for each of its keys which one it is.
    private let columns: [MemoryField]
    private let columnPlaces: [Int?]
    /// Of each attempt.
    private var areSynonyms: [Bool] = []

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
        pushdown = FilterPushdown(request.filter)
        isOfRows = request.isDecidedByRows(pushdown)
        let columns = request.sortBy.compactMap(\.field)
        self.columns = columns
        columnPlaces = request.sortBy.map { order in order.field.flatMap { columns.firstIndex(of: $0) } }
    }

    /// The reply as TypeSense shapes it; `search_time_ms` is 0 for the caller to set.
    ///
    /// - Throws: `SearchError`, and what the source throws.
    package mutating func run() throws -> JSONObject {
        let neighbours = try request.vectorQuery.map { query in
            try VectorNeighbours(source, request, query, pushdown, conditions)
        }
        try pin()
        if isOfRows, !hidden.isEmpty {
            for document in try source.documents(ids: request.hiddenHits) { hits.leaveOut(document.number) }
        }
        if request.hasWords {
            try searchWords()
        } else if request.query.isEverything, neighbours == nil {
            try scan()
        }
        if let neighbours {
            try add(try neighbours.nearest(work), alpha: request.hasWords ? neighbours.query.alpha : 1)
        }
        return try SearchReply(source: source, request: request, analyzer: analyzer, matchers: matchers, work: work)
            .make(hits, try sorted())
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
        hits.beginList()
        if isOfRows { return try scanRows() }
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

    private mutating func scanRows() throws {
        var last: Int64 = -1
        while !work.shallEnd() {
            let rows = try source.rows(after: last, limit: SearchBatch.rows, pushdown, columns)
            guard let end = rows.last?.number, end > last else {
                // A source ends early when it is late.
                _ = work.shallEnd()
                return
            }
            last = end
            work.rows += rows.count
            for row in rows where !hits.contains(row.number) {
                hits.add(row, TextMatch(), attempt: nil, columns: columnPlaces)
            }
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
        let (found, postings) = try planner.documents(planned)
        matchers.append(TextMatcher(planned, dropped: dropped, request, analyzer))
        areSynonyms.append(isSynonym)
        hits.beginList()
        if isOfRows { return try takeRows(found, postings, dropped: dropped) }
        var sets = planned.isEmpty ? [] : [found]
        if !request.query.phrases.isEmpty { sets.append(try planner.documentsOfPhrases()) }
        let all = DocumentSet.all(sets)
        var next: Int64? = 0
        while let start = next, !work.shallEnd() {
            var batch: [Int64] = []
            next = start
            while let place = next, batch.count < SearchBatch.documents {
                next = try all.next(from: place, work: work)
                guard let number = next else { break }
                if !hits.contains(number), !seen.isRefused(number) { batch.append(number) }
                next = number == .max ? nil : number + 1
            }
            try take(batch)
        }
        matchers.last?.rest()
    }

    private mutating func takeRows(_ found: DocumentSet, _ postings: PostingMatcher, dropped: Int) throws {
        var next: Int64? = 0
        while next != nil, !work.shallEnd() {
            var numbers: [Int64] = []
            var matches: [TextMatch] = []
            while let place = next, numbers.count < SearchBatch.rows {
                next = try found.next(from: place, work: work)
                guard let number = next else { break }
                next = number == .max ? nil : number + 1
                guard !hits.contains(number), let match = try postings.match(number, dropped: dropped) else { continue }
                numbers.append(number)
                matches.append(match)
            }
            work.rows += numbers.count
            var place = 0
            for row in try source.rows(numbers, pushdown, columns) {
                while place < numbers.count, numbers[place] < row.number { place += 1 }
                guard place < numbers.count, numbers[place] == row.number else { continue }
                let attempt = matchers.count - 1
                hits.add(row, ranked(matches[place], attempt), attempt: attempt, columns: columnPlaces)
            }
        }
    }

    /// Below every direct match with as many words, above the ones with fewer.
    private func ranked(_ match: TextMatch, _ attempt: Int) -> TextMatch {
        guard areSynonyms[attempt], request.demotesSynonymMatches else { return match }
        var match = match
        match.score = max(0, match.score - 1 << 56)
        return match
    }

    private mutating func take(_ numbers: [Int64]) throws {
        guard !numbers.isEmpty, let matcher = matchers.last else { return }
        for document in try read(numbers) {
            let found = matcher.words.isEmpty ? TextMatch() : matcher.match(document, work: work)
            guard let match = found else {
                seen.keep(document)
                continue
            }
            hits.add(document, ranked(match, matchers.count - 1), attempt: matchers.count - 1)
        }
    }

    /// Those of these documents that fulfil everything but the words, each read once for all attempts.
    private mutating func read(_ numbers: [Int64]) throws -> [MemoryDocument] {
        var accepted: [Int64: MemoryDocument] = [:]
        for document in try source.documents(numbers.filter { seen[$0] == nil }) {
            if accepts(document) { accepted[document.number] = document } else { seen.refuse(document.number) }
        }
        return numbers.compactMap { accepted[$0] ?? seen[$0] }
    }

    /// Adds what is near, and puts that and what words found into one order.
    private mutating func add(_ nearest: [VectorDistance], alpha: Double) throws {
        let fresh = nearest.map(\.number).filter { !hits.contains($0) }.sorted()
        hits.beginList()
        for start in stride(from: 0, to: fresh.count, by: SearchBatch.documents) {
            let batch = Array(fresh[start..<min(fresh.count, start + SearchBatch.documents)])
            for document in try source.documents(batch) {
                work.documents += 1
                hits.add(document, TextMatch(), attempt: nil)
            }
        }
        hits.fuse(nearest, alpha: alpha)
    }

    // MARK: Order

    private func sorted() throws -> [SearchHit] {
        guard isOfRows else { return try hits.sorted() }
        let size = SearchBatch.documents
        let pinned = request.pinnedHits.count
        let first = max(0, request.offset - pinned) / size * size
        let end = (request.offset + request.perPage + size - 1) / size * size
        let limit = max(size, end)
        return try hits.sorted(limit: limit) { sorted in
            for start in stride(from: first, to: min(end, sorted.count), by: size) {
                try refine(&sorted, start..<min(sorted.count, start + size))
            }
        }
    }

    /// Matches the texts of hits that stand next to each other, and puts them in order by that.
    private func refine(_ sorted: inout [SearchHit], _ range: Range<Int>) throws {
        let attempts = Dictionary(
            sorted[range].compactMap { hit in hit.attempt.map { (hit.number, $0) } }, uniquingKeysWith: { $1 })
        guard !attempts.isEmpty else { return }
        var matches: [Int64: TextMatch] = [:]
        for document in try source.documents(attempts.keys.sorted()) {
            work.documents += 1
            guard let attempt = attempts[document.number] else { continue }
            matches[document.number] = matchers[attempt].match(document, work: work).map { ranked($0, attempt) }
        }
        for place in range {
            guard let match = matches[sorted[place].number] else { continue }
            sorted[place].match = match
            sorted[place].sortedMatch = match.score
        }
        sorted[range].sort(by: hits.precedes)
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
