import AgentModel
import JSON

/// What the updates of a prompt come to, one after the other: chunks become messages, calls become tools.
struct ACPUpdates {
    /// A message of more bytes goes on as another.
    static let messageBytesMax = 1 << 20

    private struct Speech {
        var id: String
        var isThought: Bool
        /// The agent's own id of it.
        var agentID: String?
        var text = ""
    }

    private(set) var tools = ACPTools()
    private(set) var turns = 0
    private(set) var lastMessage = ""
    private(set) var hasWorked = false
    private var speech: Speech?
    private var speeches = 0
    /// Tools have finished and the agent has not gone on since.
    private var isTurnOver = false

    /// - Parameter update: with `sessionUpdate`, which says what it is.
    mutating func hear(_ update: JSON) -> [DriverEvent] {
        switch update["sessionUpdate"]?.stringValue {
        case "agent_message_chunk": chunk(update, isThought: false)
        case "agent_thought_chunk": chunk(update, isThought: true)
        case "tool_call", "tool_call_update": tool(update)
        case "plan": plan(update["entries"], update)
        case "plan_update": plan(update["plan"]?["entries"] ?? update["plan"]?["items"], update)
        // The prompt as the host gave it; what can be chosen; names: nothing of it is the run's.
        case "user_message_chunk", "available_commands_update", "config_option_update", "session_info_update": []
        default: [.raw(update)]
        }
    }

    /// The turn is over: what was being said is whole.
    mutating func end() -> [DriverEvent] {
        let events = closeSpeech()
        guard hasWorked || !lastMessage.isEmpty else { return events }
        turns += 1
        return events + [.turnEnded]
    }

    private mutating func plan(_ entries: JSON?, _ update: JSON) -> [DriverEvent] {
        entries?.arrayValue == nil ? [.raw(update)] : [.planUpdated(entries ?? .null)]
    }

    private mutating func tool(_ update: JSON) -> [DriverEvent] {
        let isNew = update["toolCallId"]?.stringValue.map(tools.isNew) ?? false
        let before = isNew ? closeSpeech() + goOn() : []
        guard let events = tools.hear(update) else { return before + [.raw(update)] }
        hasWorked = true
        isTurnOver = isTurnOver || events.contains { if case .toolFinished = $0 { true } else { false } }
        return before + events
    }

    // MARK: - Speech

    private mutating func chunk(_ update: JSON, isThought: Bool) -> [DriverEvent] {
        guard let content = update["content"], let text = Self.text(content) else { return [.raw(update)] }
        guard !text.isEmpty else { return [] }
        let agentID = update["messageId"]?.stringValue
        var events: [DriverEvent] = []
        if let speech, !continues(speech, isThought, agentID) { events += closeSpeech() }
        events += goOn()
        if speech == nil {
            speeches += 1
            speech = Speech(id: "m\(speeches)", isThought: isThought, agentID: agentID)
        }
        guard let id = speech?.id else { return events }
        speech?.text += text
        return events + [isThought ? .thoughtDelta(messageID: id, text: text) : .textDelta(messageID: id, text: text)]
    }

    private func continues(_ speech: Speech, _ isThought: Bool, _ agentID: String?) -> Bool {
        speech.isThought == isThought && (speech.agentID == agentID || agentID == nil || speech.agentID == nil)
            && speech.text.utf8.count < Self.messageBytesMax
    }

    /// What was being said is whole: the agent waits for something.
    mutating func closeSpeech() -> [DriverEvent] {
        guard let speech else { return [] }
        self.speech = nil
        if !speech.isThought { lastMessage = speech.text }
        return [.message(id: speech.id, role: speech.isThought ? "thought" : "assistant", text: speech.text)]
    }

    /// A turn ends where the agent goes on after its tools: the protocol itself tells nothing of turns.
    private mutating func goOn() -> [DriverEvent] {
        guard isTurnOver, !tools.isAnyOpen else { return [] }
        isTurnOver = false
        turns += 1
        return [.turnEnded]
    }

    /// The text of a block, or what stands for it in a text; `nil` for what does not belong into one.
    private static func text(_ content: JSON) -> String? {
        switch content["type"]?.stringValue {
        case "text": content["text"]?.stringValue
        case "resource_link":
            content["uri"]?.stringValue.map { uri in "[\(content["name"]?.stringValue ?? uri)](\(uri))" }
        case "resource": content["resource"]?["text"]?.stringValue
        default: nil
        }
    }
}
