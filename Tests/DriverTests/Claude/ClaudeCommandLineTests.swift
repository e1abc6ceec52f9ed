import AgentModel
import Driver
import DriverCLI
import Foundation
import JSON
import Testing

@Suite struct ClaudeCommandLineTests {
    static func spec(
        _ request: RunRequest, _ configuration: ClaudeConfiguration = ClaudeConfiguration()
    ) -> ProcessSpec? {
        var run = ClaudeDriver(configuration).makeRun(request)
        return run.handle(.start).spec
    }

    @Test func theDialogueIsAlwaysInLinesWithAsksAndDeltas() {
        let spec = Self.spec(request())
        #expect(spec?.executable == "claude")
        for argument in [
            "-p", "--input-format=stream-json", "--output-format=stream-json", "--verbose",
            "--permission-prompt-tool=stdio", "--include-partial-messages", "--permission-mode=default",
            "--max-turns=7",
        ] {
            #expect(spec?.arguments.contains(argument) == true, "\(argument)")
        }
        #expect(spec?.environment["DISABLE_AUTOUPDATER"] == "1")
        #expect(spec?.inherits.contains("ANTHROPIC_API_KEY") == true)
        #expect(spec?.arguments.contains { $0.contains("How many orders?") } == false)
    }

    @Test func everyValueStandsInOneArgumentWithItsFlag() throws {
        var request = request(offering: ClaudeFixture.session)
        request.session.model = "--resume"
        request.task.budget = Budget(cost: Cost(nanoDollars: 1_000_000_300))
        request.task.outputSchema = ["type": "object"]
        let arguments = try #require(Self.spec(request)?.arguments)
        #expect(arguments.contains("--session-id=\(ClaudeFixture.session)"))
        #expect(arguments.contains("--model=--resume"))
        #expect(arguments.contains("--max-budget-usd=1.000000300"))
        #expect(arguments.contains(#"--json-schema={"type":"object"}"#))
        #expect(arguments.allSatisfy { $0 == "-p" || $0.hasPrefix("--") })
    }

    @Test func aResumedSessionIsOfferedNoIDAndAForkIs() throws {
        let resumed = try #require(Self.spec(request(resuming: "old", offering: "new"))?.arguments)
        #expect(resumed.contains("--resume=old"))
        #expect(!resumed.contains { $0.hasPrefix("--session-id") || $0.hasPrefix("--fork") })
        var fork = request(resuming: "old", offering: "new")
        fork.forks = true
        let forked = try #require(Self.spec(fork)?.arguments)
        #expect(forked.contains("--resume=old"))
        #expect(forked.contains("--fork-session"))
        #expect(forked.contains("--session-id=new"))
    }

    @Test func aFreshSessionIsNotKept() {
        var request = request()
        request.task.persistence = .fresh
        #expect(Self.spec(request)?.arguments.contains("--no-session-persistence") == true)
        #expect(Self.spec(request)?.warmKey == nil)
    }

    @Test(
        "Permission modes are asked for by name",
        arguments: [
            (nil, false, "default"), ("accept_edits", false, "acceptEdits"), ("bypass", false, "bypassPermissions"),
            ("bypass", true, "plan"), ("acceptEdits", false, "acceptEdits"),
        ] as [(String?, Bool, String)])
    func permissionModes(_ mode: String?, _ planOnly: Bool, _ expected: String) {
        var request = request()
        request.session.permissions["driver_mode"] = mode.map(JSON.string)
        request.task.planOnly = planOnly
        #expect(Self.spec(request)?.arguments.contains("--permission-mode=\(expected)") == true)
    }

    @Test func aModeThatIsNotKnownIsRefused() {
        var request = request()
        request.session.permissions["driver_mode"] = "anything"
        #expect(Self.spec(request) == nil)
    }

    /// Bypassing permissions as root needs `IS_SANDBOX=1`, and only that.
    @Test func bypassingPermissionsAsRootNeedsIsSandbox() {
        var request = request()
        #expect(Self.spec(request)?.environment["IS_SANDBOX"] == nil)
        request.session.permissions["driver_mode"] = "bypass"
        #expect(Self.spec(request)?.environment["IS_SANDBOX"] == (geteuid() == 0 ? "1" : nil))
    }

