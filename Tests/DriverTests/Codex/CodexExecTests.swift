import AgentModel
import Driver
import DriverCLI
import JSON
import Testing

@Suite struct CodexExecTests {
    let driver = CodexFixture.driver(.exec)

    @Test func thePromptGoesToStdin() throws {
        let play = try CodexPlay("exec_basic", request("--help"), driver)
        #expect(play.spawned?.arguments.last == "-")
        #expect(play.spawned?.arguments.contains("--help") == false)
        #expect(play.effects.contains(.write(Array("--help".utf8))))
        #expect(play.effects.contains(.closeInput))
        #expect(play.outcome?.output == "Hello from mock.")
        #expect(play.outcome?.driverSessionID == CodexFixture.execThread)
        #expect(play.effects.events.contains(.driverSession(id: CodexFixture.execThread, resumed: false)))
    }

    @Test func execStreamsNoDeltas() throws {
        let events = try CodexPlay("exec_tool", request("x"), driver).effects.events
        #expect(!events.contains { if case .textDelta = $0 { true } else { false } })
        #expect(!driver.capabilities.streamsText)
        #expect(events.contains(.thoughtDelta(messageID: "item_4", text: "thinking é\u{1F600}")))
        #expect(
            events.contains(
                .toolFinished(
                    id: "item_1", isError: true, output: ["output": "hi\n", "exit_code": 3, "status": "failed"])))
        #expect(
            events.contains(
                .toolStarted(
                    id: "item_6", name: "file_change", title: "/w/a.txt",
                    input: ["changes": [["path": "/w/a.txt", "kind": "add"]]])))
        #expect(events.count { if case .planUpdated = $0 { true } else { false } } == 3)
    }

    @Test func usageOfAResumedThreadHoldsWhatWasBefore() throws {
        let play = try CodexPlay("exec_resume", request("again", resuming: CodexFixture.execThread), driver)
        #expect(play.effects.events.contains(.driverSession(id: CodexFixture.execThread, resumed: true)))
        #expect(play.effects.events.contains(.usageTotal(.codex(2))))
        #expect(play.outcome?.usage == nil)
    }

    @Test("Resume and fork are subcommands", arguments: [(false, "resume"), (true, "fork")])
    func subcommands(_ forks: Bool, _ word: String) throws {
        var request = request("again", resuming: "an-id")
        request.forks = forks
        #expect(CodexPlay(request, driver).spawned?.arguments.suffix(3) == [word, "an-id", "-"])
    }

    @Test func resumeOfAnUnknownIDLeavesStdoutEmpty() {
        var play = CodexPlay(request("hi", resuming: "11111111-2222-4333-8444-555555555555"), driver)
        play.handle(.outputEnded)
        play.handle(
            .errorOutput(
                """
                WARNING: proceeding, even though PATH aliases were not found
                Error: thread/resume: no rollout found for thread id 11111111-2222-4333-8444-555555555555

                Stack backtrace:
                   0: <unknown>
                """))
        play.handle(.exited(1))
        #expect(play.outcome?.isResumeLost == true)
        #expect(play.outcome?.error?.message.contains("no rollout found") == true)
        #expect(play.outcome?.driverSessionID == nil)
    }

    @Test func whatElseKeepsItFromResumingIsNoLostThread() {
        var play = CodexPlay(request("hi", resuming: "11111111-2222-4333-8444-555555555555"), driver)
        play.handle(.errorOutput("WARNING: bubblewrap was not found\nError: config.toml is no TOML\n"))
        play.handle(.exited(1))
        #expect(play.outcome?.isResumeLost == false)
        #expect(play.outcome?.error?.message.contains("config.toml is no TOML") == true)
    }

    @Test func anUnknownNameStartsANewThreadWithExitZero() throws {
        let play = try CodexPlay("exec_basic", request("hi", resuming: "no-such-name"), driver)
        #expect(play.effects.events.contains(.driverSession(id: CodexFixture.execThread, resumed: false)))
        #expect(play.outcome?.stopReason == .endTurn)
        #expect(play.outcome?.isResumeLost == false)
    }

    @Test func errorItemsAndReconnectingAreNotTerminal() throws {
        let basic = try CodexPlay("exec_basic", request("hi"), driver)
        #expect(basic.effects.warnings.first?.hasPrefix("Model metadata") == true)
        #expect(basic.outcome?.stopReason == .endTurn)
        let failed = try CodexPlay("exec_err500", request("hi"), driver, status: 1)
        #expect(failed.effects.warnings.count { $0.hasPrefix("Reconnecting") } == 1)
        #expect(failed.outcome?.stopReason == .error)
        #expect(failed.outcome?.error?.message.contains("high demand") == true)
    }

    @Test("A signal ends it without a terminal event", arguments: [(1, false), (143, false), (143, true), (1, true)])
    func noTerminalEventAfterASignal(_ status: Int, _ isCancelled: Bool) throws {
        var play = CodexPlay(request("hi"), driver)
        try play.hear("exec_term")
        if isCancelled { play.handle(.cancel) }
        play.handle(.outputEnded)
        play.handle(.exited(status))
        #expect(play.outcome?.stopReason == (isCancelled ? .cancelled : .noResult))
        #expect(play.outcome?.driverSessionID == CodexFixture.execThread)
        #expect(play.outcomes == 1)
    }

    @Test("What exec cannot do is refused before anything is spawned")
    func refusals() {
        var withSchema = request()
        withSchema.task.outputSchema = ["type": "object"]
        var withImage = request()
        withImage.task.input.append(["type": "image", "media_type": "image/png", "data": "AA=="])
        for request in [withSchema, withImage, request(resuming: "--last")] {
            let play = CodexPlay(request, driver)
            #expect(play.spawned == nil)
            #expect(play.outcome?.error?.reason == "unsupported")
        }
    }
}
