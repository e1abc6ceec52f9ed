import AgentModel
import Driver
import DriverCLI
import Foundation
import JSON
import Testing

@Suite struct CommandConfigurationTests {
    @Test func readsEverything() throws {
        let configuration = try CommandConfiguration([
            "name": "my-agent_2", "executable": "agent", "arguments": ["--fast", "--session={session_id}"],
            "environment": ["MODE": "test"], "inherits": ["AGENT_KEY"], "output": "lines",
            "capabilities": ["resumes", "uses_connections", "reports_usage"],
        ])
        #expect(configuration.environment == ["MODE": "test"])
        #expect(configuration.inherits == ["AGENT_KEY"])
        #expect(configuration.output == .lines)
        #expect(configuration.capabilities.resumes)
        #expect(configuration.capabilities.usesConnections)
        #expect(configuration.capabilities.reportsUsage == .perRun)
        #expect(!configuration.capabilities.streamsText)
    }

    @Test(
        "A bad configuration names what is wrong",
        arguments: [
            ([:], "name"), (["name": "Agent", "executable": "a"], "name"), (["name": "a"], "executable"),
            (["name": "a", "executable": "./a"], "executable"), (["name": "a", "executable": "a\0b"], "executable"),
            (["name": "a", "executable": "a", "output": "xml"], "output"),
            (["name": "a", "executable": "a", "arguments": "x"], "arguments"),
            (["name": "a", "executable": "a", "arguments": ["x", "{prompt}"]], "arguments[1]"),
            (["name": "a", "executable": "a", "arguments": ["{secret}"]], "arguments[0]"),
            (["name": "a", "executable": "a", "inherits": [1]], "inherits"),
            (["name": "a", "executable": "a", "environment": ["A": 1]], "environment.A"),
            (["name": "a", "executable": "a", "environment": ["A=B": "1"]], "environment.A=B"),
            (["name": "a", "executable": "a", "capabilities": ["flies"]], "capabilities[0]"),
            (["name": "a", "executable": "a", "output": "text", "capabilities": ["resumes"]], "capabilities[0]"),
        ] as [(JSON, String)])
    func badConfigurations(_ json: JSON, _ path: String) {
        let error = #expect(throws: ConfigurationError.self) { try CommandConfiguration(json) }
        #expect(error?.path == path)
    }
}

@Suite struct CommandDriverTests {
    static func spawned(_ arguments: [String], _ request: RunRequest) throws -> ProcessSpec? {
        var configuration = CommandConfiguration(name: "a", executable: "a")
        configuration.arguments = try arguments.map { try ArgumentTemplate($0) }
        configuration.capabilities.resumes = true
        var run = CommandDriver(configuration).makeRun(request)
        for case .spawn(let spec) in run.handle(.start) { return spec }
        return nil
    }

    @Test func placeholdersAreFilledIn() throws {
        var request = request(resuming: "old")
        request.session.workingDirectory = "/w"
        let spec = try Self.spawned(
            [
                "--resume={driver_session_id}", "--model={model}", "{working_dir}/{mode}", #"{"json":1}"#, "{", "{}",
                "{session_id}",
            ], request)
        #expect(
            spec?.arguments
                == [
                    "--resume=old", "/w/analysis", #"{"json":1}"#, "{", "{}", request.session.id.description,
                ])
        #expect(spec?.workingDirectory == "/w")
    }

    @Test("A value cannot become an option or end an argument", arguments: ["--dangerous", "a\0b"])
    func hostileValues(_ model: String) throws {
        var request = request()
        request.session.model = model
        #expect(try Self.spawned(["{model}"], request) == nil)
        var configuration = CommandConfiguration(name: "a", executable: "a")
        configuration.arguments = [try ArgumentTemplate("{model}")]
        var run = CommandDriver(configuration).makeRun(request)
        #expect(run.handle(.start).outcome?.error?.reason == "unsupported")
        #expect(run.handle(.start).isEmpty)
    }

    @Test("An agent hears only of what it declared to understand", arguments: [true, false])
    func narrowing(_ declares: Bool) throws {
        var connection = DatabaseConnection(
            id: ConnectionID(UUID128(high: 1, low: 1)), name: "shop", dialect: .postgresql,
            at: Timestamp(milliseconds: 0))
        connection.passwordEnv = "SHOP_PASSWORD"
        var request = request(resuming: "old", offering: "new")
        request.connection = connection
        var configuration = CommandConfiguration(name: "a", executable: "a")
        configuration.capabilities.resumes = declares
        configuration.capabilities.acceptsSessionID = declares
        configuration.capabilities.usesConnections = declares
        var run = CommandDriver(configuration).makeRun(request)
        let effects = run.handle(.start)
        let start = try #require(effects.written.first)
        #expect((start["resume_id"] != nil) == declares)
        #expect((start["offered_id"] != nil) == declares)
        #expect((start["connection"] != nil) == declares)
        guard case .spawn(let spec) = effects[0] else {
            Issue.record("nothing is spawned")
            return
        }
        #expect(spec.inherits == (declares ? ["SHOP_PASSWORD"] : []))
    }

    @Test func probeSaysWhatIsMissing() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/agent"
        #expect(FileManager.default.createFile(atPath: path, contents: Data(), attributes: [.posixPermissions: 0o644]))
        func probe(_ executable: String) -> DriverProbe {
            CommandDriver(CommandConfiguration(name: "a", executable: executable)).probe()
        }
        #expect(!probe(path).isAvailable)
        #expect(probe(path).missing?.contains(path) == true)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        #expect(probe(path).isAvailable)
        #expect(!probe(folder.path).isAvailable)
        #expect(probe("sh").isAvailable)
        #expect(probe("no-such-program-here").missing?.contains("no-such-program-here") == true)
        #expect(probe("no-such-program-here").advice != nil)
    }
}

