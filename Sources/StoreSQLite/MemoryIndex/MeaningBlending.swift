import MemorySearch
import Store

// The ranker's word for the same thing is written with the name of its module.
import struct Store.RecallQuery

/// What likeness to the question adds to a recall: those that words found are looked at again, and the most alike of
/// the newest memories join them.
struct MeaningBlending {
    private let similarity: VectorSimilarity
    private let blend: HybridBlend
    private let model: String
    private let namespaces: [String]?
    private let database: SQLiteConnection

    /// `nil` for a question without a vector that can be compared.
    init?(_ query: RecallQuery, _ database: SQLiteConnection) {
        guard let embedding = query.embedding, let similarity = VectorSimilarity(embedding.vector) else { return nil }
        self.similarity = similarity
        blend = HybridBlend(weight: query.embeddingWeight, cosineMin: query.similarityMin)
        model = embedding.model
        namespaces = query.namespaces
        self.database = database
    }

    /// Best first.
    /// - Parameters:
    ///   - found: by words.
    ///   - ranked: how they were found.
    func blended(
        _ found: [RankedMemory], _ ranked: MemorySearch.RecallResult, _ ranking: MemorySearch.RecallQuery,
        _ source: SQLiteIndexSource
    ) throws -> [RankedMemory] {
        var memories = Dictionary(found.map { ($0.document, $0) }, uniquingKeysWith: { first, _ in first })
        var cosines: [Int: Double] = [:]
        for entry in try nearest(ranking.partitions) {
            if memories[entry.document] == nil {
                guard try source.isVisible(entry.document) else { continue }
                memories[entry.document] = RankedMemory(unnamed: entry.document)
            }
            cosines[entry.document] = entry.cosine
        }
        let candidates = try memories.values.map { memory in
            HybridBlend.Candidate(
                document: memory.document, words: memory.byWords,
                cosine: try cosines[memory.document] ?? cosine(memory.document),
                standing: try standing(memory.document, ranking))
        }
        return blend.blend(candidates, best: best(ranked, ranking)).compactMap { blended in
            guard var memory = memories[blended.candidate.document] else { return nil }
            memory.meaning = RankedMemory.Meaning(
                cosine: blended.candidate.cosine, standing: blended.candidate.standing, weight: blend.weight,
                score: blended.meaning, total: blended.score,
                isLike: (blended.candidate.cosine ?? -1) >= blend.cosineMin)
            return memory
        }
    }

    /// What a question is worth at best: at least what one word is that only one memory has, or a paraphrase of which
    /// no word is known would be worth nothing.
    private func best(_ ranked: MemorySearch.RecallResult, _ ranking: MemorySearch.RecallQuery) -> Double {
        let tuning = ranking.tuning
        let word = RankingTuning.idf(df: 1, documents: ranked.documents) * (tuning.k1 + 1)
        return max(ranked.bestPossible, word * Self.standingMax(ranking))
    }

    private static func standingMax(_ ranking: MemorySearch.RecallQuery) -> Double {
        ranking.tuning.factor(importance: 1, recency: 1) * (ranking.partitions.map(\.weight).max() ?? 0)
    }

    /// The most alike of the newest memories, over all partitions, whether visible or not.
    private func nearest(_ partitions: [RecallPartition]) throws -> [NearestDocuments.Entry] {
        var nearest = NearestDocuments(limit: Recall.reranked, cosineMin: blend.cosineMin)
        var left = RecallEmbedding.comparedMax
        for partition in partitions where left > 0 {
            var values: [SQLiteValue] = [.int(partition.id)]
            if let namespaces { values += namespaces.map { .text($0) } }
            var looked = 0
            try database.each(sql, values + [.int(left), .text(model)]) { row in
                let document = row.int()
                if let cosine = similarity.cosine(row.bytes()) { nearest.add(document, cosine) }
                looked += 1
                return true
            }
            left -= looked
        }
        return nearest.finish()
    }

    private var sql: String {
        """
        SELECT m.n, e.vector FROM (
            SELECT n FROM memory INDEXED BY \(namespaces?.count == 1 ? "memory_namespace" : "memory_partition")
            WHERE partition = ? AND current = 1 \(among) ORDER BY n DESC LIMIT ?) m
        CROSS JOIN embedding e ON e.n = m.n WHERE e.model = ?
        """
    }

    private var among: String {
        guard let namespaces else { return "" }
        guard namespaces.count != 1 else { return "AND namespace = ?" }
        return "AND namespace IN (\(namespaces.map { _ in "?" }.joined(separator: ", ")))"
    }

    private func cosine(_ document: Int) throws -> Double? {
        let kept = try database.first(
            "SELECT vector FROM embedding WHERE n = ? AND model = ?", [.int(document), .text(model)]
        ) { similarity.cosine($0.bytes()) }
        return kept ?? nil
    }

    /// What a memory's scope, importance and age make of a score, as a share of the most that they can, 0...1.
    private func standing(_ document: Int, _ ranking: MemorySearch.RecallQuery) throws -> Double {
        let memory = try database.first(
            "SELECT partition, importance, updated_at FROM memory WHERE n = ?", [.int(document)]
        ) { (partition: $0.int(), importance: $0.double(), updated: $0.time()) }
        let most = Self.standingMax(ranking)
        guard let memory, most > 0 else { return 0 }
        let recency = ranking.tuning.recency(ageDays: ranking.today - Recall.day(of: memory.updated))
        let weight = ranking.partitions.first { $0.id == memory.partition }?.weight ?? 0
        return weight * ranking.tuning.factor(importance: memory.importance, recency: recency) / most
    }
}
