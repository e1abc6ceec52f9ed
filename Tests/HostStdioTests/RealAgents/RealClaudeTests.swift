import Foundation
import JSON
import Testing

/// Claude Code's own program, driven by the host's.
@Suite(.serialized, .needs(RealAgents.claude, "Claude Code")) struct RealClaudeTests {
    @Test func tenTasksKeepTheirContextThoughTheHostIsKilled() throws { try RealContinuity.tenTasks(.claude) }

    @Test func cancelledItLeavesNothingAndGoesOn() throws { try RealContinuity.cancels(.claude) }

    @Test func withoutItsRecordItIsToldTheConversation() throws { try RealContinuity.lostRecord(.claude) }

    @Test func asksAreAllowedDeniedOrExpire() throws { try RealAsks.threeAnswers(.claude) }

    @Test func anAnswerKeepsToItsSchemaOrFails() throws {
        let session = try RealSession(.claude)
        let schema: JSON = [
            "type": "object", "properties": ["n": ["type": "integer"]], "required": ["n"],
            "additionalProperties": false,
        ]
        let kept = try session.execute(#"ANSWER {"n": 7}"#, ["output_schema": schema])
        #expect(kept["structured_output"] == ["n": 7], "\(kept)")
        let broken = try session.execute(#"ANSWER {"n": "seven"}"#, ["output_schema": schema])
        #expect(broken["status"] == "failed")
        #expect(broken["stop_reason"] == "schema_unsatisfied", "\(broken)")
        #expect(try session.execute("next")["status"] == "completed")
        try session.expectBill()
    }

    @Test func oneProcessServesTaskAfterTask() throws {
        let session = try RealSession(.claude)
        for number in 1...3 { #expect(try session.execute("note")["output"] == .string("\(number) note")) }
        #expect(try session.execute("RUN echo from a tool")["output"] == "done: from a tool")
        let warm = try session.host.call("host.status")["warm"]
        #expect(warm == ["processes": 1, "reused": 3, "ended": 0])
        #expect(session.host.leftovers().count == 1)
        try session.expectBill()
    }
}
