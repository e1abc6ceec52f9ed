/// Finds what is nearest to a vector by comparing every memory that the filter, the phrases and the exclusions let
/// through: exact, within the work that a search may do.
struct VectorNeighbours<Source: SearchSource> {
    let query: VectorQuery
    private let source: Source
    private let request: SearchRequest
    private let pushdown: FilterPushdown
    private let conditions: TextConditions
    private let similarity: VectorSimilarity
    /// Documents that are no neighbours.
    private let hidden: Set<Int64>

    /// How many neighbours are looked for beside words, where the query does not say.
    static var countBesideWords: Int { 100 }

    /// - Throws: `SearchError` where there is nothing that could be compared; what the source throws.
    init(
        _ source: Source, _ request: SearchRequest, _ query: VectorQuery, _ pushdown: FilterPushdown,
        _ conditions: TextConditions
    ) throws {
        self.source = source
        self.request = request
        self.query = query
        self.pushdown = pushdown
        self.conditions = conditions
        var hidden: Set<Int64> = []
        for document in try source.documents(ids: request.hiddenHits) { hidden.insert(document.number) }
        var vector = query.vector
        if let id = query.id {
            guard let document = try source.documents(ids: [id]).first else {
                throw Self.refusal("the id of a memory that the search can see", found: id)
            }
            guard let kept = try source.vector(of: document.number) else {
                throw Self.refusal("the id of a memory that has got its vector by now", found: id)
            }
            hidden.insert(document.number)
            vector = kept
        }
        self.hidden = hidden
        if let dimension = try source.vectorDimension(), dimension != vector.count {
            throw Self.refusal("\(dimension) numbers, as the vectors of the memories have", found: "\(vector.count)")
        }
        guard let similarity = VectorSimilarity(vector) else {
            throw Self.refusal("a vector with a number other than 0", found: nil)
        }
        self.similarity = similarity
    }

    private static func refusal(_ expected: String, found: String?) -> SearchError {
        SearchError(.invalid, "vector_query", expected: expected, found: found)
    }

    /// The nearest first; of equals the one that was remembered last.
    func nearest(_ work: SearchWork) throws -> [VectorDistance] {
        let page = min(request.offset + request.perPage, SearchLimits.candidatesMax)
        let count = query.k ?? max(1, page, request.hasWords ? Self.countBesideWords : 0)
        var nearest = NearestDocuments(limit: count, cosineMin: query.distanceThreshold.map { 1 - $0 } ?? -1)
        var filter = FilterEvaluation()
        var last: Int64 = -1
        while !work.shallEnd() {
            let batch = try numbers(after: last, &filter, work)
            guard let end = batch.end, end > last else {
                // A source ends early when it is late.
                _ = work.shallEnd()
                break
            }
            last = end
            let compared = hidden.isEmpty ? batch.numbers : batch.numbers.filter { !hidden.contains($0) }
            for found in try source.distances(compared, to: similarity) {
                work.vectors += 1
                nearest.add(Int(found.number), 1 - found.distance)
            }
        }
        return nearest.finish().map { VectorDistance(number: Int64($0.document), distance: 1 - $0.cosine) }
    }

    /// The next documents that may be neighbours, and how far that went; `nil`: there are no more.
    private func numbers(
        after last: Int64, _ filter: inout FilterEvaluation, _ work: SearchWork
    ) throws -> (numbers: [Int64], end: Int64?) {
        if pushdown.isComplete, pushdown.ids == nil, request.query.phrases.isEmpty, request.query.excluded.isEmpty {
            let rows = try source.rows(after: last, limit: SearchBatch.rows, pushdown, [])
            work.rows += rows.count
            return (rows.map(\.number), rows.last?.number)
        }
        let documents = try source.scan(pushdown, after: last, limit: SearchBatch.documents)
        work.documents += documents.count
        let before = filter.steps
        let passing = documents.filter { document in
            request.filter.map { filter.matches($0, document) } ?? true && conditions.hold(for: document, work: work)
        }
        work.steps += filter.steps - before
        return (passing.map(\.number), documents.last?.number)
    }
}
