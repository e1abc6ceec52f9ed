/// What a series of periods says: from where to where, best and worst, leaving out periods that the data covers in
/// part.
struct TrendSummary: Sendable {
    struct Period: Hashable, Sendable {
        let label: String
        let start: Day
        var value: Double
        var isPartial = false
    }

    let unit: TimeUnit
    private(set) var periods: [Period]

    /// - Parameters:
    ///   - values: labels as `SQLDialect.period` writes them, with their numbers; `nil` where there is none.
    ///   - time: the first and last day of the data and its pace.
    ///   - isAdditive: whether a period without rows is zero rather than unknown.
    init(_ unit: TimeUnit, _ values: [(label: String, value: Double?)], time: BoundTime?, isAdditive: Bool) {
        self.unit = unit
        var known: [Period] = []
        for (label, value) in values {
            guard let start = Self.start(of: label, unit), let value else { continue }
            known.append(Period(label: label, start: start, value: value))
        }
        periods = isAdditive ? Self.filled(known, unit) : known
        markPartial(time?.first, time?.last, pace: time?.pace)
    }

    /// The periods that are compared: those covered whole, or all where that leaves fewer than two.
    var whole: [Period] {
        let whole = periods.filter { !$0.isPartial }
        return whole.count < 2 ? periods : whole
    }
    var leavesOutPartial: Bool { whole.count < periods.count }
    var best: Period? { whole.max { ($0.value, $1.start) < ($1.value, $0.start) } }
    var worst: Period? { whole.min { ($0.value, $0.start) < ($1.value, $1.start) } }
    var average: Double? { whole.isEmpty ? nil : whole.reduce(0) { $0 + $1.value } / Double(whole.count) }

    /// The change from the first to the last whole period, as a share of the first.
    var change: Double? {
        guard let first = whole.first, let last = whole.last, whole.count > 1, first.value != 0 else { return nil }
        return (last.value - first.value) / abs(first.value)
    }

    /// The average change per period of the line that fits the whole periods best (least squares).
    var slope: Double? {
        let count = Double(whole.count)
        guard count > 2 else { return nil }
        let meanX = (count - 1) / 2
        let meanY = whole.reduce(0) { $0 + $1.value } / count
        var covariance = 0.0
        var variance = 0.0
        for (index, period) in whole.enumerated() {
            covariance += (Double(index) - meanX) * (period.value - meanY)
            variance += (Double(index) - meanX) * (Double(index) - meanX)
        }
        return variance > 0 ? covariance / variance : nil
    }

    /// The first day of a period by its label.
    static func start(of label: String, _ unit: TimeUnit) -> Day? {
        switch unit {
        case .hour, .day, .week: return Day(iso: label.prefix(10))
        case .month: return Day(iso: label + "-01")
        case .year: return Int(label).flatMap { Day(year: $0, month: 1, day: 1) }
        case .quarter:
            let parts = label.split(separator: "-")
            guard parts.count == 2, let year = Int(parts[0]), let quarter = Int(parts[1].dropFirst()) else {
                return nil
            }
            return Day(year: year, month: quarter * 3 - 2, day: 1)
        case .weekday: return Int(label).map { Day(number: Int64($0) + 3) }
        }
    }

    static func label(of day: Day, _ unit: TimeUnit) -> String {
        switch unit {
        case .hour, .day, .week, .weekday: day.iso
        case .month: String(day.iso.prefix(7))
        case .year: padded(day.year, 4)
        case .quarter: "\(padded(day.year, 4))-Q\((day.month - 1) / 3 + 1)"
        }
    }

    /// With the periods between that have no rows, as zeros.
    private static func filled(_ known: [Period], _ unit: TimeUnit) -> [Period] {
        guard unit != .hour, unit != .weekday, let first = known.first, let last = known.last else { return known }
        let byStart = Dictionary(known.map { ($0.start, $0) }, uniquingKeysWith: { first, _ in first })
        var filled: [Period] = []
        var day = first.start
        while day <= last.start, filled.count < 4000 {
            filled.append(byStart[day] ?? Period(label: label(of: day, unit), start: day, value: 0))
            day = day.advanced(1, unit)
        }
        return filled.count < 4000 ? filled : known
    }

    /// A first period is partial when the data begins later in it than its pace explains (twice the average distance
    /// of days with data), a last one when it ends earlier.
    private mutating func markPartial(_ first: Day?, _ last: Day?, pace: Double?) {
        guard unit != .hour, unit != .weekday, unit != .day, periods.count > 1 else { return }
        let slack = max(1, 2 * (pace ?? 1))
        if let first, Double(first.number - periods[0].start.number) > slack { periods[0].isPartial = true }
        let end = periods[periods.count - 1].start.advanced(1, unit)
        if let last, Double(end.number - 1 - last.number) > slack { periods[periods.count - 1].isPartial = true }
    }
}
