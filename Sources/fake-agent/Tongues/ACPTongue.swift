import AgentModel
import Driver
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The Agent Client Protocol, while a prompt is worked on.
struct ACPTongue: Tongue {
    /// The ids of requests that are asks begin so.
    private static let askPrefix = "ask:"

    let session: String
    let prompt: JSON
    /// The message that was last streamed: the client has it already when it ends.
    private var streamed = ""

    init(session: String, prompt: JSON) { (self.session, self.prompt) = (session, prompt) }

    mutating func say(_ event: DriverEvent) -> [UInt8] {
        switch event {
        case .textDelta(let id, let text):
            streamed = id
            return update(Self.chunk("agent_message_chunk", text, id))
        case .thoughtDelta(let id, let text): return update(Self.chunk("agent_thought_chunk", text, id))
        case .message(let id, _, let text) where id != streamed:
            return update(Self.chunk("agent_message_chunk", text, id))
        case .toolStarted(let id, let name, let title, let input):
            return update([
                "sessionUpdate": "tool_call", "toolCallId": .string(id), "kind": .string(name),
                "title": .string(title ?? name), "status": "in_progress", "rawInput": input,
            ])
        case .toolFinished(let id, let isError, let output):
            return update([
                "sessionUpdate": "tool_call_update", "toolCallId": .string(id),
                "status": isError ? "failed" : "completed", "rawOutput": output,
            ])
        case .askWithdrawn(let id):
            return Self.line(["method": "$/cancel_request", "params": ["requestId": .string(Self.askPrefix + id)]])
        default: return []
        }
    }

    func say(_ line: JSON) -> [UInt8] {
        switch line["type"]?.stringValue {
        case "result": answer(line)
        case "ask": permission(line)
        case "usage":
            update([
                "sessionUpdate": "usage_update", "used": 1, "size": 100,
                "cost": ["amount": line["cost_usd"] ?? 0, "currency": "USD"],
            ])
        case "plan": update(["sessionUpdate": "plan", "entries": line["entries"] ?? []])
        default: line.line
        }
    }

    func hear(_ line: [UInt8]) -> (word: HostWord?, reply: [UInt8]) {
        guard let message = try? JSON.parse(line) else { return (nil, []) }
        if message["method"] == "session/cancel" { return (.cancel, []) }
        guard let id = message["id"]?.stringValue, message["method"] == nil else { return (nil, []) }
        guard id.hasPrefix(Self.askPrefix) else { return (.reply(id: id, message), []) }
        let choice = message["result"]?["outcome"]?["optionId"]?.stringValue
        return (.answer(ask: String(id.dropFirst(Self.askPrefix.count)), option: choice), [])
    }

    func ask(_ id: String, _ method: String, _ params: JSONObject) -> [UInt8]? {
        let params = JSON.object(params.adding(["sessionId": .string(session)]))
        return Self.line(["id": .string(id), "method": .string(method), "params": params])
    }

    // MARK: - Words

    static func chunk(_ kind: String, _ text: String, _ id: String) -> JSONObject {
        [
            "sessionUpdate": .string(kind), "messageId": .string(id),
            "content": ["type": "text", "text": .string(text)],
        ]
    }

    func update(_ update: JSONObject) -> [UInt8] {
        Self.line(["method": "session/update", "params": ["sessionId": .string(session), "update": .object(update)]])
    }

    static func result(_ result: JSON, to id: JSON) -> [UInt8] { line(["id": id, "result": result]) }

    static func error(_ code: Int, _ message: String, to id: JSON) -> [UInt8] {
        line(["id": id, "error": ["code": .int(Int64(code)), "message": .string(message)]])
    }

    private static func line(_ members: JSONObject) -> [UInt8] {
        JSON.object((["jsonrpc": "2.0"] as JSONObject).adding(members)).line
    }

    /// The prompt's answer: `{stop_reason?, error: {code?, message?}?, usage?}`.
    private func answer(_ line: JSON) -> [UInt8] {
        if let error = line["error"] {
            return Self.error(
                error["code"]?.intValue ?? -32603, error["message"]?.stringValue ?? "failed", to: prompt)
        }
        var result: JSONObject = ["stopReason": line["stop_reason"] ?? "end_turn"]
        result["usage"] = line["usage"]
        return Self.result(.object(result), to: prompt)
    }

