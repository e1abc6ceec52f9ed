package import AgentModel
import JSON

/// What an agent is told beside its prompt, as text: what memory knows, the conversation so far, the task's context.
package enum PromptContext {
    /// A block per kind, each between tags of its own, so that an agent can tell them from the prompt; empty when
    /// there is nothing to tell.
    /// - Parameter isOpened: the agent is told by other means what `opening` says.
    package static func blocks(_ request: RunRequest, isOpened: Bool = false) -> [String] {
        var blocks: [String] = []
        if let record = request.record, !record.isEmpty {
            blocks.append(
                block(
                    "conversation_so_far", "What was said in this conversation before, as the host recorded it.",
                    record))
        }
        if !isOpened { blocks += opening(request.memories, request.resumeID == nil ? request.guidance : nil) }
        if let context = request.task.context, !context.isNull {
            blocks.append(
                block(
                    "context", "What the caller adds to the task.",
                    context.stringValue ?? String(decoding: context.encoded(), as: UTF8.self)))
        }
        return blocks
    }

    /// What memory knows, and what is to become of what the agent finds out.
    package static func opening(_ memories: [RecalledMemory], _ guidance: String?) -> [String] {
        var blocks: [String] = []
        if !memories.isEmpty {
            let lines = memories.map { "- " + $0.text.split(separator: "\n").joined(separator: "\n  ") }
            blocks.append(
                block(
                    "memories", "What is known from earlier work that may matter here, best first.",
                    lines.joined(separator: "\n")))
        }
        if let guidance { blocks.append(block("findings", "What to do with what you find out.", guidance)) }
        return blocks
    }

    /// Text that holds the closing tag cannot end the block: its bracket is written as an entity.
    private static func block(_ tag: String, _ intro: String, _ text: String) -> String {
        "<\(tag)>\n\(intro)\n\n\(withoutEnd(of: tag, text))\n</\(tag)>"
    }

    private static func withoutEnd(of tag: String, _ text: String) -> String {
        let end = Array("</\(tag)".utf8)
        var rest = Array(text.utf8)[...]
        var kept: [UInt8] = []
        while let next = rest.first {
            if next == end[0], rest.starts(with: end) {
                kept += Array("&lt;".utf8)
            } else {
                kept.append(next)
            }
            rest = rest.dropFirst()
        }
        return String(decoding: kept, as: UTF8.self)
    }
}
