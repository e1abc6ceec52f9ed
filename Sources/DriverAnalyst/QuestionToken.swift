import MemorySearch

/// A piece of a question.
struct QuestionToken: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case word
        case number(Double)
        case quoted
        case date(Day)
        case compare(Comparison)
        case comma
    }

    var kind: Kind
    /// As written.
    var text: String
    var folded: String
    var stem: String

    init(_ kind: Kind, _ text: String, folded: String? = nil) {
        self.kind = kind
        self.text = text
        self.folded = folded ?? TextFolding.fold(text)
        stem = Lexicon.stem(self.folded)
    }

    var isPastTense: Bool { kind == .word && folded.hasSuffix("ed") && folded.utf8.count > 4 }

    var isCapitalized: Bool { text.unicodeScalars.first?.properties.isUppercase ?? false }

    /// A whole number, written in digits or as a word.
    var integer: Int? {
        if case .number(let value) = kind { return Int(exactly: value) }
        return kind == .word ? Lexicon.number(folded) : nil
    }

    var number: Double? {
        if case .number(let value) = kind { return value }
        return nil
    }
}

/// Splits a question into words, numbers, dates, quoted texts and comparison signs.
struct QuestionLexer {
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var tokens: [QuestionToken] = []

    static func tokens(of question: String) -> [QuestionToken] {
        var lexer = QuestionLexer(question)
        return lexer.run()
    }

    private init(_ question: String) { scalars = Array(question.unicodeScalars) }

    private mutating func run() -> [QuestionToken] {
        while place < scalars.count {
            let scalar = scalars[place]
            if let closing = Self.quotes[scalar], isQuoteOpening,
                let end = scalars[(place + 1)...].firstIndex(of: closing)
            {
                let text = text(place + 1, end)
                if !text.isEmpty { tokens.append(QuestionToken(.quoted, text)) }
                place = end + 1
            } else if (48...57).contains(scalar.value) {
                readNumber()
            } else if let comparison = readComparison() {
                tokens.append(comparison)
            } else if scalar == "," || scalar == ";" {
                tokens.append(QuestionToken(.comma, ","))
                place += 1
            } else if scalar.properties.isAlphabetic {
                readWord()
            } else {
                place += 1
            }
        }
        return tokens
    }

    private static let quotes: [Unicode.Scalar: Unicode.Scalar] = ["\"": "\"", "'": "'", "“": "”", "‘": "’", "„": "“"]

    private var isQuoteOpening: Bool { place == 0 || !scalars[place - 1].properties.isAlphabetic }

    private func text(_ start: Int, _ end: Int) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<end])
        return String(view)
    }

    private mutating func readWord() {
        let start = place
        while place < scalars.count, isWordPart(place) { place += 1 }
        for word in Tokenizer.words(in: text(start, place)) {
            var rest = word.text
            for part in word.parts {
                // The part as written: parts fold to other lengths only where letters do, which keeps its case guess.
                let written = String(rest.prefix(part.count))
                rest = String(rest.dropFirst(part.count).drop { $0 == "_" || $0 == "'" })
                tokens.append(QuestionToken(.word, written.isEmpty ? part : written, folded: part))
            }
        }
    }

    private func isWordPart(_ index: Int) -> Bool {
        let scalar = scalars[index]
        if scalar.properties.isAlphabetic || (48...57).contains(scalar.value) || scalar == "_" { return true }
        if scalar.properties.generalCategory == .nonspacingMark { return true }
        guard scalar == "'" || scalar == "’", index + 1 < scalars.count else { return false }
        return scalars[index + 1].properties.isAlphabetic
    }

    private mutating func readComparison() -> QuestionToken? {
        for (sign, comparison) in [
            (">=", Comparison.atLeast), ("<=", .atMost), ("<>", .different), ("!=", .different),
            ("≥", .atLeast), ("≤", .atMost), (">", .more), ("<", .less), ("=", .equal),
        ] {
            let length = sign.unicodeScalars.count
            if scalars[place...].starts(with: sign.unicodeScalars) {
                place += length
                return QuestionToken(.compare(comparison), sign)
            }
        }
        return nil
    }

    private mutating func readNumber() {
        let start = place
        if let day = Day(iso: text(place, min(place + 11, scalars.count))) {
            place += 10
            tokens.append(QuestionToken(.date(day), day.iso))
            return
        }
        var digits = ""
        while place < scalars.count {
            let scalar = scalars[place]
            let isGroup = scalar == "," && (1...3).allSatisfy { isDigit(place + $0) } && !isDigit(place + 4)
            if isDigit(place) || scalar == "." && isDigit(place + 1) && !digits.contains(".") {
                digits.unicodeScalars.append(scalar)
            } else if !isGroup {
                break
            }
            place += 1
        }
        if place < scalars.count, scalars[place].properties.isAlphabetic {
            readSuffix(start, digits)
        } else {
            tokens.append(QuestionToken(.number(Double(digits) ?? 0), text(start, place)))
        }
    }

    /// `10k`, `2m`; an ordinal `1st`; anything else with a digit in front is a word (`3com`).
    private mutating func readSuffix(_ start: Int, _ digits: String) {
        let wordStart = place
        while place < scalars.count, isWordPart(place) { place += 1 }
        let suffix = text(wordStart, place).lowercased()
        let factors = ["k": 1e3, "m": 1e6, "mio": 1e6, "bn": 1e9, "st": 1, "nd": 1, "rd": 1, "th": 1, "s": 1]
        if let factor = factors[suffix], let number = Double(digits) {
            tokens.append(QuestionToken(.number(number * factor), text(start, place)))
        } else {
            tokens.append(QuestionToken(.word, text(start, place)))
        }
    }

    private func isDigit(_ index: Int) -> Bool {
        scalars.indices.contains(index) && (48...57).contains(scalars[index].value)
    }
}
