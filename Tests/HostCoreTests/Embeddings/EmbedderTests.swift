import AgentModel
import Foundation
import JSON
import Store
import Testing

@testable import HostCore

/// Vectors in the background, on a real store.
@Suite struct EmbedderTests {
    /// Answers as it is told, at once or when the test lets it.
    final class Source: EmbeddingSource {
        var asked: [[String]] = []
        var answer: ([String]) -> Result<[[Float]], EmbeddingFailure> = { .success($0.map { [Float($0.count), 1] }) }
        var isClosed = false

        func embed(
            _ texts: [String], milliseconds: Int, then: @escaping (Result<[[Float]], EmbeddingFailure>) -> Void
        ) {
            asked.append(texts)
            then(answer(texts))
        }

        func close() { isClosed = true }
    }

    let loop: PartLoop
    let source = Source()
    let embedder: Embedder

    init() throws {
        let loop = try PartLoop()
        var configuration = EmbeddingConfiguration(source: .command(["x"], inherits: []), model: "small")
        configuration.batch = 8
        self.loop = loop
        let embedder = Embedder(
            configuration, source: source, store: loop.store, clock: HostClock(), after: loop.after, log: { _ in })
        self.embedder = embedder
        loop.committed = { embedder.remembered($0.memories.map(\.document)) }
    }

    func remember(_ texts: [String]) throws -> [MemoryChange] {
        let drafts = texts.map {
            StoreCommand.remember(
                MemoryDraft(id: HostClock().id(), scope: .user, namespace: "general", value: .string($0)))
        }
        let result: StoreClient.CommitResult = try loop.result("the commit") { loop.store.commit(drafts, then: $0) }
        return try result.get().memories
    }

    func embedding(_ memory: MemoryChange) throws -> RecallEmbedding? {
        let id = memory.memory.id
        let result: Result<RecallEmbedding?, StoreFailure> = try loop.result("a vector") { then in
            loop.store.read({ try $0.embedding(id) }, then: then)
        }
        return try result.get()
    }

    func finish() throws {
        try loop.turn("the background work") { embedder.status.state == .idle && !source.asked.isEmpty }
    }

    @Test func whatIsRememberedGetsItsVector() throws {
        let memories = try remember((1...20).map { "memory \($0)" })
        try loop.turn("vectors") { embedder.status.kept == 20 }
        for memory in memories { #expect(try embedding(memory)?.model == "small") }
        #expect(source.asked.map(\.count).max() == 8)
        try finish()
    }

    @Test func whatWasThereBeforeIsTakenOn() throws {
        loop.committed = { _ in }
        _ = try remember((1...20).map { "memory \($0)" })
        #expect(source.asked.isEmpty)
        embedder.restart()
        try loop.turn("vectors") { embedder.status.kept == 20 }
        try finish()
        embedder.restart()
        try loop.turn("another look") { embedder.status.state == .idle }
        #expect(source.asked.joined().count == 20)
    }

    @Test func aRefusedTextLeavesTheOthersTheirs() throws {
        source.answer = { texts in
            texts.contains("bad") ? .failure(EmbeddingFailure(.refused, "no")) : .success(texts.map { _ in [1, 2] })
        }
        let memories = try remember(["one", "bad", "three"])
        try loop.turn("the others") { embedder.status.kept == 2 && embedder.status.state == .idle }
        #expect(embedder.status.refused == 1)
        #expect(try embedding(memories[1]) == nil)
        #expect(try embedding(memories[2]) != nil)
    }

    @Test func aSourceThatDoesNotWorkIsLeftAloneForAWhile() throws {
        source.answer = { _ in .failure(EmbeddingFailure(.unavailable, "gone")) }
        _ = try remember(["one"])
        try loop.turn("the failure") { embedder.status.state == .waiting }
        #expect(embedder.status.lastError == "gone")
        let count = source.asked.count
        let result: Result<RecallEmbedding, EmbeddingFailure> = try loop.result("a question") {
            embedder.embed("question", then: $0)
        }
        #expect(throws: EmbeddingFailure(.unavailable, "gone")) { try result.get() }
        #expect(source.asked.count == count)
        source.answer = { .success($0.map { _ in [1] }) }
        try loop.turn("recovery") { embedder.status.kept == 1 }
        #expect(embedder.status.lastError == nil)
    }

    @Test(arguments: [[[1, 2], [1, 2]], [[]], [[Float]](), [[0, 0]]])
    func vectorsThatAreNoneAreNotTaken(vectors: [[Float]]) throws {
        source.answer = { _ in .success(vectors) }
        let result: Result<RecallEmbedding, EmbeddingFailure> = try loop.result("a question") {
            embedder.embed("question", then: $0)
        }
        #expect(throws: EmbeddingFailure.self) { try result.get() }
    }

    @Test func aLongTextIsEmbeddedByItsBeginning() throws {
        let text = String(repeating: "é", count: Embedder.textBytesMax)
        let _: Result<RecallEmbedding, EmbeddingFailure> = try loop.result("a question") {
            embedder.embed("x" + text, then: $0)
        }
        let asked = try #require(source.asked.first?.first)
        #expect(asked.utf8.count == Embedder.textBytesMax - 1)
        #expect(asked.hasSuffix("é"))
    }

    @Test func afterItsEndNothingIsAsked() throws {
        embedder.close()
        _ = try remember(["one"])
        #expect(source.isClosed)
        var isOver = false
        loop.after(300) { isOver = true }
        try loop.turn("a while") { isOver }
        #expect(source.asked.isEmpty)
    }
}
