import AgentModel
import Driver
import DriverACP
import Foundation
import JSON

/// A run of an ACP agent with a test as the agent.
struct ACPScene {
    private(set) var run: ACPRun
    /// Everything that the run asked for so far.
    private(set) var effects: [DriverEffect] = []

    static func configuration(_ members: JSONObject = [:]) throws -> ACPConfiguration {
        var json: JSONObject = ["name": "example", "executable": "/bin/agent"]
        for member in members { json[member.key] = member.value }
        return try ACPConfiguration(.object(json))
    }

    static func task(_ prompt: String = "How many orders?", resuming: String? = nil) -> RunRequest {
        var request = request(prompt, resuming: resuming)
        request.session.workingDirectory = "/work"
        return request
    }

    init(_ request: RunRequest = task(), _ members: JSONObject = [:], lineBytesMax: Int = 16 << 20) throws {
        run = ACPRun(
            request, try Self.configuration(members), hostVersion: "test", lineBytesMax: lineBytesMax)
        perform(.start)
        perform(.spawned)
    }

    /// A scene whose agent has opened a session and was prompted.
    static func prompted(
        _ request: RunRequest = task(), _ members: JSONObject = [:], capabilities: JSON = ["loadSession": true]
    ) throws -> ACPScene {
        var scene = try ACPScene(request, members)
        scene.initialize(capabilities)
        scene.answer(request.resumeID == nil ? ["sessionId": "s-1"] : [:])
        return scene
    }

    @discardableResult
    mutating func perform(_ input: DriverInput) -> [DriverEffect] {
        let more = run.handle(input)
        effects += more
        return more
    }

    @discardableResult
    mutating func say(_ json: JSON) -> [DriverEffect] { perform(.output(json.encoded() + [10])) }

    @discardableResult
    mutating func initialize(_ capabilities: JSON = [:], auth: [JSON] = []) -> [DriverEffect] {
        answer(["protocolVersion": 1, "agentCapabilities": capabilities, "authMethods": .array(auth)])
    }

    /// Answers the last request of the host's.
    @discardableResult
    mutating func answer(_ result: JSON) -> [DriverEffect] {
        say(["jsonrpc": "2.0", "id": lastRequest["id"] ?? .null, "result": result])
    }

    @discardableResult
    mutating func refuse(_ code: Int64, _ message: String, data: JSON = nil) -> [DriverEffect] {
        say([
            "jsonrpc": "2.0", "id": lastRequest["id"] ?? .null,
            "error": ["code": .int(code), "message": .string(message), "data": data],
        ])
    }

    @discardableResult
    mutating func update(_ kind: String, _ members: JSONObject = [:], session: String = "s-1") -> [DriverEffect] {
        var update = members
        update["sessionUpdate"] = .string(kind)
        return say([
            "jsonrpc": "2.0", "method": "session/update",
            "params": ["sessionId": .string(session), "update": .object(update)],
        ])
    }

    @discardableResult
    mutating func text(_ text: String, thought: Bool = false) -> [DriverEffect] {
        update(
            thought ? "agent_thought_chunk" : "agent_message_chunk",
            ["content": ["type": "text", "text": .string(text)]])
    }

    @discardableResult
    mutating func ask(_ id: JSON, _ method: String, _ params: JSONObject) -> [DriverEffect] {
        var params = params
        params["sessionId"] = "s-1"
        return say(["jsonrpc": "2.0", "id": id, "method": .string(method), "params": .object(params)])
    }

    @discardableResult
    mutating func askPermission(_ id: JSON, _ call: JSON, options: JSON? = nil) -> [DriverEffect] {
        let both: JSON = [
            ["optionId": "once", "name": "Allow", "kind": "allow_once"],
            ["optionId": "no", "name": "Reject", "kind": "reject_once"],
        ]
        return ask(id, "session/request_permission", ["toolCall": call, "options": options ?? both])
    }

    // MARK: - What the run did

    var written: [JSON] { effects.written }
    var lastRequest: JSON { written.last { $0["method"] != nil && $0["id"] != nil } ?? .null }
    var methods: [String] { written.compactMap { $0["method"]?.stringValue } }
    var events: [DriverEvent] { effects.events }
    var outcome: RunOutcome? { effects.outcome }

    /// What was answered to a request of the agent's.
    func reply(to id: JSON) -> JSON? { written.last { $0["id"] == id && $0["method"] == nil } }
}

/// What agents have said, a file each: facts about their wires, shortened.
enum Transcripts {
    static func read(_ path: String) throws -> [UInt8] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return Array(try Data(contentsOf: tests.appending(path: "Fixtures/agents/\(path)")))
    }
}
