import AgentModel
import Driver
import JSON
import Testing

@Suite struct LineRunTests {
    @Test func startSpawnsAndTellsTheTask() throws {
        var run = LineRun(request("Hello"), process: ProcessSpec(executable: "/bin/agent", arguments: ["-x"]))
        let effects = run.handle(.start)
        #expect(effects.first == .spawn(ProcessSpec(executable: "/bin/agent", arguments: ["-x"])))
        #expect(effects.count == 2)
        #expect(effects.written.first?["type"] == "start")
        #expect(effects.written.first?["prompt"] == "Hello")
        #expect(run.handle(.start).isEmpty)
        #expect(run.handle(.spawned).isEmpty)
    }

    @Test func theFirstResultEndsTheRun() {
        var run = startedRun()
        let effects = run.hear(
            #"{"type":"session","id":"s1"}"#, #"{"type":"message","id":"m","text":"42"}"#,
            #"{"type":"usage","turns":2}"#, #"{"type":"result"}"#)
        #expect(effects.outcome?.output == "42")
        #expect(effects.outcome?.driverSessionID == "s1")
        #expect(effects.outcome?.usage?.turns == 2)
        #expect(run.hear(#"{"type":"result","output":"again"}"#).isEmpty)
        #expect(run.handle(.exited(1)).isEmpty)
    }

    @Test func aSpawnThatFailsMakesTheDriverUnavailable() {
        var run = LineRun(request(), process: ProcessSpec(executable: "/none"))
        _ = run.handle(.start)
        let outcome = run.handle(.spawnFailed("no such file")).outcome
        #expect(outcome?.stopReason == .error)
        #expect(outcome?.error == TaskError(code: 1006, reason: "driver_unavailable", message: "no such file"))
    }

    @Test(
        "Without a result, how the process ended is kept",
        arguments: [(3, "exit_code", 3), (0, "exit_code", 0), (-9, "signal", 9)])
    func exitWithoutResult(_ status: Int, _ key: String, _ value: Int) {
        var run = startedRun()
        #expect(run.hear(#"{"type":"turn"}"#).events == [.turnEnded])
        let outcome = run.handle(.exited(status)).outcome
        #expect(outcome?.stopReason == .noResult)
        #expect(outcome?.error?.reason == "driver_failed")
        #expect(outcome?.error?.raw?[key]?.intValue == value)
        #expect(outcome?.error?.retryable == (status < 0))
    }

    @Test func plainTextAndExitZeroCompletes() {
        var run = startedRun()
        #expect(run.hear("Forty", "", "two  ", "").isEmpty)
        let effects = run.handle(.exited(0))
        #expect(effects.outcome?.stopReason == .endTurn)
        #expect(effects.outcome?.output == "Forty\n\ntwo")
        #expect(effects.outcome?.driverSessionID == nil)
        #expect(effects.warnings.count == 1)
        #expect(effects.events.contains(.message(id: "text", role: "assistant", text: "Forty\n\ntwo")))
    }

    @Test("JSON that is no line of the protocol is plain text too", arguments: ["42", "[1]", #"{"answer":42}"#])
    func jsonAsPlainText(_ text: String) {
        var run = startedRun()
        #expect(run.hear(text).isEmpty)
        #expect(run.handle(.exited(0)).outcome?.output == text)
    }

    @Test func plainTextAndAnotherExitFails() {
        var run = startedRun()
        _ = run.hear("usage: agent FILE")
        let effects = run.handle(.exited(2))
        #expect(effects.outcome?.stopReason == .noResult)
        #expect(effects.events.contains(.raw("usage: agent FILE")))
    }

    @Test func plainTextIsBounded() {
        var limits = LineRun.Limits()
        limits.plainTextBytes = 10
        var run = startedRun(limits: limits)
        for _ in 0..<100 { _ = run.hear("abc") }
        let effects = run.handle(.exited(0))
        #expect(effects.outcome?.output == "abc\nabc\nab")
        #expect(effects.warnings.count == 2)
    }

    @Test func plainTextThatJustFitsIsNotCut() {
        var limits = LineRun.Limits()
        limits.plainTextBytes = 7
        var run = startedRun(limits: limits)
        _ = run.hear("abc", "def")
        let effects = run.handle(.exited(0))
        #expect(effects.outcome?.output == "abc\ndef")
        #expect(effects.warnings.count == 1)
    }

    @Test func noiseAmongLinesIsKeptWithOneWarning() {
        var run = startedRun()
        var effects = run.hear("loading...", "still loading...", #"{"type":"turn"}"#, "Traceback:", #"{"no":"type"}"#)
        #expect(effects.warnings.count == 1)
        #expect(
            effects.events.dropFirst() == [
                .raw("loading...\nstill loading..."), .turnEnded, .raw("Traceback:"), .raw(["no": "type"]),
            ])
        effects = run.handle(.exited(0))
        #expect(effects.outcome?.stopReason == .noResult)
    }

    @Test func noiseBeforeAResultIsKept() {
        var run = startedRun()
        let effects = run.hear("loading...", #"{"type":"result","output":"x"}"#)
        #expect(effects.events.last == .raw("loading..."))
        #expect(effects.outcome?.output == "x")
    }

    @Test func invalidUTF8IsNoTrap() {
        var run = startedRun()
        _ = run.hear(#"{"type":"turn"}"#)
        let effects = run.handle(.output([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d, 10]))
        #expect(effects.events.last == .raw("{\"\u{fffd}\u{fffd}\"}"))
    }

    @Test func aTornLastLineIsTold() {
        var run = startedRun()
        #expect(run.handle(.output(Array(#"{"type":"result","outp"#.utf8))).isEmpty)
        let ended = run.handle(.outputEnded)
        #expect(ended.warnings == ["The agent's last line was cut off."])
        #expect(ended.last == .closeInput)
        #expect(run.handle(.exited(0)).outcome?.stopReason == .noResult)
    }

    @Test("A whole last line counts without its newline", arguments: [DriverInput.outputEnded, .exited(0)])
    func lastLineWithoutNewline(_ end: DriverInput) {
        var run = startedRun()
        _ = run.handle(.output(Array(#"{"type":"result","output":"yes"}"#.utf8)))
        #expect(run.handle(end).outcome?.output == "yes")
    }

    @Test func anOverlongLineIsSkippedToItsEnd() {
        var limits = LineRun.Limits()
        limits.lineBytes = 64
        var run = startedRun(limits: limits)
        let long = Array(repeating: UInt8(ascii: "x"), count: 50)
        var effects = run.handle(.output(long))
        for _ in 0..<10 { effects += run.handle(.output(long)) }
        effects += run.handle(.output([10]))
        effects += run.hear(#"{"type":"result"}"#)
        #expect(effects.warnings.count == 1)
        #expect(effects.events.count == 2)
        #expect(effects.outcome?.stopReason == .endTurn)
    }

    @Test func onlySequencesThatMakeSenseComeOut() {
        var run = startedRun()
        let effects = run.hear(
            #"{"type":"tool.finished","id":"t"}"#, #"{"type":"tool.updated","id":"t"}"#,
            #"{"type":"tool.started","id":"t","name":"sql"}"#, #"{"type":"tool.started","id":"t","name":"sql"}"#,
            #"{"type":"tool.finished","id":"t"}"#, #"{"type":"tool.finished","id":"t"}"#,
            #"{"type":"ask.withdrawn","id":"a"}"#)
        let raws = effects.events.filter { if case .raw = $0 { true } else { false } }
        #expect(raws.count == 5)
        #expect(effects.events.count == 7)
    }

    @Test func anAnswerIsGivenOnceAndOnlyToAnOpenAsk() {
        var run = startedRun()
        #expect(run.handle(.answer(askID: "a", optionID: "yes")).isEmpty)
        #expect(run.hear(#"{"type":"ask","id":"a","options":[{"id":"yes"}]}"#).events.count == 1)
        let effects = run.handle(.answer(askID: "a", optionID: "yes"))
        #expect(effects.written == [["type": "answer", "ask_id": "a", "option_id": "yes"]])
        #expect(run.handle(.answer(askID: "a", optionID: nil)).isEmpty)
    }

    @Test func cancelIsSaidOnceAndWhatFollowsIsCancelled() {
        var run = startedRun()
        #expect(run.handle(.cancel).written == [["type": "cancel"]])
        #expect(run.handle(.cancel).isEmpty)
        let outcome = run.handle(.exited(-15)).outcome
        #expect(outcome?.stopReason == .cancelled)
        #expect(outcome?.error == nil)
    }

    @Test func cancelBeforeTheStartSpawnsNothing() {
        var run = LineRun(request(), process: ProcessSpec(executable: "/bin/agent"))
        #expect(run.handle(.cancel) == [.finish(RunOutcome(stopReason: .cancelled))])
        #expect(run.handle(.start).isEmpty)
    }

    @Test func anotherSessionThanTheOneToResumeIsNotResumed() {
        var run = startedRun(request(resuming: "old"))
        #expect(
            run.hear(#"{"type":"session","id":"new","resumed":true}"#).events
                == [.driverSession(id: "new", resumed: false)])
        #expect(
            run.hear(#"{"type":"session","id":"old","resumed":true}"#).events
                == [.driverSession(id: "old", resumed: true)])
    }

    @Test("Only a run that had a session to resume can have lost it", arguments: [nil, "old"])
    func resumeLost(_ resumeID: String?) {
        var run = startedRun(request(resuming: resumeID))
        let outcome = run.hear(
            #"{"type":"result","stop_reason":"error","error":{"reason":"not_found"},"resume_lost":true}"#
        ).outcome
        #expect(outcome?.isResumeLost == (resumeID != nil))
        #expect(outcome?.driverSessionID == nil)
    }
}
