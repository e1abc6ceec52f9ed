package import AgentModel
import JSON

/// What a session's log holds of its conversation, as a text for an agent that does not know it: what was asked and
/// answered, and which tools were used with what outcome. The newest that fits; a note says what was left out.
///
/// Takes the log from its end: `add` each event, newest first, until it takes no more.
package struct ConversationRecord: Sendable {
    /// The events that it makes use of.
    package static let types: Set<EventType> = [
        .taskQueued, .message, .toolStarted, .toolFinished, .taskFailed, .taskCancelled, .taskInterrupted,
    ]
    package static let bytesMaxByDefault = 64 << 10

    private static let leftOut = "[What was said before is left out.]"
    private static let cut = "[... cut]"

    private var bytesLeft: Int
    /// Newest first.
    private var parts: [String] = []
    /// Whether a tool that the log has not told the beginning of yet failed, by its id.
    private var outcomes: [String: Bool] = [:]
    private var isCut = false

    package init(bytesMax: Int = bytesMaxByDefault) {
        bytesLeft = max(0, bytesMax - Self.leftOut.utf8.count - Self.separator.utf8.count)
    }

    private static let separator = "\n\n"

    /// The event before those that were added.
    /// - Returns: whether there is room for more.
    package mutating func add(_ event: Event) -> Bool {
        if event.type == .toolFinished, let id = event.data["tool_id"]?.stringValue {
            outcomes[id] = event.data["is_error"] == true
        }
        guard !isCut, let part = part(event), !part.isEmpty else { return !isCut }
        let size = part.utf8.count + Self.separator.utf8.count
        if size <= bytesLeft {
            bytesLeft -= size
            parts.append(part)
        } else {
            isCut = true
            keepBeginning(of: part)
        }
        return !isCut
    }

    /// Oldest first; `nil` when there was no conversation.
    package var text: String? {
        guard !parts.isEmpty else { return nil }
        return ((isCut ? [Self.leftOut] : []) + parts.reversed()).joined(separator: Self.separator)
    }

    /// The last message of all is better cut than left out.
    private mutating func keepBeginning(of part: String) {
        let room = bytesLeft - Self.cut.utf8.count - 1
        guard parts.isEmpty, room > 0 else { return }
        parts.append(RecordLimits.parts(part, bytesMax: room)[0].text + "\n" + Self.cut)
    }

    private mutating func part(_ event: Event) -> String? {
        let data = event.data
        switch event.type {
        case .taskQueued:
            let texts = (data["input"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }
            return texts.isEmpty ? "User: [no text]" : "User: " + texts.joined(separator: "\n")
        case .message:
            guard let text = data["text"]?.stringValue, !text.isEmpty else { return nil }
            switch data["role"] {
            case "assistant": return "Assistant: " + text
            case "user": return "User: " + text
            default: return nil
            }
        case .toolStarted:
            let outcome = data["tool_id"]?.stringValue.flatMap { outcomes.removeValue(forKey: $0) }
            let word = outcome.map { $0 ? "failed" : "done" } ?? "not finished"
            return "[Tool \(data["name"]?.stringValue ?? ""): \(word)]"
        case .taskFailed:
            return "[The task failed: \(data["error"]?["message"]?.stringValue ?? "no reason is known")]"
        case .taskCancelled: return "[The task was cancelled.]"
        case .taskInterrupted: return "[The task was interrupted.]"
        default: return nil
        }
    }
}
