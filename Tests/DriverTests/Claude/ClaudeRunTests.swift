import AgentModel
import Driver
import DriverCLI
import JSON
import Testing

/// Each peculiarity of the program, under its own name.
@Suite struct ClaudeRunTests {
    static func ended(_ status: Int, _ request: RunRequest = request(), errors: String) -> RunOutcome? {
        var run = ClaudeFixture.started(request)
        _ = run.handle(.errorOutput(errors))
        _ = run.handle(.outputEnded)
        return run.handle(.exited(status)).outcome
    }

    @Test func thePromptFollowsInitializeAsSoonAsTheProcessRuns() throws {
        var run = ClaudeDriver().makeRun(request("Hello"))
        #expect(run.handle(.start).written.isEmpty)
        let written = run.handle(.spawned).written
        #expect(written.map { $0["type"] } == ["control_request", "user"])
        #expect(written.first?["request"]?["subtype"] == "initialize")
        #expect(written.last?["message"]?["content"] == [["type": "text", "text": "Hello"]])
        #expect(written.last?["uuid"]?.stringValue == request().runID.uuid.description)
    }

    @Test func whatTheAgentIsToldStandsBeforeThePrompt() {
        var request = request("Now what?")
        request.record = "user: first"
        request.task.input.append(["type": "image", "media_type": "image/png", "data": "aGk="])
        request.task.input.append(["type": "file", "path": "/a.csv"])
        var run = ClaudeDriver().makeRun(request)
        _ = run.handle(.start)
        let content = run.handle(.spawned).written.last?["message"]?["content"]?.arrayValue ?? []
        #expect(content.first?["text"]?.stringValue?.contains("user: first") == true)
        #expect(content.dropFirst().first?["text"] == "Now what?")
        #expect(content.dropFirst(2).first?["source"]?["data"] == "aGk=")
        #expect(content.last?["text"]?.stringValue?.contains("/a.csv") == true)
    }

    @Test func textStreamsAndItsMessageHasTheSameID() throws {
        let effects = try ClaudeFixture.hear("partial")
        let deltas = effects.events.compactMap { if case .textDelta("msg_1", let text) = $0 { text } else { nil } }
        #expect(deltas.joined() == "Hello there.")
        #expect(effects.events.contains(.message(id: "msg_1", role: "assistant", text: "Hello there.")))
        #expect(effects.outcome?.output == "Hello there.")
        #expect(effects.raws.isEmpty)
    }

    @Test func everythingComesOutOnce() throws {
        let effects = try ClaudeFixture.hear("everything", ClaudeConformanceTests.demanding)
        #expect(effects.turnsEnded == 3)
        #expect(effects.events.contains(.thoughtDelta(messageID: "msg_1/thought", text: "First look.")))
        #expect(effects.events.contains(.message(id: "msg_1/thought", role: "thought", text: "First look.")))
        #expect(effects.events.contains(.toolUpdated(id: "toolu_2", data: ["message": "Counting."])))
        #expect(effects.events.contains(.toolUpdated(id: "toolu_2", data: ["elapsed_s": .double(2)])))
        #expect(effects.raws.map { $0["type"] } == ["something_new"])
        #expect(effects.warnings.count == 4)
        #expect(effects.warnings.contains { $0.contains("MCP server shop") })
        #expect(effects.warnings.contains { $0.contains("529 overloaded") })
        #expect(effects.outcome?.structuredOutput == ["n": 1, "m": 2])
    }

    /// `subtype: "success"` with `is_error: true` is a failure of the model's server.
    @Test func successWithIsErrorIsAFailure() throws {
        let effects = try ClaudeFixture.hear("overloaded")
        #expect(effects.outcome?.stopReason == .error)
        #expect(effects.outcome?.error?.reason == "driver_failed")
        #expect(effects.outcome?.error?.retryable == true)
        #expect(effects.outcome?.error?.raw?["api_error_status"] == 529)
        #expect(effects.turnsEnded == 0)
        #expect(effects.keptWarm == nil)
    }

    @Test(
        "Only a server that may recover is worth another try",
        arguments: [(400, false), (401, false), (429, true), (500, true)])
    func retryable(_ status: Int, _ expected: Bool) throws {
        let lines = try ClaudeFixture.lines("overloaded").map { line in
            line.split(separator: "529", omittingEmptySubsequences: false).joined(separator: "\(status)")
        }
        var run = ClaudeFixture.started()
        let effects = lines.flatMap { run.hear($0) }
        #expect(effects.outcome?.error?.retryable == expected)
    }

    /// Exit 0, success, no `structured_output` key.
    @Test func aSchemaThatWasNeverSatisfied() throws {
        #expect(try ClaudeFixture.hear("schema").outcome?.structuredOutput == ["answer": "42"])
        var request = request()
        request.task.outputSchema = ["type": "object"]
        #expect(try ClaudeFixture.hear("schema", request).outcome?.stopReason == .endTurn)
        #expect(try ClaudeFixture.hear("basic", request).outcome?.stopReason == .schemaUnsatisfied)
    }

    /// Exit 0, success, `permission_denials`.
    @Test func aDeniedToolIsNoFailure() throws {
        let effects = try ClaudeFixture.hear("denied")
        #expect(effects.outcome?.stopReason == .endTurn)
        #expect(effects.outcome?.error == nil)
        #expect(effects.warnings == ["Bash was not allowed: a rule denies it"])
        var run = ClaudeFixture.started()
        let untold = try ClaudeFixture.lines("denied").filter { !$0.contains("permission_denied") }
        let warned = untold.flatMap { run.hear($0) }
        #expect(warned.warnings == ["Not allowed: Bash."])
    }

