package import AgentModel
import JSON

/// What an agent without a way of its own to report findings says that it found out: lines of its answer that begin
/// with `Remember:`, as `instruction` asks for.
package enum StatedFindings {
    /// What one answer may state, and how much each may say.
    private static let countMax = 20
    private static let bytesMax = 2000

    package static let instruction = """
        When you find out something about this database or project that later work will need, state it in your last \
        answer on a line of its own that begins with "Remember: ". One fact a line, in a sentence that stands alone. \
        State only what you have verified and what is not told here already; no such line is needed otherwise.
        """

    /// In their order, each text once. A line may be an item of a list or in bold face.
    package static func of(_ output: String) -> [Finding] {
        var seen: Set<String> = []
        var findings: [Finding] = []
        for line in output.split(whereSeparator: \.isNewline) where findings.count < countMax {
            guard let text = stated(line), seen.insert(text.lowercased()).inserted else { continue }
            findings.append(Finding(text: text, value: .string(text)))
        }
        return findings
    }

    private static func stated(_ line: Substring) -> String? {
        let marks: Set<Character> = [" ", "\t", "*", "-", "\u{2022}", ">"]
        let bare = line.drop { marks.contains($0) }
        guard bare.lowercased().hasPrefix("remember:") else { return nil }
        let rest = bare.dropFirst("remember:".count).drop { marks.contains($0) }
        let text = String(rest.reversed().drop { $0.isWhitespace || $0 == "*" }.reversed())
        guard !text.isEmpty, text.utf8.count <= bytesMax else { return nil }
        return text
    }
}
