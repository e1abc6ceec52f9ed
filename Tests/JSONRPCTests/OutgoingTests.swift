import JSON
import JSONRPC
import Testing

@Suite struct OutgoingTests {
    @Test func aResponseIsMatchedOnce() {
        var table = OutgoingTable()
        let (first, second) = (table.begin(), table.begin())
        #expect(first.id == "h1")
        #expect(table.keys == [first, second])
        #expect(table.finish("h2") == second)
        #expect(table.finish("h2") == nil)
        #expect(table.finish("h3") == nil)
        #expect(table.finish(1) == nil)
        table.abandon(first)
        #expect(table.finish("h1") == nil)
        #expect(table.count == 0)
        #expect(table.begin().id == "h3")
    }

    @Test func writesWholeLines() {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        #expect(
            text(OutgoingLine.notification("task.event", params: ["seq": 1]))
                == #"{"jsonrpc":"2.0","method":"task.event","params":{"seq":1}}"# + "\n")
        #expect(
            text(OutgoingLine.notification("x", encoded: Array("{}".utf8)))
                == #"{"jsonrpc":"2.0","method":"x","params":{}}"#
                + "\n")
        #expect(
            text(OutgoingLine.request("ask", id: "h1", params: [:]))
                == #"{"jsonrpc":"2.0","id":"h1","method":"ask","params":{}}"# + "\n")
        #expect(text(Reply.result(nil).line(to: "a\"b")) == #"{"jsonrpc":"2.0","id":"a\"b","result":null}"# + "\n")
        #expect(text(Reply.encoded([0x31]).line(to: nil)) == #"{"jsonrpc":"2.0","id":null,"result":1}"# + "\n")
    }
}

@Suite struct RPCErrorTests {
    @Test func carriesEverythingItKnows() {
        let error = RPCError(
            .busy, "held", reason: "lease_held", isRetryable: false, retryAfterMS: 5, detail: "by host 12",
            path: "steps[0].id", expected: "string", raw: ["words"], id: 3, taskID: "task_1")
        let data: JSON = [
            "reason": "lease_held", "retryable": false, "retry_after_ms": 5, "detail": "by host 12",
            "path": "steps[0].id",
            "expected": "string", "raw": ["words"], "id": 3, "task_id": "task_1",
        ]
        #expect(error.json == ["code": 1003, "message": "held", "data": data])
        #expect(RPCError(error.json) == error)
    }

    @Test func readsErrorsOfOthers() {
        let error = RPCError(["code": -5, "message": "x", "data": "text"])
        #expect(error == RPCError(RPCError.Code(rawValue: -5), "x", reason: "unknown"))
        #expect(RPCError(["code": 1]) == nil)
        #expect(RPCError("text") == nil)
    }

    /// The wire's stable words; a change of one breaks clients.
    @Test func reasonsAreStable() {
        let words = RPCError.Code.all.map { "\($0.rawValue) \($0.reason)" }
        #expect(
            words == [
                "-32800 cancelled", "-32700 parse_error", "-32603 internal_error", "-32602 invalid_params",
                "-32601 method_not_found", "-32600 invalid_request", "1001 not_found", "1002 conflict", "1003 busy",
                "1004 overloaded", "1005 limit_exceeded", "1006 driver_unavailable", "1007 driver_failed",
                "1008 permission_denied", "1009 timed_out", "1010 budget_exceeded", "1011 store_failed",
                "1012 shutting_down", "1013 unsupported", "1014 read_only",
            ])
        #expect(RPCError.Code.all.filter(\.isUsuallyRetryable) == [.busy, .overloaded, .shuttingDown])
    }
}
