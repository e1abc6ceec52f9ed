/// A stretch of time as a question says it; what `last 6 months` means depends on where the data ends.
indirect enum TimePhrase: Hashable, Sendable {
    case year(Int)
    case quarter(year: Int?, Int)
    case month(year: Int?, Int)
    case day(Day)
    case last(Int, TimeUnit)
    case current(TimeUnit)
    case since(TimePhrase)
    case after(TimePhrase)
    case before(TimePhrase)
    case until(TimePhrase)
    case between(TimePhrase, TimePhrase)
    case anyOf([TimePhrase])

    /// Days from `from` to before `to`; a month without a year has its number instead.
    struct Span: Hashable, Sendable {
        var from: Day?
        var to: Day?
        var month: Int?
    }

    /// - Parameter last: the last day of the data.
    func spans(endingAt last: Day) -> [Span] {
        switch self {
        case .anyOf(let phrases): phrases.flatMap { $0.spans(endingAt: last) }
        default: [span(endingAt: last)]
        }
    }

    private func span(endingAt last: Day) -> Span {
        switch self {
        case .year(let year): Self.period(Day(year: year, month: 1, day: 1), .year)
        case .quarter(let year, let number):
            Self.period(Day(year: year ?? last.year, month: number * 3 - 2, day: 1), .quarter)
        case .month(let year?, let month): Self.period(Day(year: year, month: month, day: 1), .month)
        case .month(nil, let month): Span(month: month)
        case .day(let day): Span(from: day, to: day.adding(days: 1))
        case .current(let unit): Self.period(last, unit)
        case .last(let count, let unit): Self.lastSpan(count, unit, last)
        case .since(let phrase): Span(from: phrase.span(endingAt: last).from)
        case .after(let phrase): Span(from: phrase.span(endingAt: last).to)
        case .before(let phrase): Span(to: phrase.span(endingAt: last).from)
        case .until(let phrase): Span(to: phrase.span(endingAt: last).to)
        case .between(let first, let second):
            Span(from: first.span(endingAt: last).from, to: second.span(endingAt: last).to)
        case .anyOf(let phrases): phrases.first?.span(endingAt: last) ?? Span()
        }
    }

    private static func period(_ day: Day?, _ unit: TimeUnit) -> Span {
        Span(from: day?.start(of: unit), to: day?.advanced(1, unit))
    }

    /// The given number of days, weeks or calendar months up to and with the data's last day.
    private static func lastSpan(_ count: Int, _ unit: TimeUnit, _ last: Day) -> Span {
        let end = last.adding(days: 1)
        switch unit {
        case .hour, .day, .weekday: return Span(from: end.adding(days: -Int64(count)), to: end)
        case .week: return Span(from: end.adding(days: -7 * Int64(count)), to: end)
        case .month, .quarter, .year:
            let months = count * (unit == .month ? 1 : unit == .quarter ? 3 : 12)
            let first = end.advanced(-months, .month)
            let day = min(end.day, Int(first.advanced(1, .month).number - first.number))
            return Span(from: first.adding(days: Int64(day - 1)), to: end)
        }
    }

    /// In words, for the list of what was assumed.
    var words: String {
        switch self {
        case .year(let year): "in \(year)"
        case .quarter(let year, let number): "in quarter \(number)" + (year.map { " of \($0)" } ?? "")
        case .month(let year, let month): "in month \(month)" + (year.map { " of \($0)" } ?? " of any year")
        case .day(let day): "on \(day.iso)"
        case .last(let count, let unit): "in the last \(count) \(unit.rawValue)\(count == 1 ? "" : "s") of the data"
        case .current(let unit): "in the last \(unit.rawValue) of the data"
        case .since(let phrase): "from the start of \(phrase.plain)"
        case .after(let phrase): "after \(phrase.plain)"
        case .before(let phrase): "before \(phrase.plain)"
        case .until(let phrase): "until \(phrase.plain)"
        case .between(let first, let second): "from \(first.plain) to \(second.plain)"
        case .anyOf(let phrases): phrases.map(\.words).joined(separator: " or ")
        }
    }

    private var plain: String {
        let words = words
        return words.hasPrefix("in ") || words.hasPrefix("on ") ? String(words.dropFirst(3)) : words
    }
}

/// Finds time phrases in a question.
struct TimePhraseReader {
    let tokens: [QuestionToken]

    /// The phrase that begins at a token, with how many tokens it takes.
    func phrase(at start: Int) -> (phrase: TimePhrase, count: Int)? {
        guard tokens.indices.contains(start) else { return nil }
        let word = tokens[start].folded
        let next = start + 1
        switch word {
        case "in", "during", "of", "on", "for", "within":
            let skip = isWord(next, ["the"]) ? next + 1 : next
            if word == "in" || word == "for" || word == "of" || word == "during" || word == "within",
                let last = lastPhrase(at: skip)
            {
                return (last.0, skip - start + last.1)
            }
            return points(at: next).map { ($0.0, $0.1 + 1) }
        case "since": return point(at: next).map { (.since($0.0), $0.1 + 1) }
        case "after": return point(at: next).map { (.after($0.0), $0.1 + 1) }
        case "before": return point(at: next).map { (.before($0.0), $0.1 + 1) }
        case "until", "till", "through": return point(at: next).map { (.until($0.0), $0.1 + 1) }
        case "between": return range(at: next, ["and"]).map { ($0.0, $0.1 + 1) }
        case "from":
            if let range = range(at: next, ["to", "until", "till", "through"]) { return (range.0, range.1 + 1) }
            guard let (point, count) = point(at: next) else { return nil }
            let isOpen = isWord(next + count, ["on", "onwards"])
            return isOpen ? (.since(point), count + 2) : (point, count + 1)
        default: return lastPhrase(at: start) ?? points(at: start)
        }
    }

