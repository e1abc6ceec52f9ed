/// A text in its words, to look for phrases in.
package struct PhraseText {
    private let tokens: [TextToken]
    private let length: Int
    private let byStem: [String: [TextToken]]

    package init(_ text: String, _ analyzer: TextAnalyzer) {
        tokens = analyzer.tokens(text)
        length = tokens.last.map { $0.position + $0.span } ?? 0
        byStem = Dictionary(grouping: tokens.filter { $0.role != .last }, by: \.stem)
    }

    /// How many words there are to look at.
    package var wordCount: Int { tokens.count }

    /// Whether the words of a phrase stand in the text next to each other and in their order, compared by their stems.
    /// An identifier stands for its parts in their order, and the other way round. Stop words count. What stands
    /// between words is not looked at: a phrase goes on over commas and line ends.
    package func contains(_ phrase: [QueryWord]) -> Bool {
        guard length > 0 else { return phrase.isEmpty }
        // Where the next word has to stand; `nil`: anywhere.
        var next: Set<Int>?
        for word in phrase {
            let ends: Set<Int>
            if word.isPartial {
                ends = self.ends(of: tokens.filter { $0.word.hasScalarPrefix(word.folded) }, from: next)
            } else {
                let whole = self.ends(of: byStem[word.stem] ?? [], from: next)
                ends = whole.union(word.parts.isEmpty ? [] : self.ends(of: word.parts, from: next))
            }
            if ends.isEmpty { return false }
            next = ends
        }
        return true
    }

    /// The positions after all the parts, one after the other.
    private func ends(of parts: [QueryPart], from positions: Set<Int>?) -> Set<Int> {
        var next = positions
        for part in parts where next?.isEmpty != true { next = ends(of: byStem[part.stem] ?? [], from: next) }
        return next ?? []
    }

    /// The positions after those words that stand at one of the positions.
    private func ends(of words: [TextToken], from positions: Set<Int>?) -> Set<Int> {
        var ends: Set<Int> = []
        for word in words where positions?.contains(word.position) ?? true { ends.insert(word.position + word.span) }
        return ends
    }
}

extension TextAnalyzer {
    /// See `PhraseText`.
    package func contains(_ phrase: [QueryWord], in text: String) -> Bool { PhraseText(text, self).contains(phrase) }
}
