import AgentModel
import Driver
import JSON

/// A protocol that the agent speaks while it works on a prompt: how what it does is said, and what the host's lines
/// mean. What it says comes with its newlines, and is nothing where the protocol has no words for it.
protocol Tongue {
    /// Whether the host can add anything to a prompt that is worked on.
    var listens: Bool { get }
    mutating func say(_ event: DriverEvent) -> [UInt8]
    /// A line as a line agent says it; what has no form of its own goes out as it is.
    mutating func say(_ line: JSON) -> [UInt8]
    /// What a line means, and what is answered at once.
    mutating func hear(_ line: [UInt8]) -> (word: HostWord?, reply: [UInt8])
    /// A request to the host, where there is such a thing.
    mutating func ask(_ id: String, _ method: String, _ params: JSONObject) -> [UInt8]?
}

extension Tongue {
    var listens: Bool { true }
    mutating func hear(_ line: [UInt8]) -> (word: HostWord?, reply: [UInt8]) { (nil, []) }
    mutating func ask(_ id: String, _ method: String, _ params: JSONObject) -> [UInt8]? { nil }
}

/// What the host can say to an agent at work.
enum HostWord {
    case cancel
    case answer(ask: String, option: String?)
    case steer(String)
    /// To a request of the agent's.
    case reply(id: String, JSON)
}

/// An agent from its start to its end: prompts, and a script for each.
protocol Conversation {
    /// The exit code.
    mutating func run() -> Int32
}

extension JSON {
    var line: [UInt8] { encoded() + [UInt8(ascii: "\n")] }
}

extension JSONObject {
    /// With the members of another, which replace those of the same name.
    func adding(_ more: JSONObject) -> JSONObject {
        var object = self
        for member in more { object[member.key] = member.value }
        return object
    }
}
