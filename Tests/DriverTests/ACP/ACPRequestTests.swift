import AgentModel
import Driver
import DriverACP
import JSON
import Testing

/// What an agent asks of its client.
@Suite struct ACPRequestTests {
    static func asks(_ scene: ACPScene) -> [DriverAsk] {
        scene.events.compactMap { if case .ask(let ask) = $0 { ask } else { nil } }
    }

    @Test func aRequestThatOnlyNamesTheCallIsAboutWhatTheCallSaid() throws {
        var scene = try ACPScene.prompted()
        scene.update(
            "tool_call",
            [
                "toolCallId": "t", "title": "Edit a.txt", "kind": "edit", "rawInput": ["new": "x"],
                "locations": [["path": "/work/a.txt"], ["path": "relative"]],
            ])
        scene.askPermission(0, ["toolCallId": "t"])
        var expected = DriverAsk(
            id: "ask-1", kind: .permission, tool: "edit", title: "Edit a.txt", input: ["new": "x"],
            options: [
                .init(id: "once", title: "Allow", kind: "allow_once"),
                .init(id: "no", title: "Reject", kind: "reject_once"),
            ])
        expected.paths = ["/work/a.txt"]
        #expect(Self.asks(scene) == [expected])
        scene.perform(.answer(askID: "ask-1", optionID: "once"))
        #expect(scene.reply(to: 0)?["result"] == ["outcome": ["outcome": "selected", "optionId": "once"]])
        #expect(scene.perform(.answer(askID: "ask-1", optionID: "no")).isEmpty)
    }

    @Test func aRequestTellsWhatItIsAbout() throws {
        var scene = try ACPScene.prompted()
        let diff: JSON = [["type": "diff", "path": "/work/b", "oldText": "a", "newText": "b"]]
        scene.askPermission("r", ["toolCallId": "u", "title": "Write b", "kind": "edit", "content": diff])
        #expect(Self.asks(scene).first?.input == ["content": diff])
        #expect(Self.asks(scene).first?.paths == ["/work/b"])
        scene.perform(.answer(askID: "ask-1", optionID: nil))
        #expect(scene.reply(to: "r")?["result"] == ["outcome": ["outcome": "cancelled"]])
    }

    @Test func cancelAnswersEveryOpenRequest() throws {
        var scene = try ACPScene.prompted()
        scene.askPermission(7, ["toolCallId": "a"])
        scene.askPermission(8, ["toolCallId": "b"])
        scene.perform(.cancel)
        #expect(scene.written.contains { $0["method"] == "session/cancel" && $0["params"] == ["sessionId": "s-1"] })
        for id: JSON in [7, 8] {
            #expect(scene.reply(to: id)?["result"] == ["outcome": ["outcome": "cancelled"]])
        }
        scene.askPermission(9, ["toolCallId": "c"])
        #expect(scene.reply(to: 9)?["result"] == ["outcome": ["outcome": "cancelled"]])
        #expect(Self.asks(scene).count == 2)
        #expect(scene.perform(.cancel).isEmpty)
        scene.say(["jsonrpc": "2.0", "id": 3, "result": ["stopReason": "cancelled"]])
        #expect(scene.outcome?.stopReason == .cancelled)
        #expect(scene.outcome?.error == nil)
        #expect(scene.outcome?.driverSessionID == "s-1")
    }

    @Test(
        "A cancelled run is cancelled whatever the agent says then",
        arguments: [
            ["result": ["stopReason": "end_turn"]] as JSONObject, ["error": ["code": -32603, "message": "aborted"]],
            ["error": ["code": -32000, "message": "who are you"]],
        ])
    func afterACancel(_ answer: JSONObject) throws {
        var scene = try ACPScene.prompted()
        scene.perform(.cancel)
        var reply = answer
        reply["id"] = 3
        scene.say(.object(reply))
        #expect(scene.outcome?.stopReason == .cancelled)
        #expect(scene.outcome?.error == nil)
    }

    @Test func aCancelBeforeThePromptEndsTheRunAtOnce() throws {
        var scene = try ACPScene()
        #expect(scene.perform(.cancel) == [.closeInput, .finish(RunOutcome(stopReason: .cancelled))])
    }

    @Test func anAgentMayTakeItsRequestBack() throws {
        var scene = try ACPScene.prompted()
        scene.askPermission(4, ["toolCallId": "a"])
        let withdrawal: JSON = ["jsonrpc": "2.0", "method": "$/cancel_request", "params": ["requestId": 4]]
        #expect(scene.say(withdrawal).events == [.askWithdrawn(askID: "ask-1")])
        #expect(scene.reply(to: 4)?["error"]?["code"] == -32800)
        #expect(scene.say(withdrawal).isEmpty)
    }

    @Test(
        "A task that only proposes denies what changes something",
        arguments: [
            ("edit", true), ("delete", true), ("move", true), ("execute", true), ("other", true), ("read", false),
            ("search", false), ("fetch", false),
        ])
    func planOnly(_ kind: String, _ isDenied: Bool) throws {
        var task = ACPScene.task()
        task.task.planOnly = true
        var scene = try ACPScene.prompted(task)
        scene.askPermission(1, ["toolCallId": "a", "title": "It", "kind": .string(kind)])
        #expect(Self.asks(scene).isEmpty == isDenied)
        #expect(scene.reply(to: 1)?["result"]?["outcome"]?["optionId"]?.stringValue == (isDenied ? "no" : nil))
    }

