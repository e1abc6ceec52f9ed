import JSON

/// A word of the query with what it may stand for.
struct PlannedWord {
    let word: QueryWord
    let candidates: [WordCandidate]
    let isPrefix: Bool

    /// Whether a word of a text begins as this one may.
    func begins(_ text: String) -> Bool { (isPrefix || word.isPartial) && text.hasScalarPrefix(word.folded) }
}

/// Finds the words of one attempt in the texts of documents.
final class TextMatcher {
    private struct Form {
        let word: Int
        let part: Int?
        let typos: Int
        let isPrefix: Bool

        var cost: Int { typos * 2 + (isPrefix ? 1 : 0) }
    }

    let words: [PlannedWord]
    let dropped: Int
    private let request: SearchRequest
    private let analyzer: TextAnalyzer
    /// What a stem stands for.
    private var byStem: [String: [Form]] = [:]
    /// What a word as it stands in a text stands for, once looked up.
    private var known: [String: [Form]] = [:]
    private static let knownMax = 20_000

    init(_ words: [PlannedWord], dropped: Int, _ request: SearchRequest, _ analyzer: TextAnalyzer) {
        self.words = words
        self.dropped = dropped
        self.request = request
        self.analyzer = analyzer
        for (index, planned) in words.enumerated() {
            for candidate in planned.candidates {
                // A character of a script without spaces is no beginning to whoever typed it.
                let isPrefix = candidate.isPrefix && !planned.word.isPartial
                byStem[analyzer.stem(candidate.word), default: []].append(
                    Form(word: index, part: candidate.part, typos: candidate.distance, isPrefix: isPrefix))
            }
        }
    }

    /// Gives back the memory of words that were looked up.
    func rest() { known = [:] }

    /// `nil` when not every word stands in a queried field.
    func match(_ document: MemoryDocument, work: SearchWork) -> TextMatch? {
        var fields: [(match: FieldMatch, weight: Int)] = []
        var found: Set<Int> = []
        for queried in request.queryBy {
            guard let best = best(of: document.texts(of: queried.field), queried, work) else { continue }
            found.formUnion(best.words)
            fields.append((best, queried.weight))
        }
        guard found.count == words.count else { return nil }
        return TextMatch(fields, dropped: dropped, request)
    }

    private func best(of texts: [String], _ field: QueryField, _ work: SearchWork) -> FieldMatch? {
        var best: FieldMatch?
        var words: Set<Int> = []
        for text in texts {
            guard let match = match(text, field, work) else { continue }
            words.formUnion(match.words)
            if best.map({ $0.score(request) < match.score(request) }) ?? true { best = match }
        }
        // Words of several elements of an array are all in the field.
        best?.words = words
        return best
    }

    private func match(_ text: String, _ field: QueryField, _ work: SearchWork) -> FieldMatch? {
        var list = TokenList()
        TokenScanner.scan(text, into: &list)
        work.steps += list.tokens.count
        var costs: [Int: Int] = [:]
        var parts: [Int: [Int: Int]] = [:]
        var hits: [(position: Int, word: Int)] = []
        for token in list.tokens {
            for form in forms(of: list.word(token))
            where form.typos <= field.typos && (!form.isPrefix || field.isPrefix) {
                if let part = form.part {
                    parts[form.word, default: [:]][part] = min(parts[form.word]?[part] ?? .max, form.cost)
                } else {
                    costs[form.word] = min(costs[form.word] ?? .max, form.cost)
                }
                hits.append((token.position, form.word))
            }
        }
        for (word, found) in parts where found.count == words[word].word.parts.count {
            costs[word] = min(costs[word] ?? .max, found.values.reduce(0, +))
        }
        guard !costs.isEmpty else { return nil }
        hits.removeAll { costs[$0.word] == nil }
        var match = FieldMatch(words: Set(costs.keys), cost: costs.values.reduce(0, +))
        match.spread = Self.spread(hits, count: costs.count)
        match.firstPosition = hits.first?.position ?? 0
        match.isExact = isExact(list)
        return match
    }

    /// Whether the text is the words of the query and nothing else.
    private func isExact(_ list: TokenList) -> Bool {
        var place = 0
        for token in list.tokens where token.role == .word || token.role == .whole {
            guard place < words.count, list.utf8(token).elementsEqual(words[place].word.folded.utf8) else {
                return false
            }
            place += 1
        }
        return place == words.count
    }

    /// What of the query a word of a text is.
    private func forms(of token: String) -> [Form] {
        if let forms = known[token] { return forms }
        var forms = byStem[analyzer.stem(token)] ?? []
        for (index, planned) in words.enumerated() where planned.begins(token) {
            let isPrefix = !planned.word.isPartial && token != planned.word.folded
            forms.append(Form(word: index, part: nil, typos: 0, isPrefix: isPrefix))
        }
        if known.count >= Self.knownMax { known.removeAll(keepingCapacity: true) }
        known[token] = forms
        return forms
    }

    /// The words in between where as many different ones as there are stand closest.
    private static func spread(_ hits: [(position: Int, word: Int)], count: Int) -> Int {
        guard count > 1 else { return 0 }
        var counts: [Int: Int] = [:]
        var start = 0
        var best = Int.max
        for hit in hits {
            counts[hit.word, default: 0] += 1
            while counts.count == count {
                best = min(best, hit.position - hits[start].position + 1 - count)
                let left = counts[hits[start].word, default: 1] - 1
                counts[hits[start].word] = left > 0 ? left : nil
                start += 1
            }
        }
        return max(0, best == .max ? 100 : best)
    }

    /// What is shown as matched, the phrases of the query among it.
    var matchedWords: MatchedWords {
        var matched = MatchedWords()
        for planned in words {
            matched.add(planned.word, planned.candidates, analyzer)
            if planned.isPrefix { matched.prefixes.append(planned.word.folded) }
        }
        for word in request.query.phrases.joined() {
            matched.stems.insert(word.stem)
            matched.stems.formUnion(word.parts.map(\.stem))
            if word.isPartial { matched.prefixes.append(word.folded) }
        }
        return matched
    }
}

extension MemoryDocument {
    /// The strings at a field; a key that was not given is the id, and not searched.
    func texts(of field: MemoryField) -> [String] {
        if field.name == "key", object["key"] == object["id"] { return [] }
        return values(of: field).compactMap(\.stringValue)
    }
}

/// The parts of `q` that are looked for in the texts alone.
struct TextConditions {
    let query: QueryText
    let fields: [MemoryField]
    let analyzer: TextAnalyzer

    var isTrivial: Bool { query.phrases.isEmpty && query.excluded.isEmpty }

    func hold(for document: MemoryDocument, work: SearchWork) -> Bool {
        if isTrivial { return true }
        let texts = fields.flatMap(document.texts).map { PhraseText($0, analyzer) }
        work.steps += texts.reduce(0) { $0 + $1.wordCount }
        func contains(_ phrase: [QueryWord]) -> Bool { texts.contains { $0.contains(phrase) } }
        return query.phrases.allSatisfy(contains) && !query.excluded.contains(where: contains)
    }
}
