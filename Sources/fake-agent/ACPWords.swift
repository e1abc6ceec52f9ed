import AgentModel
import JSON

/// How what the agent does is said in the Agent Client Protocol, each with its newline.
enum ACPWords {
    static func bytes(_ event: DriverEvent, _ session: String) -> [UInt8] {
        switch event {
        case .textDelta(let id, let text): update(session, chunk("agent_message_chunk", text, id))
        case .thoughtDelta(let id, let text): update(session, chunk("agent_thought_chunk", text, id))
        case .message(let id, _, let text): update(session, chunk("agent_message_chunk", text, id))
        case .toolStarted(let id, let name, let title, let input):
            update(
                session,
                [
                    "sessionUpdate": "tool_call", "toolCallId": .string(id), "kind": .string(name),
                    "title": .string(title ?? name), "status": "in_progress", "rawInput": input,
                ])
        case .toolFinished(let id, let isError, let output):
            update(
                session,
                [
                    "sessionUpdate": "tool_call_update", "toolCallId": .string(id),
                    "status": isError ? "failed" : "completed", "rawOutput": output,
                ])
        case .askWithdrawn(let id):
            line(["method": "$/cancel_request", "params": ["requestId": .string(askPrefix + id)]])
        default: []
        }
    }

    /// A line as a line agent says it; what is none of those goes out as it is.
    static func bytes(_ json: JSON, _ session: String, _ prompt: JSON) -> [UInt8] {
        switch json["type"]?.stringValue {
        case "result": answer(json, to: prompt)
        case "ask": ask(json, session)
        case "usage":
            update(
                session,
                [
                    "sessionUpdate": "usage_update", "used": 1, "size": 100,
                    "cost": ["amount": json["cost_usd"] ?? 0, "currency": "USD"],
                ])
        case "plan": update(session, ["sessionUpdate": "plan", "entries": json["entries"] ?? []])
        default: json.encoded() + [UInt8(ascii: "\n")]
        }
    }

    static func chunk(_ kind: String, _ text: String, _ id: String) -> JSONObject {
        [
            "sessionUpdate": .string(kind), "messageId": .string(id),
            "content": ["type": "text", "text": .string(text)],
        ]
    }

    static func update(_ session: String, _ update: JSONObject) -> [UInt8] {
        line(["method": "session/update", "params": ["sessionId": .string(session), "update": .object(update)]])
    }

    static func result(_ result: JSON, to id: JSON) -> [UInt8] { line(["id": id, "result": result]) }

    static func error(_ code: Int, _ message: String, to id: JSON) -> [UInt8] {
        line(["id": id, "error": ["code": .int(Int64(code)), "message": .string(message)]])
    }

    static func request(_ id: String, _ method: String, _ params: JSON) -> [UInt8] {
        line(["id": .string(id), "method": .string(method), "params": params])
    }

    /// The ids of requests that are asks begin so.
    static let askPrefix = "ask:"

    private static func line(_ members: JSONObject) -> [UInt8] {
        var message: JSONObject = ["jsonrpc": "2.0"]
        for member in members { message[member.key] = member.value }
        return JSON.object(message).encoded() + [UInt8(ascii: "\n")]
    }

    /// The prompt's answer: `{stop_reason?, error?: {code?, message?}, usage?}`.
    private static func answer(_ json: JSON, to prompt: JSON) -> [UInt8] {
        if let error = json["error"] {
            return self.error(
                error["code"]?.intValue ?? -32603, error["message"]?.stringValue ?? "failed", to: prompt)
        }
        var result: JSONObject = ["stopReason": json["stop_reason"] ?? "end_turn"]
        result["usage"] = json["usage"]
        return self.result(.object(result), to: prompt)
    }

    /// With `bare`, the request names nothing but a tool call.
    private static func ask(_ json: JSON, _ session: String) -> [UInt8] {
        var call: JSONObject = ["toolCallId": json["tool_call"] ?? "call"]
        if json["bare"]?.boolValue != true {
            call["kind"] = json["tool"] ?? "edit"
            call["title"] = json["title"] ?? "Do it?"
            call["rawInput"] = json["input"]
        }
        let options = (json["options"]?.arrayValue ?? []).map { option -> JSON in
            ["optionId": option["id"] ?? "", "name": option["title"] ?? "", "kind": option["kind"] ?? "allow_once"]
        }
        return request(
            askPrefix + (json["id"]?.stringValue ?? "ask"), "session/request_permission",
            ["sessionId": .string(session), "toolCall": .object(call), "options": .array(options)])
    }
}
