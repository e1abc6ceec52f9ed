import AgentModel
package import JSON
import MemorySearch

/// What memory tells the analyst before it works: what words mean here, what was found before, what else is known.
package struct Recollection: Hashable, Sendable {
    /// One memory, as the host recalled it for the task.
    package struct Item: Hashable, Sendable {
        package var namespace: String
        package var key: String
        package var text: String
        package var value: JSON

        package init(namespace: String, key: String, text: String, value: JSON) {
            self.namespace = namespace
            self.key = key
            self.text = text
            self.value = value
        }

        init(_ memory: RecalledMemory) {
            self.init(namespace: memory.namespace, key: memory.key, text: memory.text, value: memory.value)
        }
    }

    /// The namespace whose keys are words of the user's own and whose texts say what they mean.
    package static let glossary = "glossary"
    /// The namespace of what an analysis found.
    package static let findings = "findings"
    private static let itemsShown = 3

    private let items: [Item]

    /// - Parameter items: best first.
    package init(_ items: [Item] = []) { self.items = items }

    /// A prompt with the user's own words replaced by what they mean.
    struct Reading: Hashable, Sendable {
        var prompt: String
        /// What was replaced, a sentence each.
        var notes: [String] = []
    }

    /// Longer terms count before shorter ones; what a meaning says is not looked up again.
    func reading(of prompt: String) -> Reading {
        let terms = items.filter { $0.namespace == Self.glossary && !$0.text.isEmpty }
            .map { (words: Self.words($0.key), item: $0) }
            .filter { !$0.words.isEmpty }
            .sorted { $0.words.count > $1.words.count }
        guard !terms.isEmpty else { return Reading(prompt: prompt) }
        let words = Tokenizer.words(in: prompt)
        let text = Array(prompt.utf8)
        var read: [UInt8] = []
        var reading = Reading(prompt: prompt)
        var (place, index) = (0, 0)
        while index < words.count {
            let rest = words[index...].map(\.folded)
            guard let term = terms.first(where: { rest.starts(with: $0.words) }) else {
                index += 1
                continue
            }
            let last = index + term.words.count - 1
            read += text[place..<words[index].range.lowerBound] + Array(term.item.text.utf8)
            place = words[last].range.upperBound
            index = last + 1
            reading.notes.append("'\(term.item.key)' was read as '\(term.item.text)', as remembered.")
        }
        reading.prompt = String(decoding: read + text[place...], as: UTF8.self)
        reading.notes = reading.notes.uniqued()
        return reading
    }

    /// What is known already, as a section of an answer or of a refusal; `nil` when nothing is.
    ///
    /// - Parameter prompt: the question: what was found for the same one is said first.
    func knownBefore(_ prompt: String) -> String? {
        let known = items.filter { $0.namespace != Self.glossary && !$0.text.isEmpty }
        let same = known.filter { $0.namespace == Self.findings && $0.key == Self.key(of: prompt) }
        let lines = (same + known.filter { !same.contains($0) }).prefix(Self.itemsShown).map { "- \(Self.line($0))" }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    /// Under which a question's finding is kept: its words, so that the same question finds the same key.
    static func key(of prompt: String) -> String {
        String(words(prompt).joined(separator: " ").prefix(200))
    }

    /// What an answer leaves for another time.
    static func finding(_ answer: Answer, to prompt: String, sql: String?) -> Finding {
        let headline = oneLine(answer.headline)
        var value: JSONObject = ["question": .string(prompt), "answer": .string(headline)]
        value["sql"] = sql.map(JSON.string)
        return Finding(key: key(of: prompt), text: "\(oneLine(prompt))\n\(headline)", value: .object(value))
    }

    private static func line(_ item: Item) -> String {
        guard item.namespace == findings, let question = item.value["question"]?.stringValue,
            let answer = item.value["answer"]?.stringValue
        else { return oneLine(item.text) }
        return "\(oneLine(question)): \(oneLine(answer))"
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func words(_ text: String) -> [String] { Tokenizer.words(in: text).map(\.folded) }
}
