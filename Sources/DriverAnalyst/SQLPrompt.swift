import AgentModel

/// Finds SQL in a prompt.
enum SQLPrompt {
    /// A part of a script: a statement, or words between statements that say what comes.
    enum Part: Hashable, Sendable {
        case note(String)
        case statement(String)
    }

    /// The statements and notes of a prompt, or `nil` when it is a question. SQL stands in fences, or is the prompt.
    static func statements(in prompt: String, mode: SessionMode) -> [Part]? {
        let fenced = parts(ofFences: prompt)
        if !fenced.isEmpty { return fenced }
        guard startsLikeSQL(prompt) else { return nil }
        return StatementSplitter.statements(in: prompt).map { .statement($0) }
    }

    private static let openings: Set<String> = [
        "SELECT", "WITH", "EXPLAIN", "PRAGMA", "VALUES", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER",
        "REPLACE",
        "BEGIN", "COMMIT", "ATTACH", "VACUUM", "ANALYZE", "REINDEX", "TRUNCATE", "COPY", "SET", "GRANT", "MERGE",
    ]

    /// Words that begin sentences too need SQL's own word after them.
    private static let continuations: [String: Set<String>] = [
        "UPDATE": ["SET"], "DELETE": ["FROM"],
        "CREATE": ["TABLE", "VIEW", "INDEX", "TRIGGER", "TEMP", "TEMPORARY", "UNIQUE", "VIRTUAL"],
        "DROP": ["TABLE", "VIEW", "INDEX", "TRIGGER"], "ALTER": ["TABLE"], "SELECT": ["FROM", "*", "("], "WITH": ["AS"],
        "REPLACE": ["INTO"],
        "INSERT": ["INTO"], "SET": ["="], "COPY": ["TO", "FROM"], "EXPLAIN": ["SELECT", "QUERY"], "ANALYZE": [";"],
    ]

    static func startsLikeSQL(_ prompt: String) -> Bool {
        let body = withoutComments(prompt)
        let upper = body.uppercased()
        guard let first = upper.split(whereSeparator: { !$0.isLetter }).first.map(String.init),
            upper.hasPrefix(first) || upper.hasPrefix("("),
            openings.contains(first)
        else { return false }
        guard let needed = continuations[first] else { return true }
        let words = Set(upper.split(whereSeparator: { !$0.isLetter }).map(String.init))
        if first == "SELECT", !words.contains("FROM") {
            return upper.dropFirst(6).contains { $0.isNumber || $0 == "(" || $0 == "'" }
        }
        return !needed.isDisjoint(with: words) || needed.contains { !$0.allSatisfy(\.isLetter) && upper.contains($0) }
    }

    private static func withoutComments(_ text: String) -> String {
        var lines = text.split("\n").map { String($0).trimmed }
        while let first = lines.first, first.isEmpty || first.hasPrefix("--") { lines.removeFirst() }
        return lines.joined(separator: "\n")
    }

    /// The statements in ```` ``` ```` fences marked as SQL (or not marked but SQL), with the text between as notes.
    private static func parts(ofFences prompt: String) -> [Part] {
        let pieces = prompt.split("\n")
        var parts: [Part] = []
        var note: [Substring] = []
        var body: [Substring]?
        var isSQL = false
        for line in pieces {
            let trimmed = String(line).trimmed
            guard trimmed.hasPrefix("```") else {
                if body != nil { body?.append(line) } else { note.append(line) }
                continue
            }
            if let lines = body {
                let text = lines.joined(separator: "\n")
                if isSQL || startsLikeSQL(text) {
                    parts += noteParts(note) + StatementSplitter.statements(in: text).map { .statement($0) }
                    note = []
                }
                body = nil
            } else {
                isSQL = trimmed.dropFirst(3).lowercased().hasPrefix("sql")
                body = []
            }
        }
        guard parts.contains(where: { if case .statement = $0 { true } else { false } }) else { return [] }
        return parts + noteParts(note)
    }

    private static func noteParts(_ lines: [Substring]) -> [Part] {
        let text = lines.joined(separator: "\n").trimmed
        return text.isEmpty ? [] : [.note(text)]
    }
}
