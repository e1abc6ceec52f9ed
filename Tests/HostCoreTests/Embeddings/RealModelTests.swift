import Foundation
import Testing

@testable import HostCore

/// A sentence model that was trained by others, served by the example.
enum RealModel {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardized.path

    static let isThere = FileManager.default.fileExists(atPath: "\(root)/.build/embedding-model/ready")
    static let command = ["\(root)/.build/embedding-model/bin/python3", "\(root)/examples/embeddings/minilm.py"]
}

@Suite(.enabled(if: RealModel.isThere, "no embedding model is installed: ./dev test installs it if it can"))
struct RealModelTests {
    let loop: PartLoop

    init() throws { loop = try PartLoop() }

    func vectors(_ texts: [String]) throws -> [[Float]] {
        let source = EmbeddingCommand(
            RealModel.command, inherits: [], children: loop.children, files: loop.files, environment: .current(),
            after: loop.after)
        defer { source.close() }
        let result: Result<[[Float]], EmbeddingFailure> = try loop.result("vectors") {
            source.embed(texts, milliseconds: 60_000, then: $0)
        }
        return try result.get()
    }

    func likeness(_ left: [Float], _ right: [Float]) -> Float { zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }

    /// The figures are those of the model's own page.
    @Test func theExampleComputesTheModel() throws {
        let found = try vectors(["That is a happy person", "That is a happy dog", "That is a very happy person"])
        #expect(found.map(\.count) == [384, 384, 384])
        #expect(abs(likeness(found[0], found[1]) - 0.695) < 0.001)
        #expect(abs(likeness(found[0], found[2]) - 0.943) < 0.001)
    }

    @Test func anyTextHasAVector() throws {
        let texts = [
            "", " \n", "🙂 ¿qué? 東京 \u{0}", String(repeating: "a", count: 5000), String(repeating: "b ", count: 5000),
        ]
        for vector in try vectors(texts) {
            #expect(vector.count == 384)
            #expect(abs(likeness(vector, vector) - 1) < 0.001)
        }
    }
}
