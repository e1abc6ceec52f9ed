import AgentModel
import Driver
import JSON

/// What Codex's two interfaces have in common: the parts of a turn.
enum CodexWords {
    /// `{id, type, ...}`, in the spelling of `exec`.
    static func item(_ id: String, _ type: String, _ members: JSONObject) -> JSONObject {
        (["id": .string(id), "type": .string(type)] as JSONObject).adding(members)
    }

    static func toolCall(_ id: String, _ name: String, _ input: JSON) -> JSONObject {
        item(
            id, "mcp_tool_call",
            ["server": "fake", "tool": .string(name), "arguments": input, "status": "in_progress"])
    }

    static func toolResult(_ id: String, _ isError: Bool, _ output: JSON) -> JSONObject {
        item(
            id, "mcp_tool_call",
            [
                "server": "fake", "tool": "tool", "arguments": nil, "result": output,
                "status": isError ? "failed" : "completed",
            ])
    }

    static func usage(_ line: JSON) -> JSONObject {
        [
            "input_tokens": line["input_tokens"] ?? 0, "cached_input_tokens": line["cache_read_tokens"] ?? 0,
            "output_tokens": line["output_tokens"] ?? 0, "reasoning_output_tokens": line["reasoning_tokens"] ?? 0,
        ]
    }
}

/// The lines of `codex exec --json`. It hears nothing but its prompt.
struct CodexExecTongue: Tongue {
    private var usage: JSON = [:]
    private var items = 0

    var listens: Bool { false }

    mutating func say(_ event: DriverEvent) -> [UInt8] {
        switch event {
        case .message(_, _, let text): return completed("agent_message", ["text": .string(text)])
        case .thoughtDelta(_, let text): return completed("reasoning", ["text": .string(text)])
        case .toolStarted(let id, let name, _, let input):
            return Self.line("item.started", ["item": .object(CodexWords.toolCall(id, name, input))])
        case .toolFinished(let id, let isError, let output):
            return Self.line("item.completed", ["item": .object(CodexWords.toolResult(id, isError, output))])
        default: return []
        }
    }

    private mutating func completed(_ type: String, _ members: JSONObject) -> [UInt8] {
        items += 1
        return Self.line("item.completed", ["item": .object(CodexWords.item("item_\(items)", type, members))])
    }

    mutating func say(_ line: JSON) -> [UInt8] {
        switch line["type"]?.stringValue {
        case "result" where line["stop_reason"] == "end_turn":
            return Self.line("turn.completed", ["usage": .object(CodexWords.usage(usage))])
        case "result":
            let message = line["error"]?["message"] ?? "failed"
            return Self.line("turn.failed", ["error": ["message": message]])
        case "usage", "usage.total": usage = line
        case "ask": break
        default: return line.line
        }
        return []
    }

    static func line(_ type: String, _ members: JSONObject) -> [UInt8] {
        JSON.object((["type": .string(type)] as JSONObject).adding(members)).line
    }
}

/// `codex exec --json ... [resume ID | fork ID] -`: all of stdin is the prompt.
struct CodexExecConversation: Conversation {
    private let options: Options

    init(_ options: Options) { self.options = options }

    func run() -> Int32 {
        let prompt = Descriptor.readAll(from: 0)
        guard var record = thread() else {
            Descriptor.write(Array("Error: thread/resume failed: no rollout found for the thread\n".utf8), to: 2)
            return 1
        }
        let start = LineStart(prompt: [["text": .string(prompt)]], session: record.id)
        if options.sessionsDirectory != nil, !options.words.contains("--ephemeral") { record.append(prompt) }
        var agent = FakeAgent(options, start, Voice(CodexExecTongue()))
        agent.record = record
        agent.voice.write(CodexExecTongue.line("thread.started", ["thread_id": .string(record.id)]))
        agent.voice.write(CodexExecTongue.line("turn.started", [:]))
        return agent.answer() ?? 0
    }

    /// `nil` for one that is not there. Of a name that is no UUID, a new one is made.
    private func thread() -> SessionRecord? {
        let folder = options.sessionsDirectory ?? ""
        guard let place = options.words.firstIndex(where: { $0 == "resume" || $0 == "fork" }),
            place + 1 < options.words.count
        else { return SessionRecord(creating: SessionRecord.newID(), in: folder) }
        let id = options.words[place + 1]
        if let old = SessionRecord(resuming: id, in: folder) {
            let isFork = options.words[place] == "fork"
            return isFork ? SessionRecord(creating: SessionRecord.newID(), in: folder, after: old.prompts) : old
        }
        return UUID128(id) == nil ? SessionRecord(creating: SessionRecord.newID(), in: folder) : nil
    }
}
