import AgentModel
import Driver
import JSON

/// What the CLI's lines mean, one after the other: keeps what is open, so that only sequences that make sense come out.
struct ClaudeDialogue {
    /// What one line came to.
    struct Heard {
        var events: [DriverEvent] = []
        /// Lines for the CLI.
        var writes: [UInt8] = []
        /// The line that ends the run.
        var result: JSONObject?
    }

    private let request: RunRequest
    /// The id of the message that holds the prompt: results about other messages are not this run's.
    private let promptID: String
    private var tools: OpenItems<Void>
    private(set) var asks: ClaudeAsks
    private(set) var speech = ClaudeSpeech()
    private(set) var driverSessionID: String?
    /// Something that the agent started may go on beyond the result.
    private(set) var hasBackground = false
    private(set) var hasToldOfDenial = false
    /// In a process that served another run, this one begins with the next `system/init`.
    private var awaitsInit: Bool
    private var folder: String?

    init(_ request: RunRequest, promptID: String, isReused: Bool, openMax: Int) {
        self.request = request
        self.promptID = promptID
        tools = OpenItems(countMax: openMax)
        asks = ClaudeAsks(openMax: openMax, planOnly: request.task.planOnly)
        awaitsInit = isReused
        folder = request.session.workingDirectory
    }

    mutating func hear(_ json: JSON, _ object: JSONObject) -> Heard {
        let line = LineMembers(object: object)
        let type = line.string("type")
        let isInit = type == "system" && line.string("subtype") == "init"
        if awaitsInit, type != "control_request", !isInit || !isOurs(line) {
            return Heard(events: Self.isNoise(type, line) ? [] : [.raw(json)])
        }
        awaitsInit = false
        return switch type {
        case "system": Heard(events: system(line) ?? [.raw(json)])
        case "assistant": Heard(events: assistant(line) ?? [.raw(json)])
        case "user": Heard(events: user(line) ?? [.raw(json)])
        case "stream_event": Heard(events: stream(line))
        case "control_request": control(line) ?? Heard(events: [.raw(json)])
        case "control_cancel_request": Heard(events: withdrawn(line) ?? [.raw(json)])
        case "tool_progress": Heard(events: progress(line, json) ?? [.raw(json)])
        case "rate_limit_event": Heard(events: rateLimit(line, json))
        case "result" where isOurs(line): Heard(events: speech.endTurn(), result: object)
        default: Heard(events: Self.isNoise(type, line) ? [] : [.raw(json)])
        }
    }

    mutating func answer(_ askID: String, _ optionID: String?) -> Heard {
        guard let settled = asks.answer(askID, optionID) else { return Heard() }
        return Heard(events: settled.withdrawn.map { .askWithdrawn(askID: $0) }, writes: settled.line)
    }

    /// No more is said: a turn that was under way counts.
    mutating func endTurn() -> [DriverEvent] { speech.endTurn() }

    /// Whether a line names the prompt of this run, or none: the CLI is given an id with each prompt.
    private func isOurs(_ line: LineMembers) -> Bool {
        guard let ids = line.object["user_message_uuids"]?.arrayValue, !ids.isEmpty else { return true }
        return ids.contains { $0.stringValue == promptID }
    }

    /// What tells only that things go their way.
    private static func isNoise(_ type: String?, _ line: LineMembers) -> Bool {
        switch type {
        case "command_lifecycle", "keep_alive", "stream_event": true
        case "system": line.string("subtype") == "status"
        case "control_response": line.object["response"]?["subtype"] == "success"
        default: false
        }
    }

    // MARK: - The conversation

    private mutating func assistant(_ line: LineMembers) -> [DriverEvent]? {
        guard let object = line.object["message"]?.objectValue else { return nil }
        let message = LineMembers(object: object)
        let blocks = object["content"]?.arrayValue ?? []
        if line.flag("is_api_error_message") || line.value("error") != nil {
            let text = blocks.compactMap { $0["text"]?.stringValue }.joined(separator: "\n")
            return text.isEmpty ? nil : [.warning(text)]
        }
        if let parent = line.name("parent_tool_use_id") { return subagent(message, blocks, parent) }
        var events = speech.hear(answer: message, isAnswer: message.string("model") != "<synthetic>")
        for block in blocks { events += self.block(block) }
        return events
    }

    private mutating func block(_ block: JSON) -> [DriverEvent] {
        switch block["type"]?.stringValue {
        case "text": return (block["text"]?.stringValue).flatMap { speech.hear(text: $0) }.map { [$0] } ?? []
        case "thinking":
            return (block["thinking"]?.stringValue).flatMap { speech.hear(thought: $0) }.map { [$0] } ?? []
        case "redacted_thinking": return []
        default: return tool(block) ?? [.raw(block)]
        }
    }

    /// A call of a tool, or the result of one that the model's server ran; `nil` for other blocks.
    private mutating func tool(_ block: JSON) -> [DriverEvent]? {
        guard let type = block["type"]?.stringValue, let object = block.objectValue else { return nil }
        let members = LineMembers(object: object)
        if type.hasSuffix("tool_use"), let id = members.name("id"), let name = members.name("name") {
            let input = members.value("input") ?? [:]
            guard tools.open(id) else { return nil }
            if input["run_in_background"]?.boolValue == true { hasBackground = true }
            return [.toolStarted(id: id, name: name, title: ClaudeTool.subject(input), input: input)]
        }
        if type.hasSuffix("tool_result"), let id = members.name("tool_use_id") {
            guard tools.close(id) != nil else { return nil }
            return [
                .toolFinished(id: id, isError: members.flag("is_error"), output: members.value("content") ?? .null)
            ]
        }
        return nil
    }

