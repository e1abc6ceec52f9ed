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

    /// Each check but the first, which wants a run that shows all that is declared.
    @Test("What the program has written comes to one end, whole and maimed", arguments: ClaudeFixture.names)
    func oneEnd(_ name: String) throws {
        let subject = DriverSubject(
            driver: ClaudeDriver(), request: request(), transcript: try ClaudeFixture.bytes(name), exitStatus: 1)
        for check in DriverCheck.all.dropFirst() { try check.run(subject) }
    }
}
