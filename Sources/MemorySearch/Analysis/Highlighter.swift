/// How matches are shown, with TypeSense's names and defaults
/// (https://typesense.org/docs/latest/api/search.html#results-parameters).
package struct HighlightOptions: Hashable, Sendable {
    package var startTag = "<mark>"
    package var endTag = "</mark>"
    /// A text of at most so many words is its own snippet (`snippet_threshold`).
    package var snippetThreshold = 30
    /// Words on each side of the matches in a snippet (`highlight_affix_num_tokens`).
    package var affixTokens = 4
    /// Whether the whole text is wanted too (`highlight_full_fields`).
    package var isFull = false

    package init() {}
}

/// A text with its matches marked, of the shape that TypeSense's `highlights` have.
package struct Highlight: Hashable, Sendable {
    package let snippet: String
    /// The whole text, when it was asked for.
    package let value: String?
    /// What was marked, as written, each once.
    package let matchedTokens: [String]
}

/// Marks words in a text. Outside of the tags the text stays as it is, byte for byte.
package struct Highlighter: Sendable {
    private let analyzer: TextAnalyzer
    private let options: HighlightOptions

    package init(_ analyzer: TextAnalyzer, _ options: HighlightOptions = HighlightOptions()) {
        self.analyzer = analyzer
        self.options = options
    }

    /// `nil` when nothing in the text matches. Matches that touch are marked as one.
    package func highlight(_ text: String, _ matched: MatchedWords) -> Highlight? {
        let utf8 = Array(text.utf8)
        let tokens = analyzer.tokens(text)
        return highlight(utf8, tokens, tokens.compactMap { hit($0, in: utf8, matched) })
    }

    /// The same with the words that `isMatched` says, each as a whole.
    package func highlight(_ text: String, where isMatched: (TextToken) -> Bool) -> Highlight? {
        let tokens = analyzer.tokens(text)
        let hits = tokens.filter(isMatched).map { Hit(range: $0.range, word: $0.stem) }
        return highlight(Array(text.utf8), tokens, hits)
    }

    private func highlight(_ utf8: [UInt8], _ tokens: [TextToken], _ hits: [Hit]) -> Highlight? {
        let marks = merged(hits.map(\.range))
        guard !marks.isEmpty else { return nil }
        let whole = 0..<utf8.count
        let words = tokens.filter { $0.role == .word || $0.role == .whole }
        let isShort = words.count <= options.snippetThreshold
        let part = isShort ? whole : snippet(words, hits, of: utf8.count)
        var distinct: Set<String> = []
        return Highlight(
            snippet: mark(utf8, part, marks), value: options.isFull ? mark(utf8, whole, marks) : nil,
            matchedTokens: marks.map { String(decoding: utf8[$0], as: UTF8.self) }
                .filter { distinct.insert($0).inserted })
    }

    // MARK: Matches

    private struct Hit {
        let range: Range<Int>
        /// What of the query it matches.
        let word: String
    }

    private func hit(_ token: TextToken, in utf8: [UInt8], _ matched: MatchedWords) -> Hit? {
        if matched.stems.contains(token.stem) { return Hit(range: token.range, word: token.stem) }
        guard let prefix = matched.prefixes.first(where: { token.word.hasScalarPrefix($0) }) else { return nil }
        return Hit(range: range(of: prefix, in: token, utf8), word: prefix)
    }

    /// As much of a word as folds to its beginning.
    private func range(of prefix: String, in token: TextToken, _ utf8: [UInt8]) -> Range<Int> {
        let written = String(decoding: utf8[token.range], as: UTF8.self)
        var beginning = String.UnicodeScalarView()
        for scalar in written.unicodeScalars {
            beginning.append(scalar)
            guard TextFolding.fold(String(beginning)).unicodeScalars.elementsEqual(prefix.unicodeScalars) else {
                continue
            }
            return token.range.lowerBound..<token.range.lowerBound + String(beginning).utf8.count
        }
        return token.range
    }

    private func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    // MARK: Snippets

    /// The words that a snippet's matches lie within.
    private static let window = 10

    /// The first place where most different words of the query stand together, with the affix on both sides.
    private func snippet(_ words: [TextToken], _ hits: [Hit], of length: Int) -> Range<Int> {
        let places = hits.map { hit in place(of: hit.range.lowerBound, in: words) }
        var best = (start: 0, end: 0, distinct: 0)
        var end = 0
        var counts: [String: Int] = [:]
        for start in hits.indices {
            while end < hits.count, places[end] < places[start] + Self.window {
                counts[hits[end].word, default: 0] += 1
                end += 1
            }
            if counts.count > best.distinct { best = (places[start], places[end - 1], counts.count) }
            let left = counts[hits[start].word, default: 1] - 1
            counts[hits[start].word] = left > 0 ? left : nil
        }
        let affix = max(0, min(options.affixTokens, words.count))
        let first = best.start - affix
        let last = best.end + affix
        let from = first <= 0 ? 0 : words[first].range.lowerBound
        return from..<(last + 1 >= words.count ? length : max(from, words[last].range.upperBound))
    }

    /// The last of the words that begins at the offset or before it.
    private func place(of offset: Int, in words: [TextToken]) -> Int {
        var low = 0
        var high = words.count
        while low < high {
            let middle = (low + high) / 2
            if words[middle].range.lowerBound <= offset { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    private func mark(_ utf8: [UInt8], _ part: Range<Int>, _ marks: [Range<Int>]) -> String {
        var marked: [UInt8] = []
        var place = part.lowerBound
        for mark in marks.map({ $0.clamped(to: part) }) where !mark.isEmpty {
            marked += utf8[place..<mark.lowerBound]
            marked += options.startTag.utf8
            marked += utf8[mark]
            marked += options.endTag.utf8
            place = mark.upperBound
        }
        marked += utf8[place..<part.upperBound]
        return String(decoding: marked, as: UTF8.self)
    }
}

extension String {
    /// Unlike `hasPrefix`, which compares characters: a mark may follow.
    func hasScalarPrefix(_ prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }
}
