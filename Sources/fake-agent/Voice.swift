import AgentModel
import Driver
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the agent says on stdout, in the protocol that it speaks.
struct Voice {
    private var tongue: any Tongue
    private(set) var said: [String] = []
    private var messages = 0

    init(_ tongue: any Tongue) { self.tongue = tongue }

    var listens: Bool { tongue.listens }

    mutating func say(_ text: String) { endMessage(beginMessage(), text) }

    /// The id of a new message.
    mutating func beginMessage() -> String {
        messages += 1
        return "m\(messages)"
    }

    mutating func stream(_ text: String, to id: String) { write(delta(text, of: id)) }

    /// A piece of a message, as it is written.
    mutating func delta(_ text: String, of id: String) -> [UInt8] { tongue.say(.textDelta(messageID: id, text: text)) }

    mutating func endMessage(_ id: String, _ text: String) {
        said.append(text)
        emit(.message(id: id, role: "assistant", text: text))
    }

    mutating func emit(_ event: DriverEvent) { write(tongue.say(event)) }

    mutating func emit(line: JSON) { write(tongue.say(line)) }

    /// The first half of what would be said.
    mutating func tear(line: JSON) {
        let whole = tongue.say(line)
        write(Array(whole.prefix(max(1, whole.count / 2))))
    }

    /// What the host's line means; what is to be answered is.
    mutating func hear(_ line: [UInt8]) -> HostWord? {
        let (word, reply) = tongue.hear(line)
        write(reply)
        return word
    }

    /// Asks the host for something. Whether it can.
    mutating func ask(_ id: String, _ method: String, _ params: JSONObject) -> Bool {
        guard let request = tongue.ask(id, method, params) else { return false }
        write(request)
        return true
    }

    func write(_ bytes: [UInt8]) { if !bytes.isEmpty { Descriptor.write(bytes, to: STDOUT_FILENO) } }
}
