import AgentModel
import JSON

/// Replaces the secrets that a run was given wherever they would be recorded or told.
struct Redactor {
    static let mark = "[secret]"
    private static let bytesMin = 6
    private static let words = ["KEY", "TOKEN", "SECRET", "PASSW", "CREDENTIAL"]

    private let secrets: [String]

    /// - Parameter variables: what a child was let to see by name; those that sound like secrets are taken for such.
    init(_ variables: [String: String]) {
        secrets = variables.filter { name, value in
            value.utf8.count >= Self.bytesMin && Self.words.contains { name.uppercased().contains($0) }
        }.values.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    static let none = Redactor([:])

    var isEmpty: Bool { secrets.isEmpty }

    func redacted(_ text: String) -> String {
        var result = text
        for secret in secrets { result = result.replacing(secret, with: Self.mark) }
        return result
    }

    func redacted(_ json: JSON) -> JSON {
        switch json {
        case .string(let text): .string(redacted(text))
        case .array(let items): .array(items.map(redacted))
        case .object(let object): .object(redacted(object))
        default: json
        }
    }

    func redacted(_ object: JSONObject) -> JSONObject {
        JSONObject(object.map { (redacted($0.key), redacted($0.value)) })
    }

    func redacted(_ draft: EventDraft) -> EventDraft {
        var draft = draft
        draft.data = redacted(draft.data)
        return draft
    }

    func redacted(_ result: TaskResult) -> TaskResult {
        var result = result
        result.output = redacted(result.output)
        result.structuredOutput = result.structuredOutput.map(redacted)
        if var error = result.error {
            error.message = redacted(error.message)
            error.raw = error.raw.map(redacted)
            result.error = error
        }
        return result
    }
}
