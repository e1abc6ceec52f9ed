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
        source = SQLiteIndexSource(database, cache, at: query.at, namespaces: query.namespaces)
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
        let meaning = MeaningBlending(query, database)
        let isReranked = turns != nil || meaning != nil
        var ranking = MemorySearch.RecallQuery(
            words: words.words.map(\.recalled), partitions: partitions,
            limit: isReranked ? max(limit, Self.reranked) : limit, today: Self.day(of: query.at))
        ranking.explain = query.explains
        ranking.minimumScore = isReranked ? 0 : query.minScore
        let ranked = try RecallRanker.recall(ranking, from: source)
        let minimum = query.minScore ?? ranking.tuning.minimumShare * ranked.bestPossible
        var found = ranked.hits.map { RankedMemory($0) }
        if let turns { found = try turns.blended(found, source) }
        if let meaning { found = try meaning.blended(found, ranked, ranking, source) }
        for memory in found.lazy.filter({ $0.isKnown(minimum, isDefault: query.minScore == nil) }).prefix(limit) {
            guard let row = try row(memory.document) else { continue }
            // Of JSON itself, `nil` is null.
            let explanation = query.explains ? Optional.some(memory.explanation(words)) : .none
            result.hits.append(RecallHit(memory: row.value, score: memory.score, explanation: explanation))
        }
        return result
    }

    static func day(of time: Timestamp) -> Int { Int(time.milliseconds.floored(by: millisecondsOfDay)) }

    private static let memory = SQLiteQuery(MemoryRow.select("WHERE m.n = ?"))

    private func row(_ document: Int) throws -> MemoryRow? {
        try database.first(Self.memory, [.int(document)]) { try MemoryRow(&$0) }
    }
}

/// A document on its way to being a hit: what its words make of it, and what is added to that.
struct RankedMemory {
    let document: Int
    /// By its own words; 0 for a neighbour of such a document.
    var own = 0.0
    var neighbours = 0.0
    var parts: RecallExplanation?
    /// `nil` where the question has no vector.
    var meaning: Meaning?

    /// What likeness to the question adds.
    struct Meaning {
        /// `nil` for a memory without a vector of the question's model.
        let cosine: Double?
        let standing: Double
        let weight: Double
        let score: Double
        /// With the share of the words.
        let total: Double
        /// Whether it is alike enough to be found without any word.
        let isLike: Bool
    }

    var byWords: Double { own + neighbours }
    var score: Double { meaning?.total ?? byWords }

    /// A memory without a word of the question.
    init(unnamed document: Int) { self.document = document }

    /// Whether it is worth telling.
    /// - Parameter isDefault: the least score is that of words, and likeness has its own.
    func isKnown(_ minimum: Double, isDefault: Bool) -> Bool {
        guard let meaning, isDefault else { return score >= minimum }
        return byWords > 0 && byWords >= minimum || meaning.isLike
    }

    init(_ hit: MemorySearch.RecallHit) {
        document = hit.document
        own = hit.score
        parts = hit.explanation
    }

    /// `score = own + neighbours`, and `own` = sum of the words' scores * factor * scope_weight. With a vector of the
    /// question `score = (1 - meaning.weight) * (own + neighbours) + meaning.score`.
    func explanation(_ words: RecallWords) -> JSON {
        var json: JSONObject = ["score": .double(score), "own": .double(own), "neighbours": .double(neighbours)]
        if let meaning {
            var parts: JSONObject = [
                "score": .double(meaning.score), "weight": .double(meaning.weight),
                "standing": .double(meaning.standing),
            ]
            parts["cosine"] = meaning.cosine.map { .double($0) }
            json["meaning"] = .object(parts)
        }
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
