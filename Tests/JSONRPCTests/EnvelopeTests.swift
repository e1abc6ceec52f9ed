import JSON
import JSONRPC
import Testing

/// One line in, what it is taken for out.
@Suite struct EnvelopeTests {
    @Test(arguments: [
        (#"{"jsonrpc":"2.0","id":1,"method":"a.b","params":{"x":1}}"#, #"request 1 a.b {"x":1}"#),
        (#"{"jsonrpc":"2.0","id":"é-1","method":"a.b"}"#, #"request "é-1" a.b {}"#),
        (#"{"jsonrpc":"2.0","id":"","method":""}"#, #"request ""  {}"#),
        (#" { "params" : { } , "method":"m", "id" : -5, "jsonrpc" : "2.0" } "#, "request -5 m { }"),
        (#"{"jsonrpc":"2.0","id":9223372036854775807,"method":"m"}"#, "request 9223372036854775807 m {}"),
        (#"{"jsonrpc":"2.0","id":-9223372036854775808,"method":"m"}"#, "request -9223372036854775808 m {}"),
        (#"{"\u006asonrpc":"2\u002e0","\u0069d":1,"method":"\u006d"}"#, "request 1 m {}"),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"k":[1e2]}}}"#,
            #"request 1 m {"_meta":{"k":[1e2]}}"#
        ),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","result":2}"#, "request 1 m {}"),
        (#"{"jsonrpc":"2.0","method":"a.b","params":{}}"#, "notification a.b {}"),
        (#"{"jsonrpc":"2.0","id":"h1","result":{"x":1}}"#, #"result "h1" {"x":1}"#),
        (#"{"jsonrpc":"2.0","id":7,"result":null}"#, "result 7 null"),
        (#"{"jsonrpc":"2.0","id":"h1","error":{"code":1}}"#, #"error "h1" {"code":1}"#),
    ])
    func reads(_ line: String, _ reading: String) {
        #expect(read(line) == reading)
    }

    @Test(arguments: [
        (#"{"id":1,"method":"m"}"#, "-32600 to 1 jsonrpc"),
        (#"{"jsonrpc":"1.0","id":1,"method":"m"}"#, "-32600 to 1 jsonrpc"),
        (#"{"jsonrpc":2.0,"id":"a","method":"m"}"#, #"-32600 to "a" jsonrpc"#),
        (#"{"method":"m"}"#, "-32600 to null jsonrpc"),
        (#"{"jsonrpc":"2.0","id":1}"#, "-32600 to 1 method"),
        (#"{"jsonrpc":"2.0","id":1,"method":5}"#, "-32600 to 1 method"),
        (#"{"jsonrpc":"2.0"}"#, "-32600 to null method"), ("{}", "-32600 to null jsonrpc"),
        (#"{"jsonrpc":"2.0","id":null,"method":"m"}"#, "-32600 to null id"),
        (#"{"jsonrpc":"2.0","id":1.0,"method":"m"}"#, "-32600 to null id"),
        (#"{"jsonrpc":"2.0","id":1e2,"method":"m"}"#, "-32600 to null id"),
        (#"{"jsonrpc":"2.0","id":9223372036854775808,"method":"m"}"#, "-32600 to null id"),
        (#"{"jsonrpc":"2.0","id":true,"method":"m"}"#, "-32600 to null id"),
        (#"{"jsonrpc":"2.0","id":{},"method":"m"}"#, "-32600 to null id"),
        (#"{"jsonrpc":"2.0","id":[1],"method":"m"}"#, "-32600 to null id"),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}"#, "-32602 to 1 params"),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","params":"x"}"#, "-32602 to 1 params"),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","params":null}"#, "-32602 to 1 params"),
        ("1", "-32600 to null"), ("null", "-32600 to null"), (#""x""#, "-32600 to null"), ("[]", "-32600 to null"),
        ("[ ]", "-32600 to null"),
        (#"{"jsonrpc":"2.0","id":1,"method":"m""#, "-32700 to null"),
        (#"{"jsonrpc":"2.0","id":1,"method":"m",}"#, "-32700 to null"),
        (#"{"jsonrpc":"2.0","id":1,"method":"m"} x"#, "-32700 to null"), ("hello", "-32700 to null"),
        (#"[{"jsonrpc":"2.0","id":1,"method":"m"},"#, "-32700 to null"),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"x":1e400}}"#, "-32700 to null"),
        ("\u{FEFF}{}", "-32700 to null"),
        (#"{"jsonrpc":"2.0","id":"h1","result":1,"error":{}}"#, "-32600 to null"),
        (#"{"id":"h1","result":1}"#, "-32600 to null"), (#"{"jsonrpc":"2.0","result":1}"#, "-32600 to null"),
        (#"{"jsonrpc":"2.0","id":null,"error":{}}"#, "-32600 unanswerable"),
        (#"{"jsonrpc":"2.0","method":"m","params":[1]}"#, "-32602 unanswerable params"),
    ])
    func refuses(_ line: String, _ reading: String) {
        #expect(read(line) == reading)
    }

    @Test func invalidUTF8IsAParseErrorWithItsPlace() {
        let line = Array(#"{"jsonrpc":"2.0","id":1,"method":""#.utf8) + [0xFF] + Array("\"}".utf8)
        let error = RPCError(.parseError, "the line is not JSON", detail: "invalid UTF-8 at byte 34")
        #expect(Envelope(decoding: line[...]) == .single(.invalid(error, id: nil)))
    }

    @Test func nestingBeyondTheLimitIsAnsweredToTheIDIfThatCameFirst() {
        func line(_ depth: Int) -> String {
            let params = String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
            return #"{"jsonrpc":"2.0","id":1,"method":"m","params":\#(params)}"#
        }
        #expect(read(line(511)).hasPrefix("request 1 m"))
        #expect(read(line(512)) == "1005 to 1")
        #expect(read(line(100_000)) == "1005 to 1")
        #expect(read(String(repeating: "[", count: 100_000)) == "1005 to null")
    }

    @Test(
        arguments: [
            (
                #"{"jsonrpc":"2.0","id":1,"id":2,"method":"m","method":"n"}"#, 2,
                [
                    "id: duplicate key, the last value counts", "method: duplicate key, the last value counts",
                ]
            ),
            (#"{"jsonrpc":"2.0","id":3,"method":"m","extra":1}"#, 3, ["extra: unknown field of the message"]),
            (#"{"jsonrpc":"2.0","id":4,"method":"\ud800"}"#, 4, ["method: half of a surrogate pair became U+FFFD"]),
        ] as [(String, RequestID, [String])])
    func warns(_ line: String, _ id: RequestID, _ warnings: [String]) {
        guard case .single(.request(let request)) = Envelope(decoding: Array(line.utf8)[...]) else {
            Issue.record("no request")
            return
        }
        #expect(request.id == id)
        #expect(request.warnings == warnings)
    }

    @Test func aBadIDGivenLastOverridesAGoodOne() {
        #expect(read(#"{"jsonrpc":"2.0","id":1,"id":null,"method":"m"}"#) == "-32600 to null id")
    }

    @Test func readsBatches() {
        let line =
            #"[{"jsonrpc":"2.0","id":1,"method":"a"}, 5,{"jsonrpc":"2.0","method":"b"},{"jsonrpc":"2.0","id":2},[]]"#
        #expect(
            read(line) == "[request 1 a {}; -32600 to null; notification b {}; -32600 to 2 method; -32600 to null]")
    }

    @Test func batchesHaveALimit() {
        func line(_ count: Int) -> String { "[" + Array(repeating: "{}", count: count).joined(separator: ",") + "]" }
        guard case .batch(let messages) = Envelope(decoding: Array(line(256).utf8)[...]) else {
            Issue.record("no batch")
            return
        }
        #expect(messages.count == 256)
        #expect(read(line(257)) == "1005 to null")
        #expect(read(line(100_000)) == "1005 to null")
        let few = EnvelopeLimits(batchMembersMax: 1)
        #expect(
            Envelope(decoding: Array(line(1).utf8)[...], limits: few)
                != Envelope(decoding: Array(line(2).utf8)[...], limits: few))
    }

    @Test func anOverlongLineIsAnsweredToNull() {
        let error = RPCError(.limitExceeded, "a line of more than 8 bytes")
        #expect(Envelope.overlong(lineBytesMax: 8) == .single(.invalid(error, id: nil)))
    }
}

private func read(_ line: String) -> String {
    switch Envelope(decoding: Array(line.utf8)[...]) {
    case .single(let message): text(message)
    case .batch(let messages): "[" + messages.map(text).joined(separator: "; ") + "]"
    }
}

private func text(_ message: Message) -> String {
    func decoded(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    func short(_ error: RPCError) -> String { error.path.map { " " + $0 } ?? "" }
    return switch message {
    case .request(let request): "request \(request.id) \(request.method) \(decoded(request.params))"
    case .notification(let notification): "notification \(notification.method) \(decoded(notification.params))"
    case .response(let response):
        switch response.outcome {
        case .result(let bytes): "result \(response.id) \(decoded(bytes))"
        case .error(let bytes): "error \(response.id) \(decoded(bytes))"
        }
    case .invalid(let error, let id):
        "\(error.code.rawValue) to \(id?.description ?? "null")\(short(error))"
    case .unanswerable(let error): "\(error.code.rawValue) unanswerable\(short(error))"
    }
}
