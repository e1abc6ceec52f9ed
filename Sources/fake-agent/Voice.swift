import AgentModel
import Driver
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the agent says on stdout: lines of the protocol, or plain text.
struct Voice {
    let isText: Bool
    private(set) var said: [String] = []
    private var messages = 0

    init(isText: Bool) { self.isText = isText }

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

    func stream(_ text: String, to id: String) {
        write(isText ? Array(text.utf8) : AgentLine.event(.textDelta(messageID: id, text: text)).bytes)
    }

    mutating func endMessage(_ id: String, _ text: String) {
        said.append(text)
        emit(.message(id: id, role: "assistant", text: text))
    }

    /// In plain text there are no events.
    func emit(_ event: DriverEvent) {
        if !isText { write(AgentLine.event(event).bytes) }
    }

    func emit(line: JSON) {
        if !isText { write(line.encoded() + [UInt8(ascii: "\n")]) }
    }

    func write(_ bytes: [UInt8]) { Descriptor.write(bytes, to: STDOUT_FILENO) }
}
