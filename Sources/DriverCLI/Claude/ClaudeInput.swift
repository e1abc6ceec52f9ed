import AgentModel
import Driver
import JSON

/// The lines that the CLI reads on its stdin. A line that is no JSON would end it.
enum ClaudeInput {
    /// Ids of the host's own requests.
    static let initializeID = "initialize"
    static let interruptID = "interrupt"

    /// - Parameter systemPrompt: is added to the agent's own, in place of what its arguments add.
    static func initialize(systemPrompt: String?) -> [UInt8] {
        var request: JSONObject = ["subtype": "initialize"]
        request["appendSystemPrompt"] = systemPrompt.map(JSON.string)
        return control(initializeID, .object(request))
    }

    static let interrupt = control(interruptID, ["subtype": "interrupt"])

    /// The prompt, after what the agent is told beside it.
    /// - Parameter id: a UUID, which the CLI gives back with what it says in answer.
    static func prompt(_ request: RunRequest, id: String) -> [UInt8] {
        let blocks = PromptContext.blocks(request, isOpened: request.resumeID == nil)
        let context = blocks.map { block -> JSON in ["type": "text", "text": .string(block)] }
        let content = context + request.task.input.compactMap { self.content($0) }
        return line([
            "type": "user", "uuid": .string(id), "session_id": "", "parent_tool_use_id": nil,
            "message": ["role": "user", "content": .array(content)],
        ])
    }

    /// A content block as the Messages API has it. A file is named, so that the agent reads it with its own tools.
    private static func content(_ block: JSON) -> JSON? {
        switch block["type"]?.stringValue {
        case "text": return ["type": "text", "text": block["text"] ?? ""]
        case "image":
            if let data = block["data"] {
                return [
                    "type": "image",
                    "source": ["type": "base64", "media_type": block["media_type"] ?? "image/png", "data": data],
                ]
            }
            return named(block["path"], "image")
        default: return named(block["path"], "file")
        }
    }

    private static func named(_ path: JSON?, _ what: String) -> JSON? {
        path?.stringValue.map { ["type": "text", "text": .string("The \(what) \($0)")] }
    }

    static func allow(_ requestID: String, input: JSON) -> [UInt8] {
        respond(requestID, ["behavior": "allow", "updatedInput": input])
    }

    static func deny(_ requestID: String, message: String) -> [UInt8] {
        respond(requestID, ["behavior": "deny", "message": .string(message)])
    }

    /// The answer to a request that the host knows nothing of: the CLI must not wait for it.
    static func refuse(_ requestID: String) -> [UInt8] {
        line([
            "type": "control_response",
            "response": [
                "subtype": "error", "request_id": .string(requestID), "error": "This host does not do that.",
            ],
        ])
    }

    private static func respond(_ requestID: String, _ response: JSON) -> [UInt8] {
        line([
            "type": "control_response",
            "response": ["subtype": "success", "request_id": .string(requestID), "response": response],
        ])
    }

    private static func control(_ id: String, _ request: JSON) -> [UInt8] {
        line(["type": "control_request", "request_id": .string(id), "request": request])
    }

    private static func line(_ json: JSON) -> [UInt8] { json.encoded() + [UInt8(ascii: "\n")] }
}
