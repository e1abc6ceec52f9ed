import AgentModel
import Driver
import DriverACP
import JSON
import Testing

/// What real agents have been seen to do.
@Suite struct ACPQuirkTests {
    @Test func anEndOfTurnWithoutAWordIsAFailure() throws {
        var scene = try ACPScene.prompted()
        scene.answer(["stopReason": "end_turn"])
        #expect(scene.outcome?.stopReason == .error)
        #expect(scene.outcome?.error?.reason == "driver_failed")
        #expect(scene.outcome?.error?.retryable == true)
    }

    @Test func anEndOfTurnAfterToolsAloneIsNone() throws {
        var scene = try ACPScene.prompted()
        scene.update("tool_call", ["toolCallId": "t", "title": "x", "kind": "edit", "status": "completed"])
        scene.answer(["stopReason": "end_turn"])
        #expect(scene.outcome?.stopReason == .endTurn)
    }

    @Test func aRefusalWithoutAWordIsAnError() throws {
        var scene = try ACPScene.prompted()
        scene.answer(["stopReason": "refusal"])
        #expect(scene.outcome?.stopReason == .refusal)
        #expect(scene.outcome?.error?.reason == "driver_failed")
    }

    @Test func aRefusalThatIsExplainedIsAnAnswer() throws {
        var scene = try ACPScene.prompted()
        scene.text("I will not.")
        scene.answer(["stopReason": "refusal"])
        #expect(scene.outcome?.stopReason == .refusal)
        #expect(scene.outcome?.error == nil)
        #expect(scene.outcome?.output == "I will not.")
    }

    @Test(
        "Every stop reason has its own",
        arguments: [
            ("max_tokens", StopReason.maxTokens), ("max_turn_requests", .recursionLimit), ("cancelled", .cancelled),
            ("bored", .error),
        ])
    func stopReasons(_ word: String, _ reason: StopReason) throws {
        var scene = try ACPScene.prompted()
        scene.text("x")
        scene.answer(["stopReason": .string(word)])
        #expect(scene.outcome?.stopReason == reason)
    }

    @Test(
        "An error code of its own fails the run in the agent's words",
        arguments: [
            (-31001 as Int64, true), (-31005, false), (-32603, false), (429, true),
        ])
    func errorCodes(_ code: Int64, _ retryable: Bool) throws {
        var scene = try ACPScene.prompted()
        scene.text("half a sen")
        scene.refuse(code, "Failed", data: ["details": "the model is away"])
        #expect(scene.outcome?.error?.message == "Failed: the model is away")
        #expect(scene.outcome?.error?.retryable == retryable)
        #expect(scene.outcome?.error?.raw?["code"] == .int(code))
        #expect(scene.outcome?.output == "half a sen")
    }

    @Test func withoutAuthenticationTheDriverIsUnavailableAndSaysHowToSignIn() throws {
        var scene = try ACPScene()
        scene.initialize(auth: [
            ["id": "oauth", "name": "Log in with Example"],
            ["id": "key", "name": "Use a key", "type": "env_var", "vars": [["name": "EXAMPLE_KEY"]]],
        ])
        scene.refuse(-32000, "Authentication required")
        let error = scene.outcome?.error
        #expect(error?.reason == "driver_unavailable")
        #expect(error?.message.contains("Log in with Example; Use a key (EXAMPLE_KEY)") == true)
    }

    @Test func aResumeWithoutAuthenticationIsNotLost() throws {
        var scene = try ACPScene(ACPScene.task(resuming: "old"))
        scene.initialize(["loadSession": true])
        scene.refuse(-32000, "Authentication required")
        #expect(scene.outcome?.isResumeLost == false)
        #expect(scene.outcome?.error?.reason == "driver_unavailable")
    }

    @Test func aWayToSignInIsTakenWhenItIsConfigured() throws {
        var scene = try ACPScene(ACPScene.task(), ["auth_method": "key"])
        scene.initialize()
        #expect(scene.lastRequest["method"] == "authenticate")
        #expect(scene.lastRequest["params"] == ["methodId": "key"])
        scene.answer([:])
        #expect(scene.lastRequest["method"] == "session/new")
    }

    @Test func anotherVersionOfTheProtocolIsRefused() throws {
        var scene = try ACPScene()
        scene.answer(["protocolVersion": 2])
        #expect(scene.outcome?.error?.reason == "driver_unavailable")
        #expect(scene.outcome?.error?.message.contains("version 2") == true)
    }

    @Test func noBatchIsEverSent() throws {
        var scene = try ACPScene.prompted()
        for id: Int64 in 1...3 { scene.askPermission(.int(id), ["toolCallId": "t", "kind": "edit"]) }
        scene.ask(9, "fs/read_text_file", ["path": "/work/a"])
        scene.ask(10, "nonsense/method", [:])
        scene.perform(.cancel)
        scene.answer(["stopReason": "cancelled"])
        #expect(scene.written.count > 6)
        for case .write(let bytes) in scene.effects {
            #expect(bytes.first == UInt8(ascii: "{"))
            #expect(bytes.split(separator: 10).count == 1)
        }
    }

    @Test func aBatchFromTheAgentIsKeptAsItCame() throws {
        var scene = try ACPScene.prompted()
        #expect(scene.say([["jsonrpc": "2.0", "id": 3, "result": [:]]]).events.count == 1)
        #expect(scene.outcome == nil)
    }

    @Test func anAgentThatNeverAnswersEndsWithItsProcess() throws {
        var scene = try ACPScene.prompted()
        scene.text("so far")
        scene.perform(.errorOutput("starting\nTraceback: out of luck\n"))
        scene.perform(.outputEnded)
        #expect(scene.effects.last == .closeInput)
        scene.perform(.exited(1))
        #expect(scene.outcome?.stopReason == .noResult)
        #expect(scene.outcome?.error?.message.contains("Traceback: out of luck") == true)
        #expect(scene.outcome?.output == "so far")
        #expect(scene.events.contains(.message(id: "m1", role: "assistant", text: "so far")))
    }

    @Test func aProgramThatSpeaksNoProtocolIsHeardOut() throws {
        var scene = try ACPScene()
        scene.perform(.output(Array("usage: agent [FLAGS]\nmore\n".utf8)))
        #expect(scene.events.dropFirst() == [.raw("usage: agent [FLAGS]"), .raw("more")])
        #expect(scene.effects.warnings.count == 1)
        scene.perform(.exited(2))
        #expect(scene.outcome?.error?.raw?["exit_code"] == 2)
    }

    @Test func retriesWithoutEndAreToldOnce() throws {
        var scene = try ACPScene.prompted()
        let retry: JSON = [
            "jsonrpc": "2.0", "method": "_session/retrying", "params": ["sessionId": "s-1", "detail": "503"],
        ]
        for _ in 0..<50 { scene.say(retry) }
        #expect(scene.effects.warnings == ["The agent tries again: 503"])
        scene.text("back")
        scene.say(retry)
        #expect(scene.effects.warnings.count == 2)
    }

    @Test func anOverlongLineIsSkipped() throws {
        var scene = try ACPScene(ACPScene.task(), lineBytesMax: 300)
        scene.perform(.output(Array(repeating: UInt8(ascii: "x"), count: 1000) + [10]))
        #expect(scene.effects.warnings.count == 1)
        scene.initialize()
        #expect(scene.lastRequest["method"] == "session/new")
    }
}
