package import AgentModel
import JSON

/// The text of messages that an agent is still writing. Deltas are a live view; the whole is recorded once, when the
/// message ends, when the run is cut short, or in parts when it outgrows what the host keeps in memory.
package struct OpenText: Hashable, Sendable {
    package struct Delta: Hashable, Sendable {
        package var type: DeltaType
        package var messageID: String
        /// Where `text` begins in its message, in bytes of UTF-8.
        package var offsetBytes: Int
        package var text: String
    }

    package enum DeltaType: String, Sendable {
        case text = "text.delta"
        case thought = "thought.delta"
    }

    private struct Message: Hashable {
        var id: String
        var type: DeltaType
        /// Bytes recorded in earlier parts.
        var recordedBytes = 0
        var text = ""
    }

    private let bytesMax: Int
    private var messages: [Message] = []

    package init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Takes in a delta. Returns it with its place, and a part to record if the message has grown too long to keep.
    package mutating func add(_ type: DeltaType, id: String, _ text: String) -> (delta: Delta, part: EventDraft?) {
        let index = messages.firstIndex { $0.id == id } ?? append(Message(id: id, type: type))
        let offset = messages[index].recordedBytes + messages[index].text.utf8.count
        messages[index].text += text
        let delta = Delta(type: type, messageID: id, offsetBytes: offset, text: text)
        guard messages[index].text.utf8.count > bytesMax else { return (delta, nil) }
        let part = draft(messages[index])
        messages[index].recordedBytes += messages[index].text.utf8.count
        messages[index].text = ""
        return (delta, part)
    }

    /// The message is whole: what was said of it in deltas is no longer needed.
    package mutating func close(id: String) { messages.removeAll { $0.id == id } }

    /// The run is over: what was said but never finished, as partial messages. Thoughts are not kept.
    package mutating func flush() -> [EventDraft] {
        defer { messages = [] }
        return messages.filter { $0.type == .text && !$0.text.isEmpty }.map(draft)
    }

    private mutating func append(_ message: Message) -> Int {
        messages.append(message)
        return messages.count - 1
    }

    private func draft(_ message: Message) -> EventDraft {
        EventDraft(
            .message,
            data: [
                "message_id": .string(message.id), "role": message.type == .text ? "assistant" : "thought",
                "text": .string(message.text), "partial": true, "offset_bytes": .int(Int64(message.recordedBytes)),
            ])
    }
}
