import AgentModel
import JSON

/// How each event stands on a line agent's stdout.
extension DriverEvent {
    /// `nil` when the type is unknown or a required member is missing or of a wrong type.
    init?(line object: JSONObject, type: String) {
        let members = LineMembers(object: object)
        let event: DriverEvent? =
            switch type {
            case "session": members.name("id").map { .driverSession(id: $0, resumed: members.flag("resumed")) }
            case "text.delta", "thought.delta", "message": Self.speech(members, type)
            case "tool.started", "tool.updated", "tool.finished": Self.tool(members, type)
            case "plan": members.value("entries").map { .planUpdated($0) }
            case "progress":
                members.number("done").map {
                    .progress(done: $0, total: members.number("total"), message: members.string("message"))
                }
            case "warning": members.string("message").map { .warning($0) }
            case "turn": .turnEnded
            case "checkpoint": members.value("state").map { .checkpoint(state: $0) }
            case "usage": .usage(Usage(line: object))
            case "usage.before": .usageBefore(Usage(line: object))
            case "usage.total": .usageTotal(Usage(line: object))
            case "ask": DriverAsk(line: object).map { .ask($0) }
            case "ask.withdrawn": members.name("id").map { .askWithdrawn(askID: $0) }
            case "artifact": members.name("path").map { .artifact(path: $0) }
            default: nil
            }
        guard let event else { return nil }
        self = event
    }

    private static func speech(_ members: LineMembers, _ type: String) -> DriverEvent? {
        guard let text = members.string("text"), let id = members.name(type == "message" ? "id" : "message_id") else {
            return nil
        }
        return switch type {
        case "text.delta": .textDelta(messageID: id, text: text)
        case "thought.delta": .thoughtDelta(messageID: id, text: text)
        default: .message(id: id, role: members.name("role") ?? "assistant", text: text)
        }
    }

    private static func tool(_ members: LineMembers, _ type: String) -> DriverEvent? {
        guard let id = members.name("id") else { return nil }
        return switch type {
        case "tool.started":
            members.name("name").map {
                .toolStarted(
                    id: id, name: $0, title: members.string("title"), input: members.value("input") ?? .null)
            }
        case "tool.updated": .toolUpdated(id: id, data: members.value("data") ?? .null)
        default:
            .toolFinished(id: id, isError: members.flag("is_error"), output: members.value("output") ?? .null)
        }
    }

    /// The line that says this event; of `.raw`, the line as it came.
    var line: JSON {
        switch self {
        case .driverSession(let id, let resumed):
            ["type": "session", "id": .string(id), "resumed": .bool(resumed)]
        case .textDelta(let id, let text):
            ["type": "text.delta", "message_id": .string(id), "text": .string(text)]
        case .thoughtDelta(let id, let text):
            ["type": "thought.delta", "message_id": .string(id), "text": .string(text)]
        case .message(let id, let role, let text):
            ["type": "message", "id": .string(id), "role": .string(role), "text": .string(text)]
        case .toolStarted(let id, let name, let title, let input):
            .line("tool.started") {
                $0["id"] = .string(id)
                $0["name"] = .string(name)
                $0.set("title", title)
                $0["input"] = input
            }
        case .toolUpdated(let id, let data): ["type": "tool.updated", "id": .string(id), "data": data]
        case .toolFinished(let id, let isError, let output):
            ["type": "tool.finished", "id": .string(id), "is_error": .bool(isError), "output": output]
        case .planUpdated(let entries): ["type": "plan", "entries": entries]
        case .progress(let done, let total, let message):
            .line("progress") {
                $0["done"] = .number(done)
                if let total { $0["total"] = .number(total) }
                $0.set("message", message)
            }
        case .warning(let message): ["type": "warning", "message": .string(message)]
        case .turnEnded: ["type": "turn"]
        case .checkpoint(let state): ["type": "checkpoint", "state": state]
        case .usage(let usage): .line("usage") { usage.write(to: &$0) }
        case .usageBefore(let usage): .line("usage.before") { usage.write(to: &$0) }
        case .usageTotal(let usage): .line("usage.total") { usage.write(to: &$0) }
        case .ask(let ask): ask.line
        case .askWithdrawn(let id): ["type": "ask.withdrawn", "id": .string(id)]
        case .artifact(let path): ["type": "artifact", "path": .string(path)]
        case .raw(let json): json
        }
    }
}

extension DriverAsk {
    init?(line object: JSONObject) {
        let members = LineMembers(object: object)
        guard let id = members.name("id"), let kind = Kind(rawValue: members.string("kind") ?? "permission") else {
            return nil
        }
        let tool = members.name("tool")
        self.init(
            id: id, kind: kind, tool: tool, title: members.string("title") ?? tool ?? "",
            input: members.value("input") ?? .null,
            options: (object["options"]?.arrayValue ?? []).compactMap(Option.init(line:)))
        paths = (object["paths"]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    var line: JSON {
        .line("ask") {
            $0["id"] = .string(id)
            $0["kind"] = .string(kind.rawValue)
            $0.set("tool", tool)
            $0["title"] = .string(title)
            $0["input"] = input
            $0["options"] = .array(options.map(\.json))
            if !paths.isEmpty { $0["paths"] = .array(paths.map(JSON.string)) }
        }
    }
}

extension DriverAsk.Option {
    init?(line json: JSON) {
        guard let id = json["id"]?.stringValue, !id.isEmpty else { return nil }
        self.init(id: id, title: json["title"]?.stringValue ?? id, kind: json["kind"]?.stringValue)
    }

    var json: JSON {
        var object: JSONObject = ["id": .string(id), "title": .string(title)]
        object.set("kind", kind)
        return .object(object)
    }
}