    @Test func aWarmProcessServesOnlyWhatWouldHaveStartedTheSame() throws {
        let first = try #require(Self.spec(request(resuming: "s"))?.warmKey)
        #expect(first.driverSessionID == "s")
        #expect(Self.spec(request(resuming: "s"))?.warmKey == first)
        #expect(Self.spec(request())?.warmKey == nil)
        var model = request(resuming: "s")
        model.session.model = "other"
        #expect(Self.spec(model)?.warmKey != first)
        var folder = request(resuming: "s")
        folder.session.workingDirectory = "/elsewhere"
        #expect(Self.spec(folder)?.warmKey != first)
        var budget = request(resuming: "s")
        budget.task.budget = Budget(cost: Cost(nanoDollars: 1))
        #expect(Self.spec(budget)?.warmKey == nil)
        var fork = request(resuming: "s")
        fork.forks = true
        #expect(Self.spec(fork)?.warmKey == nil)
        var cold = ClaudeConfiguration()
        cold.isWarm = false
        #expect(Self.spec(request(resuming: "s"), cold)?.warmKey == nil)
    }

    @Test func whatIsTooLongForAnArgumentIsRefusedWithItsName() {
        var request = request()
        request.task.outputSchema = ["description": .string(String(repeating: "x", count: 200_000))]
        var run = ClaudeDriver().makeRun(request)
        let outcome = run.handle(.start).outcome
        #expect(outcome?.error?.reason == "unsupported")
        #expect(outcome?.error?.message.contains("--json-schema") == true)
    }

    @Test func configuredSettingsAreUsed() throws {
        let configuration = try ClaudeConfiguration([
            "name": "claude-2", "executable": "/opt/claude", "arguments": ["--betas=x"], "environment": ["A": "1"],
            "inherits": ["AWS_REGION"], "model": "sonnet", "mcp_config": ["mcpServers": [:]],
            "append_system_prompt": "Be brief.", "warm": false,
        ])
        #expect(configuration.name == "claude-2")
        #expect(!configuration.isWarm)
        let spec = try #require(Self.spec(request(), configuration))
        #expect(spec.executable == "/opt/claude")
        #expect(spec.environment["A"] == "1")
        #expect(spec.inherits.contains("AWS_REGION"))
        for argument in [
            "--betas=x", "--model=sonnet", #"--mcp-config={"mcpServers":{}}"#, "--append-system-prompt=Be brief.",
        ] {
            #expect(spec.arguments.contains(argument), "\(argument)")
        }
    }

    @Test(
        "A bad configuration names what is wrong",
        arguments: [
            (["name": "Claude"], "name"), (["executable": "./claude"], "executable"), (["warm": "yes"], "warm"),
            (["mcp_config": "mcp.json"], "mcp_config"), (["model": 1], "model"), (["arguments": "x"], "arguments"),
            (["arguments": ["--betas=x", "--resume=y"]], "arguments[1]"),
            (["arguments": ["--dangerously-skip-permissions"]], "arguments[0]"),
            (["environment": ["A": 1]], "environment.A"),
        ] as [(JSON, String)])
    func badConfigurations(_ json: JSON, _ path: String) {
        let error = #expect(throws: ConfigurationError.self) { try ClaudeConfiguration(json) }
        #expect(error?.path == path)
    }

    @Test func probeSaysWhatIsMissingAndWhoIsSignedIn() throws {
        var configuration = ClaudeConfiguration()
        configuration.executable = "/no/such/claude"
        let missing = ClaudeDriver(configuration).probe()
        #expect(!missing.isAvailable)
        #expect(missing.missing?.contains("/no/such/claude") == true)
        #expect(missing.advice?.contains("npm install") == true)
        configuration.executable = "/bin/sh"
        let folder = try TemporaryFolder()
        configuration.environment = [
            "ANTHROPIC_API_KEY": "", "ANTHROPIC_AUTH_TOKEN": "", "CLAUDE_CODE_OAUTH_TOKEN": "",
            "CLAUDE_CONFIG_DIR": folder.path,
        ]
        #expect(ClaudeDriver(configuration).probe().isSignedIn != true)
        #expect(FileManager.default.createFile(atPath: folder.path + "/.credentials.json", contents: Data("{}".utf8)))
        #expect(ClaudeDriver(configuration).probe().isSignedIn == true)
        configuration.environment = ["ANTHROPIC_API_KEY": "x", "CLAUDE_CONFIG_DIR": "/none"]
        let probe = ClaudeDriver(configuration).probe()
        #expect(probe.isAvailable)
        #expect(probe.isSignedIn == true)
        #expect(probe.executable == "/bin/sh")
        #expect(probe.versionCommand?.arguments == ["--version"])
    }
}
