import Foundation
import Testing

@testable import HostCore

@Suite struct HTTPThreadTests {
    let loop: PartLoop

    init() throws { loop = try PartLoop() }

    func post(
        _ url: String, body: String = "{}", milliseconds: Int = 20_000, _ change: (inout HTTPRequest) -> Void = { _ in }
    ) throws -> Result<HTTPResponse, HTTPFailure> {
        var request = HTTPRequest(url: url, body: Array(body.utf8), milliseconds: milliseconds)
        change(&request)
        return try loop.result("a response") { _ = loop.http.send(request, then: $0) }
    }

    func failure(_ result: Result<HTTPResponse, HTTPFailure>) -> HTTPFailure.Reason? {
        if case .failure(let failure) = result { failure.reason } else { nil }
    }

    @Test func jsonIsPosted() throws {
        let server = try WebServer { _ in WebServer.reply(#"{"ok":true}"#, status: "201 Created") }
        defer { server.stop() }
        let response = try post(server.url, body: #"{"a":1}"#) { $0.headers = ["Authorization: Bearer abc"] }.get()
        #expect(response.status == 201)
        #expect(String(decoding: response.body, as: UTF8.self) == #"{"ok":true}"#)
        let request = try #require(server.received.first)
        #expect(String(decoding: request.body, as: UTF8.self) == #"{"a":1}"#)
        let lines = request.head.components(separatedBy: "\r\n")
        #expect(lines.first == "POST /v1/embeddings HTTP/1.1")
        #expect(lines.contains("Content-Type: application/json"))
        #expect(lines.contains("Authorization: Bearer abc"))
        #expect(!lines.contains { $0.lowercased().hasPrefix("expect") })
    }

    @Test func anEmptyAndALongBodyArrive() throws {
        let server = try WebServer { WebServer.reply("\($0.body.count)") }
        defer { server.stop() }
        for count in [0, 3_000_000] {
            let response = try post(server.url, body: String(repeating: "x", count: count)).get()
            #expect(String(decoding: response.body, as: UTF8.self) == "\(count)")
        }
    }

    @Test func aRedirectIsAnAnswer() throws {
        let target = try WebServer { _ in WebServer.reply("stolen") }
        let server = try WebServer { _ in
            WebServer.reply("", status: "307 Temporary Redirect", headers: "Location: \(target.url)\r\n")
        }
        defer { [server, target].forEach { $0.stop() } }
        #expect(try post(server.url).get().status == 307)
        #expect(target.received.isEmpty)
    }

    @Test func aLongResponseIsCutOff() throws {
        let server = try WebServer { _ in WebServer.reply(String(repeating: "x", count: 100_000)) }
        defer { server.stop() }
        #expect(failure(try post(server.url) { $0.responseBytesMax = 99_999 }) == .tooLong)
        #expect(try post(server.url) { $0.responseBytesMax = 100_000 }.get().body.count == 100_000)
    }

    @Test func silenceEndsWithTheTime() throws {
        let server = try WebServer { _ in nil }
        defer { server.stop() }
        #expect(failure(try post(server.url, milliseconds: 50)) == .timedOut)
    }

    @Test func nobodyThereIsAFailureWithWords() throws {
        let server = try WebServer { _ in nil }
        server.stop()
        guard case .failure(let failure) = try post("http://127.0.0.1:1/v1") else {
            Issue.record("an answer")
            return
        }
        #expect(failure.reason == .failed)
        #expect(!failure.description.isEmpty)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1/", "dict://127.0.0.1/", ""])
    func onlyTheWebIsSpoken(url: String) throws { #expect(failure(try post(url)) == .failed) }

    @Test func aRequestGivenUpIsNotHeardOf() throws {
        let server = try WebServer { $0.body == Array("slow".utf8) ? nil : WebServer.reply("done") }
        defer { server.stop() }
        var heard = 0
        let slow = HTTPRequest(url: server.url, body: Array("slow".utf8), milliseconds: 20_000)
        let giveUp = loop.http.send(slow) { _ in heard += 1 }
        try loop.turn("the slow request") { server.received.count == 1 }
        giveUp()
        giveUp()
        #expect(try post(server.url).get().status == 200)
        #expect(heard == 0)
    }

    @Test func manyGoAtOnce() throws {
        let server = try WebServer { WebServer.reply(String(decoding: $0.body, as: UTF8.self)) }
        defer { server.stop() }
        var answers: Set<String> = []
        for number in 0..<100 {
            let request = HTTPRequest(url: server.url, body: Array("\(number)".utf8), milliseconds: 20_000)
            _ = loop.http.send(request) { result in
                if let body = try? result.get().body { answers.insert(String(decoding: body, as: UTF8.self)) }
            }
        }
        try loop.turn("all answers") { answers.count == 100 }
    }
}
