import AgentModel
import Driver
import DriverCLI
import DriverConformance
import JSON
import Testing

@Suite struct ClaudeConformanceTests {
    static var demanding: RunRequest {
        var request = request()
        request.task.outputSchema = ["type": "object"]
        return request
    }

    @Test("Claude Code conforms", arguments: DriverCheck.all)
    func conforms(_ check: DriverCheck) throws {
        try check.run(
            DriverSubject(
                driver: ClaudeDriver(), request: Self.demanding,
                transcript: try ClaudeFixture.bytes("everything")))
    }

    /// Anything else on its stdin ends the program.
    @Test(arguments: ClaudeFixture.names)
    func whatItIsToldIsLinesOfJSON(_ name: String) throws {
        var run = ClaudeDriver().makeRun(request("two\nlines \u{0}\u{2028}"))
        var effects = run.handle(.start) + run.handle(.spawned)
        effects += run.handle(.output(try ClaudeFixture.bytes(name)))
        for ask in effects.asks { effects += run.handle(.answer(askID: ask.id, optionID: ask.options.first?.id)) }
        effects += run.handle(.cancel)
        let written = effects.flatMap { effect -> [UInt8] in if case .write(let bytes) = effect { bytes } else { [] } }
        #expect(written.last == 10)
        let lines = written.dropLast().split(separator: 10, omittingEmptySubsequences: false)
        #expect(lines.count >= 2)
        for line in lines { #expect(try JSON.parse(line)["type"]?.stringValue != nil) }
    }

    /// Each check but the first, which wants a run that shows all that is declared.
    @Test("What the program has written comes to one end, whole and maimed", arguments: ClaudeFixture.names)
    func oneEnd(_ name: String) throws {
        let subject = DriverSubject(
            driver: ClaudeDriver(), request: request(), transcript: try ClaudeFixture.bytes(name), exitStatus: 1)
        for check in DriverCheck.all.dropFirst() { try check.run(subject) }
    }
}
