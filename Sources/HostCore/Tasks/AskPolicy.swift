import AgentModel
import JSON

/// What a session's permissions say about an agent's ask.
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

    /// The answer that needs nobody, if the session names the tool.
    func standing(for ask: PermissionAsk) -> Answer? {
        guard ask.kind == .permission, let tool = ask.tool else { return nil }
        return permissions["tools"]?[tool]?.stringValue.flatMap(Answer.init(rawValue:))
    }

    /// The option that stands for an answer; `nil` cancels the ask. The last default is always to deny.
    func option(for answer: Answer, _ options: [DriverAsk.Option]) -> String? {
        let kinds = answer == .allow ? ["allow_once", "allow_always"] : ["reject_once", "reject_always"]
        return kinds.lazy.compactMap { kind in options.first { $0.kind == kind }?.id }.first
    }

    /// The option taken when nobody answers. A question has none: nobody can answer it for the user.
    func defaultOption(for ask: PermissionAsk) -> String? {
        guard ask.kind == .permission else { return nil }
        return option(for: permissions["default"]?.stringValue.flatMap(Answer.init(rawValue:)) ?? .deny, ask.options)
    }
}
