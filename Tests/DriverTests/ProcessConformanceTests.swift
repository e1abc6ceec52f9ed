import AgentModel
import Driver
import DriverConformance
import JSON
import Testing

/// Every driver against a process that speaks its agent's protocol.
@Suite struct ProcessConformanceTests {
    /// Says something and goes on.
    static let endless = #"{"say":"here"}"# + "\n" + #"{"sleep_ms":600000}"#

    static let claudeScript = """
        {"think":"first"}
        {"delta":"some té\u{1F600}xt ","times":5}
        {"tool":{"name":"Bash","title":"Count","input":{"command":"wc","limits":{"rows":1,"bytes":2}},"output":[1,2]}}
        {"ask":{"id":"a1","tool":"Write","input":{"file_path":"x"}}}
        {"line":{"type":"not known","a":1,"b":{"c":2,"d":3}}}
        {"usage":{"input_tokens":10,"output_tokens":20,"cost_usd":0.25}}
        {"result":{"structured_output":{"n":1,"m":2}}}
        """

    @Test("Claude Code conforms as a process", arguments: ProcessCheck.all)
    func claude(_ check: ProcessCheck) throws {
        let folder = try TemporaryFolder()
        var demanding = request(Self.claudeScript)
        demanding.task.outputSchema = ["type": "object"]
        try check.run(
            LiveDriverSubject(
                driver: FakeAgent.Tongue.claude.driver(["--sessions", folder.path]), request: demanding,
                endless: request(Self.endless)))
    }

    static let codexScript = """
        {"think":"first"}
        {"delta":"some té\u{1F600}xt ","times":5}
        {"tool":{"name":"shell","input":{"command":"wc","limits":{"rows":1,"bytes":2}},"output":{"rows":1,"bytes":2}}}
        {"line":{"type":"plan","entries":[{"step":"look","status":"completed"}]}}
        {"line":{"method":"not/known","params":{"a":1,"b":{"c":2,"d":3}}}}
        {"ask":{"id":"a1","tool":"shell","input":{"command":"rm x"}}}
        {"usage":{"input_tokens":10,"output_tokens":20}}
        {"result":{"structured_output":{"n":1,"m":2}}}
        """

    @Test("Codex's app-server conforms as a process", arguments: ProcessCheck.all)
    func codexServer(_ check: ProcessCheck) throws {
        let folder = try TemporaryFolder()
        var demanding = request(Self.codexScript)
        demanding.task.outputSchema = ["type": "object"]
        try check.run(
            LiveDriverSubject(
                driver: FakeAgent.Tongue.codexServer.driver(["--sessions", folder.path]), request: demanding,
                endless: request(Self.endless)))
    }

    @Test("Codex's exec conforms as a process", arguments: ProcessCheck.all)
    func codexExec(_ check: ProcessCheck) throws {
        let folder = try TemporaryFolder()
        let script = """
            {"think":"first"}
            {"tool":{"name":"shell","input":{"command":"wc"},"output":{"rows":1,"bytes":2}}}
            {"line":{"type":"not known","a":1,"b":{"c":2,"d":3}}}
            {"line":{"type":"error","message":"Reconnecting... 1/5"}}
            {"usage":{"input_tokens":10,"output_tokens":20}}
            {"say":"some té\u{1F600}xt"}
            """
        try check.run(
            LiveDriverSubject(
                driver: FakeAgent.Tongue.codexExec.driver(["--sessions", folder.path]), request: request(script),
                endless: request(Self.endless)))
    }
}