    /// Exactly one line, `No conversation found with session ID`, no init.
    @Test("An unknown id on resume", arguments: [nil, "11111111-2222-4333-8444-555555555555"])
    func unknownResume(_ resumeID: String?) throws {
        let effects = try ClaudeFixture.hear("unknown_resume", request(resuming: resumeID))
        #expect(effects.outcome?.isResumeLost == (resumeID != nil))
        #expect(effects.outcome?.stopReason == .error)
        #expect(effects.outcome?.error?.message.contains("No conversation found") == true)
        if resumeID != nil { #expect(effects.outcome?.driverSessionID == nil) }
    }

    /// Exit 1, empty stdout, the reason on stderr.
    @Test func aSessionIDInUse() {
        let outcome = Self.ended(
            1, request(offering: ClaudeFixture.session),
            errors: "Error: Session ID \(ClaudeFixture.session) is already in use.\n")
        #expect(outcome?.error?.reason == "conflict")
        #expect(outcome?.error?.message.contains("already in use") == true)
        #expect(outcome?.isResumeLost == true)
    }

    @Test func aSessionIDThatIsNoUUID() {
        let outcome = Self.ended(1, errors: "Error: Invalid session ID. Must be a valid UUID.\n")
        #expect(outcome?.stopReason == .noResult)
        #expect(outcome?.error?.message.contains("Must be a valid UUID") == true)
        #expect(outcome?.error?.raw?["exit_code"] == 1)
        #expect(outcome?.isResumeLost == false)
    }

    /// SIGTERM: exit 143 and no result.
    @Test("An end without a result", arguments: [(143, true), (-15, true), (1, false), (0, false)])
    func noResult(_ status: Int, _ retryable: Bool) throws {
        var run = ClaudeFixture.started()
        _ = run.handle(.output(try ClaudeFixture.bytes("terminated")))
        let outcome = run.handle(.exited(status)).outcome
        #expect(outcome?.stopReason == .noResult)
        #expect(outcome?.error?.retryable == retryable)
        #expect(outcome?.driverSessionID == ClaudeFixture.session)
    }

    @Test func plainTextAndExitZeroCompletes() {
        var run = ClaudeFixture.started()
        #expect(run.hear("Forty", "two").isEmpty)
        let effects = run.handle(.exited(0))
        #expect(effects.outcome?.output == "Forty\ntwo")
        #expect(effects.outcome?.driverSessionID == nil)
        #expect(effects.warnings.count == 1)
    }

    @Test func aTornLastLineIsTold() throws {
        let bytes = try ClaudeFixture.bytes("basic")
        var run = ClaudeFixture.started()
        _ = run.handle(.output(Array(bytes.dropLast(20))))
        #expect(run.handle(.outputEnded).warnings == ["The agent's last line was cut off."])
        #expect(run.handle(.exited(0)).outcome?.stopReason == .noResult)
    }

    @Test func aSecondResultChangesNothing() throws {
        var run = ClaudeFixture.started()
        let first = run.handle(.output(try ClaudeFixture.bytes("basic")))
        #expect(first.outcome != nil)
        #expect(run.handle(.output(try ClaudeFixture.bytes("max_turns"))).isEmpty)
        #expect(run.handle(.exited(1)).isEmpty)
    }

    @Test(
        "Limits end a run with their own reason",
        arguments: [("max_turns", StopReason.recursionLimit, 1005), ("over_budget", .budget, 1010)])
    func limits(_ name: String, _ reason: StopReason, _ code: Int) throws {
        let effects = try ClaudeFixture.hear(name)
        #expect(effects.outcome?.stopReason == reason)
        #expect(effects.outcome?.error?.code == code)
        #expect(effects.outcome?.usage?.accuracy == .known)
    }

    /// An interrupt ends with `aborted_streaming` or `aborted_tools`, which is no failure of a run that is cancelled.
    @Test("An interrupt ends as cancelled", arguments: ["interrupted", "interrupted_tool"])
    func interrupts(_ name: String) throws {
        let lines = try ClaudeFixture.lines(name)
        var run = ClaudeFixture.started()
        var effects = lines.prefix(2).flatMap { run.hear($0) }
        #expect(run.handle(.cancel).written.map { $0["request"]?["subtype"] } == ["interrupt"])
        #expect(run.handle(.cancel).isEmpty)
        effects += lines.dropFirst(2).flatMap { run.hear($0) }
        #expect(effects.outcome?.stopReason == .cancelled)
        #expect(effects.outcome?.error == nil)
        #expect(effects.keptWarm == nil)
        let other = try ClaudeFixture.hear(name)
        #expect(other.outcome?.error?.message == "The agent was interrupted.")
    }

    @Test func onlyTheSessionAskedForIsResumed() throws {
        let same = try ClaudeFixture.hear("resumed", request(resuming: ClaudeFixture.session))
        #expect(same.events.first == .driverSession(id: ClaudeFixture.session, resumed: true))
        let other = try ClaudeFixture.hear("resumed", request(resuming: "other"))
        #expect(other.events.first == .driverSession(id: ClaudeFixture.session, resumed: false))
        var fork = request(resuming: "other")
        fork.forks = true
        #expect(
            try ClaudeFixture.hear("resumed", fork).events.first
                == .driverSession(
                    id: ClaudeFixture.session, resumed: true))
    }
}