    // MARK: - Files and terminals

    static let requests: [(String, JSONObject, DriverService)] = [
        ("fs/read_text_file", ["path": "/a"], .readTextFile(path: "/a", firstLine: nil, lineLimit: nil)),
        (
            "fs/read_text_file", ["path": "/a", "line": 0, "limit": 5],
            .readTextFile(path: "/a", firstLine: 1, lineLimit: 5)
        ),
        ("fs/write_text_file", ["path": "/a", "content": ""], .writeTextFile(path: "/a", text: "")),
        (
            "terminal/create",
            [
                "command": "ls", "args": ["-l"], "env": [["name": "A", "value": "b"]], "cwd": "/work",
                "outputByteLimit": 10,
            ],
            .createTerminal(
                TerminalSpec(
                    command: "ls", arguments: ["-l"], environment: ["A": "b"], workingDirectory: "/work",
                    outputBytesMax: 10))
        ),
        ("terminal/output", ["terminalId": "t"], .terminalOutput(terminalID: "t")),
        ("terminal/wait_for_exit", ["terminalId": "t"], .waitForTerminal(terminalID: "t")),
        ("terminal/kill", ["terminalId": "t"], .killTerminal(terminalID: "t")),
        ("terminal/release", ["terminalId": "t"], .releaseTerminal(terminalID: "t")),
    ]

    @Test("The host serves what a client does", arguments: requests.indices)
    func services(_ index: Int) throws {
        let (method, params, service) = Self.requests[index]
        var scene = try ACPScene.prompted()
        #expect(scene.ask("q", method, params) == [.serve(id: "service-1", service)])
    }

    static let results: [(String, ServiceResult, JSON)] = [
        ("fs/read_text_file", .text("x\n"), ["result": ["content": "x\n"]]),
        ("fs/write_text_file", .done, ["result": [:]]),
        ("terminal/create", .terminal(id: "term-1"), ["result": ["terminalId": "term-1"]]),
        (
            "terminal/output", .output(TerminalOutput(text: "o", isCut: true, status: nil)),
            ["result": ["output": "o", "truncated": true, "exitStatus": nil]]
        ),
        (
            "terminal/output", .output(TerminalOutput(text: "", isCut: false, status: 3)),
            ["result": ["output": "", "truncated": false, "exitStatus": ["exitCode": 3, "signal": nil]]]
        ),
        (
            "terminal/wait_for_exit", .output(TerminalOutput(text: "", isCut: false, status: -9)),
            ["result": ["exitCode": nil, "signal": "SIGKILL"]]
        ),
        ("terminal/kill", .done, ["result": [:]]),
        ("fs/read_text_file", .notFound("no"), ["error": ["code": -32002, "message": "no"]]),
        ("fs/write_text_file", .refused("outside"), ["error": ["code": -32603, "message": "outside"]]),
    ]

    @Test("What came of it is answered in the protocol's form", arguments: results.indices)
    func answers(_ index: Int) throws {
        let (method, result, answer) = Self.results[index]
        var scene = try ACPScene.prompted()
        scene.ask("q", method, ["path": "/a", "content": "", "command": "c", "terminalId": "t"])
        scene.perform(.served(id: "service-1", result))
        #expect(scene.reply(to: "q")?["result"] == answer["result"])
        #expect(scene.reply(to: "q")?["error"] == answer["error"])
        #expect(scene.perform(.served(id: "service-1", result)).isEmpty)
    }

    @Test func whatIsMalformedOrUnknownIsRefused() throws {
        var scene = try ACPScene.prompted()
        scene.ask(1, "fs/read_text_file", [:])
        scene.ask(2, "fs/write_text_file", ["path": "/a"])
        scene.ask(3, "terminal/create", ["command": ""])
        scene.ask(4, "elicitation/create", [:])
        scene.askPermission(5, ["toolCallId": "x"], options: [])
        for id in 1...3 { #expect(scene.reply(to: .int(Int64(id)))?["error"]?["code"] == -32602) }
        #expect(scene.reply(to: 4)?["error"]?["code"] == -32601)
        #expect(scene.reply(to: 5)?["result"] == ["outcome": ["outcome": "cancelled"]])
        #expect(!scene.effects.contains { if case .serve = $0 { true } else { false } })
    }

    @Test func aTaskThatOnlyProposesGetsNoWritingService() throws {
        var task = ACPScene.task()
        task.task.planOnly = true
        var scene = try ACPScene.prompted(task)
        scene.ask(1, "fs/write_text_file", ["path": "/a", "content": "x"])
        scene.ask(2, "terminal/create", ["command": "ls"])
        #expect(scene.ask(3, "fs/read_text_file", ["path": "/a"]).count == 1)
        for id in 1...2 { #expect(scene.reply(to: .int(Int64(id)))?["error"] != nil) }
        #expect(!scene.effects.contains(.serve(id: "service-1", .writeTextFile(path: "/a", text: "x"))))
    }
}
