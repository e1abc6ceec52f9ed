import AgentModel
import Driver
import JSON

/// What the model says, block by block: ids of its messages and thoughts, its turns and what they have used.
///
/// One answer of the model comes as a line for each of its blocks, all with the answer's id, and before that as deltas.
/// A block's id is the answer's, with a number from the second text (or thought) on, the same in deltas and lines.
struct ClaudeSpeech {
    /// The blocks of one kind in one answer.
    private struct Blocks {
        /// Begun by a delta.
        var begun = 0
        /// Told whole by a line.
        var whole = 0
    }

    private var answerID = ""
    private var texts = Blocks()
    private var thoughts = Blocks()
    /// The kind of the block that deltas are about: `text` or `thinking`.
    private var streamed: String?
    /// The answer has not been counted as a turn.
    private var isTurnOpen = false
    private var endedTurnID: String?
    private(set) var turns = 0
    private(set) var lastMessage = ""
    /// What whole answers have used, and what the present one has.
    private var usedBefore = Usage()
    private var used = Usage()
    private var subagentAnswerID: String?
    /// The text of an answer that has not come as a line: what is left of one that was cut short.
    private var partial = ""
    private static let partialBytesMax = 1 << 20

    /// The estimate of what the run has used so far; `nil` before the first answer.
    var usage: Usage? {
        var sum = usedBefore
        sum.add(used)
        guard sum != .none else { return nil }
        sum.turns = turns
        sum.accuracy = .estimated
        return sum
    }

    // MARK: - Deltas

    /// A `stream_event` of the main conversation.
    mutating func hear(stream event: JSON) -> [DriverEvent] {
        switch event["type"]?.stringValue {
        case "message_start":
            // What was read for the answer is on the bill, even if the run dies before a word of it.
            let events = begin(event["message"]?["id"]?.stringValue ?? "")
            used = ClaudeUsage.message(event["message"]?["usage"])
            return events + (usage.map { [.usage($0)] } ?? [])
        case "content_block_start":
            streamed = event["content_block"]?["type"]?.stringValue
            switch streamed {
            case "text": texts.begun += 1
            case "thinking": thoughts.begun += 1
            default: streamed = nil
            }
            return []
        case "content_block_delta": return delta(event["delta"] ?? .null)
        case "content_block_stop":
            streamed = nil
            return []
        case "message_delta":
            // Each count, where it is given, is the answer's whole.
            let whole = ClaudeUsage.message(event["usage"])
            used.outputTokens = max(used.outputTokens, whole.outputTokens)
            used.inputTokens = max(used.inputTokens, whole.inputTokens)
            used.cacheReadTokens = max(used.cacheReadTokens, whole.cacheReadTokens)
            used.cacheWriteTokens = max(used.cacheWriteTokens, whole.cacheWriteTokens)
            return []
        case "message_stop": return endTurn()
        default: return []
        }
    }

    private mutating func delta(_ delta: JSON) -> [DriverEvent] {
        switch (streamed, delta["type"]?.stringValue) {
        case ("text", "text_delta"):
            guard let text = delta["text"]?.stringValue, !text.isEmpty, !answerID.isEmpty else { return [] }
            if partial.utf8.count < Self.partialBytesMax { partial += text }
            return [.textDelta(messageID: id("", max(1, texts.begun)), text: text)]
        case ("thinking", "thinking_delta"):
            guard let text = delta["thinking"]?.stringValue, !text.isEmpty, !answerID.isEmpty else { return [] }
            return [.thoughtDelta(messageID: id("/thought", max(1, thoughts.begun)), text: text)]
        default: return []
        }
    }

    // MARK: - Lines

    /// A line with blocks of one answer.
    /// - Parameter isAnswer: the model gave it, in one of the turns of the main conversation.
    mutating func hear(answer message: LineMembers, isAnswer: Bool) -> [DriverEvent] {
        guard isAnswer, let id = message.name("id") else { return [] }
        let events = begin(id)
        if used == .none { used = ClaudeUsage.message(message.object["usage"]) }
        if endedTurnID != id { isTurnOpen = true }
        return events
    }

    mutating func hear(text: String) -> DriverEvent? {
        guard !text.isEmpty else { return nil }
        texts.whole += 1
        lastMessage = text
        partial = ""
        return .message(id: id("", texts.whole), role: "assistant", text: text)
    }

    mutating func hear(thought: String) -> DriverEvent? {
        thoughts.whole += 1
        return thought.isEmpty
            ? nil : .message(id: id("/thought", thoughts.whole), role: "thought", text: thought)
    }

    /// An answer in a conversation of a subagent: its usage counts.
    mutating func hear(subagent message: LineMembers) {
        guard let id = message.name("id"), id != subagentAnswerID else { return }
        subagentAnswerID = id
        usedBefore.add(ClaudeUsage.message(message.object["usage"]))
    }

    /// What was said last: of an answer that was cut short, what there is of it.
    var lastWords: String { partial.isEmpty ? lastMessage : partial }

    /// The present answer is over, if there is one: counted once.
    mutating func endTurn() -> [DriverEvent] {
        guard isTurnOpen else { return [] }
        isTurnOpen = false
        endedTurnID = answerID
        turns += 1
        usedBefore.add(used)
        used = Usage()
        return [.turnEnded] + (usage.map { [.usage($0)] } ?? [])
    }

    /// Another answer begins unless it is the present one.
    private mutating func begin(_ id: String) -> [DriverEvent] {
        guard !id.isEmpty, id != answerID else { return [] }
        let events = endTurn()
        usedBefore.add(used)
        used = Usage()
        answerID = id
        texts = Blocks()
        thoughts = Blocks()
        streamed = nil
        partial = ""
        return events
    }

    private func id(_ kind: String, _ number: Int) -> String {
        let answer = answerID.isEmpty ? "message" : answerID
        return number == 1 ? answer + kind : "\(answer)\(kind)/\(number)"
    }
}
