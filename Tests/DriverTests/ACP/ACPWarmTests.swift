import AgentModel
import Driver
import DriverACP
import JSON
import Testing

/// A process that stays for the next run of its session.
@Suite struct ACPWarmTests {
    private static func ended(
        _ request: RunRequest = ACPScene.task(), _ members: JSONObject = [:], stopReason: JSON = "end_turn",
        capabilities: JSON = ["loadSession": true]
    ) throws -> ACPScene {
        var scene = try ACPScene.prompted(request, members, capabilities: capabilities)
        scene.text("x")
        scene.answer(["stopReason": stopReason])
        return scene
    }

    private static func kept(_ scene: ACPScene) -> WarmKey? {
        for case .keepWarm(let key) in scene.effects { return key }
        return nil
    }

    private static func wanted(_ request: RunRequest, _ members: JSONObject = [:]) throws -> WarmKey? {
        for case .spawn(let process) in try ACPScene(request, members).effects { return process.warmKey }
        return nil
    }

    @Test func aRunThatCompletedLeavesItsProcessToTheNextOfItsSession() throws {
        let first = try Self.ended()
        let key = try #require(Self.kept(first))
        #expect(first.effects.dropLast().last == .keepWarm(key))
        #expect(try Self.wanted(ACPScene.task("And by country?", resuming: "s-1")) == key)

        var run = ACPRun(
            ACPScene.task("And by country?", resuming: "s-1"), try ACPScene.configuration(), hostVersion: "test")
        let begun = run.handle(.start)
        #expect(begun.written.isEmpty, "nothing is said before it is known to whom")
        let effects = run.handle(.reused)
        #expect(effects.events == [.driverSession(id: "s-1", resumed: true)])
        #expect(effects.written.map { $0["method"] } == ["session/prompt"])
        let answer: JSON = ["jsonrpc": "2.0", "id": 1, "result": ["stopReason": "cancelled"]]
        #expect(run.handle(.output(answer.encoded() + [10])).outcome?.driverSessionID == "s-1")
    }

    @Test func whatWouldHaveBegunOtherwiseNeedsAnotherProcess() throws {
        let key = Self.kept(try Self.ended())
        var planning = ACPScene.task(resuming: "s-1")
        planning.task.planOnly = true
        var elsewhere = ACPScene.task(resuming: "s-1")
        elsewhere.session.workingDirectory = "/other"
        var otherModel = ACPScene.task(resuming: "s-1")
        otherModel.session.model = "large"
        for request in [planning, elsewhere, otherModel, ACPScene.task(resuming: "s-2")] {
            let wanted = try Self.wanted(request)
            #expect(wanted != nil)
            #expect(wanted != key)
        }
        let settings: [JSONObject] = [
            ["mode": "code"], ["environment": ["A": "b"]], ["inherits": ["A"]], ["arguments": ["-x"]],
        ]
        for members in settings { #expect(try Self.wanted(ACPScene.task(resuming: "s-1"), members) != key) }
    }

    @Test func someRunsTakeAndLeaveNone() throws {
        var image = ACPScene.task(resuming: "s-1")
        image.task.input.append(["type": "image", "media_type": "image/png", "data": "AAAA"])
        var fresh = ACPScene.task()
        fresh.task.persistence = .fresh
        #expect(try Self.wanted(image) == nil)
        #expect(try Self.wanted(ACPScene.task()) == nil)
        #expect(Self.kept(try Self.ended(fresh)) == nil)
        #expect(Self.kept(try Self.ended(stopReason: "max_tokens")) == nil)
        #expect(Self.kept(try Self.ended(capabilities: [:])) == nil)
    }

    @Test func whatIsOpenKeepsAProcessFromStaying() throws {
        var scene = try ACPScene.prompted()
        scene.text("x")
        scene.askPermission(1, ["toolCallId": "t"])
        scene.say(["jsonrpc": "2.0", "id": 3, "result": ["stopReason": "end_turn"]])
        #expect(scene.outcome?.stopReason == .endTurn)
        #expect(Self.kept(scene) == nil)
        scene = try ACPScene.prompted()
        scene.text("x")
        scene.perform(.cancel)
        scene.say(["jsonrpc": "2.0", "id": 3, "result": ["stopReason": "end_turn"]])
        #expect(Self.kept(scene) == nil)
        #expect(scene.effects.contains(.closeInput))
    }
}
