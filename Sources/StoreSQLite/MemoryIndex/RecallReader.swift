import AgentModel
import JSON
import MemorySearch
import Store
// The ranker's words for the same things are written with the name of its module.
import struct Store.RecallHit
import struct Store.RecallQuery
import struct Store.RecallResult

extension SQLiteReader {
    func recall(_ query: RecallQuery) throws -> RecallResult {
        try requireMemory()
        return try Recall(query, database, memoryCache).run()
    }
}

/// One recall at work.
struct Recall {
    let query: RecallQuery
    let database: SQLiteConnection
    let source: SQLiteIndexSource
    let words: RecallWords
    /// The partitions of the scopes that have any memories, with their weights.
    let partitions: [RecallPartition]

    /// How many of the best by words alone are looked at again.
    static let reranked = 200
    private static let millisecondsOfDay: Int64 = 86_400_000

    init(_ query: RecallQuery, _ database: SQLiteConnection, _ cache: MemoryIndexCache) throws {
        self.query = query
        self.database = database
        source = SQLiteIndexSource(database, cache, at: query.at, namespace: query.namespace)
        words = try RecallWords(query.text, WordRows(database))
        partitions = try query.scopes.compactMap { scope in
            try MemoryPartition.find(scope.scope, in: database).map {
                RecallPartition(id: Int($0), weight: scope.weight)
            }
        }
    }

    func run() throws -> RecallResult {
        var result = RecallResult()
        result.correctedQuery = words.corrected
        let limit = min(max(query.limit, 1), 1000)
        // Without a word that says something, nothing is known unless any score will do.
        guard !partitions.isEmpty, words.saySomething || query.minScore != nil else { return result }
        let turns = try TurnBlending(partitions.map(\.id), database)
        var ranking = MemorySearch.RecallQuery(
            words: words.words.map(\.recalled), partitions: partitions,
            limit: turns == nil ? limit : max(limit, Self.reranked),
            today: Int(query.at.milliseconds.floored(by: Self.millisecondsOfDay)))
        ranking.explain = query.explains
        ranking.minimumScore = turns == nil ? query.minScore : 0
        let ranked = try RecallRanker.recall(ranking, from: source)
        let minimum = query.minScore ?? ranking.tuning.minimumShare * ranked.bestPossible
        var found = ranked.hits.map { RankedMemory($0) }
        if let turns { found = try turns.blended(found, source) }
        for memory in found.prefix(limit) where memory.score >= minimum {
            guard let row = try row(memory.document) else { continue }
            // Of JSON itself, `nil` is null.
            let explanation = query.explains ? Optional.some(memory.explanation(words)) : .none
            result.hits.append(RecallHit(memory: row.value, score: memory.score, explanation: explanation))
        }
        return result
    }

    private func row(_ document: Int) throws -> MemoryRow? {
        try database.first(MemoryRow.select("WHERE m.n = ?"), [.int(document)]) { try MemoryRow(&$0) }
    }
}

/// A document on its way to being a hit: what its words make of it, and what is added to that.
struct RankedMemory {
    let document: Int
    /// By its own words; 0 for a neighbour of such a document.
    var own = 0.0
    var neighbours = 0.0
    var parts: RecallExplanation?

    var score: Double { own + neighbours }

    init(neighbour document: Int) { self.document = document }

    init(_ hit: MemorySearch.RecallHit) {
        document = hit.document
        own = hit.score
        parts = hit.explanation
    }

    /// `score = own + neighbours`, and `own` = sum of the words' scores * factor * scope_weight.
    func explanation(_ words: RecallWords) -> JSON {
        var json: JSONObject = ["score": .double(score), "own": .double(own), "neighbours": .double(neighbours)]
        guard let parts else { return .object(json) }
        json["words"] = .array(parts.words.map { Self.json($0, words) })
        json["length"] = .int(Int64(parts.length))
        json["importance"] = .double(parts.importance)
        json["recency"] = .double(parts.recency)
        json["factor"] = .double(parts.factor)
        json["scope_weight"] = .double(parts.scopeWeight)
        return .object(json)
    }

    private static func json(_ part: RecallExplanation.Word, _ words: RecallWords) -> JSON {
        let word = words.words[part.word]
        let candidate = word.candidates[part.candidate]
        let names: [(FieldMask, String)] = [
            (.content, "content_text"), (.key, "key"), (.tags, "tags"), (.value, "value"),
        ]
        return [
            "word": .string(word.word.text), "matched": .string(candidate.word), "weight": .double(candidate.weight),
            "distance": .int(Int64(candidate.distance)), "idf": .double(part.idf), "tf": .int(Int64(part.tf)),
            "fields": .array(names.filter { part.fields.contains($0.0) }.map { .string($0.1) }),
            "score": .double(part.score),
        ]
    }
}

extension Int64 {
    fileprivate func floored(by unit: Int64) -> Int64 { self >= 0 ? self / unit : -((-(self + 1)) / unit) - 1 }
}
