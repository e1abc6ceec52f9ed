import AgentModel
import Driver
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Claude Code's lines (`--output-format=stream-json` with partial messages), while a prompt is worked on.
struct ClaudeTongue: Tongue {
    let session: String
    /// The id of the message with the prompt.
    let promptID: JSON
    /// The message whose text is being streamed.
    private var streamed = ""
    private var usage: JSON?
    private var total: JSON?

    init(session: String, promptID: JSON) { (self.session, self.promptID) = (session, promptID) }

    mutating func say(_ event: DriverEvent) -> [UInt8] {
        switch event {
        case .textDelta(let id, let text):
            defer { streamed = id }
            return (streamed == id ? [] : begin(id, ["type": "text", "text": ""]))
                + delta(["type": "text_delta", "text": .string(text)])
        case .thoughtDelta(let id, let text):
            return begin(id, ["type": "thinking", "thinking": ""])
                + delta(["type": "thinking_delta", "thinking": .string(text)])
                + answer(id, ["type": "thinking", "thinking": .string(text)]) + end
        case .message(let id, _, let text):
            defer { streamed = "" }
            return answer(id, ["type": "text", "text": .string(text)]) + (streamed == id ? end : [])
        case .toolStarted(let id, let name, _, let input):
            return answer("\(id)-call", ["type": "tool_use", "id": .string(id), "name": .string(name), "input": input])
        case .toolFinished(let id, let isError, let output):
            let result: JSON = [
                "type": "tool_result", "tool_use_id": .string(id), "content": output, "is_error": .bool(isError),
            ]
            return line("user", ["message": ["role": "user", "content": [result]]])
        case .askWithdrawn(let id): return line("control_cancel_request", ["request_id": .string(id)])
        default: return []
        }
    }

    mutating func say(_ line: JSON) -> [UInt8] {
        switch line["type"]?.stringValue {
        case "result": return result(line)
        case "ask": return permission(line)
        case "usage": usage = line
        case "usage.total": total = line
        default: return line.line
        }
        return []
    }

    func hear(_ line: [UInt8]) -> (word: HostWord?, reply: [UInt8]) {
        guard let message = try? JSON.parse(line) else { fail(1, "Error parsing streaming input line") }
        switch message["type"]?.stringValue {
        case "control_request":
            let isInterrupt = message["request"]?["subtype"] == "interrupt"
            return (isInterrupt ? .cancel : nil, Self.confirm(message))
        case "control_response":
            let id = message["response"]?["request_id"]?.stringValue ?? ""
            let isAllowed = message["response"]?["response"]?["behavior"] == "allow"
            return (.answer(ask: id, option: isAllowed ? "allow" : "reject"), [])
        default: return (nil, [])
        }
    }

    /// The answer to a control request of the host's.
    static func confirm(_ message: JSON) -> [UInt8] {
        let response: JSON = ["subtype": "success", "request_id": message["request_id"] ?? "", "response": [:]]
        return (["type": "control_response", "response": response] as JSON).line
    }

    // MARK: - Lines

    func begun(workingDirectory: String) -> [UInt8] {
        line(
            "system",
            [
                "subtype": "init", "cwd": .string(workingDirectory), "tools": [], "mcp_servers": [], "model": "fake",
                "permissionMode": "default", "user_message_uuids": [promptID],
            ])
    }

    private func line(_ type: String, _ members: JSONObject) -> [UInt8] {
        let common: JSONObject = ["type": .string(type), "session_id": .string(session), "parent_tool_use_id": nil]
        return JSON.object(common.adding(members)).line
    }

    private func event(_ event: JSON) -> [UInt8] { line("stream_event", ["event": event]) }

    private func begin(_ id: String, _ block: JSON) -> [UInt8] {
        let message: JSON = ["id": .string(id), "role": "assistant", "model": "fake", "content": []]
        return event(["type": "message_start", "message": message])
            + event(["type": "content_block_start", "index": 0, "content_block": block])
    }

    private func delta(_ delta: JSON) -> [UInt8] { event(["type": "content_block_delta", "index": 0, "delta": delta]) }

    private var end: [UInt8] {
        event(["type": "content_block_stop", "index": 0])
            + event(["type": "message_delta", "delta": [:], "usage": [:]])
            + event(["type": "message_stop"])
    }

    private func answer(_ id: String, _ block: JSON) -> [UInt8] {
        line(
            "assistant",
            ["message": ["id": .string(id), "role": "assistant", "model": "fake", "content": [block], "usage": [:]]])
    }

    private func permission(_ line: JSON) -> [UInt8] {
        let request: JSON = [
            "subtype": "can_use_tool", "tool_name": line["tool"] ?? "Bash", "input": line["input"] ?? [:],
            "permission_suggestions": [["type": "addRules"]],
        ]
        return self.line("control_request", ["request_id": line["id"] ?? "ask", "request": request])
    }

