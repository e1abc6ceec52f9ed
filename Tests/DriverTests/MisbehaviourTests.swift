import AgentModel
import Driver
import DriverConformance
import JSON
import Testing

/// What no decent agent does, in each protocol: the run ends once, for the reason that fits, and nothing is left.
@Suite struct MisbehaviourTests {
    static let tongues = FakeAgent.Tongue.allCases

    private func run(
        _ tongue: FakeAgent.Tongue, _ arguments: [String] = [], _ steps: String...,
        cancelAfterEvents: Int? = nil
    ) throws -> ProcessHarness.Record {
        var options = ProcessHarness.Options()
        options.cancelAfterEvents = cancelAfterEvents
        return try FakeAgent.run(steps.joined(separator: "\n"), try tongue.driver(arguments), options)
    }

    @Test("A line of 50 MB is skipped", arguments: tongues)
    func longLine(_ tongue: FakeAgent.Tongue) throws {
        let record = try run(tongue, [], #"{"long_line":50000000}"#, #"{"say":"after"}"#)
        #expect(record.outcome.stopReason == .endTurn)
        // To a program of plain text it is the answer, of which a part is kept.
        if tongue != .text { #expect(record.outcome.output == "after") }
        #expect(record.outcome.output.utf8.count <= 8 << 20)
        #expect(record.output.count > 50_000_000)
    }

    @Test("A process left behind in a session of its own is ended", arguments: tongues)
    func grandchild(_ tongue: FakeAgent.Tongue) throws {
        let record = try run(
            tongue, [], #"{"grandchild":{"setsid":true,"ignore_sigterm":true,"seconds":600}}"#, #"{"say":"done"}"#)
        #expect(record.outcome.stopReason == .endTurn)
        #expect(record.leftBehind == 1)
    }

    @Test("A slow start is waited for", arguments: tongues)
    func slowStart(_ tongue: FakeAgent.Tongue) throws {
        let record = try run(tongue, ["--slow-start", "200"], #"{"say":"at last"}"#)
        #expect(record.outcome.output == "at last")
    }

    @Test("A silent exit is told with its code", arguments: tongues, [0, 1, 3])
    func silentExit(_ tongue: FakeAgent.Tongue, _ code: Int) throws {
        let early = try run(tongue, ["--exit", "\(code)"], #"{"say":"never"}"#)
        let late = try run(tongue, [], #"{"exit":\#(code)}"#)
        for record in [early, late] {
            #expect(record.exitStatus == code)
            // A program of plain text that says nothing and exits with 0 has nothing to say.
            #expect((record.outcome.error == nil) == (tongue == .text && code == 0))
            guard let error = record.outcome.error else { continue }
            #expect(error.raw?["exit_code"]?.intValue == code, "\(error)")
        }
    }

    @Test("A death in mid-line is no result", arguments: tongues.filter { $0 != .text }, [0, 4])
    func tornLine(_ tongue: FakeAgent.Tongue, _ code: Int) throws {
        let record = try run(tongue, [], #"{"say":"before"}"#, #"{"tear":true,"code":\#(code)}"#)
        #expect(record.outcome.stopReason == .noResult)
        #expect(record.exitStatus == code)
    }

    @Test("A flood on stderr holds up nothing", arguments: tongues)
    func stderrFlood(_ tongue: FakeAgent.Tongue) throws {
        let record = try run(tongue, [], #"{"flood_stderr":3000000}"#, #"{"say":"x"}"#)
        #expect(record.outcome.output == "x")
        #expect(record.errorBytes >= 3_000_000)
    }

    @Test("One that never reads its stdin is ended", arguments: tongues)
    func deaf(_ tongue: FakeAgent.Tongue) throws {
        var request = request(#"{"say":"never"}"#)
        // More than a pipe holds.
        request.task.input.append(["type": "text", "text": .string(String(repeating: "# more\n", count: 60_000))])
        var options = ProcessHarness.Options()
        options.cancelAfterEvents = 0
        let record = try ProcessHarness.run(tongue.driver(["--deaf"]).makeRun(request), options)
        #expect(record.outcome.stopReason == .cancelled)
        #expect(record.exitStatus == -15)
    }

    @Test("One that hears nothing and ignores SIGTERM is killed", arguments: tongues)
    func stubborn(_ tongue: FakeAgent.Tongue) throws {
        let record = try run(
            tongue, ["--ignore-eof"], #"{"ignore_cancel":true}"#, #"{"ignore_sigterm":true}"#, #"{"say":"x"}"#,
            #"{"stall":true}"#, cancelAfterEvents: 1)
        #expect(record.outcome.stopReason == .cancelled)
        #expect(record.exitStatus == -9)
    }

    @Test("A cancel is heard", arguments: tongues.filter(\.hearsCancel))
    func cancel(_ tongue: FakeAgent.Tongue) throws {
        var options = ProcessHarness.Options()
        options.cancelAfterEvents = 1
        // No step of the ladder is needed but its own way, and the end of its input once it is over.
        options.graceMilliseconds = 5000
        let record = try FakeAgent.run(ProcessConformanceTests.endless, try tongue.driver(), options)
        #expect(record.outcome.stopReason == .cancelled)
        #expect(record.exitStatus == 0)
    }
}
