import AgentModel
import Driver
import JSON

/// What the items of one turn come to as events, one after the other: keeps what is open, so that only sequences that
/// make sense come out, and the answer.
struct CodexDialogue {
    /// Of what a command writes while it runs; the whole comes when it ends.
    private static let streamedBytesMax = 64 << 10
    private static let openMax = 1000

    private struct OpenTool {
        var tool: CodexItem.Tool
        var streamedBytes = 0
    }

    private var tools = OpenItems<OpenTool>(countMax: openMax)
    /// Thoughts of which a part has been told.
    private var thoughts = OpenItems<Void>(countMax: openMax)
    /// Whether the last that was heard was that Codex tries to reach its model again.
    private var isReconnecting = false
    /// The last message of the agent.
    private(set) var answer = ""

    /// - Parameter json: as it came, for what is not understood.
    mutating func started(_ item: CodexItem, _ json: JSON) -> [DriverEvent] {
        isReconnecting = false
        switch item.kind {
        case .tool(let tool): return open(item.id, tool).map { [$0] } ?? [.raw(json)]
        case .plan(let entries): return [.planUpdated(entries)]
        default: return []
        }
    }

    mutating func updated(_ item: CodexItem, _ json: JSON) -> [DriverEvent] {
        isReconnecting = false
        switch item.kind {
        case .tool(let tool):
            return tools.contains(item.id) ? [.toolUpdated(id: item.id, data: tool.output)] : [.raw(json)]
        case .plan(let entries): return [.planUpdated(entries)]
        default: return []
        }
    }

    mutating func completed(_ item: CodexItem, _ json: JSON) -> [DriverEvent] {
        isReconnecting = false
        switch item.kind {
        case .message(let text):
            guard !text.isEmpty else { return [] }
            answer = text
            return [.message(id: item.id, role: "assistant", text: text)]
        case .thought(let text):
            let isTold = thoughts.close(item.id) != nil
            return isTold || text.isEmpty ? [] : [.thoughtDelta(messageID: item.id, text: text)]
        case .tool(let tool):
            // One that is told of only when it is over has begun as well.
            let start = tools.contains(item.id) ? nil : open(item.id, tool)
            guard tools.close(item.id) != nil else { return [.raw(json)] }
            return (start.map { [$0] } ?? []) + [.toolFinished(id: item.id, isError: tool.isError, output: tool.output)]
        case .plan(let entries): return [.planUpdated(entries)]
        case .notice(let text): return text.isEmpty ? [.raw(json)] : [.warning(text)]
        case .input: return []
        case .unknown: return [.raw(json)]
        }
    }

    mutating func said(_ id: String, _ text: String) -> [DriverEvent] {
        isReconnecting = false
        return id.isEmpty || text.isEmpty ? [] : [.textDelta(messageID: id, text: text)]
    }

    mutating func thought(_ id: String, _ text: String) -> [DriverEvent] {
        isReconnecting = false
        guard !text.isEmpty, thoughts.contains(id) || thoughts.open(id) else { return [] }
        return [.thoughtDelta(messageID: id, text: text)]
    }

    /// Something new begins within a thought of which a part has been told.
    mutating func newPart(ofThought id: String) -> [DriverEvent] {
        thoughts.contains(id) ? [.thoughtDelta(messageID: id, text: "\n\n")] : []
    }

    /// What a command writes, up to a limit.
    mutating func wrote(_ id: String, _ text: String) -> [DriverEvent] {
        isReconnecting = false
        guard !text.isEmpty, let tool = tools[id], tool.streamedBytes < Self.streamedBytesMax else { return [] }
        tools.update(id) { $0.streamedBytes += text.utf8.count }
        return [.toolUpdated(id: id, data: ["output": .string(text)])]
    }

    /// Codex tries again. Told once in a row: it may do so without end, and the host takes what it is told for a sign
    /// of life.
    mutating func reconnecting(_ message: String) -> [DriverEvent] {
        defer { isReconnecting = true }
        return isReconnecting ? [] : [.warning(message)]
    }

    var hasOpenTools: Bool { !tools.ids.isEmpty }

    /// The files that an open tool call is about.
    func paths(ofTool id: String) -> [String] { CodexItem.paths(tools[id]?.tool.input["changes"]) }

    /// What an open tool call was given.
    func input(ofTool id: String) -> JSON? { tools[id]?.tool.input }

    private mutating func open(_ id: String, _ tool: CodexItem.Tool) -> DriverEvent? {
        guard tools.open(id, OpenTool(tool: tool)) else { return nil }
        return .toolStarted(id: id, name: tool.name, title: tool.title, input: tool.input)
    }
}
