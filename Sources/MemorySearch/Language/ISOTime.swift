/// Reads moments as people and documents write them.
package enum ISOTime {
    /// The milliseconds since 1970-01-01T00:00:00Z of `YYYY-MM-DD`, or of it with `THH:MM[:SS[.fff]]` and `Z`,
    /// `+HH:MM` or nothing (UTC) after it; `nil` for anything else. Days of the civil calendar after Howard Hinnant's
    /// `chrono` algorithms.
    package static func milliseconds(_ text: String) -> Int64? {
        var scanner = Scanner(bytes: Array(text.utf8))
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), (1...12).contains(month), (1...days(of: month, in: year)).contains(day)
        else { return nil }
        let midnight = daysSince1970(year, month, day) * 86_400_000
        if scanner.isAtEnd { return midnight }
        guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "), let time = scanner.timeOfDay(),
            let zone = scanner.zone(), scanner.isAtEnd
        else { return nil }
        return midnight + time - zone
    }

    private static func days(of month: Int64, in year: Int64) -> Int64 {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private struct Scanner {
        let bytes: [UInt8]
        var place = 0

        var isAtEnd: Bool { place == bytes.count }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard place < bytes.count, UInt32(bytes[place]) == character.value else { return false }
            place += 1
            return true
        }

        mutating func number(_ digits: Int) -> Int64? {
            guard place + digits <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[place..<place + digits] {
                guard (48...57).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            place += digits
            return value
        }

        mutating func timeOfDay() -> Int64? {
            guard let hour = number(2), skip(":"), let minute = number(2), hour < 24, minute < 60 else { return nil }
            var milliseconds = (hour * 60 + minute) * 60_000
            guard skip(":") else { return milliseconds }
            guard let second = number(2), second < 61 else { return nil }
            milliseconds += second * 1_000
            guard skip(".") else { return milliseconds }
            guard let first = number(1) else { return nil }
            var fraction = first * 100
            for unit: Int64 in [10, 1] {
                guard let digit = number(1) else { break }
                fraction += digit * unit
            }
            while number(1) != nil {}
            return milliseconds + fraction
        }

        mutating func zone() -> Int64? {
            if isAtEnd || skip("Z") || skip("z") { return 0 }
            let sign: Int64 = skip("+") ? 1 : skip("-") ? -1 : 0
            guard sign != 0, let hour = number(2), hour < 24 else { return nil }
            _ = skip(":")
            guard let minute = number(2), minute < 60 else { return nil }
            return sign * (hour * 60 + minute) * 60_000
        }
    }
}
