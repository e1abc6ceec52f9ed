import Foundation
import MemorySearch
import Testing

@Suite struct RecallRankerTests {
    /// A hit as what must be the same.
    private struct Place: Equatable {
        let document: Int
        let partition: Int
        let score: Double

        init(_ hit: RecallHit) { (document, partition, score) = (hit.document, hit.partition, hit.score) }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func prunedEqualsUnpruned(seed: UInt64) throws {
        let corpus = try RandomCorpus(seed: seed, documents: [30, 300, 3_000][Int(seed % 3)])
        for round in 0..<25 as Range<UInt64> {
            let query = RandomCorpus.query(seed: seed * 1_000 + round)
            var exhaustive = query
            exhaustive.limit = 1_000_000
            exhaustive.minimumScore = 0
            let pruned = try RecallRanker.recall(query, from: corpus.index)
            let all = try RecallRanker.recall(exhaustive, from: corpus.index)
            let expected = all.hits.filter { $0.score >= pruned.minimumScore }.prefix(query.limit).map(Place.init)
            #expect(pruned.hits.map(Place.init) == Array(expected), "round \(round)")
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func scoresAreTheFormulas(seed: UInt64) throws {
        let corpus = try RandomCorpus(seed: seed, documents: 700)
        for round in 0..<10 as Range<UInt64> {
            var query = RandomCorpus.query(seed: seed * 77 + round)
            query.limit = 1_000_000
            query.minimumScore = 0
            query.explain = true
            let result = try RecallRanker.recall(query, from: corpus.index)
            let expected = NaiveRecall(corpus, query).scores()
            #expect(result.hits.map(\.document).sorted() == expected.keys.sorted())
            #expect(result.hits.allSatisfy { $0.score <= result.bestPossible + 1e-6 })
            for hit in result.hits {
                let score = try #require(expected[hit.document])
                #expect(abs(hit.score - score) < 1e-5, "document \(hit.document)")
                let parts = try #require(hit.explanation)
                let sum = parts.words.reduce(0) { $0 + $1.score } * parts.factor * parts.scopeWeight
                #expect(abs(hit.score - sum) < 1e-9)
            }
        }
    }

    /// Up to four words of one stem each are merged, more go by windows.
    @Test(arguments: 2...5, 0..<6 as Range<UInt64>)
    func fewWordsFindWhatTheFormulaSays(words: Int, seed: UInt64) throws {
        let corpus = try RandomCorpus(seed: seed + 100, documents: 6_000)
        var random = IndexRandom(seed: seed * 10 + UInt64(words))
        for limit in [1, 5, 40] {
            let stems = (0..<words).map { _ in 3 * random.below(random.chance(0.5) ? 6 : RandomCorpus.stems) }
            var query = RecallQuery(
                words: stems.map { RecallWord(candidates: [RecallCandidate(stem: $0, weight: 1)]) },
                partitions: RandomCorpus.partitions.map { RecallPartition(id: $0, weight: 1) }, limit: limit,
                today: 200)
            query.minimumScore = 0
            let pruned = try RecallRanker.recall(query, from: corpus.index)
            query.limit = 1_000_000
            let all = try RecallRanker.recall(query, from: corpus.index)
            #expect(pruned.hits.map(Place.init) == all.hits.prefix(limit).map(Place.init), "\(stems)")
            let expected = NaiveRecall(corpus, query).scores()
            #expect(Set(all.hits.map(\.document)) == Set(expected.keys), "\(stems)")
            #expect(all.hits.allSatisfy { abs($0.score - expected[$0.document, default: 0]) < 1e-5 }, "\(stems)")
        }
    }

    @Test func pruningLooksAtFewDocuments() throws {
        let corpus = try RandomCorpus(seed: 4, documents: 6_000)
        let words = [0, 3, 150].map { RecallWord(candidates: [RecallCandidate(stem: $0, weight: 1)]) }
        let partitions = RandomCorpus.partitions.map { RecallPartition(id: $0, weight: 1) }
        var query = RecallQuery(words: words, partitions: partitions, limit: 3, today: 200)
        let few = try RecallRanker.recall(query, from: corpus.index).work
        query.limit = 1_000_000
        let all = try RecallRanker.recall(query, from: corpus.index).work
        #expect(few.documentsScored * 3 < all.documentsScored)
        #expect(few.documentsChecked * 10 < all.documentsChecked)
    }

    @Test func newerFirstAmongEquals() throws {
        let index = HeldIndex()
        let row = TailRow(importance: 0.5, length: 4, entries: [.init(stem: 1, tf: 1, fields: .content)])
        let built = try SegmentBuilder.build(id: 1, tail: (1...900).map { ($0, row) })
        index.put(built.rows)
        index.live[1] = [built.info]
        index.tails[1] = (901...905).map { ($0, row) }
        index.hidden = [899, 904]
        let query = RecallQuery(
            words: [RecallWord(candidates: [RecallCandidate(stem: 1, weight: 1)])],
            partitions: [RecallPartition(id: 1, weight: 1)], limit: 7, today: 0)
        let result = try RecallRanker.recall(query, from: index)
        #expect(result.hits.map(\.document) == [905, 903, 902, 901, 900, 898, 897])
        #expect(result.work.documentsChecked < 20)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, -1, 1e300])
    func strangeNumbersNeverTrap(number: Double) throws {
        let corpus = try RandomCorpus(seed: 3, documents: 400)
        for round in 0..<8 as Range<UInt64> {
            var query = RandomCorpus.query(seed: round)
            query.words.append(RecallWord(candidates: [RecallCandidate(stem: 3, weight: number)]))
            query.partitions.append(RecallPartition(id: 99, weight: number))
            (query.tuning.k1, query.tuning.b, query.tuning.halfLifeDays) = (number, number, number)
            query.minimumScore = round < 4 ? number : nil
            query.today = round % 2 == 0 ? .min : .max
            #expect(try RecallRanker.recall(query, from: corpus.index).hits.count <= query.limit)
        }
    }

    @Test func nothingIsFoundOfNothing() throws {
        let query = RecallQuery(words: [], partitions: [RecallPartition(id: 1, weight: 1)], limit: 5, today: 0)
        #expect(try RecallRanker.recall(query, from: HeldIndex()).hits.isEmpty)
        var unknown = query
        unknown.words = [RecallWord(candidates: [RecallCandidate(stem: -4, weight: 1)]), RecallWord(candidates: [])]
        #expect(try RecallRanker.recall(unknown, from: HeldIndex()).bestPossible == 0)
    }
}

/// The formula in the plainest way, from the documents themselves.
private struct NaiveRecall {
    let corpus: RandomCorpus
    let query: RecallQuery
    let read: [RandomCorpus.Document]
    let average: Double

    init(_ corpus: RandomCorpus, _ query: RecallQuery) {
        self.corpus = corpus
        self.query = query
        let ids = Set(query.partitions.map(\.id))
        read = corpus.documents.filter { ids.contains($0.partition) }
        let total = read.reduce(0) { $0 + LengthCode.length(LengthCode.encode($1.length)) }
        average = read.isEmpty ? 0 : Double(total) / Double(read.count)
    }

    private func idf(_ stem: Int) -> Double {
        let df = Double(read.filter { $0.row.entries.contains { $0.stem == stem } }.count)
        return log(1 + (Double(read.count) - df + 0.5) / (df + 0.5))
    }

    func scores() -> [Int: Double] {
        let idfs = Dictionary(
            uniqueKeysWithValues: Set(query.words.flatMap { $0.candidates.map(\.stem) }).map { ($0, idf($0)) })
        var scores: [Int: Double] = [:]
        for document in read where !corpus.index.hidden.contains(document.number) {
            let parts = query.words.compactMap { part($0, document, idfs) }
            if !parts.isEmpty { scores[document.number] = parts.reduce(0, +) * factor(document) }
        }
        return scores
    }

    private func part(_ word: RecallWord, _ document: RandomCorpus.Document, _ idfs: [Int: Double]) -> Double? {
        let length = Double(LengthCode.length(LengthCode.encode(document.length)))
        return word.candidates.compactMap { candidate in
            document.row.entries.first { $0.stem == candidate.stem }.map { entry in
                let tf = Double(entry.tf)
                let (k1, b) = (query.tuning.k1, query.tuning.b)
                return candidate.weight * (idfs[candidate.stem] ?? 0) * tf * (k1 + 1)
                    / (tf + k1 * (1 - b + b * length / average))
            }
        }.max()
    }

    private func factor(_ document: RandomCorpus.Document) -> Double {
        let day = corpus.index.calendar.last { $0.first <= document.number }?.day ?? 0
        let recency = pow(2, -Double(max(0, query.today - day)) / query.tuning.halfLifeDays)
        let importance = (document.importance * 255).rounded() / 255
        let scope = query.partitions.first { $0.id == document.partition }?.weight ?? 0
        return (query.tuning.base + query.tuning.importance * importance + query.tuning.recency * recency) * scope
    }
}
