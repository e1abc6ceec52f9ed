extension TextAnalyzer {
    /// Whether the words of a phrase stand in the text next to each other and in their order, compared by their stems.
    /// An identifier stands for its parts in their order, and the other way round. Stop words count. What stands
    /// between words is not looked at: a phrase goes on over commas and line ends.
    package func contains(_ phrase: [QueryWord], in text: String) -> Bool {
        let tokens = tokens(text)
        guard let length = tokens.last.map({ $0.position + $0.span }) else { return phrase.isEmpty }
        var byStem: [String: [TextToken]] = [:]
        for token in tokens where token.role != .last { byStem[token.stem, default: []].append(token) }
        // The positions where the next word has to stand: at first anywhere.
        var next = Set(0..<max(length, 1))
        for word in phrase {
            if word.isPartial {
                next = Set(
                    tokens.filter { $0.word.hasScalarPrefix(word.folded) && next.contains($0.position) }
                        .map { $0.position + $0.span })
                continue
            }
            let whole = ends(of: word.stem, byStem, from: next)
            let parts = word.parts.reduce(word.parts.isEmpty ? [] : next) { ends(of: $1.stem, byStem, from: $0) }
            next = whole.union(parts)
            if next.isEmpty { return false }
        }
        return !next.isEmpty
    }

    /// The positions after the words of a stem that stand at one of the positions.
    private func ends(of stem: String, _ byStem: [String: [TextToken]], from positions: Set<Int>) -> Set<Int> {
        Set(byStem[stem, default: []].filter { positions.contains($0.position) }.map { $0.position + $0.span })
    }
}
