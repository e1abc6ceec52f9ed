import Driver
import JSON
import Testing

@testable import HostCore

/// What needs no loop: configuration, answers, order of work.
@Suite struct EmbeddingPartTests {
    static let command: JSON = ["command": ["embed", "-q"], "model": "m"]

    static func fault(_ json: JSON) -> String? {
        do throws(ConfigurationError) {
            _ = try EmbeddingConfiguration(memory: json)
            return nil
        } catch { return "\(error)" }
    }

    static func fault(adding member: String, _ value: JSON, to base: JSON = command) -> String? {
        var members = base.objectValue ?? [:]
        members[member] = value
        return fault(["embeddings": .object(members)])
    }

    @Test func memoryNeedsNoEmbeddings() throws {
        #expect(try EmbeddingConfiguration(memory: [:]) == nil)
    }

    @Test func whatIsNotSaidHasItsDefault() throws {
        let found = try #require(try EmbeddingConfiguration(memory: ["embeddings": Self.command]))
        #expect(found.source == .command(["embed", "-q"], inherits: []))
        #expect(found.model == "m")
        #expect(found.dimension == nil)
        #expect(found.weight == 0.2)
        #expect(found.batch == 32)
        #expect(found.milliseconds == 2000)
    }

    @Test func everythingIsRead() throws {
        let found = try #require(
            try EmbeddingConfiguration(memory: [
                "embeddings": [
                    "endpoint": "https://models.example/v1/embeddings", "api_key_env": "MODEL_KEY", "model": "m",
                    "dimension": 256, "weight": 0.5, "min_similarity": 0.7, "batch": 8, "timeout_ms": 500,
                ]
            ]))
        #expect(found.source == .endpoint("https://models.example/v1/embeddings", keyVariable: "MODEL_KEY"))
        #expect(found.dimension == 256)
        #expect(found.weight == 0.5)
        #expect(found.similarityMin == 0.7)
        #expect(found.batch == 8)
        #expect(found.milliseconds == 500)
    }

    @Test(
        arguments: [
            ("dimension", 0), ("dimension", 16_385), ("dimension", 1.5), ("weight", 1.01), ("weight", "0.2"),
            ("weight", -0.1), ("min_similarity", 2), ("batch", 0), ("batch", 2049), ("timeout_ms", 0), ("model", ""),
            ("model", 7), ("inherits", "PATH"), ("inherits", [7]), ("command", "embed"), ("speed", "fast"),
            ("api_key_env", "KEY"),
        ] as [(String, JSON)])
    func aWrongMemberIsNamed(member: String, value: JSON) {
        #expect(Self.fault(adding: member, value)?.hasPrefix("memory.embeddings.\(member): ") == true)
    }

    @Test(arguments: [
        "", "ftp://models.example", "models.example/v1", "https://", "https://\("user:secret")@models.example/v1",
        "https://models.example/a b", "https://models.example/\n", "file:///etc/passwd",
    ])
    func anEndpointIsAWebAddress(url: String) {
        let base: JSON = ["model": "m"]
        #expect(
            Self.fault(adding: "endpoint", .string(url), to: base)?.hasPrefix("memory.embeddings.endpoint: ") == true)
    }

    @Test(arguments: [
        ("http://127.0.0.1:11434/v1/embeddings", true), ("http://localhost/v1", true), ("http://[::1]:80/v1", true),
        ("https://models.example", true), ("http://models.example/v1", false), ("http://127.0.0.1.example/v1", false),
    ])
    func aKeyIsNotSentInTheClear(url: String, isAllowed: Bool) {
        let base: JSON = ["model": "m", "endpoint": .string(url)]
        #expect(Self.fault(["embeddings": base]) == nil)
        #expect((Self.fault(adding: "api_key_env", "KEY", to: base) == nil) == isAllowed)
    }

    @Test func itIsOneOrTheOther() {
        #expect(Self.fault(["embeddings": ["model": "m"]])?.contains("either command or endpoint") == true)
        #expect(Self.fault(adding: "endpoint", "http://localhost")?.contains("either command or endpoint") == true)
        #expect(Self.fault(["vectors": true])?.hasPrefix("memory.vectors: ") == true)
        #expect(Self.fault(7)?.hasPrefix("memory: ") == true)
        #expect(Self.fault(["embeddings": true])?.hasPrefix("memory.embeddings: ") == true)
        #expect(Self.fault(["embeddings": ["command": ["./embed"], "model": "m"]])?.contains("command[0]") == true)
    }

    // MARK: - Answers

    @Test func anAnswerOfACommandIsRead() throws {
        let answer = EmbeddingAnswer.command(Array(#"{"id":7,"embeddings":[[1,-0.5],[2,3]]}"#.utf8))
        #expect(answer?.id == 7)
        #expect(try answer?.1.get() == [[1, -0.5], [2, 3]])
    }

    @Test(arguments: [
        #"{"id":7}"#, #"{"id":7,"embeddings":[[1],["2"]]}"#, #"{"id":7,"embeddings":{}}"#,
        #"{"id":7,"embeddings":[[1e300]]}"#, #"{"id":7,"error":"too long"}"#,
    ])
    func anAnswerWithoutVectorsIsARefusal(line: String) {
        guard case .failure(let failure) = EmbeddingAnswer.command(Array(line.utf8))?.1 else {
            Issue.record("no failure")
            return
        }
        #expect(failure.kind == .refused)
    }

    @Test(arguments: ["", "Loading weights: 100%", "[]", #"{"embeddings":[[1]]}"#])
    func otherLinesAreNoAnswers(line: String) {
        #expect(EmbeddingAnswer.command(Array(line.utf8)) == nil)
    }

    static func endpoint(_ status: Int, _ body: String) -> Result<[[Float]], EmbeddingFailure> {
        EmbeddingAnswer.endpoint(HTTPResponse(status: status, body: Array(body.utf8)))
    }

    @Test func vectorsOfAnEndpointGoByTheirIndex() throws {
        let body = #"{"data":[{"index":1,"embedding":[2]},{"index":0,"embedding":[1]}]}"#
        #expect(try Self.endpoint(200, body).get() == [[1], [2]])
        #expect(try Self.endpoint(200, #"{"data":[{"embedding":[1]},{"embedding":[2]}]}"#).get() == [[1], [2]])
    }

    @Test(
        arguments: [
            (400, .refused), (413, .refused), (422, .refused), (401, .unavailable), (404, .unavailable),
            (429, .unavailable), (500, .unavailable), (302, .unavailable), (200, .unavailable),
        ] as [(Int, EmbeddingFailure.Kind)])
    func aStatusSaysWhoseFaultItIs(status: Int, kind: EmbeddingFailure.Kind) {
        guard case .failure(let failure) = Self.endpoint(status, #"{"error":{"message":"no"}}"#) else {
            Issue.record("no failure")
            return
        }
        #expect(failure.kind == kind)
    }

    // MARK: - Order of work

    @Test func waitsGrowToAMinuteAndEndWithSuccess() {
        var backoff = Backoff()
        var waits: [UInt64] = []
        for _ in 0..<9 {
            backoff.failed(at: 5000)
            waits.append(backoff.remaining(at: 5000) ?? 0)
        }
        #expect(waits == [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
        #expect(backoff.remaining(at: 65_000) == nil)
        backoff.succeeded()
        #expect(backoff.remaining(at: 5000) == nil)
    }

    @Test func whatIsNewGoesFirst() throws {
        var sweep = EmbeddingSweep()
        let begun = sweep.begin()
        let first = try #require(begun)
        #expect(first.after == 0)
        sweep.remembered(70)
        sweep.remembered(72)
        sweep.goOn(first, after: 32)
        let freshlyBegun = sweep.begin()
        let fresh = try #require(freshlyBegun)
        #expect(fresh.after == 69)
        sweep.remembered(80)
        #expect(sweep.begin()?.after == 79)
        #expect(sweep.begin()?.after == 32)
        #expect(sweep.isDone)
    }

    @Test func aPageThatFailedComesAgain() throws {
        var sweep = EmbeddingSweep()
        let begun = sweep.begin()
        let page = try #require(begun)
        sweep.goOn(page, after: 10)
        let begunAgain = sweep.begin()
        let second = try #require(begunAgain)
        sweep.putBack(second)
        #expect(sweep.begin() == second)
    }
}
