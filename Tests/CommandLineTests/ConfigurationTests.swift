import Foundation
import Testing

/// What configuration files set, and whose files count.
@Suite struct ConfigurationTests {
    private let program: Program

    init() throws { program = try Program() }

    private func write(_ text: String, to path: String) throws {
        let url = URL(filePath: program.folder).appending(path: path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: true, encoding: .utf8)
    }

    /// Runs it in a project's folder.
    private func run(in folder: String, _ arguments: String) throws -> Program.Outcome {
        try FileManager.default.createDirectory(
            atPath: program.folder + "/" + folder, withIntermediateDirectories: true)
        let call = try Call(
            "/bin/sh", ["-c", "cd \(folder) && exec '\(Program.path("agenthost"))' \(arguments)"], of: program)
        return try call.end()
    }

    @Test(arguments: [
        (
            "{\n  \"drivers\": [\n    {\"name\": \"x\", \"executable\": 1}]}",
            "3:33: drivers[0].executable: expected a text"
        ),
        ("{\n\"drivers\": [}", "2:13: this is not JSON: unexpected character"),
        (
            "{\"permissions\": {\"default\":\n\"perhaps\"}}",
            "2:1: permissions.default: expected one of \"deny\", \"allow\""
        ),
        ("{\"permissions\": {\"rule\": []}}", "1:17: permissions: unknown field permissions.rule"),
        (
            "{\"default_drivers\": \"x\"}",
            "1:21: default_drivers: there is no such setting; did you mean default_driver?"
        ),
        ("{\"warm\": {\"processes\": -1}}", "1:24: warm.processes: expected a whole number"),
        ("{\"drivers\": [{\"kind\": \"robot\"}]}", "1:23: drivers[0].kind: expected"),
        (
            "{\"drivers\": [{\"name\":\"a\",\"executable\":\"b\"},{\"name\":\"a\",\"executable\":\"b\"}]}",
            "1:52: drivers[1].name: there are two drivers called a"
        ),
        ("[]", "1:1: expected an object"),
    ])
    func aFaultIsToldWithItsPlace(_ text: String, _ expected: String) throws {
        try write(text, to: "wrong.json")
        let outcome = try program.run("run", "x", "--config", "wrong.json")
        #expect(outcome.code == 78)
        #expect(outcome.errors.contains("wrong.json:" + expected), "\(outcome.errors)")
    }

    private static let agent = """
        {"default_driver": "mine", "drivers": [{"name": "mine", "executable": "\(Program.path("fake-agent"))"}]}
        """

    @Test func theUsersOwnFileIsUsedWithoutBeingNamed() throws {
        try write(Self.agent, to: ".config/agenthost/config.json")
        let outcome = try program.run("run", "good day", "--quiet")
        #expect(outcome.output == "You said: good day\n", "\(outcome.errors)")
    }

    @Test func aProjectsFileIsUsedOnceItIsTrustedAndUntilItChanges() throws {
        try write(Self.agent, to: "shop/.agenthost/config.json")
        let before = try run(in: "shop/src", "run 'good day'")
        #expect(before.errors.contains("is not trusted and not used; look at it, then run: agenthost trust"))
        #expect(before.output != "You said: good day\n")

        let trusted = try run(in: "shop/src", "trust")
        #expect(trusted.output.contains("• driver mine") && trusted.output.contains("• default driver mine"))
        let after = try run(in: "shop/src", "run 'good day'")
        #expect(after.output == "You said: good day\n", "\(after.errors)")
        #expect(!after.errors.contains("not trusted"))

        try write(Self.agent + "\n", to: "shop/.agenthost/config.json")
        #expect(try run(in: "shop/src", "run 'good day'").errors.contains("is not trusted"))
        #expect(try run(in: "shop", "trust --revoke").output.contains("is no longer trusted"))
    }

    @Test func aProjectCannotSetAModeOfTheDriversOwn() throws {
        try write(#"{"permissions": {"driver_mode": "bypassPermissions"}}"#, to: "shop/.agenthost/config.json")
        let outcome = try run(in: "shop", "trust")
        #expect(outcome.code == 78)
        #expect(outcome.errors.contains("1:33: permissions.driver_mode: a project cannot set it"), "\(outcome.errors)")
    }

    @Test(arguments: [
        (#"{"driver_modes": {"claude": ["bypass"]}}"#, "driver_modes: a project cannot set it"),
        (
            #"{"drivers": [{"kind": "acp", "preset": "goose", "mode": "auto"}]}"#,
            "drivers[0].mode: a project cannot set it"
        ),
    ])
    func aProjectCannotAllowWhatIsDangerous(_ text: String, _ expected: String) throws {
        try write(text, to: "shop/.agenthost/config.json")
        let outcome = try run(in: "shop", "trust")
        #expect(outcome.code == 78)
        #expect(outcome.errors.contains(expected), "\(outcome.errors)")
    }

    @Test func aStrangersBrokenFileStopsNobody() throws {
        try write("{", to: "shop/.agenthost/config.json")
        #expect(try run(in: "shop", "sessions").code == 0)
    }

    @Test func thereMustBeSomethingToTrust() throws {
        let outcome = try run(in: "shop", "trust")
        #expect(outcome.code == 66)
        #expect(outcome.errors.contains("there is no .agenthost/config.json"))
    }

    @Test func sessionsThatSayNothingHaveTheConfiguredPermissions() throws {
        try write(
            #"{"permissions": {"rules": [{"tool": "shell", "decision": "allow"}]}, "#
                + Self.agent.dropFirst().description, to: ".config/agenthost/config.json")
        let ask = #"{"ask":{"id":"a","tool":"shell","title":"Run ls?"}}"#
        #expect(try program.run("run", ask, "--quiet").output == "answer to a: allow\n")
    }
}
