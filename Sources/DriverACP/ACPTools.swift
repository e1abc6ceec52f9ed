import AgentModel
import JSON

/// What is known of one tool call: agents tell it in pieces.
struct ACPTool {
    var title: String?
    /// `read`, `edit`, `execute`, ...: the protocol gives tools no name of their own.
    var kind: String?
    var input: JSON = .null
    var paths: [String] = []

    init() {}

    /// Takes over what a `tool_call`, its update or a permission request says.
    mutating func merge(_ call: JSON) {
        if let title = call["title"]?.stringValue, !title.isEmpty { self.title = title }
        if let kind = call["kind"]?.stringValue, !kind.isEmpty { self.kind = kind }
        if let input = call["rawInput"], !input.isNull { self.input = input }
        let places = (call["locations"]?.arrayValue ?? []) + (call["content"]?.arrayValue ?? [])
        for place in places {
            guard let path = place["path"]?.stringValue, path.hasPrefix("/"), !paths.contains(path),
                paths.count < Self.pathsMax
            else { continue }
            paths.append(path)
        }
    }

    var name: String { kind ?? "other" }

    private static let pathsMax = 100
}

/// The tool calls of one run, so that only sequences that make sense come out.
struct ACPTools {
    private static let openMax = 1000
    private static let finishedMax = 10_000

    private var open: [String: ACPTool] = [:]
    private var finished: Set<String> = []

    var isAnyOpen: Bool { !open.isEmpty }

    /// What was said so far of a call that has not finished.
    func known(_ id: String) -> ACPTool? { open[id] }

    /// Whether nothing was heard of it yet.
    func isNew(_ id: String) -> Bool { open[id] == nil && !finished.contains(id) }

    /// What a `tool_call` or a `tool_call_update` comes to; `nil` when it makes no sense after those before it.
    mutating func hear(_ call: JSON) -> [DriverEvent]? {
        guard let id = call["toolCallId"]?.stringValue, !id.isEmpty, !finished.contains(id) else { return nil }
        var events: [DriverEvent] = []
        let isNew = open[id] == nil
        guard !isNew || open.count < Self.openMax else { return nil }
        open[id, default: ACPTool()].merge(call)
        if isNew, let tool = open[id] {
            events.append(.toolStarted(id: id, name: tool.name, title: tool.title, input: tool.input))
        }
        let status = call["status"]?.stringValue
        if status == "completed" || status == "failed" {
            open[id] = nil
            if finished.count >= Self.finishedMax { finished = [] }
            finished.insert(id)
            events.append(.toolFinished(id: id, isError: status == "failed", output: Self.output(call)))
        } else if !isNew {
            events.append(.toolUpdated(id: id, data: Self.data(call)))
        }
        return events
    }

    private static func data(_ call: JSON) -> JSON {
        var data = call.objectValue ?? [:]
        for key in ["sessionUpdate", "toolCallId"] { data[key] = nil }
        return .object(data)
    }

    /// What the tool gave back: its own words, else what is shown of it, as a text where that is all.
    private static func output(_ call: JSON) -> JSON {
        if let output = call["rawOutput"], !output.isNull { return output }
        guard let content = call["content"]?.arrayValue, !content.isEmpty else { return .null }
        let texts = content.compactMap { $0["type"] == "content" ? $0["content"]?["text"]?.stringValue : nil }
        return texts.count == content.count ? .string(texts.joined(separator: "\n")) : .array(content)
    }
}
