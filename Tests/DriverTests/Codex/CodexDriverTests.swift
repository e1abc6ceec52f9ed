import AgentModel
import Driver
import DriverCLI
import DriverConformance
import Foundation
import JSON
import Testing

@Suite struct CodexDriverTests {
    /// A run that shows all that its transport declares.
    static func subject(_ transport: CodexConfiguration.Transport) throws -> DriverSubject {
        var request = request("USETOOL")
        if transport == .appServer { request.task.outputSchema = ["type": "object"] }
        return DriverSubject(
            driver: CodexFixture.driver(transport), request: request,
            transcript: try CodexFixture.bytes(transport == .appServer ? "appserver_everything" : "exec_tool"))
    }

    @Test("Codex conforms over app-server", arguments: DriverCheck.all)
    func appServer(_ check: DriverCheck) throws { try check.run(try Self.subject(.appServer)) }

    @Test("Codex conforms over exec", arguments: DriverCheck.all)
    func exec(_ check: DriverCheck) throws { try check.run(try Self.subject(.exec)) }

    @Test(
        "Each transcript, whole or maimed, ends once",
        arguments: try! FileManager.default.contentsOfDirectory(atPath: CodexFixture.folder.path).sorted()
            .filter { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(6)) })
    func everyTranscript(_ name: String) throws {
        var resuming = request("x", resuming: CodexFixture.thread)
        resuming.forks = name.hasSuffix("fork")
        let isNew = !["resume", "fork", "unknownresume"].contains { name.hasSuffix($0) }
        let subject = DriverSubject(
            driver: CodexFixture.driver(name.hasPrefix("exec") ? .exec : .appServer),
            request: isNew ? request("x") : resuming, transcript: try CodexFixture.bytes(name), exitStatus: 1)
        for check in DriverCheck.all where check.name != "a good run finishes once and shows what is declared" {
            try check.run(subject)
        }
    }

    // MARK: - Settings

    @Test func readsEverySetting() throws {
        let configuration = try CodexConfiguration([
            "kind": "codex", "name": "codex-fast", "executable": "/opt/codex", "arguments": ["--enable", "x"],
            "environment": ["A": "1"], "inherits": ["MY_KEY"], "model": "gpt-5", "transport": "exec",
            "config": ["model_provider": "local", "model_reasoning_effort": "\"low\"", "a.b": 3, "c": true],
        ])
        let spec = try #require(CodexPlay(request("hi"), CodexDriver(configuration, hostVersion: "1")).spawned)
        #expect(spec.executable == "/opt/codex")
        #expect(spec.arguments.prefix(3) == ["--enable", "x", "exec"])
        #expect(spec.arguments.contains("--model=gpt-5"))
        for pair in ["a.b=3", "c=true", "model_provider=local", "model_reasoning_effort=\"low\""] {
            #expect(spec.arguments.contains(pair))
        }
        #expect(spec.environment == ["A": "1"])
        #expect(spec.inherits == ["CODEX_HOME", "OPENAI_API_KEY", "CODEX_API_KEY", "MY_KEY"])
        #expect(CodexDriver(configuration, hostVersion: "1").name == "codex-fast")
        #expect(try CodexConfiguration([:]) == CodexConfiguration())
    }

    @Test(
        "A bad setting is named",
        arguments: [
            (["name": "Codex"], "name"), (["executable": "bin/codex"], "executable"), (["model": ""], "model"),
            (["transport": "socket"], "transport"), (["config": []], "config"), (["config": ["a": []]], "config.a"),
            (["config": ["a=b": "1"]], "config.a=b"), (["arguments": 1], "arguments"),
        ] as [(JSON, String)])
    func badSettings(_ json: JSON, _ path: String) {
        let error = #expect(throws: ConfigurationError.self) { try CodexConfiguration(json) }
        #expect(error?.path == path)
    }

    @Test(
        "Permissions become Codex's own",
        arguments: [
            (nil, false, "untrusted", "workspace-write", "read-only"),
            ("ask", false, "untrusted", "workspace-write", "read-only"),
            ("accept_edits", false, "on-request", "workspace-write", "workspace-write"),
            ("bypass", false, "never", "danger-full-access", "danger-full-access"),
            ("bypass", true, "never", "read-only", "read-only"), ("ask", true, "never", "read-only", "read-only"),
        ] as [(String?, Bool, String, String, String)])
    func permissions(_ mode: String?, _ planOnly: Bool, _ policy: String, _ sandbox: String, _ exec: String) throws {
        var request = request("hi")
        if let mode { request.session.permissions = ["driver_mode": .string(mode)] }
        request.task.planOnly = planOnly
        var play = CodexPlay(request)
        play.handle(.output(try CodexFixture.lines("appserver_text")[0]))
        let params = try #require(play.written("thread/start").first?["params"])
        #expect(params["approvalPolicy"]?.stringValue == policy)
        #expect(params["sandbox"]?.stringValue == sandbox)
        let arguments = CodexPlay(request, CodexFixture.driver(.exec)).spawned?.arguments ?? []
        #expect(arguments.contains("--sandbox=\(exec)"))
    }

    @Test("A mode that is not known is refused", arguments: CodexConfiguration.Transport.allCases)
    func unknownMode(_ transport: CodexConfiguration.Transport) {
        var request = request("hi")
        request.session.permissions = ["driver_mode": "yolo"]
        let play = CodexPlay(request, CodexFixture.driver(transport))
        #expect(play.spawned == nil)
        #expect(play.outcome?.error?.message.contains("yolo") == true)
    }

    @Test func whatTheHostKnowsGoesBeforeThePrompt() throws {
        var request = request("hi")
        request.record = "user: earlier"
        request.task.input.append(["type": "image", "media_type": "image/png", "data": "AA=="])
        var play = CodexPlay(request)
        try play.hear("appserver_text", until: "turn/started")
        let input = try #require(play.written("turn/start").first?["params"]?["input"]?.arrayValue)
        #expect(input.count == 3)
        #expect(input[0]["text"]?.stringValue?.contains("user: earlier") == true)
        #expect(input[1]["text"] == "hi")
        #expect(input[2] == ["type": "image", "url": "data:image/png;base64,AA=="])
    }

    @Test func probeTellsOfProgramAndSignIn() throws {
        let folder = try TemporaryFolder()
        var configuration = CodexConfiguration()
        configuration.executable = folder.path + "/codex"
        #expect(!CodexDriver(configuration, hostVersion: "1").probe().isAvailable)
        #expect(CodexDriver(configuration, hostVersion: "1").probe().advice?.contains("npm install") == true)
        try Data().write(to: URL(filePath: configuration.executable))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: configuration.executable)
        configuration.environment = ["CODEX_HOME": folder.path, "OPENAI_API_KEY": "", "CODEX_API_KEY": ""]
        let probe = CodexDriver(configuration, hostVersion: "1").probe()
        #expect(probe.isAvailable)
        #expect(probe.executable == configuration.executable)
        #expect(probe.isSignedIn == false)
        #expect(probe.versionCommand?.arguments == ["--version"])
        try Data().write(to: URL(filePath: folder.path + "/config.toml"))
        #expect(CodexDriver(configuration, hostVersion: "1").probe().isSignedIn == nil)
        try Data().write(to: URL(filePath: folder.path + "/auth.json"))
        #expect(CodexDriver(configuration, hostVersion: "1").probe().isSignedIn == true)
    }
}
