import Driver
import DriverACP
import DriverConformance
import JSON
import Testing

@Suite struct ACPConformanceTests {
    static func subject(_ transcript: String, resuming: String? = nil) throws -> DriverSubject {
        DriverSubject(
            driver: ACPDriver(try ACPScene.configuration(), hostVersion: "test"),
            request: ACPScene.task(resuming: resuming), transcript: try Transcripts.read("acp/\(transcript).jsonl"))
    }

    @Test("A new session conforms, whole and maimed", arguments: DriverCheck.all)
    func newSession(_ check: DriverCheck) throws { try check.run(try Self.subject("new-session")) }

    @Test("A real process conforms", arguments: ProcessCheck.all)
    func process(_ check: ProcessCheck) throws {
        let folder = try TemporaryFolder()
        let script = """
            {"think":"first"}
            {"delta":"some té\u{1F600}xt ","times":5}
            {"tool":{"name":"execute","title":"Count","input":{"command":"wc","limits":{"rows":1,"bytes":2}},"output":[1]}}
            {"line":{"type":"plan","entries":[{"content":"look","status":"completed","priority":"low"}]}}
            {"ask":{"id":"a1","tool":"edit","title":"Write?","input":{"path":"x"}}}
            {"line":{"type":"not known","a":1,"b":{"c":2,"d":3}}}
            {"say":"done"}
            """
        let configuration = try ACPConfiguration([
            "name": "fake", "executable": .string(FakeAgent.path),
            "arguments": ["--speak", "acp", "--sessions", .string(folder.path)],
        ])
        try check.run(
            LiveDriverSubject(
                driver: ACPDriver(configuration, hostVersion: "test"), request: request(script),
                endless: request(ConformanceTests.endless)))
    }

    /// But for the first: a session that is gone on with shows less.
    @Test("A loaded session conforms, whole and maimed", arguments: DriverCheck.all.dropFirst())
    func loadedSession(_ check: DriverCheck) throws { try check.run(try Self.subject("load-session", resuming: "s-1")) }
}

@Suite struct ACPConfigurationTests {
    @Test("Every preset can be asked what it needs", arguments: ACPPresets.all)
    func presets(_ preset: ACPConfiguration) throws {
        let json: JSON = ["kind": "acp", "preset": .string(preset.name), "arguments": ["-x"], "inherits": ["MORE"]]
        let read = try ACPConfiguration(json)
        #expect(read.name == preset.name)
        #expect(read.executable == preset.executable)
        #expect(read.arguments == ["-x"])
        #expect(read.inherits == preset.inherits + ["MORE"])
        #expect(preset.advice?.isEmpty == false)
    }

    @Test func aPresetMayHaveAnotherNameAndProgram() throws {
        let read = try ACPConfiguration([
            "preset": "vibe", "name": "vibe-two", "executable": "/opt/vibe-acp", "environment": ["VIBE_HOME": "/x"],
        ])
        #expect(read.name == "vibe-two")
        #expect(read.executable == "/opt/vibe-acp")
        #expect(read.environment == ["VIBE_HOME": "/x"])
        #expect(read.usage == .session)
    }

    static let faulty: [(JSON, String)] = [
        ([:], "name"), (["name": "a"], "executable"), (["name": "A", "executable": "x"], "name"),
        (["name": "a", "executable": "./x"], "executable"), (["preset": "none"], "preset"),
        (["name": "a", "executable": "x", "usage": "all"], "usage"),
        (["name": "a", "executable": "x", "colour": 1], "colour"),
        (["name": "a", "executable": "x", "mcp_servers": [["name": "b"]]], "mcp_servers[0].command"),
        (
            ["name": "a", "executable": "x", "mcp_servers": [["name": "b", "url": "u", "type": "w"]]],
            "mcp_servers[0].type"
        ),
    ]

    @Test("What is wrong is named", arguments: faulty)
    func faults(_ json: JSON, _ path: String) {
        #expect {
            try ACPConfiguration(json)
        } throws: {
            ($0 as? ConfigurationError)?.path == path
        }
    }

    @Test func whatIsMissingIsToldWithHowToGetIt() throws {
        let missing = try ACPConfiguration(["preset": "gemini", "executable": "no-such-program-here"])
        let probe = ACPDriver(missing, hostVersion: "test").probe()
        #expect(!probe.isAvailable)
        #expect(probe.missing == "There is no program no-such-program-here in PATH.")
        #expect(probe.advice?.contains("npm install") == true)
        let there = ACPDriver(try ACPConfiguration(["name": "a", "executable": "/bin/sh"]), hostVersion: "test")
        #expect(there.probe().executable == "/bin/sh")
        #expect(there.probe().versionCommand == nil)
        let known = ACPDriver(try ACPConfiguration(["preset": "goose", "executable": "/bin/sh"]), hostVersion: "test")
        #expect(known.probe().versionCommand == ProcessSpec(executable: "/bin/sh", arguments: ["--version"]))
    }
}
