/// What some words of the question may mean: several readings stand side by side until the context decides.
struct Mention: Sendable {
    let tokens: [QuestionToken]
    var cue: Cue?
    var time: TimePhrase?
    var tables: [TableMatch] = []
    var columns: [ColumnMatch] = []
    var values: [ValueMatch] = []
    /// A word without meaning of its own here.
    var isFiller = false

    var text: String { tokens.map(\.text).joined(separator: " ") }
    var number: Double? { tokens.count == 1 ? tokens.first?.number : nil }
    var integer: Int? { tokens.count == 1 ? tokens.first?.integer : nil }

    var table: TableMatch? { tables.first.flatMap { $0.score >= 0.55 ? $0 : nil } }
    var isNoun: Bool { table != nil || !columns.isEmpty || !values.isEmpty }
    /// Whether nothing is known of these words.
    var isUnknown: Bool { cue == nil && time == nil && !isNoun && !isFiller && number == nil && integer == nil }
}

/// A word that was read as another.
struct Correction: Hashable, Sendable {
    let written: String
    let read: String
}

/// Cuts a question into mentions, longest readings first.
struct MentionReader {
    private static let tokensMax = 6

    let matcher: SchemaMatcher
    private(set) var corrections: [Correction] = []

    init(_ matcher: SchemaMatcher) { self.matcher = matcher }

    mutating func mentions(in question: String) -> [Mention] {
        var tokens = QuestionLexer.tokens(of: question)
        if tokens.count > 400 { tokens.removeLast(tokens.count - 400) }
        for index in tokens.indices { correct(&tokens[index]) }
        let times = TimePhraseReader(tokens: tokens)
        var mentions: [Mention] = []
        var index = 0
        while index < tokens.count {
            let mention = mention(tokens, at: index, times, isAfterComparison: Self.comparesNext(mentions))
            mentions.append(mention)
            index += max(1, mention.tokens.count)
        }
        return mentions
    }

    /// Whether a number that comes next is an operand rather than a year.
    private static func comparesNext(_ mentions: [Mention]) -> Bool {
        guard let last = mentions.last else { return false }
        if case .compare = last.cue { return true }
        return false
    }

    private mutating func correct(_ token: inout QuestionToken) {
        guard token.kind == .word, token.folded.utf8.count >= 4, !Lexicon.fillers.contains(token.stem),
            Lexicon.phrase([token.folded]) == nil, !Lexicon.isPhraseWord(token.folded),
            Lexicon.months[token.folded] == nil,
            token.integer == nil, !matcher.isKnown(token), let word = matcher.correction(of: token)
        else { return }
        let read = token.isCapitalized ? word.prefix(1).uppercased() + word.dropFirst() : word
        corrections.append(Correction(written: token.text, read: read))
        token = QuestionToken(.word, read, folded: word)
    }

    private func mention(
        _ tokens: [QuestionToken], at start: Int, _ times: TimePhraseReader, isAfterComparison: Bool
    ) -> Mention {
        let time = isAfterComparison ? nil : times.phrase(at: start)
        let phrase = Lexicon.phrase(tokens[start...].prefix(Self.tokensMax).map(\.folded)[...])
        for length in stride(from: min(Self.tokensMax, tokens.count - start), through: 2, by: -1) {
            let slice = tokens[start..<start + length]
            var mention = Mention(tokens: Array(slice))
            if let time, time.count == length { mention.time = time.phrase }
            if let phrase, phrase.count == length { mention.cue = phrase.cue }
            if slice.allSatisfy({ $0.kind == .word }) {
                mention.tables = matcher.tables(slice).filter { $0.score >= 0.8 }
                mention.columns = matcher.columns(slice).filter { $0.score >= 0.7 }
            }
            mention.values = matcher.values(slice)
            if mention.time != nil { return mention }
            if mention.cue != nil || mention.isNoun { return mention }
        }
        var mention = Mention(tokens: [tokens[start]])
        if let time, time.count == 1 { mention.time = time.phrase }
        if let phrase, phrase.count == 1 { mention.cue = phrase.cue }
        single(&mention, isFirst: start == 0)
        return mention
    }

    /// The readings of one token. Words that carry the sentence are names or values only if they are written as such.
    private func single(_ mention: inout Mention, isFirst: Bool) {
        guard let token = mention.tokens.first else { return }
        switch token.kind {
        case .compare(let comparison): mention.cue = .compare(comparison)
        case .comma: mention.isFiller = true
        case .date, .number: break
        case .quoted:
            let parts = QuestionLexer.tokens(of: token.text)
            mention.values = matcher.values(parts[...])
            if mention.values.isEmpty { mention.values = matcher.valuesContaining(parts[...]) }
        case .word:
            let slice = mention.tokens[...]
            let isGrammar = mention.cue != nil || Lexicon.fillers.contains(token.stem)
            mention.tables = matcher.tables(slice).filter { !isGrammar || $0.score >= 0.95 }
            mention.columns = matcher.columns(slice).filter { !isGrammar || $0.score >= 0.95 }
            let isWritten = token.isCapitalized && !isFirst
            if !isGrammar || isWritten {
                mention.values = matcher.values(slice).filter { match in
                    !isGrammar || match.texts.contains(token.text)
                }
            }
            if !isGrammar, !mention.isNoun, token.folded.utf8.count >= 3 {
                mention.values = matcher.valuesContaining(slice)
            }
            mention.isFiller = Lexicon.fillers.contains(token.stem) && mention.cue == nil && !mention.isNoun
        }
    }
}

extension Lexicon {
    private static let phraseWords: Set<String> = Set(phrases.flatMap(\.words))
    private static let timeWords: Set<String> = [
        "since", "after", "before", "until", "till", "through", "last", "past", "previous", "recent", "this", "current",
        "during", "within", "from", "first", "second", "third", "fourth", "final", "latest",
    ]

    /// Whether a word occurs in a phrase that is understood.
    static func isPhraseWord(_ word: String) -> Bool { phraseWords.contains(word) || timeWords.contains(word) }
}
