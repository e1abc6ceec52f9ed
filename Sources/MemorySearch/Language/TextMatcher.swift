import JSON

/// A word of the query with what it may stand for.
struct PlannedWord {
    let word: QueryWord
    let candidates: [WordCandidate]
    let isPrefix: Bool
}

/// Finds the words of one attempt in the texts of documents.
final class TextMatcher {
    private struct Form {
        let word: Int
        let part: Int?
        let typos: Int
        let isPrefix: Bool
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
                byStem[analyzer.stem(candidate.word), default: []].append(
                    Form(
                        word: index, part: candidate.part, typos: candidate.distance, isPrefix: candidate.isPrefix))
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
        let tokens = Tokenizer.words(in: text)
        work.steps += tokens.count
        var costs: [Int: Int] = [:]
        var parts: [Int: [Int: Int]] = [:]
        var hits: [(position: Int, word: Int)] = []
        for (position, token) in tokens.enumerated() {
            for form in forms(of: token, field) {
                let cost = form.typos * 2 + (form.isPrefix ? 1 : 0)
                if let part = form.part {
                    parts[form.word, default: [:]][part] = min(parts[form.word]?[part] ?? .max, cost)
                } else {
                    costs[form.word] = min(costs[form.word] ?? .max, cost)
                }
                hits.append((position, form.word))
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
        match.isExact = tokens.count == words.count && zip(tokens, words).allSatisfy { $0.folded == $1.word.folded }
        return match
    }

    /// What of the query a word of a text is, by what the field allows.
    private func forms(of token: Word, _ field: QueryField) -> [Form] {
        let all =
            known[token.folded]
            ?? {
                var all: [Form] = []
                for text in Set([token.folded] + token.parts) {
                    all += byStem[analyzer.stem(text)] ?? []
                    for (index, planned) in words.enumerated()
                    where planned.isPrefix && text.utf8.starts(with: planned.word.folded.utf8) {
                        all.append(Form(word: index, part: nil, typos: 0, isPrefix: text != planned.word.folded))
                    }
                }
                if known.count >= Self.knownMax { known.removeAll(keepingCapacity: true) }
                known[token.folded] = all
                return all
            }()
        return all.filter { ($0.typos <= field.typos) && (!$0.isPrefix || field.isPrefix) }
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

    /// Whether a word of a text is to be shown as matched.
    func isMatched(_ token: Word) -> Bool {
        !forms(of: token, QueryField(.contentText, weight: 0)).isEmpty
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

    func hold(for document: MemoryDocument, work: SearchWork) -> Bool {
        let isTrivial = query.phrases.isEmpty && query.excludedWords.isEmpty && query.excludedPhrases.isEmpty
        if isTrivial { return true }
        let texts = fields.flatMap(document.texts).map { text in
            Tokenizer.words(in: text).flatMap { $0.parts.isEmpty ? [$0.folded] : $0.parts }
        }
        work.steps += texts.reduce(0) { $0 + $1.count }
        func contains(_ phrase: [String]) -> Bool { texts.contains { Self.contains(phrase, in: $0) } }
        guard query.phrases.allSatisfy(contains), !query.excludedPhrases.contains(where: contains) else { return false }
        guard !query.excludedWords.isEmpty else { return true }
        let stems = Set(texts.joined().map(analyzer.stem))
        return !query.excludedWords.contains { word in
            stems.contains(word.stem) || !word.parts.isEmpty && word.parts.allSatisfy { stems.contains($0.stem) }
        }
    }

    private static func contains(_ phrase: [String], in words: [String]) -> Bool {
        guard let first = phrase.first, words.count >= phrase.count else { return false }
        return (0...words.count - phrase.count).contains { start in
            words[start] == first && words[start..<start + phrase.count].elementsEqual(phrase)
        }
    }
}
