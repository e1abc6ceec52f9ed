import AgentModel
import JSON

/// How a column writes a moment.
enum TimeEncoding: Hashable, Sendable {
    /// Text that begins with `YYYY-MM-DD`.
    case isoText
    /// Seconds or milliseconds since 1970-01-01 UTC.
    case epochSeconds, epochMilliseconds
    /// Days of the Julian calendar's count, as SQLite's `julianday` gives them.
    case julianDay
    /// The digits `YYYYMMDD`, as number or text.
    case compactDay
    /// `DD.MM.YYYY`, `DD/MM/YYYY` or `DD-MM-YYYY`, zero-padded; and the American order.
    case dayMonthYear, monthDayYear
    /// A year alone.
    case year
    /// A date or timestamp type of the database itself, which comes as ISO text.
    case native

    /// The day of a value, or `nil` when the value is not in this encoding.
    func day(of value: JSON) -> Day? {
        switch self {
        case .isoText, .native: return value.stringValue.flatMap { Day(iso: $0) }
        case .epochSeconds: return value.number.flatMap { Self.day(milliseconds: $0 * 1000) }
        case .epochMilliseconds: return value.number.flatMap { Self.day(milliseconds: $0) }
        case .julianDay:
            guard let number = value.number, (1_721_426...5_373_484).contains(number) else { return nil }
            return Day(number: Int64((number - 2_440_587.5).rounded(.down)))
        case .compactDay:
            guard let number = value.number.flatMap({ Int(exactly: $0) }), (10_000_101...99_991_231).contains(number)
            else { return nil }
            return Day(year: number / 10_000, month: number / 100 % 100, day: number % 100)
        case .dayMonthYear, .monthDayYear:
            guard let (first, second, year) = value.stringValue.flatMap(Self.slashed) else { return nil }
            return self == .dayMonthYear
                ? Day(year: year, month: second, day: first) : Day(year: year, month: first, day: second)
        case .year:
            guard let year = value.number.flatMap({ Int(exactly: $0) }), (1000...2999).contains(year) else {
                return nil
            }
            return Day(year: year, month: 1, day: 1)
        }
    }

    private static func day(milliseconds: Double) -> Day? {
        let days = (milliseconds / 86_400_000).rounded(.down)
        guard (-700_000...2_900_000).contains(days) else { return nil }
        return Day(number: Int64(days))
    }

    private static func slashed(_ text: String) -> (Int, Int, Int)? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 10, bytes[2] == bytes[5], "./-".utf8.contains(bytes[2]),
            let first = Int(digits: bytes[0..<2]), let second = Int(digits: bytes[3..<5]),
            let year = Int(digits: bytes[6..<10])
        else { return nil }
        return (first, second, year)
    }
}

extension TimeEncoding {
    /// The encoding that the values of a column have, by its values, its declared type and its name.
    /// - Parameters:
    ///   - values: values that are not null.
    ///   - words: the folded parts of its name.
    static func inferred(from values: [JSON], type: String, words: [String]) -> TimeEncoding? {
        guard !values.isEmpty else { return nil }
        let hinted = words.contains { Lexicon.timeNameWords.contains($0) } || isTimeType(type)
        var candidates: [TimeEncoding] = [.isoText]
        if values.allSatisfy({ $0.stringValue != nil }) {
            candidates += [.dayMonthYear, .monthDayYear]
            if hinted { candidates.append(.compactDay) }
        } else if values.allSatisfy({ $0.number != nil }) {
            if words.contains(where: { ["year", "jahr", "yr"].contains($0) }) { candidates.append(.year) }
            if hinted { candidates += [.compactDay, .julianDay, .epochSeconds, .epochMilliseconds] }
        }
        return candidates.first { encoding in
            let days = values.compactMap { encoding.day(of: $0) }
            return days.count * 20 >= values.count * 19 && days.allSatisfy { encoding.isPlausible($0) }
        }
    }

    static func isTimeType(_ type: String) -> Bool {
        let type = type.lowercased()
        return type.contains("date") || type.contains("time")
    }

    /// Numbers that merely look like moments give days of the distant past: an epoch of seconds is taken from 1973 on.
    private func isPlausible(_ day: Day) -> Bool {
        switch self {
        case .epochSeconds, .epochMilliseconds: (1973...2199).contains(day.year)
        case .julianDay, .compactDay: (1700...2199).contains(day.year)
        default: true
        }
    }
}

extension JSON {
    /// A number, also when the database gives it as text (decimals).
    var number: Double? {
        if let value = doubleValue { return value }
        guard let text = stringValue, let first = text.utf8.first, first == 45 || (48...57).contains(first) else {
            return nil
        }
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }
}
