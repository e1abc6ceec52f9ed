import AgentModel

/// Figures as people say them.
enum Quantity {
    /// `12,345`.
    static func count(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var grouped = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { grouped += "," }
            grouped.append(digit)
        }
        return (number < 0 ? "-" : "") + grouped
    }

    /// `1 row`, `12,345 rows`.
    static func counted(_ number: Int, _ noun: String) -> String {
        "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    static func bytes(_ bytes: Int) -> String {
        var (size, unit) = (Double(bytes), "bytes")
        for next in ["kB", "MB", "GB", "TB"] where size >= 1000 { (size, unit) = (size / 1000, next) }
        return unit == "bytes" ? counted(bytes, "byte") : "\(oneDecimal(size)) \(unit)"
    }

    /// `12 ms`, `3.4 s`, `2 min 5 s`, `3 h 20 min`.
    static func duration(milliseconds: Int) -> String {
        switch milliseconds {
        case ..<1000: "\(milliseconds) ms"
        case ..<60_000: "\(oneDecimal(Double(milliseconds) / 1000)) s"
        case ..<3_600_000: "\(milliseconds / 60_000) min \(milliseconds / 1000 % 60) s"
        default: "\(milliseconds / 3_600_000) h \(milliseconds / 60_000 % 60) min"
        }
    }

    /// How long ago something was: `now`, `5 min ago`, `3 days ago`; a date when it is long past.
    static func age(of time: String, now: Int64) -> String {
        guard let then = Timestamp(time) else { return time }
        let seconds = (now - then.milliseconds) / 1000
        switch seconds {
        case ..<5: return "now"
        case ..<60: return "\(seconds) s ago"
        case ..<3600: return "\(seconds / 60) min ago"
        case ..<86_400: return "\(seconds / 3600) h ago"
        case ..<(14 * 86_400): return "\(counted(Int(seconds / 86_400), "day")) ago"
        default: return String(time.prefix(10))
        }
    }

    /// `2026-03-02 09:00:15`, in UTC, of the wire's form.
    static func moment(_ time: String) -> String {
        String(time.prefix(19)).split(separator: "T").joined(separator: " ")
    }

    static func oneDecimal(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
