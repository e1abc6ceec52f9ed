import Testing

/// What someone reads who has not used it before.
@Suite struct HelpTests {
    static let commands = [
        "run", "sessions", "sessions show", "sessions events", "sessions delete", "schema", "store check",
        "store backup", "store vacuum", "store path", "serve",
    ]

    @Test func namesEveryCommandAndExitCode() throws {
        let outcome = try Program().run("--help")
        #expect(outcome.code == 0)
        for command in Self.commands { #expect(outcome.output.contains("\n  \(command) "), "\(command)") }
        for code in [0, 1, 2, 64, 65, 66, 69, 75, 78, 130] { #expect(outcome.output.contains("\n  \(code) ")) }
        #expect(outcome.output.contains("AGENTHOST_HOME"))
        #expect(!outcome.output.contains("worker"))
    }

    @Test(arguments: commands) func explainsEachCommand(command: String) throws {
        let program = try Program()
        let words = command.split(separator: " ").map(String.init)
        let asked = try program.start(words + ["--help"]).end()
        #expect(asked.code == 0)
        #expect(asked.output.contains("agenthost \(command)"))
        for part in ["Usage", "Flags", "--store DIR", "Examples"] { #expect(asked.output.contains(part), "\(part)") }
        #expect(try program.start(["help"] + words).end().output == asked.output)
        #expect(asked.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test func explainsAGroup() throws {
        let outcome = try Program().run("help", "store")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("agenthost store backup FILE"))
    }

    @Test(arguments: [
        (["rnu", "x"], "Did you mean run?"),
        (["sesions"], "Did you mean sessions?"),
        (["sessions", "shwo", "x"], "Did you mean sessions show?"),
        (["store", "chekc"], "Did you mean store check?"),
        (["store"], "check, rebuild, backup, vacuum, path"),
        (["run", "x", "--jsn"], "Did you mean --json?"),
        (["run"], "say what to run"),
        (["run", "x", "--db"], "--db FILE|URL"),
        (["run", "x", "--quiet=yes"], "--quiet takes no value"),
        (["run", "x", "--mode", "reckless"], "query, script, analysis or full_autonomy"),
        (["run", "x", "--timeout-ms", "0"], "from 1 to"),
        (["sessions", "show"], "which session"),
        (["sessions", "show", "aaaa", "bbbb"], "no place for bbbb"),
        (["serve", "now"], "no place for now"),
        (["worker", "teapot"], "own use"),
        (["frobnicate"], "agenthost --help"),
    ])
    func saysWhatIsWrong(words: [String], expected: String) throws {
        let outcome = try Program().start(words).end()
        #expect(outcome.code == 64)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains(expected), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test func tellsItsVersion() throws {
        #expect(try Program().run("--version").output.wholeMatch(of: /agenthost \d+\.\d+\.\d+\n/) != nil)
    }
}