    private func isWord(_ index: Int, _ words: Set<String>) -> Bool {
        tokens.indices.contains(index) && words.contains(tokens[index].folded)
    }

    /// `1996`, or `1996, 1997 and 1998`.
    private func points(at start: Int) -> (TimePhrase, Int)? {
        guard var (first, count) = point(at: start) else { return nil }
        if isWord(start + count, ["to", "until", "through"]), let (second, more) = point(at: start + count + 1) {
            return (.between(first, second), count + 1 + more)
        }
        var all = [first]
        while isWord(start + count, ["and", "or", "vs", "versus", "with", "to", ","]),
            let (next, more) = point(at: start + count + 1)
        {
            all.append(next)
            count += 1 + more
        }
        if all.count > 1 { first = .anyOf(all) }
        return (first, count)
    }

    private func range(at start: Int, _ joints: Set<String>) -> (TimePhrase, Int)? {
        guard let (first, count) = point(at: start), isWord(start + count, joints),
            let (second, more) = point(at: start + count + 1)
        else { return nil }
        return (.between(first, second), count + 1 + more)
    }

    private func lastPhrase(at start: Int) -> (TimePhrase, Int)? {
        var index = start
        if isWord(index, ["the"]) { index += 1 }
        if isWord(index, ["this", "current"]), let unit = unit(at: index + 1) {
            return (.current(unit), index + 2 - start)
        }
        guard isWord(index, ["last", "past", "previous", "recent", "final", "latest"]) else { return nil }
        if let unit = unit(at: index + 1) { return (.last(1, unit), index + 2 - start) }
        guard tokens.indices.contains(index + 1), let count = tokens[index + 1].integer, (1...10_000).contains(count),
            let unit = unit(at: index + 2)
        else { return nil }
        return (.last(count, unit), index + 3 - start)
    }

    private func unit(at index: Int) -> TimeUnit? {
        guard tokens.indices.contains(index) else { return nil }
        return TimeUnit(rawValue: tokens[index].stem == "day" ? "day" : tokens[index].stem)
    }

    /// One day, month, quarter or year.
    private func point(at start: Int) -> (TimePhrase, Int)? {
        guard tokens.indices.contains(start) else { return nil }
        let token = tokens[start]
        if isWord(start, ["the"]), let (inner, count) = point(at: start + 1) { return (inner, count + 1) }
        if case .date(let day) = token.kind { return (.day(day), 1) }
        if let year = year(at: start) { return (.year(year), 1) }
        if token.kind == .word, isWord(start, ["year"]), let year = year(at: start + 1) { return (.year(year), 2) }
        return quarter(at: start) ?? month(at: start)
    }

    private func year(at index: Int) -> Int? {
        guard tokens.indices.contains(index), case .number(let value) = tokens[index].kind,
            tokens[index].text.utf8.count == 4, let year = Int(exactly: value), (1800...2199).contains(year)
        else { return nil }
        return year
    }

    private func optionalYear(_ index: Int) -> (Int?, Int) {
        if let year = year(at: index) { return (year, 1) }
        if isWord(index, ["of", "in", ","]), let year = year(at: index + 1) { return (year, 2) }
        return (nil, 0)
    }

    private func quarter(at start: Int) -> (TimePhrase, Int)? {
        let ordinals = ["first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4]
        let token = tokens[start]
        if let number = ["q1": 1, "q2": 2, "q3": 3, "q4": 4][token.folded] {
            let (year, count) = optionalYear(start + 1)
            return (.quarter(year: year, number), 1 + count)
        }
        if let number = ordinals[token.folded] ?? ordinals[token.text], isWord(start + 1, ["quarter"]) {
            let (year, count) = optionalYear(start + 2)
            return (.quarter(year: year, number), 2 + count)
        }
        if token.folded == "quarter", tokens.indices.contains(start + 1), let number = tokens[start + 1].integer,
            (1...4).contains(number)
        {
            let (year, count) = optionalYear(start + 2)
            return (.quarter(year: year, number), 2 + count)
        }
        return nil
    }

    private func month(at start: Int) -> (TimePhrase, Int)? {
        let token = tokens[start]
        guard token.kind == .word, let month = Lexicon.months[token.folded] else { return nil }
        // "may", "mar" and "sep" are words too: a month has a capital or a year.
        let (year, count) = optionalYear(start + 1)
        if let year { return (.month(year: year, month), 1 + count) }
        if tokens.indices.contains(start + 1), let number = tokens[start + 1].integer, (1...31).contains(number),
            case let (year?, more) = optionalYear(start + 2), let day = Day(year: year, month: month, day: number)
        {
            return (.day(day), 2 + more)
        }
        guard token.isCapitalized || token.folded.utf8.count > 4 else { return nil }
        return (.month(year: nil, month), 1)
    }
}
