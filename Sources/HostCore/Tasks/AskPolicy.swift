import AgentModel
import JSON

/// How long an agent's ask waits, and what answers it when nobody does. Who is asked at all is for `PermissionRules`.
struct AskPolicy {
    enum Answer: String {
        case allow, deny
    }

    private let permissions: JSONObject

    init(_ permissions: JSONObject) { self.permissions = permissions }

    static let defaultDeadlineMilliseconds = 300_000

    /// Whether the session itself says how long to wait, so that an ask also waits when no client is told of it.
    var namesDeadline: Bool { permissions["deadline_ms"] != nil }

    var deadlineMilliseconds: Int { permissions["deadline_ms"]?.intValue ?? Self.defaultDeadlineMilliseconds }

    /// The option that stands for an answer; `nil` cancels the ask. The last default is always to deny.
    static func option(for answer: Answer, _ options: [DriverAsk.Option]) -> String? {
        let kinds = answer == .allow ? ["allow_once", "allow_always"] : ["reject_once", "reject_always"]
        return kinds.lazy.compactMap { kind in options.first { $0.kind == kind }?.id }.first
    }

    /// The option taken when nobody answers. A question has none: nobody can answer it for the user.
    func defaultOption(for ask: PermissionAsk) -> String? {
        guard ask.kind == .permission else { return nil }
        let answer = permissions["default"]?.stringValue.flatMap(Answer.init(rawValue:)) ?? .deny
        return Self.option(for: answer, ask.options)
    }
}

/// What users granted, in a session's permissions.
extension JSONObject {
    mutating func addGrant(_ rule: JSON) { self["granted"] = .array((self["granted"]?.arrayValue ?? []) + [rule]) }

    mutating func removeGrant(_ rule: JSON) {
        self["granted"] = .array((self["granted"]?.arrayValue ?? []).filter { $0 != rule })
    }
}
