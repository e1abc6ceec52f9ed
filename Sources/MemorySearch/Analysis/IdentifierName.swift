/// What may stand between the parts of a word.
enum Joiner {
    case underscore
    case hyphen
    case dot
    /// Of paths and addresses: `/`, `\`, `@`.
    case segment
    case apostrophe
    /// Between the digits of a number.
    case comma

    init?(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "_", "\u{FF3F}": self = .underscore
        case "-", "\u{2010}", "\u{2011}", "\u{FF0D}": self = .hyphen
        case ".", "\u{FF0E}": self = .dot
        case "/", "\\", "@", "\u{FF0F}", "\u{FF3C}", "\u{FF20}": self = .segment
        case "'", "\u{2018}", "\u{2019}", "\u{FF07}": self = .apostrophe
        case ",": self = .comma
        default: return nil
        }
    }
}

/// A word of letters and joiners, taken apart: `order_date`, `orderDate`, `src/main.swift`, `well-known`, `l'homme`.
struct IdentifierName {
    typealias Unit = ChunkScanner.Unit

    /// The whole, without a possessive ending.
    let range: Range<Int>
    /// In order; one for a plain word.
    private(set) var parts: [Range<Int>] = []
    /// Of a path or an address: what `/`, `\` and `@` keep together, as places in `parts`, where that is several parts.
    private(set) var segments: [Range<Int>] = []
    /// What follows an elided word: `homme` of `l'homme`.
    let withoutElision: Range<Int>?
    private var traits = Traits()

    private struct Traits {
        var dots = 0
        /// Joiners but dots and hyphens.
        var others = 0
        var hasDigit = false
        var hasLetter = false
        var hasInnerCapital = false
    }

    /// - Parameter word: begins and ends with a letter or digit, or with what extends one.
    init(_ units: [Unit], _ word: Range<Int>) {
        range = Self.withoutPossessive(units, word)
        withoutElision = Self.withoutElision(units, range)
        var start = range.lowerBound
        var segment = 0
        for index in range {
            let unit = units[index]
            if unit.kind == .separator {
                guard let joiner = Joiner(unit.scalar), joiner != .apostrophe, joiner != .comma else { continue }
                add(start..<index)
                start = index + 1
                switch joiner {
                case .dot: traits.dots += 1
                case .hyphen: break
                default: traits.others += 1
                }
                if joiner == .segment { endSegment(from: &segment) }
            } else {
                if unit.scalar.isDigit { traits.hasDigit = true } else { traits.hasLetter = true }
                guard index > start, Self.startsPart(units, at: index, in: range) else { continue }
                traits.hasInnerCapital = true
                add(start..<index)
                start = index
            }
        }
        add(start..<range.upperBound)
        if segment > 0 { endSegment(from: &segment) }
    }

    /// `U.S.A`, which is looked for as `usa`.
    var isAcronym: Bool {
        parts.count > 1 && traits.dots == parts.count - 1 && traits.others == 0 && !traits.hasDigit
            && parts.allSatisfy { $0.count == 1 }
    }

    /// `3.14`, of which the parts mean nothing.
    var isDecimal: Bool { parts.count == 2 && traits.dots == 1 && !traits.hasLetter }

    /// Words joined by hyphens, which name nothing in a program.
    var isCompound: Bool {
        traits.dots == 0 && traits.others == 0 && !traits.hasDigit && !traits.hasInnerCapital
    }

    private mutating func add(_ part: Range<Int>) {
        if !part.isEmpty { parts.append(part) }
    }

    private mutating func endSegment(from start: inout Int) {
        if parts.count - start > 1 { segments.append(start..<parts.count) }
        start = parts.count
    }

    /// Whether a capital begins a part: after a lower-case letter, and before one at the end of a run of capitals
    /// (`HTTPServer`) that is no plural (`URLs`) or after a digit.
    static func startsPart(_ units: [Unit], at index: Int, in range: Range<Int>) -> Bool {
        guard units[index].scalar.isCapital, units[index - 1].kind != .separator else { return false }
        let previous = letter(before: index, units)
        if !previous.isCapital, !previous.isDigit { return true }
        guard index + 1 < range.upperBound, units[index + 1].scalar.properties.isLowercase else { return false }
        let isPlural =
            units[index + 1].scalar == "s" && previous.isCapital
            && (index + 2 == range.upperBound || !units[index + 2].scalar.properties.isLowercase)
        return !isPlural
    }

    /// The character before, without the marks on it.
    private static func letter(before index: Int, _ units: [Unit]) -> Unicode.Scalar {
        var place = index - 1
        while place > 0,
            units[place].kind == .extends || units[place].scalar.properties.generalCategory == .nonspacingMark
        {
            place -= 1
        }
        return units[place].scalar
    }

    private static func withoutPossessive(_ units: [Unit], _ word: Range<Int>) -> Range<Int> {
        guard word.count > 2, units[word.upperBound - 1].scalar.lowercasedASCII == "s",
            Joiner(units[word.upperBound - 2].scalar) == .apostrophe
        else { return word }
        return word.lowerBound..<word.upperBound - 2
    }

    /// One or two letters before the only apostrophe, three or more after it.
    private static func withoutElision(_ units: [Unit], _ word: Range<Int>) -> Range<Int>? {
        guard let place = word.prefix(3).dropFirst().first(where: { Joiner(units[$0].scalar) == .apostrophe }),
            word.upperBound - place > 3, units[(place + 1)..<word.upperBound].allSatisfy({ $0.kind != .separator })
        else { return nil }
        return place + 1..<word.upperBound
    }
}

extension Unicode.Scalar {
    fileprivate var isCapital: Bool { isASCII ? (65...90).contains(value) : properties.isUppercase }
    var isDigit: Bool { isASCII ? isASCIIDigit : properties.numericType != nil }
}
