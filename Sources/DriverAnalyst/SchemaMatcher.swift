import JSON
import MemorySearch

/// A column that words may mean, with how well its name fits: 1 is the whole name.
struct ColumnMatch: Hashable, Sendable {
    let reference: ColumnRef
    let score: Double
}

struct TableMatch: Hashable, Sendable {
    let table: Int
    let score: Double
}

/// A value that occurs in a column and reads like the words.
struct ValueMatch: Hashable, Sendable {
    let reference: ColumnRef
    /// The values as the column has them: several when they differ in case or accents, or only contain the words.
    let texts: [String]
    let isWhole: Bool
}

/// Finds the tables, columns and values that words of a question speak of.
struct SchemaMatcher: Sendable {
    let catalog: Catalog
    private let values: [String: [ValueEntry]]
    private let valueWords: Set<String>
    private let nameStems: Set<String>
    private let nameWords: [String]

    private struct ValueEntry: Sendable {
        let stems: [String]
        let reference: ColumnRef
        let text: String
    }

    /// Values longer than this are prose, not names of things.
    private static let valueWordsMax = 8

    init(_ catalog: Catalog) {
        self.catalog = catalog
        var values: [String: [ValueEntry]] = [:]
        var valueWords: Set<String> = []
        for reference in catalog.columns where Self.holdsNames(catalog[reference]) {
            for entry in catalog[reference].statistics.texts {
                let words = Tokenizer.words(in: entry.text).flatMap(\.parts)
                guard let first = words.first, words.count <= Self.valueWordsMax else { continue }
                let stems = words.map(Lexicon.stem)
                values[Lexicon.stem(first), default: []].append(
                    ValueEntry(stems: stems, reference: reference, text: entry.text))
                valueWords.formUnion(words)
            }
        }
        self.values = values
        self.valueWords = valueWords
        let names = Set(catalog.tables.flatMap { $0.words + $0.columns.flatMap(\.words) })
        nameWords = names.sorted()
        nameStems = Set(names.flatMap { [Lexicon.stem($0)] + Lexicon.concepts(of: $0) })
    }

    private static func holdsNames(_ column: CatalogColumn) -> Bool {
        guard column.statistics.kind == .text || column.statistics.kind == .mixed else { return false }
        switch column.role {
        case .time, .flag, .binary, .empty: return false
        default: return column.statistics.averageTextLength <= 60
        }
    }

    /// How alike a word of the question and a word of a name are.
    static func likeness(_ token: QuestionToken, _ word: String) -> Double {
        if token.folded == word { return 1 }
        if token.stem == Lexicon.stem(word) { return 0.97 }
        return Lexicon.areSynonyms(token.folded, word) ? 0.85 : 0
    }

    // MARK: Tables

    func tables(_ tokens: ArraySlice<QuestionToken>) -> [TableMatch] {
        catalog.tables.indices.compactMap { index in
            let score = tableScore(tokens, catalog.tables[index].words)
            return score > 0 ? TableMatch(table: index, score: score) : nil
        }.sorted { ($1.score, $0.table) < ($0.score, $1.table) }
    }

    private func tableScore(_ tokens: ArraySlice<QuestionToken>, _ words: [String]) -> Double {
        if tokens.count == words.count {
            let scores = zip(tokens, words).map { Self.likeness($0, $1) }
            if scores.allSatisfy({ $0 > 0 }) { return scores.reduce(0, +) / Double(scores.count) }
        }
        guard let token = tokens.first else { return 0 }
        let joined = tokens.map(\.folded).joined()
        if words.count == 1, tokens.count > 1, joined == words[0] || Lexicon.stem(joined) == Lexicon.stem(words[0]) {
            return 0.95
        }
        guard tokens.count == 1, words.count > 1, let head = words.last else { return 0 }
        let likeness = Self.likeness(token, head)
        return likeness > 0.9 ? 0.6 : likeness > 0 ? 0.4 : 0
    }

    // MARK: Columns

    func columns(_ tokens: ArraySlice<QuestionToken>) -> [ColumnMatch] {
        catalog.columns.compactMap { reference in
            let table = catalog.tables[reference.table]
            var score = columnScore(tokens, catalog[reference].words, table.words)
            // "customer country" is the country of the table of customers.
            if tokens.count > table.words.count {
                let front = tokens.prefix(table.words.count)
                if tableScore(front, table.words) > 0.8, !isVerb(tokens.last, in: catalog[reference].words) {
                    let rest = columnScore(tokens.dropFirst(table.words.count), catalog[reference].words, table.words)
                    if rest >= 0.5 { score = max(score, min(1, rest + 0.1)) }
                }
            }
            return score >= 0.25 ? ColumnMatch(reference: reference, score: score) : nil
        }.sorted { ($1.score, $0.reference) < ($0.score, $1.reference) }
    }

