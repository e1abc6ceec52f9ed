import Databases
import JSON

extension AnswerWriter {
    /// A figure over time: change between whole periods, best and worst, direction, chart.
    static func series(_ plan: QueryPlan, _ table: ResultTable, _ unit: TimeUnit, _ answer: inout Answer) {
        guard plan.groups.count == 1, unit != .weekday else { return several(plan, table, unit, &answer) }
        let values = table.rows.map { (label: ResultTable.plain($0[0]), value: $0[1].doubleValue) }
        // A filter on time cuts periods off at its own edges: the data's first and last day say nothing then.
        let trend = TrendSummary(unit, values, time: plan.time, isAdditive: plan.isAdditive)
        guard let first = trend.whole.first, let last = trend.whole.last, let best = trend.best, let worst = trend.worst
        else {
            answer.headline = "**\(capitalized(plan.measure)) by \(unit.rawValue)**: too little data for a trend."
            return
        }
        let decimals = NumberText.decimals(for: trend.periods.map(\.value))
        func text(_ value: Double) -> String { NumberText.grouped(value, decimals: decimals) }
        answer.table = seriesTable(plan, trend)
        answer.headline = headline(plan, trend, first, last, text)
        answer.headline +=
            " Best \(unit.rawValue): **\(best.label)** (\(text(best.value))); worst: **\(worst.label)** "
            + "(\(text(worst.value)))."
        var facts = ["Whole \(unit.rawValue)s: \(trend.whole.count), from \(first.label) to \(last.label)."]
        if let average = trend.average { facts.append("Average per \(unit.rawValue): \(text(average)).") }
        if let slope = trend.slope {
            facts.append(
                "The line of best fit changes by "
                    + "\(slope >= 0 ? "+" : "")\(NumberText.grouped(slope, decimals: decimals)) per \(unit.rawValue)."
            )
        }
        facts += trend.periods.filter(\.isPartial).map { partial in
            "\(partial.label) is covered in part (\(text(partial.value)))"
                + (trend.leavesOutPartial ? " and is left out of change, best and worst: the data " : ": the data ")
                + (partial.start == trend.periods.first?.start
                    ? "begins on \(plan.time?.first?.iso ?? "")" : "ends on \(plan.time?.last?.iso ?? "")") + "."
        }
        facts += years(trend, plan, text)
        answer.sections.append(Answer.Section(title: "Trend", text: facts.map { "- \($0)" }.joined(separator: "\n")))
        answer.chart = chart(plan, trend, unit)
    }

    private static func headline(
        _ plan: QueryPlan, _ trend: TrendSummary, _ first: TrendSummary.Period, _ last: TrendSummary.Period,
        _ text: (Double) -> String
    ) -> String {
        let name = capitalized(plan.measure)
        guard first.label != last.label else { return "**\(name) in \(first.label): \(text(first.value)).**" }
        let verb = last.value > first.value ? "rose" : last.value < first.value ? "fell" : "went"
        let change = trend.change.map { " (\(NumberText.percent($0)))" } ?? ""
        let span = "from \(text(first.value)) in \(first.label) to \(text(last.value)) in \(last.label)\(change)"
        return
            "**\(name) \(verb) \(span)**, the first and the last "
            + "\(trend.leavesOutPartial ? "whole " : "")\(trend.unit.rawValue)."
    }

    private static func seriesTable(_ plan: QueryPlan, _ trend: TrendSummary) -> ResultTable {
        var rows: [[JSON]] = []
        var before: Double?
        for period in trend.periods {
            let change = before.flatMap { $0 == 0 ? nil : ((period.value - $0) / abs($0) * 1000).rounded() / 10 }
            rows.append([
                .string(period.label), number(period.value), change.map { .double($0) } ?? .null,
                .string(period.isPartial ? "partial" : ""),
            ])
            before = period.value
        }
        let isPartial = trend.periods.contains(where: \.isPartial)
        let columns = [trend.unit.rawValue, plan.measure, "change in %"] + (isPartial ? ["note"] : [])
        return ResultTable(columns: columns, rows: isPartial ? rows : rows.map { Array($0.dropLast()) })
    }

    private static func number(_ value: Double) -> JSON {
        if let whole = Int64(exactly: value) { return .int(whole) }
        return .double((value * 1e6).rounded() / 1e6)
    }

    /// Totals by year, of sums by month or shorter that span several years.
    private static func years(_ trend: TrendSummary, _ plan: QueryPlan, _ text: (Double) -> String) -> [String] {
        guard plan.isAdditive, trend.unit == .month || trend.unit == .quarter || trend.unit == .week else { return [] }
        let years = trend.periods.map(\.start.year).uniqued()
        guard years.count > 1, years.count <= 12 else { return [] }
        let totals = years.map { year in
            "\(year): \(text(trend.periods.filter { $0.start.year == year }.reduce(0) { $0 + $1.value }))"
        }
        return ["By year: " + totals.joined(separator: "; ") + "."]
    }

    private static func chart(_ plan: QueryPlan, _ trend: TrendSummary, _ unit: TimeUnit) -> String? {
        guard trend.periods.count > 1 else { return nil }
        let points = trend.periods.suffix(400).map {
            Charts.Point(label: $0.label, value: $0.value, isPartial: $0.isPartial)
        }
        var subtitle = "by \(unit.rawValue)"
        if trend.periods.contains(where: \.isPartial) {
            subtitle += "; hollow points: \(unit.rawValue)s covered in part"
        }
        if !plan.filters.isEmpty { subtitle += "; " + plan.filters.joined(separator: ", ") }
        return Charts.line(
            title: title(plan), subtitle: subtitle, xTitle: capitalized(unit.rawValue),
            yTitle: capitalized(plan.measure), Array(points))
    }

    /// Periods with a further group, or weekdays: no trend, just where the figure is highest.
    private static func several(_ plan: QueryPlan, _ table: ResultTable, _ unit: TimeUnit, _ answer: inout Answer) {
        let value = table.columns.count - 1
        var shown = table
        if unit == .weekday {
            for row in shown.rows.indices {
                shown.rows[row][0] = .string(weekday(ResultTable.plain(shown.rows[row][0])))
            }
        }
        answer.table = shown
        let known = shown.rows.indices.filter { shown.rows[$0][value].doubleValue != nil }
        guard
            let best = known.max(by: {
                (shown.rows[$0][value].doubleValue ?? 0, $1) < (shown.rows[$1][value].doubleValue ?? 0, $0)
            })
        else {
            answer.headline = "**No \(plan.measure)** in any period."
            return
        }
        let name = shown.columns.indices.dropLast().map { shown.text(best, $0) }.joined(separator: ", ")
        answer.headline =
            "**\(capitalized(plan.measure)) by \(plan.groups.joined(separator: " and "))**: highest in **\(name)** "
            + "(\(shown.text(best, value))); \(shown.rows.count) rows."
    }
}