    /// With `bare`, the request names nothing but a tool call.
    private func permission(_ line: JSON) -> [UInt8] {
        var call: JSONObject = ["toolCallId": line["tool_call"] ?? "call"]
        if line["bare"]?.boolValue != true {
            call["kind"] = line["tool"] ?? "edit"
            call["title"] = line["title"] ?? "Do it?"
            call["rawInput"] = line["input"]
        }
        let options = (line["options"]?.arrayValue ?? []).map { option -> JSON in
            ["optionId": option["id"] ?? "", "name": option["title"] ?? "", "kind": option["kind"] ?? "allow_once"]
        }
        let id = JSON.string(Self.askPrefix + (line["id"]?.stringValue ?? "ask"))
        return Self.line([
            "id": id, "method": "session/request_permission",
            "params": ["sessionId": .string(session), "toolCall": .object(call), "options": .array(options)],
        ])
    }
}

/// The agent's side of the Agent Client Protocol: sessions, and a script for each prompt.
struct ACPConversation: Conversation {
    private let options: Options
    private var inbox = Inbox()
    private var records: [String: SessionRecord] = [:]
    private var sessions = 0

    init(_ options: Options) { self.options = options }

    mutating func run() -> Int32 {
        while let line = inbox.next(within: nil) {
            guard let message = try? JSON.parse(line), let method = message["method"]?.stringValue,
                let id = message["id"]
            else { continue }
            if let code = answer(method, id, message["params"] ?? .null) { return code }
        }
        if options.ignoresEndOfInput { Inbox.sleep(nil) }
        return 0
    }

    /// - Returns: an exit code if it is to end.
    private mutating func answer(_ method: String, _ id: JSON, _ params: JSON) -> Int32? {
        switch method {
        case "initialize": say(ACPTongue.result(initialization, to: id))
        case "session/new", "session/load":
            if let code = options.refusal {
                say(ACPTongue.error(code, "Authentication required", to: id))
            } else {
                open(id, loading: method == "session/load" ? params["sessionId"]?.stringValue ?? "" : nil)
            }
        case "session/prompt": return prompt(id, params)
        default: say(ACPTongue.error(-32601, "Method not found: \(method)", to: id))
        }
        return nil
    }

    private var initialization: JSON {
        let result: JSONObject = [
            "protocolVersion": 1, "agentCapabilities": ["loadSession": .bool(options.sessionsDirectory != nil)],
            "agentInfo": ["name": "fake-agent", "version": "1"],
        ]
        return .object(result.adding(options.initialize))
    }

    /// A loaded session tells what was said in it.
    private mutating func open(_ id: JSON, loading: String?) {
        sessions += 1
        guard let folder = options.sessionsDirectory else {
            return say(ACPTongue.result(["sessionId": .string("fake-\(sessions)")], to: id))
        }
        guard let loading else {
            let record = SessionRecord(creating: SessionRecord.newID(), in: folder)
            records[record.id] = record
            return say(ACPTongue.result(["sessionId": .string(record.id)], to: id))
        }
        guard let record = SessionRecord(resuming: loading, in: folder) else {
            return say(ACPTongue.error(-32002, "Session not found: \(loading)", to: id))
        }
        records[loading] = record
        let tongue = ACPTongue(session: loading, prompt: .null)
        for prompt in record.prompts {
            let text = prompt.stringValue ?? ""
            say(tongue.update(ACPTongue.chunk("user_message_chunk", text, "old")))
            say(tongue.update(ACPTongue.chunk("agent_message_chunk", "an old answer", "old")))
        }
        say(ACPTongue.result([:], to: id))
    }

    private mutating func prompt(_ id: JSON, _ params: JSON) -> Int32? {
        let session = params["sessionId"]?.stringValue ?? ""
        let start = LineStart(prompt: params["prompt"], session: session)
        records[session]?.append(start.prompt)
        var agent = FakeAgent(options, start, Voice(ACPTongue(session: session, prompt: id)), inbox)
        agent.startLine = params
        agent.record = records[session]
        defer { inbox = agent.inbox }
        return agent.answer()
    }

    private func say(_ bytes: [UInt8]) { Descriptor.write(bytes, to: STDOUT_FILENO) }
}

extension LineStart {
    /// What a prompt in blocks comes to.
    init(prompt blocks: JSON?, session: String) {
        let texts = (blocks?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }
        self.init(
            runID: "", taskID: "", sessionID: session, prompt: texts.joined(separator: "\n"), resultsDirectory: ".")
    }
}
