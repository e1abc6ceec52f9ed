import AgentModel
import Driver
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the agent says on stdout: lines of the protocol, plain text, or messages of the Agent Client Protocol.
struct Voice {
    enum Tongue {
        case lines, text
        /// In this session, to this prompt.
        case acp(session: String, prompt: JSON)
    }

    let tongue: Tongue
    private(set) var said: [String] = []
    private var messages = 0
    /// The message that was last streamed: an ACP client has it already when it ends.
    private var streamed = ""

    init(_ tongue: Tongue) { self.tongue = tongue }

    private var isText: Bool { if case .text = tongue { true } else { false } }

    mutating func say(_ text: String) {
        let id = beginMessage()
        if isText { write(Array(text.utf8) + [UInt8(ascii: "\n")]) }
        endMessage(id, text)
    }

    /// The id of a new message.
    mutating func beginMessage() -> String {
        messages += 1
        return "m\(messages)"
    }

    mutating func stream(_ text: String, to id: String) {
        streamed = id
        write(delta(text, of: id))
    }

    /// A piece of a message, as it is written.
    func delta(_ text: String, of id: String) -> [UInt8] {
        switch tongue {
        case .text: Array(text.utf8)
        case .lines: AgentLine.event(.textDelta(messageID: id, text: text)).bytes
        case .acp(let session, _): ACPWords.update(session, ACPWords.chunk("agent_message_chunk", text, id))
        }
    }

    mutating func endMessage(_ id: String, _ text: String) {
        said.append(text)
        if case .acp = tongue, streamed == id { return }
        emit(.message(id: id, role: "assistant", text: text))
    }

    /// In plain text there are no events.
    func emit(_ event: DriverEvent) {
        switch tongue {
        case .text: break
        case .lines: write(AgentLine.event(event).bytes)
        case .acp(let session, _): write(ACPWords.bytes(event, session))
        }
    }

    func emit(line: JSON) {
        switch tongue {
        case .text: break
        case .lines: write(line.encoded() + [UInt8(ascii: "\n")])
        case .acp(let session, let prompt): write(ACPWords.bytes(line, session, prompt))
        }
    }

    func write(_ bytes: [UInt8]) { Descriptor.write(bytes, to: STDOUT_FILENO) }
}
