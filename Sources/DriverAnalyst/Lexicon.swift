import MemorySearch

/// What the analyst knows of language: which words mean the same, which ask for an aggregate, which name times.
/// Lookups go by stem, so that one entry covers all endings. The tables are in `LexiconTables.swift`.
enum Lexicon {
    /// The stem of a folded word, the key of every table.
    static func stem(_ word: String) -> String { EnglishStemmer.stem(word) }

    /// The meanings of a word: equal for synonyms. A word without synonyms has its stem as its only one.
    static func concepts(of word: String) -> Set<String> {
        let stem = stem(word)
        return conceptsByStem[stem] ?? [stem]
    }

    /// Whether two words mean the same thing.
    static func areSynonyms(_ left: String, _ right: String) -> Bool {
        !concepts(of: left).isDisjoint(with: concepts(of: right))
    }

    /// Whether one of the words of a name means this.
    static func means(_ words: [String], _ concept: String) -> Bool {
        words.contains { concepts(of: $0).contains(concept) }
    }

    private static let conceptsByStem: [String: Set<String>] = {
        var table: [String: Set<String>] = [:]
        for group in synonyms {
            guard let concept = group.first else { continue }
            for word in group { table[stem(word), default: []].insert(concept) }
        }
        return table
    }()

    static func number(_ word: String) -> Int? { numbers[word] }

    /// Whether a column of this name is a rate, a price, a temperature: something to average, not to add up.
    static func isIntensive(_ words: [String]) -> Bool {
        words.contains { word in intensive.contains { concepts(of: word).contains($0) || stem(word) == stem($0) } }
    }

    static let fillers: Set<String> = Set(fillerWords.split(separator: " ").map { stem(String($0)) })

    /// Every word that means something here: what a typo may be corrected to.
    static let vocabulary: [String] = {
        var words: Set<String> = []
        for group in synonyms { words.formUnion(group) }
        for phrase in phrases { words.formUnion(phrase.words) }
        words.formUnion(fillerWords.split(separator: " ").map(String.init))
        words.formUnion(months.keys)
        words.formUnion(numbers.keys)
        return words.filter { $0.utf8.count >= 4 }.sorted()
    }()

    /// The phrase that begins a list of words, the longest first.
    static func phrase(_ words: ArraySlice<String>) -> (count: Int, cue: Cue)? {
        guard let first = words.first else { return nil }
        for phrase in phrasesByFirstWord[first] ?? [] where words.starts(with: phrase.words) {
            return (phrase.words.count, phrase.cue)
        }
        return nil
    }

    private static let phrasesByFirstWord: [String: [Phrase]] = {
        var table: [String: [Phrase]] = [:]
        for phrase in phrases { if let first = phrase.words.first { table[first, default: []].append(phrase) } }
        return table.mapValues { $0.sorted { $0.words.count > $1.words.count } }
    }()
}

/// A phrase of the question that says what to do rather than what about.
enum Cue: Hashable, Sendable {
    case count
    case distinct
    case aggregate(Aggregate)
    /// Ordering by what follows: `most`, `top`, `lowest`.
    case rank(descending: Bool)
    /// Ordering by the number or the amount: `most orders`, `fewest`.
    case most(descending: Bool)
    /// An adjective that names what is ordered by: `most expensive`, `oldest`.
    case adjective(concept: String, descending: Bool)
    case latest(descending: Bool)
    case groupBy
    case each
    case trend
    case analyze
    case compareTimes
    case profile
    case schema
    case share
    case list
    case compare(Comparison)
    case between
    case and, or
    case without
    case negation
    case preposition(String)
    case time(TimeUnit)
    case periodic(TimeUnit)
    case metric(Metric)
    case verb(Metric)
}

enum Aggregate: String, Sendable {
    case sum, average, minimum, maximum, median, count, countDistinct

    var sql: String {
        switch self {
        case .sum: "SUM"
        case .average, .median: "AVG"
        case .minimum: "MIN"
        case .maximum: "MAX"
        case .count, .countDistinct: "COUNT"
        }
    }

    /// As it stands before what is aggregated.
    var words: String {
        switch self {
        case .sum: "total"
        case .average: "average"
        case .minimum: "lowest"
        case .maximum: "highest"
        case .median: "median"
        case .count: "number of"
        case .countDistinct: "number of different"
        }
    }
}

enum Comparison: String, Sendable {
    case more = ">", atLeast = ">=", less = "<", atMost = "<=", equal = "=", different = "<>"

    var words: String {
        switch self {
        case .more: "over"
        case .atLeast: "at least"
        case .less: "under"
        case .atMost: "at most"
        case .equal: "equal to"
        case .different: "other than"
        }
    }
}

/// A figure of business that is worked out from several columns where no column holds it.
enum Metric: String, Sendable {
    case revenue, profit, quantity
}

struct Phrase: Sendable {
    let words: [String]
    let cue: Cue

    init(_ text: String, _ cue: Cue) {
        words = text.split(separator: " ").map(String.init)
        self.cue = cue
    }
}
