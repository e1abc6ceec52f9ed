import AgentModel
import JSON
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

/// What vectors add to a recall.
@Suite struct MeaningTests {
    let folder: TemporaryFolder
    let host: StoreHost

    init() throws {
        folder = try TemporaryFolder()
        host = try folder.host()
    }

    /// Remembers texts with vectors of two dimensions.
    func remember(_ texts: [(String, [Float]?)], model: String = "m") throws {
        for (text, vector) in texts {
            let commit = try host.wait(host.submit([.remember(host.remembered(text))]))
            guard let vector, let change = commit.memories.first else { continue }
            let embedding = RecallEmbedding(model: model, vector: vector)
            _ = try host.wait(
                host.submit([.keepEmbedding(change.memory.id, document: change.document, embedding)]))
        }
    }

    func recall(_ text: String, _ vector: [Float]?, _ change: (inout RecallQuery) -> Void = { _ in }) throws
        -> [RecallHit]
    {
        var query = RecallQuery(text: text, scopes: [RecallScope(.user)], at: StoreHost.noon)
        query.embedding = vector.map { RecallEmbedding(model: "m", vector: $0) }
        query.explains = true
        change(&query)
        return try host.read { [query] in try $0.recall(query).hits }
    }

    func texts(_ hits: [RecallHit]) -> [String] { hits.map(\.memory.contentText) }

    @Test func aParaphraseIsFound() throws {
        try remember([("invoices go out by email", [1, 0]), ("the office closes at six", [0, 1])])
        #expect(try recall("how are bills delivered", nil).isEmpty)
        let hits = try recall("how are bills delivered", [1, 0.1])
        #expect(texts(hits) == ["invoices go out by email"])
        let meaning = try #require(hits.first?.explanation?["meaning"])
        #expect(abs((meaning["cosine"]?.doubleValue ?? 0) - 0.995) < 0.01)
        #expect(meaning["score"] == hits.first?.explanation?["score"])
        #expect((hits.first?.score ?? 0) > 0)
    }

    @Test func likenessReordersWhatWordsFound() throws {
        try remember([("billing office", [1, 0]), ("billing window", [0, 1])])
        #expect(texts(try recall("billing", [1, 0])) == ["billing office", "billing window"])
        #expect(texts(try recall("billing", [0, 1])) == ["billing window", "billing office"])
    }

    @Test func withoutAVectorNothingChanges() throws {
        try remember([("billing office", [1, 0]), ("billing window", nil), ("a quiet garden", [0.9, 0.1])])
        let plain = try recall("billing", nil)
        #expect(plain.count == 2)
        #expect(plain.allSatisfy { $0.explanation?["meaning"] == nil })
        let weightless = try recall("billing", [0, 1]) { $0.embeddingWeight = 0 }
        #expect(texts(weightless).sorted() == texts(plain).sorted())
        #expect(weightless.map(\.score).sorted() == plain.map(\.score).sorted())
    }

    @Test func vectorsOfOtherModelsAreLeftAlone() throws {
        try remember([("a quiet garden", [1, 0])], model: "older")
        try remember([("a loud street", [1, 0, 0])])
        #expect(try recall("bills", [1, 0]).isEmpty)
    }

    @Test func whatIsTooUnlikeIsNotFound() throws {
        try remember([("a quiet garden", [1, 1])])
        #expect(try recall("bills", [1, 0]) { $0.similarityMin = 0.8 }.isEmpty)
        #expect(try recall("bills", [1, 0]) { $0.similarityMin = 0.6 }.count == 1)
    }

    @Test func anotherNamespaceIsNotRead() throws {
        try remember([("a quiet garden", [1, 0])])
        #expect(try recall("bills", [1, 0]) { $0.namespaces = ["other"] }.isEmpty)
        #expect(try recall("bills", [1, 0]) { $0.namespaces = ["other", "n"] }.count == 1)
    }
}
