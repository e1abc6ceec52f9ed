import AgentModel
import Driver
import DriverACP
import JSON
import Testing

@Suite struct ACPRunTests {
    @Test func itBeginsWithWhatTheHostCanDo() throws {
        let scene = try ACPScene()
        #expect(
            scene.effects.first
                == .spawn(ProcessSpec(executable: "/bin/agent", workingDirectory: "/work")))
        #expect(scene.written.count == 1)
        let params = scene.lastRequest["params"]
        #expect(scene.lastRequest["method"] == "initialize")
        #expect(params?["protocolVersion"] == 1)
        #expect(
            params?["clientCapabilities"]
                == ["fs": ["readTextFile": true, "writeTextFile": true], "terminal": true])
    }

    @Test func aTaskThatOnlyProposesOffersNoWritingHands() throws {
        var task = ACPScene.task()
        task.task.planOnly = true
        let scene = try ACPScene(task)
        #expect(
            scene.lastRequest["params"]?["clientCapabilities"]
                == ["fs": ["readTextFile": true, "writeTextFile": false], "terminal": false])
    }

    @Test func aSessionIsOpenedInTheWorkingFolderAndPrompted() throws {
        var scene = try ACPScene()
        scene.initialize(["loadSession": true])
        #expect(scene.lastRequest["method"] == "session/new")
        #expect(scene.lastRequest["params"] == ["cwd": "/work", "mcpServers": []])
        scene.answer(["sessionId": "s-1"])
        #expect(scene.events == [.driverSession(id: "s-1", resumed: false)])
        #expect(scene.lastRequest["method"] == "session/prompt")
        #expect(
            scene.lastRequest["params"]
                == ["sessionId": "s-1", "prompt": [["type": "text", "text": "How many orders?"]]])
        scene.text("Eight ")
        scene.text("hundred.")
        scene.answer(["stopReason": "end_turn"])
        #expect(scene.events.contains(.message(id: "m1", role: "assistant", text: "Eight hundred.")))
        #expect(scene.outcome?.stopReason == .endTurn)
        #expect(scene.outcome?.output == "Eight hundred.")
        #expect(scene.outcome?.driverSessionID == "s-1")
        #expect(scene.outcome?.usage == nil)
        #expect(scene.perform(.exited(0)).isEmpty)
    }

    static let offers: [(JSON, String)] = [
        (["loadSession": true], "session/load"),
        (["loadSession": true, "sessionCapabilities": ["resume": [:]]], "session/resume"),
    ]

    @Test("A session is gone on with as the agent offers it", arguments: offers)
    func resume(_ capabilities: JSON, _ method: String) throws {
        var scene = try ACPScene(ACPScene.task(resuming: "old"))
        scene.initialize(capabilities)
        #expect(scene.lastRequest["method"]?.stringValue == method)
        #expect(scene.lastRequest["params"] == ["cwd": "/work", "mcpServers": [], "sessionId": "old"])
        scene.text("from before")
        scene.update("tool_call", ["toolCallId": "t", "title": "x", "status": "completed"], session: "old")
        #expect(scene.events.isEmpty)
        scene.answer(nil)
        #expect(scene.events == [.driverSession(id: "old", resumed: true)])
        #expect(scene.lastRequest["params"]?["sessionId"] == "old")
    }

    @Test func anAgentThatKeepsNoSessionsGivesNone() throws {
        var scene = try ACPScene.prompted(capabilities: [:])
        scene.text("x")
        scene.answer(["stopReason": "end_turn"])
        #expect(scene.outcome?.driverSessionID == nil)
        #expect(!scene.events.contains { if case .driverSession = $0 { true } else { false } })
    }

    @Test func anAgentThatCannotLoadHasLostTheSession() throws {
        var scene = try ACPScene(ACPScene.task(resuming: "old"))
        scene.initialize([:])
        #expect(scene.outcome?.isResumeLost == true)
        #expect(scene.outcome?.error?.reason == "not_found")
        #expect(scene.methods == ["initialize"])
    }

    @Test("Whatever code an unknown session has, it is lost", arguments: [-32002, -32602, -32603, -32601])
    func unknownSession(_ code: Int64) throws {
        var scene = try ACPScene(ACPScene.task(resuming: "old"))
        scene.initialize(["loadSession": true])
        scene.refuse(code, "Session not found: old")
        #expect(scene.outcome?.isResumeLost == true)
        #expect(scene.outcome?.driverSessionID == nil)
        #expect(scene.outcome?.error?.message.contains("Session not found: old") == true)
    }

    // MARK: - Choices

    @Test func modeAndModelAreChosenWhereOffered() throws {
        var task = ACPScene.task()
        task.session.model = "large"
        var scene = try ACPScene(task, ["mode": "code"])
        scene.initialize()
        scene.answer([
            "sessionId": "s-1", "modes": ["currentModeId": "ask", "availableModes": [["id": "c", "name": "code"]]],
            "configOptions": [
                [
                    "id": "m", "category": "model", "type": "select", "currentValue": "small",
                    "options": [["name": "g", "options": [["value": "large", "name": "Large"]]]],
                ]
            ],
        ])
        #expect(scene.lastRequest["method"] == "session/set_mode")
        #expect(scene.lastRequest["params"] == ["sessionId": "s-1", "modeId": "c"])
        scene.refuse(-32602, "not now")
        #expect(scene.effects.warnings == ["The agent refused the mode code: not now"])
        #expect(scene.lastRequest["method"] == "session/set_config_option")
        #expect(scene.lastRequest["params"] == ["sessionId": "s-1", "configId": "m", "value": "large"])
        scene.answer([:])
        #expect(scene.lastRequest["method"] == "session/prompt")
    }

    @Test func aModelOfTheOlderKindIsSetByItsOwnMethod() throws {
        var scene = try ACPScene(ACPScene.task(), ["model": "b"])
        scene.initialize()
        scene.answer([
            "sessionId": "s-1", "models": ["currentModelId": "a", "availableModels": [["modelId": "b", "name": "B"]]],
        ])
        #expect(scene.lastRequest["method"] == "session/set_model")
        #expect(scene.lastRequest["params"] == ["sessionId": "s-1", "modelId": "b"])
    }

    @Test func whatIsNotOfferedIsToldAndLeftOut() throws {
        var scene = try ACPScene(ACPScene.task(), ["model": "huge", "mode": "wild"])
        scene.initialize()
        scene.answer(["sessionId": "s-1"])
        #expect(scene.effects.warnings == ["The agent offers no mode wild.", "The agent offers no model huge."])
        #expect(scene.lastRequest["method"] == "session/prompt")
    }

    @Test func aTaskThatOnlyProposesTakesThePlanMode() throws {
        var task = ACPScene.task()
        task.task.planOnly = true
        var scene = try ACPScene(task, ["mode": "code"])
        scene.initialize()
        scene.answer(["sessionId": "s-1", "modes": ["availableModes": [["id": "plan", "name": "Plan"]]]])
        #expect(scene.lastRequest["params"] == ["sessionId": "s-1", "modeId": "plan"])
    }

    // MARK: - Prompts

    @Test func imagesGoOnlyWhereTheyAreTaken() throws {
        var task = ACPScene.task("Look")
        task.task.input += [
            ["type": "image", "media_type": "image/png", "data": "AAAA"],
            ["type": "image", "media_type": "image/png", "path": "a b.png"],
            ["type": "file", "path": "/x/é.txt"],
        ]
        var scene = try ACPScene.prompted(task, capabilities: ["promptCapabilities": ["image": true]])
        let links: [JSON] = [
            ["type": "resource_link", "uri": "file:///work/a%20b.png", "name": "a b.png", "mimeType": "image/png"],
            ["type": "resource_link", "uri": "file:///x/%C3%A9.txt", "name": "é.txt"],
        ]
        let text: JSON = ["type": "text", "text": "Look"]
        #expect(
            scene.lastRequest["params"]?["prompt"]
                == .array([text, ["type": "image", "data": "AAAA", "mimeType": "image/png"]] + links))
        scene = try ACPScene.prompted(task)
        #expect(scene.lastRequest["params"]?["prompt"] == .array([text] + links))
        #expect(scene.effects.warnings.count == 1)
    }

    @Test func whatTheAgentIsToKnowComesBeforeThePrompt() throws {
        var task = ACPScene.task()
        task.record = "user: hello"
        task.task.context = ["hint": "orders"]
        let scene = try ACPScene.prompted(task)
        let blocks = scene.lastRequest["params"]?["prompt"]?.arrayValue ?? []
        #expect(blocks.count == 2)
        #expect(blocks.first?["text"]?.stringValue?.contains("user: hello") == true)
        #expect(blocks.first?["text"]?.stringValue?.contains(#"{"hint":"orders"}"#) == true)
        #expect(blocks.last?["text"] == "How many orders?")
    }

    @Test func serversAreHandedOnAsFarAsTheAgentReachesThem() throws {
        let servers: JSON = [
            ["name": "a", "command": "/bin/a", "arguments": ["-x"], "environment": ["K": "v"]],
            ["name": "b", "url": "http://127.0.0.1:1/mcp", "headers": ["H": "w"]],
        ]
        let local: JSON = ["name": "a", "command": "/bin/a", "args": ["-x"], "env": [["name": "K", "value": "v"]]]
        var scene = try ACPScene(ACPScene.task(), ["mcp_servers": servers])
        scene.initialize()
        #expect(scene.lastRequest["params"]?["mcpServers"] == [local])
        #expect(scene.effects.warnings.count == 1)
        scene = try ACPScene(ACPScene.task(), ["mcp_servers": servers])
        scene.initialize(["mcpCapabilities": ["http": true]])
        let remote: JSON = [
            "name": "b", "type": "http", "url": "http://127.0.0.1:1/mcp", "headers": [["name": "H", "value": "w"]],
        ]
        #expect(scene.lastRequest["params"]?["mcpServers"] == [local, remote])
    }
}