    /// "shipped" beside `ShipName`: what happened to a row rather than the name of a column.
    private func isVerb(_ token: QuestionToken?, in words: [String]) -> Bool {
        guard let token else { return false }
        return token.isPastTense && !words.contains(token.folded)
    }

    private func columnScore(_ tokens: ArraySlice<QuestionToken>, _ words: [String], _ tableWords: [String]) -> Double {
        let joined = tokens.map(\.folded).joined()
        if tokens.count > 1, words.count == 1, joined == words[0] { return 1 }
        var place = 0
        var likeness = 0.0
        var matched: Set<Int> = []
        for token in tokens {
            guard let hit = words.indices.first(where: { $0 >= place && Self.likeness(token, words[$0]) > 0 }) else {
                return 0
            }
            likeness += Self.likeness(token, words[hit])
            matched.insert(hit)
            place = hit + 1
        }
        guard !tokens.isEmpty else { return 0 }
        let weights = words.map { weight(of: $0, in: words, tableWords) }
        let whole = weights.reduce(0, +)
        guard whole > 0 else { return 0 }
        let covered = matched.reduce(0) { $0 + weights[$1] } / whole
        let head = words.indices.last { weights[$0] >= 0.5 } ?? words.count - 1
        return likeness / Double(tokens.count) * covered * (matched.contains(head) || covered > 0.9 ? 1 : 0.6)
    }

    /// What a word adds to a name: little when it repeats the table's or only says that it is a key.
    private func weight(of word: String, in words: [String], _ tableWords: [String]) -> Double {
        guard words.count > 1 else { return 1 }
        if Lexicon.keyWords.contains(word) { return 0.3 }
        if tableWords.contains(where: { Lexicon.stem($0) == Lexicon.stem(word) }) { return 0.3 }
        return ["unit", "units", "name", "of", "in", "on", "the", "per", "at"].contains(word) ? 0.4 : 1
    }

    // MARK: Values

    /// The values that are exactly these words, apart from case, accents and endings.
    func values(_ tokens: ArraySlice<QuestionToken>) -> [ValueMatch] {
        guard let first = tokens.first else { return [] }
        let stems = tokens.map(\.stem)
        return grouped((values[first.stem] ?? []).filter { $0.stems == stems }, isWhole: true)
    }

    /// The values that contain these words next to each other, in columns that name rows.
    func valuesContaining(_ tokens: ArraySlice<QuestionToken>) -> [ValueMatch] {
        let stems = tokens.map(\.stem)
        let found = values.values.joined().filter { entry in
            guard
                catalog.tables[entry.reference.table].label.contains(entry.reference.column)
                    || catalog[entry.reference].role == .category,
                entry.stems.count >= stems.count
            else { return false }
            return (0...(entry.stems.count - stems.count)).contains { entry.stems[$0...].starts(with: stems) }
        }
        return grouped(Array(found), isWhole: false).filter { $0.texts.count <= 50 }
    }

    private func grouped(_ entries: [ValueEntry], isWhole: Bool) -> [ValueMatch] {
        Dictionary(grouping: entries, by: \.reference).map { reference, entries in
            ValueMatch(reference: reference, texts: entries.map(\.text).sorted(), isWhole: isWhole)
        }.sorted { $0.reference < $1.reference }
    }

    // MARK: Typos

    func isKnown(_ token: QuestionToken) -> Bool {
        nameStems.contains(token.stem) || !nameStems.isDisjoint(with: Lexicon.concepts(of: token.folded))
            || valueWords.contains(token.folded) || values[token.stem] != nil
    }

    /// The word that was probably meant: of the names first, then of the language, then of the values.
    func correction(of token: QuestionToken) -> String? {
        let limit = TypoRules().allowed(for: token.folded)
        guard limit > 0 else { return nil }
        let sources = [nameWords, Lexicon.vocabulary, token.folded.utf8.count >= 5 ? valueWords.sorted() : []]
        var best: (word: String, distance: Int)?
        for source in sources {
            for word in source where word.utf8.count >= 4 {
                // Two edits make too many words of weight into one without.
                let limit = Lexicon.fillers.contains(Lexicon.stem(word)) ? 1 : limit
                for form in [word, word + "s"] {
                    guard let distance = TypoRules.distance(token.folded, form, atMost: limit),
                        distance < (best?.distance ?? limit + 1)
                    else { continue }
                    best = (form, distance)
                }
            }
        }
        return best?.word
    }
}
