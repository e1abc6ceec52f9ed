import Foundation
import JSON
import Testing

@testable import HostCore

/// Vectors from a program and from an endpoint.
@Suite struct EmbeddingSourceTests {
    let loop: PartLoop

    init() throws { loop = try PartLoop() }

    func ask(_ source: any EmbeddingSource, _ texts: [String] = ["a", "b"], milliseconds: Int = 20_000) throws
        -> Result<[[Float]], EmbeddingFailure>
    {
        try loop.result("vectors") { source.embed(texts, milliseconds: milliseconds, then: $0) }
    }

    func failure(_ result: Result<[[Float]], EmbeddingFailure>) -> EmbeddingFailure? {
        if case .failure(let failure) = result { failure } else { nil }
    }

    // MARK: - A program

    func shell(_ script: String) -> EmbeddingCommand {
        EmbeddingCommand(
            ["/bin/sh", "-c", script], inherits: [], children: loop.children, files: loop.files,
            environment: .current(), after: loop.after)
    }

    static let answer = #"id=${line#*\"id\":}; id=${id%%,*}; echo "{\"id\":$id,\"embeddings\":[[1,0],[0,$id]]}""#

    @Test func aProgramAnswersAgainAndAgain() throws {
        let source = shell("echo Loading; while read -r line; do \(Self.answer); done")
        #expect(try ask(source).get() == [[1, 0], [0, 1]])
        #expect(try ask(source).get() == [[1, 0], [0, 2]])
        #expect(loop.children.count == 1)
        source.close()
        try loop.turn("the program's end") { loop.children.count == 0 }
    }

    @Test func answersMayComeInAnyOrder() throws {
        let source = shell(
            """
            read -r line; read -r line
            echo '{"id":2,"embeddings":[[2]]}'; echo '{"id":9,"embeddings":[[9]]}'; echo '{"id":1,"embeddings":[[1]]}'
            read -r line
            """)
        var answers: [String: [[Float]]] = [:]
        for name in ["first", "second"] {
            source.embed([name], milliseconds: 20_000) { answers[name] = try? $0.get() }
        }
        try loop.turn("both") { answers.count == 2 }
        #expect(answers == ["first": [[1]], "second": [[2]]])
        source.close()
    }

    @Test func aLongAnswerIsReadElsewhere() throws {
        let source = shell(
            #"read -r line; v=$(seq -s, 1 16000); echo "{\"id\":1,\"embeddings\":[[$v]]}"; read -r line"#)
        #expect(try ask(source).get().first?.count == 16_000)
        source.close()
    }

    @Test func aProgramThatDiesSaysWhyAndStartsAgain() throws {
        let mark = "\(loop.path)/died"
        let source = shell(
            """
            if [ ! -e \(mark) ]; then touch \(mark); read -r line; echo 'no weights' >&2; exit 3; fi
            while read -r line; do \(Self.answer); done
            """)
        let failure = try #require(failure(try ask(source)))
        #expect(failure.kind == .unavailable)
        #expect(failure.description == "the command ended with exit code 3: no weights")
        #expect(try ask(source).get().count == 2)
        source.close()
    }

    @Test func anErrorIsARefusal() throws {
        let source = shell(#"read -r line; echo '{"id":1,"error":"too long"}'; read -r line"#)
        #expect(failure(try ask(source)) == EmbeddingFailure(.refused, "too long"))
        source.close()
    }

    @Test func aSilentProgramIsNotWaitedForLonger() throws {
        let source = shell("while read -r line; do :; done")
        #expect(failure(try ask(source, milliseconds: 30))?.kind == .timedOut)
        source.close()
        try loop.turn("the program's end") { loop.children.count == 0 }
    }

    @Test func aProgramThatIsNotThereIsAFailure() throws {
        let source = EmbeddingCommand(
            ["no-such-program"], inherits: [], children: loop.children, files: loop.files, environment: .current(),
            after: loop.after)
        #expect(failure(try ask(source))?.kind == .unavailable)
    }

    @Test func aProgramSeesOnlyWhatItMay() throws {
        let environment = ChildEnvironment(["PATH": "/bin:/usr/bin", "MODELS": "here", "SECRET": "s"])
        let source = EmbeddingCommand(
            ["sh", "-c", #"read -r line; echo "{\"id\":1,\"error\":\"$MODELS-$SECRET\"}"; read -r line"#],
            inherits: ["MODELS"], children: loop.children, files: loop.files, environment: environment,
            after: loop.after)
        #expect(failure(try ask(source))?.description == "here-")
        source.close()
    }

    // MARK: - An endpoint

    func endpoint(_ url: String, key: String? = nil) -> EmbeddingEndpoint {
        EmbeddingEndpoint(
            url, keyVariable: key, model: "small", dimension: 2, environment: ChildEnvironment(["KEY": "sk-12345"]),
            http: loop.http, files: loop.files)
    }

    @Test func anEndpointIsAskedAsTheStandardSays() throws {
        let server = try WebServer { _ in
            WebServer.reply(#"{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,1]}]}"#)
        }
        defer { server.stop() }
        #expect(try ask(endpoint(server.url, key: "KEY")).get() == [[1, 0], [0, 1]])
        let request = try #require(server.received.first)
        #expect(request.head.contains("Authorization: Bearer sk-12345"))
        #expect(
            try JSON.parse(request.body) == [
                "model": "small", "input": ["a", "b"], "encoding_format": "float", "dimensions": 2,
            ])
    }

    @Test func aKeyThatIsRepeatedIsNotTold() throws {
        let server = try WebServer { _ in
            WebServer.reply(#"{"error":{"message":"bad key sk-12345"}}"#, status: "401 Unauthorized")
        }
        defer { server.stop() }
        let failure = try #require(failure(try ask(endpoint(server.url, key: "KEY"))))
        #expect(failure == EmbeddingFailure(.unavailable, "the endpoint answered 401: bad key [secret]"))
    }

    @Test func withoutItsKeyNothingIsSent() throws {
        let server = try WebServer { _ in nil }
        defer { server.stop() }
        #expect(failure(try ask(endpoint(server.url, key: "OTHER")))?.description.contains("OTHER") == true)
        #expect(server.received.isEmpty)
    }
}
