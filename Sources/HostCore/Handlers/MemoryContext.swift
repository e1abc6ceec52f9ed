import AgentModel
import JSON
import Store

/// What an agent is told of memories: the best of them that fit a budget, each text once, as text and as data.
struct MemoryContext: Hashable, Sendable {
    /// Bytes of UTF-8 that count as a token. English prose takes about four with the usual tokenizers; other writing
    /// takes fewer bytes a token and is underestimated by half at most.
    static let bytesPerToken = 4

    /// A line for each memory, best first.
    private(set) var text = ""
    private(set) var hits: [RecallHit] = []
    /// Memories that did not fit.
    private(set) var leftOut = 0

    /// What the text takes.
    var tokens: Int { Self.tokens(text.utf8.count) }

    /// - Parameters:
    ///   - hits: best first.
    ///   - countsValues: whether the budget is also for the values, which go to the agent beside the text.
    init(_ hits: [RecallHit], budgetTokens: Int, countsValues: Bool = false) {
        var seen: Set<String> = []
        var bytes = 0
        let bytesMax = budgetTokens.multipliedReportingOverflow(by: Self.bytesPerToken)
        for hit in hits where seen.insert(Self.flat(hit.memory.contentText).lowercased()).inserted {
            let line = Self.line(hit.memory)
            let cost = countsValues ? max(line.utf8.count, hit.memory.value.encoded().count) : line.utf8.count
            guard bytesMax.overflow || bytes + cost <= bytesMax.partialValue else {
                leftOut += 1
                continue
            }
            bytes += cost
            text += line
            self.hits.append(hit)
        }
    }

    private static func tokens(_ bytes: Int) -> Int { (bytes + bytesPerToken - 1) / bytesPerToken }

    /// `- namespace/key: text`, or without the key where it is no more than the id.
    private static func line(_ memory: Memory) -> String {
        let name = memory.key == memory.id.description ? memory.namespace : "\(memory.namespace)/\(memory.key)"
        let said = memory.contentText.isEmpty ? "\(memory.value)" : memory.contentText
        return "- \(flat(name)): \(flat(said))\n"
    }

    /// On one line: white space of any kind and length is one space.
    private static func flat(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
