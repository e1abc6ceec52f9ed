import AgentModel
import JSON

/// Replaces the secrets that a run was given wherever they would be recorded or told.
struct Redactor {
    static let mark = "[secret]"
    private static let bytesMin = 6
    /// What a word of a secret's name ends with: `OPENAI_API_KEY`, `apikey`, `DB_PASS`.
    private static let endings = [
        "CREDENTIAL", "CREDENTIALS", "KEY", "KEYS", "PASS", "PASSPHRASE", "PASSWD", "PASSWORD", "SECRET", "SECRETS",
        "TOKEN",
    ]
    /// What a name ends with that says where a secret is, or which: `SSL_KEY_FILE`, `AWS_ACCESS_KEY_ID`.
    private static let pointers: Set<String> = ["DIR", "FILE", "HOME", "HOST", "ID", "NAME", "PATH", "URL"]

    private let secrets: [String]

    /// - Parameters:
    ///   - variables: what a child was let to see by name; those that sound like secrets are taken for such. What
    ///     they hold is blanked wherever it stands, so that numbers, paths and addresses must not be among them.
    ///   - secret: the name of one that is a secret whatever it is called.
    init(_ variables: [String: String], secret: String? = nil) {
        secrets = variables.filter { name, value in
            value.utf8.count >= Self.bytesMin && (name == secret || Self.isSecret(name, value))
        }.values.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    private static func isSecret(_ name: String, _ value: String) -> Bool {
        let words = name.uppercased().split(separator: "_").map(String.init)
        guard let last = words.last, !pointers.contains(last), !isPath(value) else { return false }
        return words.contains { word in endings.contains { word.hasSuffix($0) } }
    }

    /// `GOOGLE_APPLICATION_CREDENTIALS` and others name a file.
    private static func isPath(_ value: String) -> Bool {
        value.hasPrefix("/") && value.dropFirst().contains("/") && !value.contains { "+=".contains($0) }
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
