import JSON

/// A document that a search found.
struct SearchHit {
    let number: Int64
    var match: TextMatch
    /// One for each key of `sort_by`.
    let keys: [SortValue]
    /// Which attempt matched it; `nil` when the words did not.
    let attempt: Int?
    /// Its place among the groups.
    var group = 0
    /// From 1, when the request says where it stands.
    var position: Int?
    /// The match as the sort sees it: with a vector query the fusion, and once put into buckets the bucket.
    var sortedMatch: Int64
    /// Of a neighbour in a vector query.
    var distance: Double?
    /// What the ranks by words and by meaning make together.
    var fusion: Double?
}

/// The hits of a search in the making, each document once.
struct SearchHits {
    private let request: SearchRequest
    private(set) var hits: [SearchHit] = []
    private(set) var facets: [FacetCounter]
    /// The values that each group shares, in the order of their first hit.
    private(set) var groups: [[JSON]] = []
    private(set) var groupCounts: [Int] = []
    private var groupsByKey: [[JSON]: Int] = [:]
    /// Found so far: each list ascends.
    private var known: [[Int64]] = []
    private var apart: Set<Int64> = []

    init(_ request: SearchRequest) {
        self.request = request
        facets = request.facetBy.map(FacetCounter.init)
    }

    func contains(_ number: Int64) -> Bool {
        if apart.contains(number) { return true }
        return known.contains { list in
            let place = list.partitioningIndex { $0 >= number }
            return place < list.count && list[place] == number
        }
    }

    /// What is added from now on ascends again.
    mutating func beginList() {
        if known.last?.isEmpty != true { known.append([]) }
    }

    /// Never to be a hit.
    mutating func leaveOut(_ number: Int64) { apart.insert(number) }

    mutating func add(_ document: MemoryDocument, _ match: TextMatch, attempt: Int?, position: Int? = nil) {
        guard !contains(document.number) else { return }
        for index in facets.indices { facets[index].add(document) }
        var hit = SearchHit(
            number: document.number, match: match, keys: request.sortBy.map { SortValue($0, document) },
            attempt: attempt, position: position, sortedMatch: match.score)
        if !request.groupBy.isEmpty { hit.group = group(of: document) }
        add(hit)
    }

    /// Adds a document that was not read.
    /// - Parameter columns: the place of each sort key's field among the values of the row.
    mutating func add(_ row: DocumentRow, _ match: TextMatch, attempt: Int?, columns: [Int?]) {
        let keys = request.sortBy.indices.map { index in
            SortValue(request.sortBy[index], row.number, column: columns[index].flatMap { row.values[$0] })
        }
        add(SearchHit(number: row.number, match: match, keys: keys, attempt: attempt, sortedMatch: match.score))
    }

    private mutating func add(_ hit: SearchHit) {
        if hit.position == nil, !known.isEmpty {
            known[known.count - 1].append(hit.number)
        } else {
            apart.insert(hit.number)
        }
        hits.append(hit)
    }

    private mutating func group(of document: MemoryDocument) -> Int {
        var key = request.groupBy.map { field -> JSON in
            let values = document.values(of: field)
            return values.count == 1 ? values[0] : values.isEmpty ? .null : .array(values)
        }
        let shown = key
        if !request.groupsMissingValues, key.contains(.null) { key.append(.int(document.number)) }
        if let group = groupsByKey[key] {
            groupCounts[group] += 1
            return group
        }
        groupsByKey[key] = groups.count
        groups.append(shown)
        groupCounts.append(1)
        return groups.count - 1
    }

    // MARK: Meaning

