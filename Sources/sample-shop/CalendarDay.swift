/// A day of the Gregorian calendar, written `2024-02-29`.
struct CalendarDay: CustomStringConvertible {
    var year: Int
    var month: Int
    var day: Int

    func adding(_ days: Int) -> CalendarDay {
        var result = self
        for _ in 0..<days { result.advance() }
        return result
    }

    private mutating func advance() {
        day += 1
        guard day > daysInMonth else { return }
        day = 1
        month += 1
        guard month > 12 else { return }
        month = 1
        year += 1
    }

    private var daysInMonth: Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    var description: String {
        "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }
}
