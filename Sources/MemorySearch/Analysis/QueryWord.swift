/// A word of a query.
///
/// An identifier (`order_date`, `src/main.swift`, `well-known`) is one query word. A document that has it whole has its
/// parts as well, each as a word of its own; so a query looks for `folded` first and takes `parts` as further
/// candidates of the same query word: the whole counts 1, each part `partWeight`, and the word's score is the best of
/// them. Where every word must match, the word matches when the whole does or all of its parts do.
package struct QueryWord: Hashable, Sendable {
    /// As written.
    package let text: String
    package let folded: String
    package let stem: String
    /// Of an identifier, in their order; empty for a plain word.
    package let parts: [QueryPart]
    package let isStopWord: Bool
    /// A number or an identifier: never corrected unless nothing is found for it as it is.
    package let isExact: Bool
    /// A single character of a script that is indexed in pairs: it stands for each pair that begins with it, so it is
    /// always looked for as a prefix.
    package let isPartial: Bool
    /// Where it stands in the query, in UTF-8 bytes. Neighbours of a script that is indexed in pairs overlap.
    package let range: Range<Int>

    package var partWeight: Double { parts.isEmpty ? 1 : 1 / Double(parts.count) }

    package init(
        text: String, folded: String, stem: String, parts: [QueryPart] = [], isStopWord: Bool = false,
        isExact: Bool = false, isPartial: Bool = false, range: Range<Int>
    ) {
        self.text = text
        self.folded = folded
        self.stem = stem
        self.parts = parts
        self.isStopWord = isStopWord
        self.isExact = isExact
        self.isPartial = isPartial
        self.range = range
    }
}

/// A part of an identifier.
package struct QueryPart: Hashable, Sendable {
    package let folded: String
    package let stem: String

    package init(folded: String, stem: String) {
        self.folded = folded
        self.stem = stem
    }
}
