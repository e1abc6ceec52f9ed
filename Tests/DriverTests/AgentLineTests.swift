import AgentModel
import Driver
import JSON
import Testing

@Suite struct AgentLineTests {
    static let events: [DriverEvent] = [
        .driverSession(id: "abc", resumed: true),
        .textDelta(messageID: "m1", text: "Hé\n\u{1F600}"),
        .thoughtDelta(messageID: "m1", text: ""),
        .message(id: "m1", role: "assistant", text: "done"),
        .toolStarted(id: "t1", name: "sql", title: "Count", input: ["sql": "SELECT 1"]),
        .toolStarted(id: "t2", name: "sql", title: nil, input: nil),
        .toolUpdated(id: "t1", data: ["rows": 3]),
        .toolFinished(id: "t1", isError: true, output: "no such table"),
        .planUpdated([["step": "look", "status": "done"]]),
        .progress(done: 3, total: 4.5, message: "rows"),
        .progress(done: 3, total: nil, message: nil),
        .warning("careful"),
        .turnEnded, .checkpoint(state: ["next": 2, "left": nil]),
        .usage(usage),
        .ask(
            DriverAsk(
                id: "a1", kind: .permission, tool: "write", title: "Write?", input: ["path": "x"],
                options: [.init(id: "yes", title: "Yes", kind: "allow_once"), .init(id: "no", title: "No")])),
        .askWithdrawn(askID: "a1"),
        .artifact(path: "report.md"),
        .raw(["type": "weather", "sun": true]),
    ]

    static var usage: Usage {
        var usage = Usage()
        usage.inputTokens = 1
        usage.outputTokens = 2
        usage.cacheReadTokens = 3
        usage.cacheWriteTokens = 4
        usage.reasoningTokens = 5
        usage.turns = 6
        usage.cost = Cost(dollars: 0.000000125)
        usage.accuracy = .estimated
        return usage
    }

    @Test("Every event comes back from its line", arguments: events)
    func eventRoundTrip(_ event: DriverEvent) throws {
        let bytes = AgentLine.event(event).bytes
        #expect(bytes.last == 10 && bytes.dropLast().allSatisfy { $0 != 10 })
        #expect(AgentLine(try JSON.parse(bytes)) == .event(event))
    }

    @Test func resultRoundTrip() throws {
        var outcome = RunOutcome(stopReason: .error, output: "half")
        outcome.structuredOutput = ["n": 1]
        outcome.driverSessionID = "abc"
        outcome.usage = Self.usage
        outcome.isResumeLost = true
        outcome.error = TaskError(
            code: 1001, reason: "not_found", message: "No such session.", retryable: true, raw: ["code": 5])
        #expect(AgentLine(try JSON.parse(AgentLine.result(outcome).bytes)) == .result(outcome))
    }

    @Test(
        "A line that is not understood is kept as it came",
        arguments: [
            #"{"type":"text.delta","text":"no id"}"#, #"{"type":"text.delta","message_id":"m","text":5}"#,
            #"{"type":"session","id":""}"#, #"{"type":"tool.started","id":"t"}"#, #"{"type":"progress","done":"3"}"#,
            #"{"type":"ask","id":"a","kind":"riddle"}"#, #"{"type":"plan","entries":null}"#, #"{"type":7}"#, #"{}"#,
            #"{"type":"Message","id":"m","text":"case counts"}"#,
        ])
    func notUnderstood(_ text: String) throws {
        let json = try JSON.parse(Array(text.utf8))
        #expect(AgentLine(json) == .event(.raw(json)))
    }

    @Test(
        "What an agent says of its end is brought into the host's words",
        arguments: [
            (#"{"type":"result"}"#, StopReason.endTurn, nil),
            (#"{"type":"result","stop_reason":"max_tokens"}"#, .maxTokens, nil),
            (#"{"type":"result","stop_reason":"host_lost"}"#, .error, 1007),
            (#"{"type":"result","stop_reason":"bored"}"#, .error, 1007),
            (#"{"type":"result","stop_reason":"error"}"#, .error, 1007),
            (#"{"type":"result","error":{"reason":"timed_out"}}"#, .error, 1009),
            (#"{"type":"result","stop_reason":"end_turn","error":{"reason":"teapot"}}"#, .error, 1007),
            (#"{"type":"result","stop_reason":"refusal","error":{"reason":"permission_denied"}}"#, .refusal, 1008),
        ] as [(String, StopReason, Int?)])
    func results(_ text: String, _ stopReason: StopReason, _ code: Int?) throws {
        guard case .result(let outcome) = AgentLine(try JSON.parse(Array(text.utf8))) else {
            Issue.record("no result: \(text)")
            return
        }
        #expect(outcome.stopReason == stopReason)
        #expect(outcome.error?.code == code)
        #expect(outcome.error?.message != "")
    }

    @Test func absurdCountsCannotOverflowASum() throws {
        let line = #"{"type":"usage","input_tokens":9223372036854775807,"output_tokens":-5,"cost_usd":-1,"turns":2.5}"#
        guard case .event(.usage(var usage)) = AgentLine(try JSON.parse(Array(line.utf8))) else {
            Issue.record("no usage")
            return
        }
        #expect(usage.inputTokens == 1 << 50)
        #expect(usage.outputTokens == 0)
        #expect(usage.cost == nil)
        #expect(usage.turns == 0)
        for _ in 0..<100 { usage.add(.absurd) }
        #expect(usage.inputTokens == 101 << 50)
    }
}

extension Usage {
    /// One more report of an agent that counts wrongly.
    fileprivate static var absurd: Usage {
        var more = Usage()
        more.inputTokens = 1 << 50
        return more
    }
}