    /// Rank fusion, as TypeSense does it: what is the K-th by words and the S-th by meaning scores
    /// `(1 - alpha) / K + alpha / S`, without the part that it is missing in.
    /// - Parameters:
    ///   - nearest: the neighbours, the nearest first.
    ///   - alpha: the share of meaning.
    mutating func fuse(_ nearest: [VectorDistance], alpha: Double) {
        var places: [Int64: Int] = [:]
        for (place, neighbour) in nearest.enumerated() { places[neighbour.number] = place }
        var byWords = hits.indices.filter { hits[$0].attempt != nil && hits[$0].position == nil }
        byWords.sort { (hits[$0].match.score, hits[$0].number) > (hits[$1].match.score, hits[$1].number) }
        var fused = [Double](repeating: 0, count: hits.count)
        for (rank, index) in byWords.enumerated() { fused[index] = (1 - alpha) / Double(rank + 1) }
        for index in hits.indices {
            if let place = places[hits[index].number] {
                hits[index].distance = nearest[place].distance
                fused[index] += alpha / Double(place + 1)
            }
            hits[index].fusion = fused[index]
            hits[index].sortedMatch = Int64((fused[index] * 0x1p52).rounded())
        }
    }

    // MARK: Order

    /// The best first; ones with a position at it.
    /// - Parameters:
    ///   - limit: how many are wanted, at most, besides those with a position; `nil`: all
    ///   - refine: looks closer at those, which are in order, before the others are put between them
    func sorted(limit: Int? = nil, _ refine: (inout [SearchHit]) throws -> Void = { _ in }) rethrows -> [SearchHit] {
        var rest = hits.filter { $0.position == nil }
        fillBuckets(&rest)
        if let limit { rest = best(limit, of: rest) } else { rest.sort(by: precedes) }
        try refine(&rest)
        for pinned in hits.filter({ $0.position != nil }).sorted(by: { $0.position ?? 0 < $1.position ?? 0 }) {
            rest.insert(pinned, at: min(rest.count, max(0, (pinned.position ?? 1) - 1)))
        }
        return rest
    }

    private func best(_ limit: Int, of hits: [SearchHit]) -> [SearchHit] {
        var best: [SearchHit] = []
        var last: SearchHit?
        for hit in hits.reversed() {
            if let last, precedes(last, hit) { continue }
            best.append(hit)
            if best.count >= 2 * limit {
                best.sort(by: precedes)
                best.removeLast(best.count - limit)
                last = best.last
            }
        }
        best.sort(by: precedes)
        return Array(best.prefix(limit))
    }

    private func fillBuckets(_ hits: inout [SearchHit]) {
        guard let order = request.sortBy.first(where: \.isTextMatch), case .textMatch(let buckets) = order.key,
            !hits.isEmpty
        else { return }
        let size: Int
        switch buckets {
        case .none: return
        case .count(let count): size = (hits.count + count - 1) / count
        case .size(let given): size = given
        }
        guard size > 0, size <= hits.count else { return }
        hits.sort { ($0.sortedMatch, $0.number) > ($1.sortedMatch, $1.number) }
        for index in hits.indices { hits[index].sortedMatch = -Int64(index / size) }
    }

    func precedes(_ left: SearchHit, _ right: SearchHit) -> Bool {
        for (index, order) in request.sortBy.enumerated() {
            switch order.key {
            case .textMatch:
                if left.sortedMatch != right.sortedMatch {
                    return (left.sortedMatch < right.sortedMatch) != order.isDescending
                }
            case .groupFound:
                let counts = (groupCounts[left.group], groupCounts[right.group])
                if counts.0 != counts.1 { return (counts.0 < counts.1) != order.isDescending }
            case .vectorDistance:
                let far = order.isDescending ? -Double.infinity : .infinity
                let distances = (left.distance ?? far, right.distance ?? far)
                if distances.0 != distances.1 { return (distances.0 < distances.1) != order.isDescending }
            default:
                if let first = left.keys[index].precedes(right.keys[index], order) { return first }
            }
        }
        return left.number > right.number
    }
}

extension Array {
    /// The first place from which on the elements meet the predicate; all that do come last.
    func partitioningIndex(where isLater: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isLater(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
