import Foundation
import JSON
import Testing

/// What a person sees of other agents: which can run, and what they ask.
@Suite struct AgentTests {
    private static let ask =
        #"{"ask":{"id":"a","tool":"shell","title":"Run ls?","input":{"command":"ls"},"options":["#
        + #"{"id":"one","title":"Allow","kind":"allow_once"},{"id":"no","title":"Reject","kind":"reject_once"}]}}"#

    #if os(Linux)
        /// `script` lends a terminal to the program.
        private func answer(_ typed: String) throws -> String {
            let program = try Program()
            let command = "'\(Program.path("agenthost"))' run '\(Self.ask)' --config agents.json"
            let call = try Call(
                "/usr/bin/script", ["-qec", command, "/dev/null"], of: program, input: Data(typed.utf8))
            return try call.end().output
        }

        @Test(arguments: [("y\n", "answer to a: one"), ("what?\nn\n", "answer to a: no")])
        func aPersonAtATerminalIsAsked(_ typed: String, _ expected: String) throws {
            let shown = try answer(typed)
            #expect(shown.contains("Run ls?") && shown.contains("command: ls"), "\(shown)")
            #expect(shown.contains("y Allow · n Reject?") && shown.contains(expected), "\(shown)")
        }
    #endif

    @Test func whereNobodyIsThereAnAskIsRefused() throws {
        #expect(try Program().runAgent(Self.ask, "--quiet").output == "answer to a: no\n")
    }

    @Test func aToolMayBeAllowedBeforehand() throws {
        let program = try Program()
        #expect(try program.runAgent(Self.ask, "--quiet", "--allow", "sh*").output == "answer to a: one\n")
        #expect(try program.runAgent(Self.ask, "--quiet", "--allow", "shell:/etc/**").output == "answer to a: no\n")
        let id = try #require(try program.sessions().first?["id"]?.stringValue)
        #expect(try program.runAgent(Self.ask, "--session", id, "--allow", "shell").code == 64)
    }

    @Test func theDoctorSaysWhatCanRunAndWhatToDo() throws {
        let program = try Program()
        let outcome = try program.run("doctor", "--config", "agents.json")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("fake (default)  ready") && outcome.output.contains("agents.json"))
        #expect(outcome.output.contains("codex") && outcome.output.contains("Install"))
        let json = try program.run("doctor", "--json").json()
        let analyst = json["drivers"]?.arrayValue?.first { $0["name"] == "analyst" }
        #expect(analyst?["available"] == true && analyst?["is_default"] == true)
    }

    /// A program that says its version, one that fails and one that hangs on to its input.
    @Test func anAgentIsAskedForItsVersion() throws {
        let program = try Program()
        let codex = "#!/bin/sh\ncat >/dev/null\necho 'codex-cli 1.2.3'\necho more\n"
        let file = program.folder + "/codex"
        try codex.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        let configuration: JSON = [
            "drivers": [["name": "codex", "kind": "codex", "executable": .string(file)]]
        ]
        try configuration.description.write(toFile: program.folder + "/c.json", atomically: true, encoding: .utf8)
        let json = try program.run("doctor", "--json", "--config", "c.json").json()
        let found = try #require(json["drivers"]?.arrayValue?.first { $0["name"] == "codex" })
        #expect(found["version"] == "1.2.3" && found["executable"] == .string(file) && found["available"] == true)
    }
}
