import AgentModel
import Driver
import DriverCLI
import JSON
import Testing

/// How a run over app-server goes on and ends other than by a plain answer.
@Suite struct CodexAppServerEndTests {
    @Test func aCancelInterruptsTheTurn() throws {
        var play = CodexPlay(request("SLOW"))
        try play.hear("appserver_interrupt", until: "item/agentMessage/delta")
        play.handle(.cancel)
        play.handle(.cancel)
        #expect(
            play.written("turn/interrupt").map { $0["params"] }
                == [["threadId": .string(CodexFixture.thread), "turnId": .string(CodexFixture.turn)]])
        try play.hear("appserver_interrupt")
        #expect(play.outcome?.stopReason == .cancelled)
        #expect(play.warmKeys.isEmpty)
    }

    @Test func aCancelBeforeTheTurnInterruptsItAsSoonAsItBegins() throws {
        var play = CodexPlay(request("SLOW"))
        play.handle(.cancel)
        #expect(play.written("turn/interrupt").isEmpty)
        try play.hear("appserver_interrupt", until: "turn/started")
        #expect(play.written("turn/interrupt").count == 1)
    }

    @Test func aProcessThatDoesNotServeOnIsLetGo() throws {
        var play = CodexPlay(request("SLOW"))
        try play.hear("appserver_interrupt", until: "item/agentMessage/delta")
        play.handle(.cancel)
        try play.hear("appserver_interrupt")
        #expect(play.effects.suffix(2).first == .closeInput)
        let kept = try CodexPlay("appserver_text", request("hi"))
        #expect(!kept.effects.contains(.closeInput))
    }

    @Test func aCommandThatRunsOnInTheBackgroundEndsWithItsRun() throws {
        var play = CodexPlay(request("hi"))
        try play.hear("appserver_text", until: "turn/started")
        let item = #"{"item":{"type":"commandExecution","id":"call_1","command":"sleep 33","status":"inProgress"}}"#
        play.handle(.output(Array(#"{"method":"item/started","params":\#(item)}"#.utf8) + [10]))
        try play.hear("appserver_text")
        #expect(play.outcome?.stopReason == .endTurn)
        #expect(play.warmKeys.isEmpty)
    }

    @Test func aRunThatWasCancelledKeepsNothingWarm() throws {
        var play = CodexPlay(request("hi"))
        play.handle(.cancel)
        try play.hear("appserver_text")
        #expect(play.outcome?.stopReason == .endTurn)
        #expect(play.warmKeys.isEmpty)
    }

    @Test func whatTheUserAddsReachesTheTurn() throws {
        var play = CodexPlay(request("SLOW"))
        play.handle(.steer("before it began"))
        #expect(play.written("turn/steer").isEmpty)
        try play.hear("appserver_steer", until: "turn/started")
        let params = try #require(play.written("turn/steer").first?["params"])
        #expect(params["expectedTurnId"] == .string(CodexFixture.turn))
        #expect(params["input"] == [["type": "text", "text": "before it began", "text_elements": []]])
        play.handle(.steer("meanwhile"))
        #expect(play.written("turn/steer").count == 2)
        let refusal = play.run.hear(#"{"id":5,"error":{"code":-32600,"message":"no active turn to steer"}}"#)
        #expect(refusal.warnings.first?.contains("no active turn to steer") == true)
    }

    @Test func aWarmProcessIsGivenTheTurnAtOnce() throws {
        let warm = try #require(try CodexPlay("appserver_text", request("hi")).warmKeys.first)
        let next = request("again", resuming: CodexFixture.thread)
        var play = CodexPlay(next, spawned: .reused)
        #expect(play.spawned?.warmKey == warm)
        #expect(play.effects.written.compactMap { $0["method"]?.stringValue } == ["turn/start"])
        #expect(play.effects.events == [.driverSession(id: CodexFixture.thread, resumed: true)])
        play.handle(.output(Array(#"{"id":1,"result":{"turn":{"id":"t2","status":"inProgress"}}}"#.utf8) + [10]))
        play.handle(
            .output(
                Array(#"{"method":"turn/completed","params":{"turn":{"id":"t2","status":"completed"}}}"#.utf8) + [10]))
        #expect(play.outcome?.stopReason == .endTurn)
        #expect(play.warmKeys == [warm])
    }

    @Test func anotherModelOrPermissionIsAnotherProcess() throws {
        let warm = try #require(try CodexPlay("appserver_text", request("hi")).warmKeys.first)
        var other = request("again", resuming: CodexFixture.thread)
        other.session.model = "gpt-5"
        #expect(CodexPlay(other).spawned?.warmKey != warm)
        other = request("again", resuming: CodexFixture.thread)
        other.session.permissions = ["driver_mode": "accept_edits"]
        #expect(CodexPlay(other).spawned?.warmKey != warm)
        other = request("again", resuming: CodexFixture.thread)
        other.forks = true
        #expect(CodexPlay(other).spawned?.warmKey == nil)
    }

    @Test func aWarmProcessThatPutTheThreadAwayResumesIt() {
        var play = CodexPlay(request("again", resuming: CodexFixture.thread), spawned: .reused)
        play.handle(.output(Array(#"{"id":1,"error":{"code":-32600,"message":"thread not found"}}"#.utf8) + [10]))
        #expect(play.written("thread/resume").count == 1)
        play.handle(.output(Array(#"{"id":2,"result":{"thread":{"id":"\#(CodexFixture.thread)"}}}"#.utf8) + [10]))
        #expect(play.written("turn/start").count == 2)
        #expect(play.effects.events == [.driverSession(id: CodexFixture.thread, resumed: true)])
    }

    @Test func resumeOfAnUnknownThreadIsTold() throws {
        let play = try CodexPlay(
            "appserver_unknownresume", request("hi", resuming: "11111111-2222-4333-8444-555555555555"))
        #expect(play.outcome?.isResumeLost == true)
        #expect(play.outcome?.driverSessionID == nil)
        #expect(play.outcome?.error?.message.contains("no rollout found") == true)
    }

    @Test func anotherThreadThanTheOneAskedForIsNotResumed() throws {
        let play = try CodexPlay("appserver_text", request("hi", resuming: CodexFixture.fork))
        // The reply to `thread/resume` names another thread.
        #expect(play.effects.events.contains(.driverSession(id: CodexFixture.thread, resumed: false)))
    }

    @Test func reconnectingIsNotTerminal() throws {
        let play = try CodexPlay("appserver_err500", request("ERR"))
        let warnings = play.effects.warnings.filter { $0.hasPrefix("Reconnecting") }
        #expect(warnings.count == 1)
        #expect(play.outcome?.stopReason == .error)
        #expect(play.outcome?.error?.retryable == true)
        #expect(play.outcome?.error?.message.contains("high demand") == true)
        #expect(play.outcome?.driverSessionID == CodexFixture.thread)
        #expect(play.warmKeys.isEmpty)
    }

    @Test func aRefusedConnectionWaitsForEver() throws {
        var play = CodexPlay(request("hi"))
        try play.hear("appserver_refused")
        #expect(play.outcome == nil)
        // The host takes each event for a sign of life: only the first may be one.
        let more = try CodexFixture.lines("appserver_refused").suffix(2)
        #expect(more.flatMap { play.handle(.output($0)) }.isEmpty)
    }

    @Test func aServersErrorIsToldInItsWords() throws {
        let error = try CodexPlay("appserver_err400", request("ERR")).outcome?.error
        #expect(error?.message == "bad thing")
        #expect(error?.retryable == false)
    }

    @Test(
        "SIGINT exits with 1 and SIGTERM with 143, and neither says how the turn ended",
        arguments: [(1, false), (143, false), (-15, false), (143, true)])
    func noTerminalEventAfterASignal(_ status: Int, _ isCancelled: Bool) throws {
        var play = CodexPlay(request("hi"))
        try play.hear("appserver_text", until: "item/agentMessage/delta")
        if isCancelled { play.handle(.cancel) }
        play.handle(.outputEnded)
        play.handle(.exited(status))
        #expect(play.outcome?.stopReason == (isCancelled ? .cancelled : .noResult))
        #expect(play.outcome?.driverSessionID == CodexFixture.thread)
    }

    @Test func aCodexWithoutAppServerSaysWhatToDo() {
        var play = CodexPlay(request("hi"))
        play.handle(.errorOutput("\u{1b}[31merror\u{1b}[0m: unrecognized subcommand 'app-server'\n\n"))
        play.handle(.exited(2))
        #expect(play.outcome?.error?.reason == "driver_unavailable")
        #expect(play.outcome?.error?.message.contains("error: unrecognized subcommand") == true)
        #expect(play.outcome?.error?.message.contains("`transport`") == true)
    }

    @Test func whatFreshTasksDoIsNotKept() throws {
        var request = request("hi")
        request.task.persistence = .fresh
        let play = try CodexPlay("appserver_text", request)
        #expect(play.written("thread/start")[0]["params"]?["ephemeral"] == true)
        #expect(play.outcome?.driverSessionID == nil)
        #expect(play.warmKeys.isEmpty)
        #expect(play.effects.events.contains(.usageTotal(.codex(1))))
    }

    @Test func agentsWithinTheAgentHaveThreadsOfTheirOwn() throws {
        var play = CodexPlay(request("hi"))
        try play.hear("appserver_text", until: "turn/started")
        let other = [
            #"{"method":"item/agentMessage/delta","params":{"threadId":"sub","itemId":"m","delta":"not the answer"}}"#,
            #"{"method":"item/completed","params":{"threadId":"sub","item":{"type":"agentMessage","id":"m","text":"not the answer"}}}"#,
            #"{"method":"turn/completed","params":{"threadId":"sub","turn":{"id":"x","status":"completed"}}}"#,
        ]
        let effects = other.flatMap { play.handle(.output(Array($0.utf8) + [10])) }
        #expect(effects.count == 1)
        #expect(play.outcome == nil)
    }
}
