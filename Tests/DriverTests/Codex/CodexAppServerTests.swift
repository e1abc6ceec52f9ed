import AgentModel
import Driver
import DriverCLI
import JSON
import Testing

@Suite struct CodexAppServerTests {
    @Test func aTurnFromItsStartToItsEnd() throws {
        let play = try CodexPlay("appserver_text", request("hi"))
        #expect(play.spawned?.executable == "codex")
        #expect(play.spawned?.arguments == ["app-server"])
        #expect(play.spawned?.warmKey == nil)
        #expect(
            play.effects.written.compactMap { $0["method"]?.stringValue }
                == ["initialize", "initialized", "thread/start", "turn/start"])
        #expect(play.written("turn/start")[0]["params"]?["threadId"] == .string(CodexFixture.thread))
        #expect(
            play.written("turn/start")[0]["params"]?["input"] == [["type": "text", "text": "hi", "text_elements": []]])
        #expect(play.effects.events.contains(.driverSession(id: CodexFixture.thread, resumed: false)))
        #expect(play.effects.events.contains(.textDelta(messageID: "msg_1", text: "from ")))
        #expect(play.effects.events.contains(.message(id: "msg_1", role: "assistant", text: "Hello from mock.")))
        #expect(play.outcome?.stopReason == .endTurn)
        #expect(play.outcome?.output == "Hello from mock.")
        #expect(play.outcome?.driverSessionID == CodexFixture.thread)
        #expect(play.warmKeys.map(\.driverSessionID) == [CodexFixture.thread])
        #expect(play.outcomes == 1)
    }

    @Test func app_serverRepliesWithoutJsonrpc() throws {
        let play = try CodexPlay("appserver_text", request("hi"))
        #expect(try !CodexFixture.bytes("appserver_text").containsText("jsonrpc"))
        #expect(play.effects.written.allSatisfy { $0["jsonrpc"] == nil })
        #expect(play.outcome?.stopReason == .endTurn)
    }

    @Test func usageIsCumulativePerThread() throws {
        let new = try CodexPlay("appserver_text", request("hi")).effects.events
        #expect(new.contains(.usageTotal(.codex(1))))
        #expect(!new.contains { if case .usageBefore = $0 { true } else { false } })
        let resumed = try CodexPlay("appserver_resume", request("again", resuming: CodexFixture.thread)).effects.events
        #expect(resumed.filter { if case .usageTotal = $0 { true } else { false } } == [.usageTotal(.codex(5))])
        let before = try #require(resumed.firstIndex(of: .usageBefore(.codex(4))))
        let session = try #require(resumed.firstIndex(of: .driverSession(id: CodexFixture.thread, resumed: true)))
        #expect(session < before)
        var forking = request("forked", resuming: CodexFixture.thread)
        forking.forks = true
        let forked = try CodexPlay("appserver_fork", forking)
        #expect(forked.written("thread/fork").count == 1)
        #expect(forked.effects.events.contains(.usageBefore(.codex(4))))
        #expect(forked.effects.events.contains(.usageTotal(.codex(5))))
        #expect(forked.outcome?.driverSessionID == CodexFixture.fork)
        #expect(forked.outcome?.usage == nil)
    }

    @Test func aTurnOfTheLoopIsAnAnswerOfTheModel() throws {
        let events = try CodexPlay("appserver_everything", request("USETOOL")).effects.events
        #expect(events.count { $0 == .turnEnded } == 3)
        // A count that is repeated, as after an interrupt, is no further answer.
        let interrupted = try CodexPlay("appserver_interrupt", request("SLOW")).effects.events
        #expect(interrupted.count { $0 == .turnEnded } == 1)
    }

    @Test func everythingComesOutInTheHostsWords() throws {
        var request = request("USETOOL")
        request.task.outputSchema = ["type": "object"]
        let play = try CodexPlay("appserver_everything", request)
        let events = play.effects.events
        #expect(events.contains(.thoughtDelta(messageID: "rs_1", text: "thinking é\u{1F600}")))
        #expect(events.count { if case .thoughtDelta = $0 { true } else { false } } == 1)
        #expect(
            events.contains(
                .planUpdated([
                    ["title": "look", "status": "completed"], ["title": "act", "status": "in_progress"],
                ])))
        #expect(
            events.contains(
                .toolStarted(
                    id: "call_1", name: "command_execution", title: "/bin/bash -lc 'echo hi; exit 3'",
                    input: ["command": "/bin/bash -lc 'echo hi; exit 3'", "cwd": "/w"])))
        #expect(events.contains(.toolUpdated(id: "call_1", data: ["output": "hi\n"])))
        #expect(
            events.contains(
                .toolFinished(
                    id: "call_1", isError: true, output: ["output": "hi\n", "exit_code": 3, "status": "failed"])))
        #expect(events.contains(.toolFinished(id: "patch_1", isError: false, output: ["status": "completed"])))
        let raw = events.compactMap { if case .raw(let line) = $0 { line["method"]?.stringValue } else { nil } }
        #expect(raw == ["no/such/thing", "item/completed"])
        #expect(play.written("turn/start")[0]["params"]?["outputSchema"] == ["type": "object"])
        #expect(play.outcome?.structuredOutput == ["name": "fake", "n": 7])
    }

    @Test func whatACommandWritesIsToldUpToALimit() throws {
        var play = CodexPlay(request("USETOOL"))
        try play.hear("appserver_everything", until: "item/commandExecution/outputDelta")
        let text = String(repeating: "x", count: 10_000)
        let delta: JSON = [
            "method": "item/commandExecution/outputDelta", "params": ["itemId": "call_1", "delta": .string(text)],
        ]
        let told = (0..<100).flatMap { _ in play.handle(.output(delta.encoded() + [10])) }
        #expect(told.count == 7)
    }

    @Test func anAnswerThatIsNotTheJSONAskedForFails() throws {
        var request = request("hi")
        request.task.outputSchema = ["type": "object"]
        let outcome = try CodexPlay("appserver_text", request).outcome
        #expect(outcome?.stopReason == .schemaUnsatisfied)
        #expect(outcome?.error != nil)
    }

    // MARK: - Asks

    @Test(
        "Server request ids count from 0 and go back as they came",
        arguments: [
            ("accept", "accept"), ("acceptForSession", "acceptForSession"), ("decline", "decline"), (nil, "cancel"),
            ("not offered", "cancel"),
        ] as [(String?, String)])
    func serverRequestIdsCountFromZero(_ option: String?, _ decision: String) throws {
        var play = CodexPlay(request("USETOOL"))
        try play.hear("appserver_declined", until: "item/commandExecution/requestApproval")
        let ask = try #require(play.asks.first)
        #expect(ask.id == "0")
        #expect(ask.tool == "command_execution")
        #expect(ask.options.map(\.kind) == ["allow_once", "allow_always", "reject_once"])
        let reply = play.handle(.answer(askID: "0", optionID: option)).written
        #expect(reply == [["id": 0, "result": ["decision": .string(decision)]]])
        #expect(play.handle(.answer(askID: "0", optionID: option)).isEmpty)
    }

    @Test func anAskThatCodexSettlesItselfIsWithdrawn() throws {
        let play = try CodexPlay("appserver_declined", request("USETOOL"))
        #expect(play.effects.events.contains(.askWithdrawn(askID: "0")))
        var answered = CodexPlay(request("USETOOL"))
        try answered.hear("appserver_declined", until: "item/commandExecution/requestApproval")
        answered.handle(.answer(askID: "0", optionID: "decline"))
        _ = answered.run.hear(#"{"method":"serverRequest/resolved","params":{"requestId":0}}"#)
        #expect(!answered.effects.events.contains(.askWithdrawn(askID: "0")))
    }

    @Test func anAskForFilesNamesThem() throws {
        let asks = try CodexPlay("appserver_everything", request("USETOOL")).asks
        #expect(asks.map(\.tool) == ["command_execution", "file_change"])
        #expect(asks.last?.paths == ["/w/a.txt"])
        #expect(asks.last?.input["changes"] != nil)
    }

    @Test(
        "Every kind of ask has its own form of answer",
        arguments: [
            (
                #"{"method":"item/permissions/requestApproval","id":"p","params":{"reason":"net","permissions":{"network":1}}}"#,
                "accept", #"{"permissions":{"network":1},"scope":"turn"}"#
            ),
            (
                #"{"method":"item/permissions/requestApproval","id":"p","params":{"permissions":{"network":1}}}"#,
                "decline", #"{"permissions":{},"scope":"turn"}"#
            ),
            (
                #"{"method":"mcpServer/elicitation/request","id":"p","params":{"mode":"form","serverName":"s","message":"m","requestedSchema":{"properties":{}}}}"#,
                "accept", #"{"action":"accept","content":{},"_meta":null}"#
            ),
            (
                #"{"method":"item/tool/requestUserInput","id":"p","params":{"questions":[{"id":"q","question":"Which?","options":[{"label":"A"},{"label":"B"}]}]}}"#,
                "B", #"{"answers":{"q":{"answers":["B"]}}}"#
            ),
        ])
    func kindsOfAsks(_ line: String, _ option: String, _ result: String) throws {
        var play = CodexPlay(request())
        try play.hear("appserver_text", until: "turn/started")
        play.handle(.output(Array(line.utf8) + [10]))
        let ask = try #require(play.asks.first)
        #expect(ask.options.contains { $0.id == option })
        let reply = play.handle(.answer(askID: ask.id, optionID: option)).written
        #expect(reply == [["id": "p", "result": try JSON.parse(Array(result.utf8))]])
    }

    @Test func whatNobodyCanAnswerIsRefused() throws {
        var play = CodexPlay(request())
        try play.hear("appserver_text", until: "turn/started")
        let effects = play.handle(.output(Array(#"{"method":"attestation/generate","id":7,"params":{}}"#.utf8) + [10]))
        #expect(effects.written.first?["id"] == 7)
        #expect(effects.written.first?["error"]?["code"] == -32601)
        #expect(play.asks.isEmpty)
    }
}

extension [UInt8] {
    fileprivate func containsText(_ text: String) -> Bool { String(decoding: self, as: UTF8.self).contains(text) }
}
