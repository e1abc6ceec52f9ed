import AgentModel
import Driver
import JSON

/// The messages of `codex app-server`, while a turn is worked on: JSON-RPC without its version member.
struct CodexServerTongue: Tongue {
    let thread: String
    let turn: String
    /// Codex's own requests count from 0.
    private var requests: Int64 = 0
    /// By number: the asks that are open.
    private var asks: [Int64: String] = [:]

    init(thread: String, turn: String) { (self.thread, self.turn) = (thread, turn) }

    mutating func say(_ event: DriverEvent) -> [UInt8] {
        switch event {
        case .textDelta(let id, let text):
            return tell("item/agentMessage/delta", ["itemId": .string(id), "delta": .string(text)])
        case .message(let id, _, let text):
            return item("item/completed", CodexWords.item(id, "agentMessage", ["text": .string(text)]))
        case .thoughtDelta(let id, let text):
            return tell("item/reasoning/summaryTextDelta", ["itemId": .string(id), "delta": .string(text)])
        case .toolStarted(let id, let name, _, let input):
            return item("item/started", CodexWords.toolCall(id, name, input))
        case .toolFinished(let id, let isError, let output):
            return item("item/completed", CodexWords.toolResult(id, isError, output))
        case .askWithdrawn(let id):
            guard let number = asks.first(where: { $0.value == id })?.key else { return [] }
            asks[number] = nil
            return tell("serverRequest/resolved", ["requestId": .int(number)])
        default: return []
        }
    }

    mutating func say(_ line: JSON) -> [UInt8] {
        switch line["type"]?.stringValue {
        case "result": return result(line)
        case "ask": return approval(line)
        case "usage", "usage.total":
            return tell("thread/tokenUsage/updated", ["tokenUsage": ["total": .object(CodexWords.usage(line))]])
        case "plan": return tell("turn/plan/updated", ["plan": line["entries"] ?? []])
        default: return line.line
        }
    }

    mutating func hear(_ line: [UInt8]) -> (word: HostWord?, reply: [UInt8]) {
        guard let message = try? JSON.parse(line) else { return (nil, []) }
        let id = message["id"] ?? .null
        switch message["method"]?.stringValue {
        case "turn/interrupt": return (.cancel, Self.result([:], to: id))
        case "turn/steer":
            let text = message["params"]?["input"]?.arrayValue?.first?["text"]?.stringValue
            return (.steer(text ?? ""), Self.result(["turnId": .string(turn)], to: id))
        case nil:
            guard case .int(let number) = id, let ask = asks.removeValue(forKey: number) else { return (nil, []) }
            let decision = message["result"]?["decision"]?.stringValue ?? ""
            let option: String? = decision.hasPrefix("accept") ? "allow" : decision == "decline" ? "reject" : nil
            return (.answer(ask: ask, option: option), [])
        default: return (nil, Self.error(-32601, "Method not found", to: id))
        }
    }

    // MARK: - Words

    static func result(_ result: JSON, to id: JSON) -> [UInt8] { (["id": id, "result": result] as JSON).line }

    static func error(_ code: Int64, _ message: String, to id: JSON) -> [UInt8] {
        (["id": id, "error": ["code": .int(code), "message": .string(message)]] as JSON).line
    }

    static func notification(_ method: String, _ params: JSONObject) -> [UInt8] {
        (["method": .string(method), "params": .object(params)] as JSON).line
    }

    func state(_ status: String, error: JSON = nil) -> JSON {
        ["id": .string(turn), "items": [], "status": .string(status), "error": error]
    }

    private func tell(_ method: String, _ params: JSONObject) -> [UInt8] {
        Self.notification(
            method, (["threadId": .string(thread), "turnId": .string(turn)] as JSONObject).adding(params))
    }

    private func item(_ method: String, _ item: JSONObject) -> [UInt8] { tell(method, ["item": .object(item)]) }

    private mutating func approval(_ line: JSON) -> [UInt8] {
        defer { requests += 1 }
        asks[requests] = line["id"]?.stringValue
        let params: JSON = [
            "threadId": .string(thread), "turnId": .string(turn), "itemId": "call",
            "command": line["input"]?["command"] ?? line["tool"] ?? "true", "reason": line["title"] ?? nil,
        ]
        return
            ([
                "id": .int(requests), "method": "item/commandExecution/requestApproval", "params": params,
            ] as JSON).line
    }

    /// The end of the turn. What was asked for in a schema is the last message.
    private func result(_ line: JSON) -> [UInt8] {
        var status = "completed"
        var error: JSON = nil
        switch line["stop_reason"]?.stringValue {
        case "end_turn": break
        case "cancelled": status = "interrupted"
        default:
            status = "failed"
            error = ["message": line["error"]?["message"] ?? "failed"]
        }
        let structured = line["structured_output"].map { json in
            let text = String(decoding: json.encoded(), as: UTF8.self)
            return item("item/completed", CodexWords.item("structured", "agentMessage", ["text": .string(text)]))
        }
        return (structured ?? []) + tell("turn/completed", ["turn": state(status, error: error)])
    }
}

/// `codex app-server`: threads, and a script for each turn.
struct CodexServerConversation: Conversation {
    private let options: Options
    private var inbox = Inbox()
    private var threads: [String: SessionRecord] = [:]
    private var turns = 0

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
        case "initialize": say(CodexServerTongue.result(["userAgent": "fake-agent/1"], to: id))
        case "thread/start": opened(SessionRecord(creating: SessionRecord.newID(), in: folder), id)
        case "thread/resume", "thread/fork":
            let old = params["threadId"]?.stringValue ?? ""
            guard let record = threads[old] ?? SessionRecord(resuming: old, in: folder) else {
                say(CodexServerTongue.error(-32600, "no rollout found for thread id \(old)", to: id))
                return nil
            }
            let isFork = method == "thread/fork"
            opened(
                isFork ? SessionRecord(creating: SessionRecord.newID(), in: folder, after: record.prompts) : record, id)
        case "turn/start": return turn(id, params)
        default: say(CodexServerTongue.error(-32601, "Method not found: \(method)", to: id))
        }
        return nil
    }

    private var folder: String { options.sessionsDirectory ?? "" }

    private mutating func opened(_ record: SessionRecord, _ id: JSON) {
        threads[record.id] = record
        say(CodexServerTongue.result(["thread": ["id": .string(record.id), "turns": []]], to: id))
    }

    private mutating func turn(_ id: JSON, _ params: JSON) -> Int32? {
        let thread = params["threadId"]?.stringValue ?? ""
        let start = LineStart(prompt: params["input"], session: thread)
        if options.sessionsDirectory != nil { threads[thread]?.append(start.prompt) }
        turns += 1
        let tongue = CodexServerTongue(thread: thread, turn: "turn-\(turns)")
        say(CodexServerTongue.result(["turn": tongue.state("inProgress")], to: id))
        say(
            CodexServerTongue.notification(
                "turn/started", ["threadId": .string(thread), "turn": tongue.state("inProgress")]))
        var agent = FakeAgent(options, start, Voice(tongue), inbox)
        agent.startLine = params
        agent.record = threads[thread]
        defer { inbox = agent.inbox }
        return agent.answer()
    }

    private func say(_ bytes: [UInt8]) { Descriptor.write(bytes, to: 1) }
}