    /// A subagent's calls are calls of the run; what it says is news of the call that it serves.
    private mutating func subagent(_ message: LineMembers, _ blocks: [JSON], _ parent: String) -> [DriverEvent] {
        speech.hear(subagent: message)
        return blocks.flatMap { block -> [DriverEvent] in
            guard let text = block["text"]?.stringValue else { return tool(block) ?? [] }
            return tools.contains(parent) && !text.isEmpty
                ? [.toolUpdated(id: parent, data: ["message": .string(text)])] : []
        }
    }

    /// Results of tools. What else is said in the user's name is the CLI's own and stays as it came.
    private mutating func user(_ line: LineMembers) -> [DriverEvent]? {
        guard let blocks = line.object["message"]?["content"]?.arrayValue else { return nil }
        let isMain = line.name("parent_tool_use_id") == nil
        var events = isMain ? speech.endTurn() : []
        for block in blocks {
            if let finished = tool(block) { events += finished } else if isMain { events.append(.raw(block)) }
        }
        return events
    }

    private mutating func stream(_ line: LineMembers) -> [DriverEvent] {
        guard line.name("parent_tool_use_id") == nil, let event = line.object["event"] else { return [] }
        return speech.hear(stream: event)
    }

    private func progress(_ line: LineMembers, _ json: JSON) -> [DriverEvent]? {
        guard let id = line.name("tool_use_id"), tools.contains(id) else { return nil }
        return [.toolUpdated(id: id, data: ["elapsed_s": .double(line.number("elapsed_time_seconds") ?? 0)])]
    }

    // MARK: - What goes on around it

    private mutating func system(_ line: LineMembers) -> [DriverEvent]? {
        switch line.string("subtype") {
        case "init": return begun(line)
        case "api_retry": return [.warning(Self.retry(line))]
        case "permission_denied":
            hasToldOfDenial = true
            let tool = line.name("tool_name") ?? "A tool"
            return [.warning("\(tool) was not allowed\(line.name("message").map { ": \($0)" } ?? ".")")]
        case "compact_boundary": return [.warning("The agent has shortened its record of the conversation.")]
        case "task_started":
            if line.flag("is_backgrounded") { hasBackground = true }
            return nil
        case "status": return []
        default: return nil
        }
    }

    private mutating func begun(_ line: LineMembers) -> [DriverEvent]? {
        guard let id = line.name("session_id") else { return nil }
        folder = line.name("cwd") ?? folder
        let isFirst = driverSessionID == nil
        driverSessionID = id
        // A fork goes on with the conversation under an id of its own; another id than the one asked for does not.
        let isResumed = request.resumeID.map { request.forks ? $0 != id : $0 == id } ?? false
        var events: [DriverEvent] = [.driverSession(id: id, resumed: isResumed)]
        guard isFirst else { return events }
        for server in line.object["mcp_servers"]?.arrayValue ?? [] {
            guard let name = server["name"]?.stringValue, let status = server["status"]?.stringValue,
                ["failed", "needs-auth"].contains(status)
            else { continue }
            events.append(.warning("The MCP server \(name) cannot be used: \(status)."))
        }
        return events
    }

    private static func retry(_ line: LineMembers) -> String {
        let status = line.object["error_status"]?.intValue.map { "\($0) " } ?? ""
        let attempt = line.count("attempt").map { " \($0)" } ?? ""
        let of = line.count("max_retries").map { " of \($0)" } ?? ""
        return "The model's server did not answer (\(status)\(line.name("error") ?? "error")); attempt\(attempt)\(of)."
    }

    private func rateLimit(_ line: LineMembers, _ json: JSON) -> [DriverEvent] {
        guard let info = line.object["rate_limit_info"], let status = info["status"]?.stringValue else {
            return [.raw(json)]
        }
        guard status != "allowed" else { return [] }
        let limit = info["rateLimitType"]?.stringValue.map { " (\($0))" } ?? ""
        let state = status == "rejected" ? "reached" : "near"
        return [.warning("The usage limit is \(state)\(limit).")]
    }

    // MARK: - Asks

    private mutating func control(_ line: LineMembers) -> Heard? {
        guard let requestID = line.name("request_id"), let object = line.object["request"]?.objectValue else {
            return nil
        }
        let request = LineMembers(object: object)
        guard request.string("subtype") == "can_use_tool" else {
            return Heard(events: [.raw(.object(line.object))], writes: ClaudeInput.refuse(requestID))
        }
        let (asks, answer) = asks.hear(requestID, request, folder: folder)
        guard !asks.isEmpty || !answer.isEmpty else { return nil }
        return Heard(events: asks.map { .ask($0) }, writes: answer)
    }

    private mutating func withdrawn(_ line: LineMembers) -> [DriverEvent]? {
        guard let requestID = line.name("request_id") else { return nil }
        let ids = asks.withdraw(requestID)
        return ids.isEmpty ? nil : ids.map { .askWithdrawn(askID: $0) }
    }
}
