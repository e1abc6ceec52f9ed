import AgentModel

/// A calendar day without a time zone, counted from 1970-01-01.
struct Day: Hashable, Comparable, Sendable {
    let number: Int64

    init(number: Int64) { self.number = number }

    /// `nil` when there is no such day.
    init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        number = Timestamp.days(year: Int64(year), month: Int64(month), day: Int64(day))
        guard self.day == day else { return nil }
    }

    /// Reads `YYYY-MM-DD` at the start of a text; what follows must not be a digit.
    init?(iso text: some StringProtocol) {
        let bytes = Array(text.utf8.prefix(11))
        guard bytes.count >= 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes.count == 10 || !(48...57).contains(bytes[10]),
            let year = Int(digits: bytes[0..<4]), let month = Int(digits: bytes[5..<7]),
            let day = Int(digits: bytes[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    static func < (left: Day, right: Day) -> Bool { left.number < right.number }

    var year: Int { Int(Timestamp.civil(daysSince1970: number).year) }
    var month: Int { Int(Timestamp.civil(daysSince1970: number).month) }
    var day: Int { Int(Timestamp.civil(daysSince1970: number).day) }

    /// `YYYY-MM-DD`.
    var iso: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }

    func adding(days: Int64) -> Day { Day(number: number + days) }

    /// The first day of the period of this length that the day lies in. Weeks begin on Monday.
    func start(of unit: TimeUnit) -> Day {
        let first =
            switch unit {
            case .hour, .day, .weekday: Optional(self)
            case .week: adding(days: -((number % 7 + 10) % 7))
            case .month: Day(year: year, month: month, day: 1)
            case .quarter: Day(year: year, month: (month - 1) / 3 * 3 + 1, day: 1)
            case .year: Day(year: year, month: 1, day: 1)
            }
        return first ?? self
    }

    /// The first day of the period `count` after (or, negative, before) the one that the day lies in.
    func advanced(_ count: Int, _ unit: TimeUnit) -> Day {
        let first = start(of: unit)
        switch unit {
        case .hour, .day, .weekday: return first.adding(days: Int64(count))
        case .week: return first.adding(days: Int64(count) * 7)
        case .month, .quarter, .year:
            let months = first.year * 12 + first.month - 1 + count * (unit == .month ? 1 : unit == .quarter ? 3 : 12)
            return Day(year: months / 12, month: months % 12 + 1, day: 1) ?? first
        }
    }
}

/// What time is cut into. `weekday` is the day of the week, over all weeks.
enum TimeUnit: String, Sendable, CaseIterable {
    case hour, day, week, month, quarter, year, weekday
}

extension Int {
    /// A number of ASCII digits and nothing else.
    init?(digits: some Collection<UInt8>) {
        guard !digits.isEmpty, digits.count <= 15 else { return nil }
        var value = 0
        for byte in digits {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        self = value
    }
}

/// `value` in decimal with zeros before it.
func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
