import AgentModel
import Driver
import DriverACP
import JSON
import Testing

@Suite struct ACPUpdateTests {
    @Test func chunksAreJoinedToMessagesAtToolsAndThoughts() throws {
        var scene = try ACPScene.prompted()
        let start = scene.events.count
        scene.text("I ", thought: true)
        scene.text("think.", thought: true)
        scene.text("Let ")
        scene.text("me see.")
        scene.update("tool_call", ["toolCallId": "t", "title": "Look", "kind": "read", "rawInput": ["path": "/a"]])
        scene.update("tool_call_update", ["toolCallId": "t", "status": "completed", "rawOutput": [1, 2]])
        scene.text("Done.")
        scene.answer(["stopReason": "end_turn"])
        #expect(
            Array(scene.events.dropFirst(start)) == [
                .thoughtDelta(messageID: "m1", text: "I "), .thoughtDelta(messageID: "m1", text: "think."),
                .message(id: "m1", role: "thought", text: "I think."),
                .textDelta(messageID: "m2", text: "Let "), .textDelta(messageID: "m2", text: "me see."),
                .message(id: "m2", role: "assistant", text: "Let me see."),
                .toolStarted(id: "t", name: "read", title: "Look", input: ["path": "/a"]),
                .toolFinished(id: "t", isError: false, output: [1, 2]),
                .turnEnded,
                .textDelta(messageID: "m3", text: "Done."), .message(id: "m3", role: "assistant", text: "Done."),
                .turnEnded,
            ])
        #expect(scene.outcome?.output == "Done.")
    }

    @Test func theAgentsOwnMessageIdsTellMessagesApart() throws {
        var scene = try ACPScene.prompted()
        for (id, text) in [("a", "one"), ("a", " and"), ("b", "two")] {
            scene.update(
                "agent_message_chunk",
                ["messageId": .string(id), "content": ["type": "text", "text": .string(text)]])
        }
        scene.answer(["stopReason": "end_turn"])
        let messages = scene.events.compactMap { if case .message(_, _, let text) = $0 { text } else { nil } }
        #expect(messages == ["one and", "two"])
    }

    @Test func aMessageWithoutEndIsCutIntoSeveral() throws {
        var scene = try ACPScene.prompted()
        let piece = String(repeating: "x", count: 300_000)
        for _ in 0..<10 { scene.text(piece) }
        scene.answer(["stopReason": "end_turn"])
        let lengths = scene.events.compactMap { if case .message(_, _, let text) = $0 { text.count } else { nil } }
        #expect(lengths.reduce(0, +) == 3_000_000)
        #expect((lengths.max() ?? 0) < 1_500_000)
    }

    @Test func oneTurnEndsWhenAllOfItsToolsHave() throws {
        var scene = try ACPScene.prompted()
        for id in ["a", "b"] { scene.update("tool_call", ["toolCallId": .string(id), "title": "x"]) }
        scene.update("tool_call_update", ["toolCallId": "a", "status": "completed"])
        scene.text("meanwhile")
        scene.update("tool_call_update", ["toolCallId": "b", "status": "failed"])
        #expect(!scene.events.contains(.turnEnded))
        scene.text("then")
        #expect(scene.events.filter { $0 == .turnEnded }.count == 1)
    }

    @Test func aToolIsToldInPieces() throws {
        var scene = try ACPScene.prompted()
        let text: JSON = ["type": "content", "content": ["type": "text", "text": "out"]]
        scene.update("tool_call_update", ["toolCallId": "t", "title": "Run", "kind": "execute"])
        scene.update("tool_call", ["toolCallId": "t", "status": "in_progress", "content": [text]])
        scene.update("tool_call_update", ["toolCallId": "t", "status": "failed", "content": [text, text]])
        #expect(
            scene.events.dropFirst() == [
                .toolStarted(id: "t", name: "execute", title: "Run", input: nil),
                .toolUpdated(id: "t", data: ["status": "in_progress", "content": [text]]),
                .toolFinished(id: "t", isError: true, output: "out\nout"),
            ])
        let late = scene.update("tool_call_update", ["toolCallId": "t", "status": "completed"])
        #expect(late.events.count == 1)
        guard case .raw = late.events.first else {
            Issue.record("what comes after the end of a call is kept as it came")
            return
        }
    }

    @Test func plansAreHandedOn() throws {
        var scene = try ACPScene.prompted()
        let entries: JSON = [["content": "Count", "priority": "high", "status": "pending"]]
        #expect(scene.update("plan", ["entries": entries]).events == [.planUpdated(entries)])
        #expect(scene.update("plan").events.count == 1)
    }

    @Test(
        "What is not the run's makes no event",
        arguments: [
            "user_message_chunk", "available_commands_update", "config_option_update", "session_info_update",
        ])
    func silentUpdates(_ kind: String) throws {
        var scene = try ACPScene.prompted()
        #expect(scene.update(kind, ["content": ["type": "text", "text": "x"]]).isEmpty)
    }

    @Test func whatIsNotKnownIsKeptAsItCame() throws {
        var scene = try ACPScene.prompted()
        for kind in ["current_mode_update", "something_new", "agent_message_chunk"] {
            let events = scene.update(kind, ["x": 1]).events
            #expect(events == [.raw(["x": 1, "sessionUpdate": .string(kind)])])
        }
        #expect(scene.update("agent_message_chunk", session: "another").events.count == 1)
        #expect(scene.say(["jsonrpc": "2.0", "method": "_vendor/news", "params": [:]]).events.count == 1)
    }

    // MARK: - Usage

    @Test func costIsOfThisRunAndTokensAreAsTheAgentCounts() throws {
        var scene = try ACPScene(ACPScene.task(resuming: "s-1"), ["usage": "session"])
        scene.initialize(["loadSession": true])
        scene.update(
            "usage_update",
            [
                "used": 5, "size": 100, "cost": ["amount": 1.5, "currency": "USD"],
                "_meta": ["promptTokens": 100, "completionTokens": 10, "cachedTokens": 1],
            ])
        scene.answer([:])
        var before = Usage()
        (before.inputTokens, before.outputTokens, before.cacheReadTokens) = (100, 10, 1)
        (before.cost, before.accuracy) = (Cost(dollars: 1.5), .known)
        #expect(scene.events.contains(.usageBefore(before)))
        scene.text("x")
        scene.update("usage_update", ["used": 6, "size": 100, "cost": ["amount": 1.75, "currency": "USD"]])
        scene.answer(["stopReason": "end_turn", "usage": ["totalTokens": 135, "inputTokens": 120, "outputTokens": 15]])
        #expect(scene.outcome?.usage?.inputTokens == 20)
        #expect(scene.outcome?.usage?.outputTokens == 5)
        #expect(scene.outcome?.usage?.cost == Cost(dollars: 0.25))
        #expect(scene.outcome?.usage?.accuracy == .known)
        let total = scene.events.compactMap { if case .usageTotal(let usage) = $0 { usage } else { nil } }.last
        #expect(total?.inputTokens == 120)
        #expect(total?.cost == Cost(dollars: 1.75))
    }

    @Test("Whose tokens they are is certain in a new session only", arguments: [nil, "s-1"])
    func unknownScope(_ resumed: String?) throws {
        var scene = try ACPScene.prompted(ACPScene.task(resuming: resumed))
        scene.text("x")
        scene.answer(["stopReason": "end_turn", "usage": ["inputTokens": 12, "outputTokens": -3]])
        #expect(scene.outcome?.usage?.inputTokens == 12)
        #expect(scene.outcome?.usage?.outputTokens == 0)
        #expect(scene.outcome?.usage?.accuracy == (resumed == nil ? .known : .estimated))
    }

    @Test func absurdFiguresDoNotTrap() throws {
        var scene = try ACPScene.prompted()
        for amount: JSON in [1e300, -1, "x", 9.2e18] {
            scene.update("usage_update", ["cost": ["amount": amount, "currency": "USD"]])
        }
        scene.text("x")
        scene.answer(["stopReason": "end_turn", "usage": ["inputTokens": .int(.max), "outputTokens": 1e300]])
        #expect(scene.outcome?.usage?.inputTokens == 1 << 50)
    }
}
