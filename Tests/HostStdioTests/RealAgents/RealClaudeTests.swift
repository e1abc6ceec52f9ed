import Foundation
import JSON
import Testing

/// Claude Code's own program, driven by the host's.
@Suite(.serialized, .needs(RealAgents.claude, "Claude Code")) struct RealClaudeTests {
    @Test func tenTasksKeepTheirContextThoughTheHostIsKilled() throws { try RealContinuity.tenTasks(.claude) }

    @Test func aPlanOfTwelveStepsSurvivesTwoKills() throws { try RealPlan.twelveSteps(.claude) }

    @Test func stepsOfAPlanGoOffFromItsSession() throws { try RealPlan.forks(.claude) }

    @Test func aWorkflowIsRejectedReviewedAndMended() throws { try RealWorkflow.isRejectedReviewedAndMended(.claude) }

    @Test func cancelledItLeavesNothingAndGoesOn() throws { try RealContinuity.cancels(.claude) }

    @Test func withoutItsRecordItIsToldTheConversation() throws { try RealContinuity.lostRecord(.claude) }

    @Test func aProjectsOperationsShareOneSession() throws { try RealProject.fourSources(.claude) }

    @Test func heldToReadingItWritesNothing() throws { try RealProject.planOnlyWritesNothing(.claude) }

    /// What memory knows when the conversation begins stands in the system prompt, and does so as long as it goes on.
    @Test func memoriesAreItsSystemPrompt() throws {
        let session = try RealSession(.claude, settings: ["append_system_prompt": "Be brief about walnuts."])
        _ = try session.host.call("session.update", ["session_id": session.id, "learning": ["enabled": true]])
        _ = try session.host.call("memory.remember", ["key": "nut", "value": "A zebra order is one of <walnuts>."])
        _ = try session.host.call("memory.remember", ["key": "tin", "value": "Tins are from Malta."])
        let first = try session.execute("what is a zebra order?")
        #expect(first["status"] == "completed", "\(first)")
        let opening = try #require(try session.model.exchanges.last)
        #expect(opening.system.contains("A zebra order is one of <walnuts>."))
        #expect(opening.system.contains("begins with \"Remember: \""))
        #expect(opening.system.components(separatedBy: "Be brief about walnuts.").count == 2)
        #expect(!opening.told.contains("A zebra order is"))
        // Warm, what is found later stands beside the prompt; cold, the system prompt is as it was.
        _ = try session.execute("where are tins from?")
        #expect(try session.model.exchanges.last?.system == opening.system)
        #expect(try session.model.exchanges.last?.told.contains("Tins are from Malta.") == true)
        try session.killHost()
        #expect(try session.execute("go on")["driver_resumed"] == true)
        #expect(try session.model.exchanges.last?.system == opening.system)
        // What it states is remembered.
        _ = try session.execute("ANSWER Remember: Zebras come in May.")
        let found = try session.host.call("memory.list", ["session_id": session.id, "namespace": "findings"])
        #expect(found["items"]?.arrayValue?.map { $0["content_text"] } == ["Zebras come in May."], "\(found)")
    }

    @Test func aForkGoesItsOwnWay() throws { try RealContinuity.forks(.claude) }

    @Test func itHearsWhatItsStateKnows() throws { try RealRestoring.onlyWhatTheStateKnows(.claude) }

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

    @Test func whatWasSaidElsewhereIsNoticedAndNotLost() throws {
        let session = try RealSession(.claude)
        let first = try session.execute("here")
        let environment = try RealCLI.claude.driver(model: session.model, home: session.agentHome)["environment"]
        let elsewhere = Process()
        elsewhere.executableURL = URL(filePath: try #require(RealAgents.claude))
        elsewhere.arguments = ["-p", "--resume=\(first["driver_session_id"]?.stringValue ?? "")", "elsewhere"]
        elsewhere.environment = try #require(environment?.objectValue).reduce(into: ["PATH": "/usr/bin:/bin"]) {
            $0[$1.key] = $1.value.stringValue
        }
        elsewhere.currentDirectoryURL = URL(filePath: session.work)
        elsewhere.standardInput = FileHandle.nullDevice
        elsewhere.standardOutput = FileHandle.nullDevice
        try elsewhere.run()
        elsewhere.waitUntilExit()
        #expect(elsewhere.terminationStatus == 0)

        let back = try session.execute("here again")
        #expect(back["driver_resumed"] == true)
        #expect(try session.model.exchanges.last?.prompts == ["here", "elsewhere", "here again"])
        #expect(try session.warnings() == ["The agent's session has been used elsewhere; it goes on from there."])
        #expect(try session.execute("and on")["status"] == "completed")
        #expect(try session.warnings().count == 1)
        #expect(try session.host.call("host.status")["warm"] == ["processes": 1, "reused": 1, "ended": 1])

        // What was used there is on nobody's bill here. (A process that waits has not yet written down what it has
        // counted: those that go on meanwhile count anew, so that nobody can tell how much it was.)
        let here = try session.model.exchanges.filter { $0.asked != "elsewhere" }
        let row = try session.host.call("usage.summary", ["session_id": session.id])["items"]?.arrayValue?.first
        #expect(row?["known"]?["input_tokens"]?.intValue == here.reduce(0) { $0 + $1.tokens("input_tokens") })
    }
}
