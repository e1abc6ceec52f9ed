import AgentModel
import JSON

/// The agent's own sessions: a file each, a prompt a line.
struct SessionRecord {
    let id: String
    private let path: String
    private(set) var prompts: [JSON]

    /// Opens the record of a session; `nil` when there is none. Ids are letters, digits, `-` and `_`.
    init?(resuming id: String, in directory: String) {
        guard Self.isName(id), let text = Descriptor.readIfThere(path: "\(directory)/\(id).jsonl") else { return nil }
        self.id = id
        path = "\(directory)/\(id).jsonl"
        prompts = text.split(separator: "\n").compactMap { try? JSON.parse(Array($0.utf8)) }
    }

    /// A new one, after those of another: its file is there with its first prompt.
    init(creating id: String, in directory: String, after prompts: [JSON] = []) {
        self.id = Self.isName(id) ? id : "fake-session"
        path = "\(directory)/\(self.id).jsonl"
        self.prompts = prompts
        for prompt in prompts { Descriptor.write(prompt.line, path: path, appending: true) }
    }

    /// A UUID, as agents name their sessions.
    static func newID() -> String {
        UUID128(milliseconds: Inbox.now(), randomA: .random(in: 0...(.max)), randomB: .random(in: 0...(.max)))
            .description
    }

    mutating func append(_ prompt: String) {
        prompts.append(.string(prompt))
        Descriptor.write(JSON.string(prompt).line, path: path, appending: true)
    }

    private static func isName(_ id: String) -> Bool {
        !id.isEmpty
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
