import Testing

@testable import MemorySearch

/// Vectors and what they add to a score.
@Suite struct EmbeddingTests {
    static func quantised(_ vector: [Float]) -> [Int8] {
        let largest = vector.map(abs).max() ?? 1
        return vector.map { Int8(($0 / largest * 127).rounded()) }
    }

    static func cosine(_ left: [Float], _ right: [Float]) -> Double? {
        VectorSimilarity(left).flatMap { similarity in quantised(right).withUnsafeBytes(similarity.cosine) }
    }

    static func trueCosine(_ left: [Float], _ right: [Float]) -> Double {
        let product = zip(left, right).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let lengths = [left, right].map { $0.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() }
        return product / (lengths[0] * lengths[1])
    }

    @Test func aCosineOfBytesIsThatOfTheVectors() throws {
        var random = SystemRandomNumberGenerator()
        for dimension in [1, 2, 3, 17, 384, 3072] {
            for _ in 0..<20 {
                let (left, right) = ((0..<dimension), (0..<dimension))
                let first = left.map { _ in Float.random(in: -1...1, using: &random) + 0.01 }
                let second = right.map { _ in Float.random(in: -1...1, using: &random) + 0.01 }
                let found = try #require(Self.cosine(first, second))
                #expect(abs(found - Self.trueCosine(first, second)) < 0.02, "\(first) \(second)")
            }
        }
    }

    @Test func lengthsDoNotCount() throws {
        let vector: [Float] = [0.2, -0.5, 0.1]
        let same = try #require(Self.cosine(vector, vector.map { $0 * 1000 }))
        let opposite = try #require(Self.cosine(vector, vector.map { -$0 }))
        #expect(same == 1)
        #expect(opposite == -1)
    }

    @Test func whatCannotBeComparedIsNot() {
        #expect(VectorSimilarity([]) == nil)
        #expect(VectorSimilarity([0, 0]) == nil)
        #expect(VectorSimilarity([1, .nan]) == nil)
        #expect(VectorSimilarity([1, .infinity]) == nil)
        #expect(VectorSimilarity([Float](repeating: 1, count: 65_537)) == nil)
        #expect(Self.cosine([1, 2], [1, 2, 3]) == nil)
        #expect(VectorSimilarity([1, 2])?.cosine(UnsafeRawBufferPointer(start: nil, count: 0)) == nil)
        let zeros: [Int8] = [0, 0]
        #expect(zeros.withUnsafeBytes { VectorSimilarity([1, 2])?.cosine($0) } == nil)
    }

    @Test func theLongestVectorsDoNotOverflow() throws {
        let long = [Float](repeating: 1, count: 65_536)
        #expect(Self.cosine(long, long) == 1)
        let lowest = [Int8](repeating: -128, count: 65_536)
        let found = lowest.withUnsafeBytes { VectorSimilarity(long)?.cosine($0) }
        #expect(found == -1)
    }

    typealias Candidate = HybridBlend.Candidate

    @Test func withoutWeightWordsAloneDecide() {
        let candidates = [
            Candidate(document: 1, words: 2, cosine: 1, standing: 1),
            Candidate(document: 2, words: 3, cosine: nil, standing: 1),
        ]
        let blended = HybridBlend(weight: 0, cosineMin: 0.4).blend(candidates, best: 10)
        #expect(blended.map(\.candidate.document) == [2, 1])
        #expect(blended.map(\.score) == [3, 2])
    }

    @Test func meaningReordersAndAdds() {
        let candidates = [
            Candidate(document: 1, words: 2.2, cosine: 0, standing: 1),
            Candidate(document: 2, words: 2, cosine: 0.9, standing: 1),
            Candidate(document: 3, words: 0, cosine: 0.6, standing: 1),
            Candidate(document: 4, words: 0, cosine: 0.3, standing: 1),
            Candidate(document: 5, words: 0, cosine: nil, standing: 1),
        ]
        let blended = HybridBlend(weight: 0.2, cosineMin: 0.4).blend(candidates, best: 10)
        #expect(blended.map(\.candidate.document) == [2, 1, 3])
        #expect(abs((blended.first?.score ?? 0) - (0.8 * 2 + 0.2 * 10 * 0.9)) < 1e-12)
        #expect(blended.last?.meaning == blended.last?.score)
    }

    @Test func whatWordsFoundStaysHoweverUnlike() {
        let candidate = Candidate(document: 1, words: 1, cosine: -0.8, standing: 1)
        let blended = HybridBlend(weight: 0.2, cosineMin: 0.4).blend([candidate], best: 10)
        #expect(blended.map(\.score) == [0.8])
    }

    @Test func theStandingOfAMemoryCountsForItsMeaning() {
        let candidates = [0.8, 1].enumerated().map {
            Candidate(document: $0, words: 0, cosine: 0.5, standing: $1)
        }
        let blended = HybridBlend(weight: 0.2, cosineMin: 0.4).blend(candidates, best: 10)
        #expect(blended.map(\.candidate.document) == [1, 0])
    }

    @Test func theNearestAreThoseOfAFullSort() {
        var random = SystemRandomNumberGenerator()
        for limit in [1, 5, 50] {
            let all = (0..<1000).map { ($0, Double.random(in: -1...1, using: &random)) }
            var nearest = NearestDocuments(limit: limit, cosineMin: 0.1)
            for (document, cosine) in all { nearest.add(document, cosine) }
            let expected = all.filter { $0.1 >= 0.1 }.sorted { $0.1 > $1.1 }.prefix(limit).map(\.0)
            #expect(nearest.finish().map(\.document) == Array(expected))
        }
    }
}
