import Driver
import JSON
import Testing

@Suite struct PeerRPCTests {
    static func line(_ text: String) -> [UInt8] { Array(text.utf8) + [10] }

    static func json(_ bytes: [UInt8]) throws -> JSON {
        #expect(bytes.last == 10 && bytes.dropLast().contains(10) == false)
        return try JSON.parse(bytes)
    }

    @Test("Requests are numbered, and say the version if they shall", arguments: [true, false])
    func requests(_ includesVersion: Bool) throws {
        var peer = PeerRPC(includesVersion: includesVersion)
        let first = peer.request("a", ["text": "two\nlines"])
        let second = peer.request("b", nil)
        #expect(first.id != second.id)
        let json = try Self.json(first.bytes)
        #expect(json["id"]?.intValue == first.id)
        #expect(json["method"] == "a")
        #expect(json["params"] == ["text": "two\nlines"])
        #expect(json["jsonrpc"] == (includesVersion ? "2.0" : nil))
        #expect(try Self.json(peer.notification("n"))["id"] == nil)
        #expect(try Self.json(peer.notification("n"))["params"] == nil)
    }

    @Test func aReplyIsMatchedOnce() {
        var peer = PeerRPC(includesVersion: false)
        let (id, _) = peer.request("a", nil)
        #expect(peer.isWaiting)
        let reply = Self.line(#"{"result":{"x":1},"id":\#(id)}"#)
        #expect(peer.read(reply) == [.reply(id: id, method: "a", .result(["x": 1]))])
        #expect(!peer.isWaiting)
        #expect(peer.read(reply) == [.noise(.json(["result": ["x": 1], "id": .int(Int64(id))]))])
    }

    @Test func aLineIsHeardBeforeTheNext() {
        var peer = PeerRPC(includesVersion: false)
        let lines = peer.lines(Self.line(#"{"id":1,"result":1}"#) + Self.line(#"{"id":2,"result":2}"#))
        let replies = lines.map { line in
            let (id, _) = peer.request("a", nil)
            return peer.hear(line) == .reply(id: id, method: "a", .result(.int(Int64(id))))
        }
        #expect(replies == [true, true])
    }

    @Test func anErrorIsAReply() {
        var peer = PeerRPC(includesVersion: true)
        let (id, _) = peer.request("a", nil)
        #expect(
            peer.read(Self.line(#"{"id":\#(id),"error":{"code":-32600,"message":"no","data":[1]},"result":null}"#))
                == [.reply(id: id, method: "a", .error(PeerError(code: -32600, message: "no", data: [1])))])
    }

    @Test("An id of the agent's goes back as it came, 0 included", arguments: ["0", "7", #""r-1""#])
    func serverRequests(_ id: String) throws {
        var peer = PeerRPC(includesVersion: false)
        // A request of ours with the same number is another matter.
        _ = peer.request("ours", nil)
        let messages = peer.read(Self.line(#"{"method":"ask","id":\#(id),"params":{"a":1}}"#))
        guard case .request(let given, "ask", ["a": 1])? = messages.first else {
            Issue.record("no request: \(messages)")
            return
        }
        #expect(try Self.json(peer.reply(to: given, .result(["ok": true])))["id"] == JSON.parse(Array(id.utf8)))
        let refusal = try Self.json(peer.reply(to: given, .error(.methodNotFound("ask"))))
        #expect(refusal["error"]?["code"] == -32601)
        #expect(refusal["result"] == nil)
        #expect(peer.isWaiting)
    }

    @Test(
        "What is no message is noise, never fatal",
        arguments: [
            ("[]", .json([])), ("3", .json(3)), (#"{"id":99,"result":1}"#, .json(["id": 99, "result": 1])),
            (#"{"id":1}"#, .json(["id": 1])), (#"{"id":[1],"method":"m"}"#, .json(["id": [1], "method": "m"])),
            (#"{"id":null,"error":{"code":-32700}}"#, .json(["id": nil, "error": ["code": -32700]])),
            ("Starting...", .text("Starting...")), (#"{"method":"m","#, .text(#"{"method":"m","#)),
        ] as [(String, PeerRPC.Noise)])
    func noise(_ text: String, _ noise: PeerRPC.Noise) {
        var peer = PeerRPC(includesVersion: false)
        _ = peer.request("a", nil)
        #expect(peer.read(Self.line(text)) == [.noise(noise)])
        #expect(peer.isWaiting)
    }

    @Test func linesMayComeInAnyPieces() {
        let text = "\n{\"method\":\"a\"}\r\n \n{\"id\":1,\"method\":\"b\",\"params\":{}}\n{\"method\":\"c\"}"
        let expected: [PeerRPC.Message] = [
            .notification(method: "a", params: nil), .request(id: 1, method: "b", params: [:]),
            .notification(method: "c", params: nil),
        ]
        for size in 1...text.utf8.count {
            var peer = PeerRPC(includesVersion: false)
            var messages: [PeerRPC.Message] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                messages += peer.read(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(messages == Array(expected.dropLast()))
            #expect(peer.end() == expected.last)
            #expect(peer.end() == nil)
        }
    }

    @Test func aTornOrOverlongLineIsTold() {
        var peer = PeerRPC(includesVersion: false, lineBytesMax: 20)
        #expect(peer.read(Array(#"{"method":"a"#.utf8)).isEmpty)
        #expect(peer.end() == .noise(.torn(#"{"method":"a"#)))
        let long = String(repeating: "x", count: 50)
        #expect(peer.read(Self.line(long)).count == 1)
        #expect(peer.read(Self.line(#"{"method":"a"}"#)) == [.notification(method: "a", params: nil)])
    }
}
