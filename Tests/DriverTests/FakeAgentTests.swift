import AgentModel
import Driver
import DriverCLI
import DriverConformance
import Foundation
import JSON
import Testing

/// What a real process can do to a run, and what comes of it.
@Suite struct FakeAgentTests {
    @Test(
        "Whatever the agent does, the run ends for the reason that fits",
        arguments: [
            (#"{"say":"hello"}"#, StopReason.endTurn, "hello"),
            (#"{"tear":true}"#, .noResult, ""),
            (#"{"tear":true,"code":4}"#, .noResult, ""),
            (#"{"exit":3}"#, .noResult, ""),
            (#"{"kill":9}"#, .noResult, ""),
            (#"{"raw":"just text"}"# + "\n" + #"{"exit":0}"#, .endTurn, "just text"),
            (#"{"raw":"just text"}"# + "\n" + #"{"exit":1}"#, .noResult, ""),
            (#"{"bytes":"fffe0a80"}"# + "\n" + #"{"say":"after"}"#, .endTurn, "after"),
            (#"{"result":{"output":"one"}}"# + "\n" + #"{"result":{"output":"two"}}"#, .endTurn, "one"),
            (#"{"result":{"stop_reason":"refusal"}}"#, .refusal, ""),
            (#"{"close_stdout":true}"# + "\n" + #"{"exit":0}"#, .noResult, ""),
            (#"{"close_stdout":true}"# + "\n" + #"{"sleep_ms":100000}"#, .noResult, ""),
            (#"{"flood_stderr":3000000}"# + "\n" + #"{"say":"x"}"#, .endTurn, "x"),
            (#"{"flood_stdout":1000000}"# + "\n" + #"{"say":"x"}"#, .endTurn, "x"),
            (#"{"long_line":17000000}"# + "\n" + #"{"say":"x"}"#, .endTurn, "x"),
            (#"{"repeat":3,"steps":[{"say":"x"}]}"#, .endTurn, "x\nx\nx"),
        ] as [(String, StopReason, String)])
    func outcomes(_ script: String, _ stopReason: StopReason, _ output: String) throws {
        let record = try FakeAgent.run(script)
        #expect(record.outcome.stopReason == stopReason)
        #expect(record.outcome.output == output)
        #expect(record.leftBehind == 0)
    }

    @Test(
        "What does not want to end is ended",
        arguments: [
            (#"{"stall":true}"#, -15), (#"{"sleep_ms":100000}"#, -15),
            (#"{"ignore_sigterm":true}"# + "\n" + #"{"stall":true}"#, -9),
        ])
    func stubborn(_ script: String, _ status: Int) throws {
        let deafness = #"{"ignore_cancel":true}"# + "\n" + #"{"ignore_eof":true}"# + "\n"
        var options = ProcessHarness.Options()
        options.cancelAfterEvents = 1
        let record = try FakeAgent.run(deafness + #"{"say":"x"}"# + "\n" + script, nil, options)
        #expect(record.outcome.stopReason == .cancelled)
        #expect(record.exitStatus == status)
    }

    @Test func cancelIsAnsweredWithWhatWasSaid() throws {
        var options = ProcessHarness.Options()
        options.graceMilliseconds = 10_000
        options.cancelAfterEvents = 1
        let record = try FakeAgent.run(#"{"say":"so far"}"# + "\n" + #"{"sleep_ms":100000}"#, nil, options)
        #expect(record.outcome.stopReason == .cancelled)
        #expect(record.outcome.output == "so far")
        #expect(record.exitStatus == 0)
    }

    @Test("A descendant that holds the pipe does not hold up the end", arguments: [true, false])
    func grandchild(_ setsid: Bool) throws {
        let script = #"{"grandchild":{"setsid":\#(setsid),"seconds":600,"ignore_sigterm":true}}"# + "\n{\"exit\":0}"
        let record = try FakeAgent.run(script)
        #expect(record.outcome.stopReason == .noResult)
        #expect(record.leftBehind == 1)
    }

    @Test("The answer to an ask reaches the agent", arguments: [("reject", "reject"), (nil, "none")])
    func asks(_ option: String?, _ told: String) throws {
        var options = ProcessHarness.Options()
        options.answer = { _ in option }
        let record = try FakeAgent.run(#"{"ask":{"id":"q","title":"May I?"}}"#, nil, options)
        #expect(record.outcome.output == "answer to q: \(told)")
    }

    @Test func theAgentRemembersItsSession() throws {
        let folder = try TemporaryFolder()
        let driver = try FakeAgent.lines(sessions: folder.path, ["resumes", "accepts_session_id"])
        let first = try ProcessHarness.run(driver.makeRun(request(#"{"recall":true}"#, offering: "one")))
        #expect(first.outcome.driverSessionID == "one")
        let second = try ProcessHarness.run(driver.makeRun(request(#"{"recall":true}"#, resuming: "one")))
        #expect(second.outcome.output == "prompts so far: 2")
        let lost = try ProcessHarness.run(driver.makeRun(request(#"{"recall":true}"#, resuming: "../one")))
        #expect(lost.outcome.isResumeLost)
        #expect(lost.outcome.error?.reason == "not_found")
    }

    @Test func filesAreWrittenIntoTheResultsFolder() throws {
        let folder = try TemporaryFolder()
        var request = request(#"{"write_file":{"path":"deep/report.md","text":"Hi"}}"#)
        request.session = AgentSession(
            id: request.session.id, driver: "fake", resultsDirectory: folder.path, at: request.session.createdAt)
        let record = try ProcessHarness.run(try FakeAgent.lines().makeRun(request))
        #expect(record.events.contains(.artifact(path: "deep/report.md")))
        #expect(try String(contentsOfFile: folder.path + "/deep/report.md", encoding: .utf8) == "Hi")
    }

    @Test func aWrongScriptIsNoSuccess() throws {
        let record = try FakeAgent.run(#"{"dance":true}"#)
        #expect(record.exitStatus == 64)
        #expect(record.errorBytes > 0)
    }
}
