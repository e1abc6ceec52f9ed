import JSON
import JSONRPC
import Testing

@Suite struct InFlightTableTests {
    @Test func answersARequestExactlyOnce() {
        var table = InFlightTable()
        let key = table.admit(#"{"jsonrpc":"2.0","id":"a","method":"m"}"#)[0]
        #expect(table.count == 1)
        #expect(table.key(of: "a") == key)
        #expect(table.id(of: key) == "a")
        #expect(table.finish(key, .result(["x": 1])) == sent(#"{"jsonrpc":"2.0","id":"a","result":{"x":1}}"#))
        #expect(table.finish(key, .result(2)) == .unknown)
        #expect(table.isEmpty)
        #expect(table.key(of: "a") == nil)
    }

    @Test func answersWithAnError() {
        var table = InFlightTable()
        let key = table.admit(#"{"jsonrpc":"2.0","id":1,"method":"m"}"#)[0]
        let reply = #"{"jsonrpc":"2.0","id":1,"error":{"code":1001,"message":"none","data":{"reason":"not_found","#
        #expect(table.finish(key, .error(RPCError(.notFound, "none"))) == sent(reply + #""retryable":false}}}"#))
    }

    @Test func anIDInFlightIsRefusedAndTheFirstRequestGoesOn() {
        var table = InFlightTable()
        let key = table.admit(#"{"jsonrpc":"2.0","id":7,"method":"m"}"#)[0]
        let receipt = table.receive(line: #"{"jsonrpc":"2.0","id":7,"method":"n"}"#)
        #expect(receipt.deliveries.isEmpty)
        let answer = replies(receipt.output).first
        #expect(answer?["id"] == .some(.null))
        #expect(answer?["error"]?["code"] == -32600)
        #expect(answer?["error"]?["data"]?["id"] == 7)
        #expect(table.finish(key, .result(nil)) == sent(#"{"jsonrpc":"2.0","id":7,"result":null}"#))
        #expect(table.admit(#"{"jsonrpc":"2.0","id":7,"method":"m"}"#).count == 1)
    }

    /// `7` and `"7"` are two ids, and so are two spellings of one character.
    @Test func idsOfAnotherTypeOrSpellingDoNotClash() {
        var table = InFlightTable()
        for id in ["7", "\"7\"", "\"\u{E9}\"", "\"e\u{301}\""] {
            #expect(table.admit("{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"m\"}").count == 1)
        }
        #expect(table.count == 4)
    }

    @Test func anInvalidRequestWithAnIDInFlightIsAnsweredToNull() {
        var table = InFlightTable()
        _ = table.admit(#"{"jsonrpc":"2.0","id":7,"method":"m"}"#)
        let answer = replies(table.receive(line: #"{"jsonrpc":"2.0","id":7}"#).output).first
        #expect(answer?["id"] == .some(.null))
        #expect(answer?["error"]?["data"]?["id"] == 7)
        #expect(table.count == 1)
    }

    @Test func tooManyRequestsAreRefusedWithAWait() {
        var table = InFlightTable(requestsMax: 2, retryAfterMS: 30)
        let first = table.admit(#"{"jsonrpc":"2.0","id":1,"method":"m"}"#)[0]
        _ = table.admit(#"{"jsonrpc":"2.0","id":2,"method":"m"}"#)
        let third = #"{"jsonrpc":"2.0","id":3,"method":"m"}"#
        let answer = replies(table.receive(line: third).output).first
        #expect(answer?["id"] == 3)
        #expect(answer?["error"]?["code"] == 1004)
        #expect(answer?["error"]?["data"] == ["reason": "overloaded", "retryable": true, "retry_after_ms": 30])
        #expect(replies(table.receive(line: #"{"jsonrpc":"2.0","method":"n"}"#).output).isEmpty)
        _ = table.finish(first, .result(nil))
        #expect(table.admit(third).count == 1)
    }

    @Test func aBatchIsAnsweredAsOneArrayWhenItsLastMemberIs() {
        var table = InFlightTable()
        let receipt = table.receive(
            line: #"[{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","method":"n"},5,"#
                + #"{"jsonrpc":"2.0","id":2,"method":"b"}]"#)
        #expect(receipt.output.isEmpty)
        #expect(receipt.deliveries.count == 3)
        let keys = table.keys
        #expect(table.finish(keys[1], .result("b")) == .held)
        #expect(table.finish(keys[1], .result("again")) == .unknown)
        guard case .send(let line) = table.finish(keys[0], .result("a")) else {
            Issue.record("not sent")
            return
        }
        let answers = replies(line).first?.arrayValue ?? []
        #expect(answers.map { $0["id"] } == [.some(.null), 2, 1])
        #expect(line.last == 0x0A)
        #expect(line.filter { $0 == 0x0A }.count == 1)
    }

    @Test func aBatchOfRefusedMembersIsAnsweredAtOnce() {
        var table = InFlightTable()
        let receipt = table.receive(line: #"[1,{"jsonrpc":"2.0","id":4}]"#)
        #expect(replies(receipt.output).first?.arrayValue?.map { $0["id"] } == [.some(.null), 4])
        #expect(receipt.deliveries.isEmpty)
    }

    @Test func aBatchOfNotificationsIsNotAnswered() {
        var table = InFlightTable()
        let receipt = table.receive(
            line: #"[{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","method":"b","params":[]}]"#)
        #expect(receipt.output.isEmpty)
        #expect(receipt.deliveries.count == 2)
        #expect(table.isEmpty)
    }

    @Test func anIDTwiceInOneBatchIsRefusedOnce() {
        var table = InFlightTable()
        let request = #"{"jsonrpc":"2.0","id":1,"method":"a"}"#
        let keys = table.admit("[\(request),\(request)]")
        #expect(keys.count == 1)
        guard case .send(let line) = table.finish(keys[0], .encoded(Array("[1]".utf8))) else {
            Issue.record("not sent")
            return
        }
        #expect(replies(line).first?.arrayValue?.map { $0["result"] } == [nil, [1]] as [JSON?])
    }

    @Test func anAnswerLongerThanALineBecomesAnError() {
        var table = InFlightTable(lineBytesMax: 300)
        let single = table.admit(#"{"jsonrpc":"2.0","id":1,"method":"m"}"#)[0]
        let long = Reply.result(.string(String(repeating: "x", count: 300)))
        guard case .send(let line) = table.finish(single, long) else {
            Issue.record("not sent")
            return
        }
        #expect(replies(line).first?["error"]?["code"] == 1005)
        #expect(replies(line).first?["id"] == 1)

        let batch = table.admit(#"[{"jsonrpc":"2.0","id":1,"method":"m"},{"jsonrpc":"2.0","id":2,"method":"m"}]"#)
        #expect(table.finish(batch[0], long) == .held)
        guard case .send(let array) = table.finish(batch[1], .result(true)) else {
            Issue.record("not sent")
            return
        }
        #expect(replies(array).first?.arrayValue?.map { $0["error"]?["code"] } == [1005, nil] as [JSON?])
    }

    @Test func anAnswerThatJustFitsIsSent() {
        let line = Reply.result("x").line(to: 1)
        for (lineBytesMax, isSent) in [(line.count - 1, true), (line.count - 2, false)] {
            var table = InFlightTable(lineBytesMax: lineBytesMax)
            let key = table.admit(#"{"jsonrpc":"2.0","id":1,"method":"m"}"#)[0]
            #expect((table.finish(key, .result("x")) == .send(line)) == isSent)
        }
    }

    @Test func keysAreNeverGivenTwice() {
        var table = InFlightTable()
        let keys = (0..<3).map { _ in
            let key = table.admit(#"{"jsonrpc":"2.0","id":1,"method":"m"}"#)[0]
            _ = table.finish(key, .result(nil))
            return key
        }
        #expect(Set(keys).count == 3)
        #expect(keys == keys.sorted())
    }
}

private func sent(_ text: String) -> InFlightTable.Finish { .send(Array((text + "\n").utf8)) }

private func replies(_ output: [UInt8]) -> [JSON] {
    output.split(separator: 0x0A).compactMap { try? JSON.parse($0) }
}

extension InFlightTable {
    fileprivate mutating func receive(line: String) -> Receipt {
        receive(Envelope(decoding: Array(line.utf8)[...]))
    }

    /// The keys under which the requests of a line came in.
    fileprivate mutating func admit(_ line: String) -> [RequestKey] {
        receive(line: line).deliveries.compactMap { delivery in
            if case .request(let key, _) = delivery { key } else { nil }
        }
    }
}