    /// The end of the turn: `{stop_reason?, output?, structured_output?, error: {message, code?}?}`.
    private func result(_ line: JSON) -> [UInt8] {
        var members: JSONObject = [
            "subtype": "success", "is_error": false, "num_turns": 1, "result": line["output"] ?? "",
            "stop_reason": "end_turn", "permission_denials": [], "user_message_uuids": [promptID],
            "total_cost_usd": total?["cost_usd"] ?? usage?["cost_usd"] ?? 0,
        ]
        members["structured_output"] = line["structured_output"]
        members["model_usage_since_last_result"] = usage.map(Self.models)
        members["modelUsage"] = (total ?? usage).map(Self.models) ?? [:]
        switch line["stop_reason"]?.stringValue {
        case "end_turn": break
        case "max_tokens", "refusal": members["stop_reason"] = line["stop_reason"]
        case "cancelled": members = members.adding(Self.failure("error_during_execution", "aborted_streaming"))
        case "recursion_limit": members = members.adding(Self.failure("error_max_turns", "max_turns"))
        case "budget": members = members.adding(Self.failure("error_max_budget_usd", "budget"))
        default:
            members = members.adding(Self.failure("success", "api_error"))
            members["result"] = line["error"]?["message"] ?? "API Error"
            members["api_error_status"] = line["error"]?["code"]
        }
        return self.line("result", members)
    }

    private static func failure(_ subtype: String, _ reason: String) -> JSONObject {
        ["subtype": .string(subtype), "is_error": true, "terminal_reason": .string(reason)]
    }

    private static func models(_ usage: JSON) -> JSON {
        [
            "fake": [
                "inputTokens": usage["input_tokens"] ?? 0, "outputTokens": usage["output_tokens"] ?? 0,
                "cacheReadInputTokens": usage["cache_read_tokens"] ?? 0,
                "cacheCreationInputTokens": usage["cache_write_tokens"] ?? 0, "costUSD": usage["cost_usd"] ?? 0,
            ]
        ]
    }
}

/// Claude Code's CLI as a host calls it: its sessions, and a script for each prompt until stdin ends.
struct ClaudeConversation: Conversation {
    private let options: Options
    private var inbox = Inbox()
    private var session = ""
    private var record: SessionRecord?

    init(_ options: Options) { self.options = options }

    mutating func run() -> Int32 {
        if let code = open() { return code }
        while let line = inbox.next(within: nil) {
            guard let message = try? JSON.parse(line) else { fail(1, "Error parsing streaming input line") }
            if message["type"] == "control_request" {
                Descriptor.write(ClaudeTongue.confirm(message), to: STDOUT_FILENO)
            }
            if message["type"] == "user", let code = prompt(message) { return code }
        }
        if options.ignoresEndOfInput { Inbox.sleep(nil) }
        return 0
    }

    /// - Returns: an exit code if there is no such session, or there is one already.
    private mutating func open() -> Int32? {
        let (offered, resumed) = (options.word("--session-id"), options.word("--resume"))
        let forks = options.words.contains("--fork-session")
        session = (forks ? nil : resumed) ?? offered ?? SessionRecord.newID()
        if let offered, UUID128(offered) == nil { return refuse("Error: Invalid session ID. Must be a valid UUID.") }
        guard let folder = options.sessionsDirectory else { return nil }
        if offered == session, SessionRecord(resuming: session, in: folder) != nil {
            return refuse("Error: Session ID \(session) is already in use.")
        }
        let old = resumed.flatMap { SessionRecord(resuming: $0, in: folder) }
        if let resumed, old == nil { return lose(resumed) }
        if options.words.contains("--no-session-persistence") { return nil }
        record = old
        if old?.id != session { record = SessionRecord(creating: session, in: folder, after: old?.prompts ?? []) }
        return nil
    }

    private func refuse(_ words: String) -> Int32 {
        Descriptor.write(Array("\(words)\n".utf8), to: STDERR_FILENO)
        return 1
    }

    private func lose(_ id: String) -> Int32 {
        let result: JSON = [
            "type": "result", "subtype": "error_during_execution", "is_error": true, "session_id": .string(id),
            "errors": [.string("No conversation found with session ID: \(id)")],
        ]
        Descriptor.write(result.line, to: STDOUT_FILENO)
        return 1
    }

    private mutating func prompt(_ message: JSON) -> Int32? {
        let start = LineStart(prompt: message["message"]?["content"], session: session)
        record?.append(start.prompt)
        let tongue = ClaudeTongue(session: session, promptID: message["uuid"] ?? .null)
        var agent = FakeAgent(options, start, Voice(tongue), inbox)
        agent.voice.write(tongue.begun(workingDirectory: Descriptor.workingDirectory))
        agent.startLine = message
        agent.record = record
        defer { inbox = agent.inbox }
        return agent.answer()
    }
}