@Suite struct TextRunTests {
    /// It has no session of its own: what was said before stands before the prompt.
    @Test func aTextProgramIsToldTheConversation() throws {
        let driver = CommandDriver(
            try CommandConfiguration(["name": "a", "executable": "/bin/cat", "output": "text"]))
        func written(_ request: RunRequest) -> String? {
            var run = driver.makeRun(request)
            for case .write(let bytes) in run.handle(.start) { return String(decoding: bytes, as: UTF8.self) }
            return nil
        }
        var request = request("And now?")
        #expect(written(request) == "And now?")
        request.record = "User: first"
        let text = try #require(written(request))
        #expect(text.hasPrefix("<conversation_so_far>") && text.contains("User: first"))
        #expect(text.hasSuffix("\n\nAnd now?"))
    }

    static func run(_ chunks: [[UInt8]], status: Int = 0, bytesMax: Int = 1 << 20, cancel: Bool = false)
        -> [DriverEffect]
    {
        var run = TextRun(prompt: "Hi", process: ProcessSpec(executable: "a"), textBytesMax: bytesMax)
        var effects = run.handle(.start)
        if cancel { effects += run.handle(.cancel) }
        for chunk in chunks { effects += run.handle(.output(chunk)) }
        return effects + run.handle(.outputEnded) + run.handle(.exited(status))
    }

    @Test func thePromptGoesToStdin() {
        let effects = Self.run([])
        #expect(
            effects.prefix(3)
                == [.spawn(ProcessSpec(executable: "a")), .write(Array("Hi".utf8)), .closeInput])
        #expect(effects.outcome?.stopReason == .endTurn)
        #expect(effects.events.isEmpty)
    }

    @Test func charactersThatChunksShareComeOutWhole() {
        let bytes = Array("é\u{1F600}\n".utf8)
        let effects = Self.run(bytes.map { [$0] })
        #expect(
            effects.events.prefix(2) == [
                .textDelta(messageID: "text", text: "é"), .textDelta(messageID: "text", text: "\u{1F600}"),
            ])
        #expect(effects.outcome?.output == "é\u{1F600}")
    }

    @Test(
        "Invalid bytes are replaced, and nothing is lost at the end",
        arguments: [
            ([0x61, 0xff, 0x62], "a\u{fffd}b"), ([0x61, 0xe2, 0x82], "a\u{fffd}"), ([0xe2, 0x61], "\u{fffd}a"),
            ([0xf0, 0x9f, 0x98], "\u{fffd}"), ([0x80, 0x80], "\u{fffd}\u{fffd}"),
        ] as [([UInt8], String)])
    func invalidBytes(_ bytes: [UInt8], _ text: String) {
        #expect(Self.run([bytes]).outcome?.output == text)
        #expect(Self.run(bytes.map { [$0] }).outcome?.output == text)
    }

    @Test(
        "The exit code is the outcome",
        arguments: [
            (0, false, StopReason.endTurn), (1, false, .error), (-9, false, .error), (0, true, .cancelled),
            (-15, true, .cancelled),
        ])
    func exits(_ status: Int, _ cancel: Bool, _ stopReason: StopReason) {
        let outcome = Self.run([Array("so far\n".utf8)], status: status, cancel: cancel).outcome
        #expect(outcome?.stopReason == stopReason)
        #expect(outcome?.output == "so far")
        #expect((outcome?.error?.reason == "driver_failed") == (stopReason == .error))
        #expect(outcome?.driverSessionID == nil)
    }

    @Test func textIsBounded() {
        let effects = Self.run([Array("abé".utf8), Array("def".utf8), Array("ghi".utf8)], bytesMax: 3)
        #expect(effects.outcome?.output == "ab")
        #expect(effects.warnings.count == 1)
    }
}
