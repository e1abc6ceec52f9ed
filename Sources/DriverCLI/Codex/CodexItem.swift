import AgentModel
import JSON

/// A part of a turn, as both transports tell of it: app-server in camelCase, exec in snake_case.
struct CodexItem {
    struct Tool {
        var name: String
        var title: String?
        var input: JSON
        var output: JSON = .null
        var isError = false
    }

    enum Kind {
        case message(String)
        case thought(String)
        case tool(Tool)
        case plan(JSON)
        /// Something went wrong that does not end the turn.
        case notice(String)
        /// What the user said.
        case input
        case unknown
    }

    let id: String
    let kind: Kind

    /// `nil` for what has no id or type.
    init?(_ json: JSON) {
        let members = CodexMembers(json)
        guard let id = members.text("id"), !id.isEmpty, let type = members.text("type") else { return nil }
        self.id = id
        kind =
            switch type.snakeCase {
            case "agent_message": .message(members.text("text") ?? "")
            case "reasoning": .thought(Self.thought(members))
            case "user_message": .input
            case "error": .notice(members.text("message") ?? "")
            case "todo_list": .plan(Self.plan(members["items"]))
            case let word: Self.tool(word, members).map(Kind.tool) ?? .unknown
            }
    }

    private static func thought(_ members: CodexMembers) -> String {
        if let text = members.text("text") { return text }
        let summary = members.texts("summary")
        return (summary.isEmpty ? members.texts("content") : summary).joined(separator: "\n\n")
    }

    /// Steps as `{title, status}`, from `{step, status}` or `{text, completed}`.
    static func plan(_ steps: JSON?) -> JSON {
        .array(
            (steps?.arrayValue ?? []).map { step in
                let status = step["status"]?.stringValue?.snakeCase
                let isDone = step["completed"]?.boolValue == true
                return [
                    "title": .string(step["step"]?.stringValue ?? step["text"]?.stringValue ?? ""),
                    "status": .string(status ?? (isDone ? "completed" : "pending")),
                ]
            })
    }

    private static func tool(_ type: String, _ members: CodexMembers) -> Tool? {
        switch type {
        case "command_execution": command(members)
        case "file_change": fileChange(members)
        case "mcp_tool_call": mcpCall(members)
        case "web_search":
            Tool(
                name: type, title: members.text("query"),
                input: ["query": members["query"] ?? .null, "action": members["action"] ?? .null])
        case "image_view": Tool(name: type, title: members.text("path"), input: ["path": members["path"] ?? .null])
        case "image_generation", "dynamic_tool_call", "collab_agent_tool_call", "collab_tool_call", "sleep":
            Tool(
                name: type, title: members.text("tool"), input: members["arguments"] ?? members["prompt"] ?? .null,
                output: ["status": members["status"] ?? .null], isError: members.hasFailed)
        default: nil
        }
    }

    private static func command(_ members: CodexMembers) -> Tool {
        var input: JSONObject = ["command": members["command"] ?? .null]
        input["cwd"] = members["cwd"]
        let exitCode = members["exitCode"]
        return Tool(
            name: "command_execution", title: members.text("command"), input: .object(input),
            output: [
                "output": members["aggregatedOutput"] ?? "", "exit_code": exitCode ?? .null,
                "status": members["status"] ?? .null,
            ], isError: members.hasFailed || (exitCode?.intValue ?? 0) != 0)
    }

    private static func fileChange(_ members: CodexMembers) -> Tool {
        let changes = members["changes"] ?? []
        return Tool(
            name: "file_change", title: paths(changes).joined(separator: ", "), input: ["changes": changes],
            output: ["status": members["status"] ?? .null], isError: members.hasFailed)
    }

    /// Named as other agents name tools of MCP servers, so that one rule of permissions fits all.
    private static func mcpCall(_ members: CodexMembers) -> Tool {
        let (server, tool) = (members.text("server") ?? "", members.text("tool") ?? "")
        let error = members["error"]
        return Tool(
            name: "mcp__\(server)__\(tool)", title: "\(server): \(tool)", input: members["arguments"] ?? .null,
            output: error ?? members["result"] ?? .null, isError: members.hasFailed || error != nil)
    }

    /// The files of a `file_change`'s input.
    static func paths(_ changes: JSON?) -> [String] {
        (changes?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }.filter { !$0.isEmpty }
    }
}

/// Members of a message by their camelCase name, whichever way they are written; `null` counts as absent.
struct CodexMembers {
    private let json: JSON

    init(_ json: JSON) { self.json = json }

    subscript(_ name: String) -> JSON? {
        let value = json[name] ?? json[name.snakeCase]
        return value?.isNull == true ? nil : value
    }

    func text(_ name: String) -> String? { self[name]?.stringValue }

    func texts(_ name: String) -> [String] { (self[name]?.arrayValue ?? []).compactMap(\.stringValue) }

    /// A count, held within 0...2^50, so that sums cannot overflow.
    func count(_ name: String) -> Int { min(max(self[name]?.intValue ?? 0, 0), 1 << 50) }

    fileprivate var hasFailed: Bool { ["failed", "declined"].contains(text("status")) }
}

extension Usage {
    /// A count of tokens as Codex tells it; `nil` when it is none. Input holds what was read from the cache.
    init?(codex json: JSON?) {
        guard let json, json.objectValue != nil else { return nil }
        let members = CodexMembers(json)
        self.init()
        inputTokens = members.count("inputTokens")
        outputTokens = members.count("outputTokens")
        cacheReadTokens = members.count("cachedInputTokens")
        cacheWriteTokens = members.count("cacheWriteInputTokens")
        reasoningTokens = members.count("reasoningOutputTokens")
        accuracy = .known
    }
}

extension String {
    /// `agentMessage` as `agent_message`; what has no capitals stays as it is.
    var snakeCase: String {
        var result = ""
        for scalar in unicodeScalars {
            if ("A"..."Z").contains(scalar) {
                result += "_" + String(scalar).lowercased()
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
