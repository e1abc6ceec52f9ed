import Databases
import JSON

/// Turns the rows of a planned query into an answer.
enum AnswerWriter {
    static func answer(_ plan: QueryPlan, _ result: QueryResult, prompt: String) -> Answer {
        var table = ResultTable(result)
        if plan.shape != .list { table.readDecimals() }
        table.identifiers = Set(plan.groups + plan.names)
        var answer = Answer(title: title(plan), headline: "", table: table)
        answer.main = plan.sql
        answer.interpretation = plan.interpretation
        if !plan.filters.isEmpty {
            answer.interpretation.insert("Only where " + plan.filters.joined(separator: ", and ") + ".", at: 0)
        }
        guard !result.rows.isEmpty else {
            answer.headline =
                "**Nothing matches.** No row"
                + (plan.filters.isEmpty ? " is there." : " is left where \(plan.filters.joined(separator: ", and ")).")
                + coverage(plan)
            return answer
        }
        switch plan.shape {
        case .figure: figure(plan, table, &answer)
        case .ranking(let isDescending): ranking(plan, table, isDescending, &answer)
        case .groups: groups(plan, table, &answer)
        case .series(let unit): series(plan, table, unit, &answer)
        case .list: list(plan, table, &answer)
        }
        return answer
    }

    static func title(_ plan: QueryPlan) -> String {
        switch plan.shape {
        case .list: capitalized(plan.measure)
        case .ranking(let isDescending):
            "\(isDescending ? "Top" : "Bottom") \(plan.groups.first ?? "") by \(plan.measure)"
        default:
            capitalized(plan.measure) + (plan.groups.isEmpty ? "" : " by " + plan.groups.joined(separator: " and "))
        }
    }

    private static func coverage(_ plan: QueryPlan) -> String {
        guard let first = plan.time?.first, let last = plan.time?.last else { return "" }
        return " The data runs from \(first.iso) to \(last.iso)."
    }

    private static func figure(_ plan: QueryPlan, _ table: ResultTable, _ answer: inout Answer) {
        guard let cell = table.rows.first?.first, !cell.isNull else {
            answer.headline = "**No \(plan.measure)**: no row is left to work it out from." + coverage(plan)
            return
        }
        answer.headline = "**\(capitalized(plan.measure)): \(table.text(0, 0))**"
        if cell == 0 { answer.headline += coverage(plan) }
    }

    private static func ranking(_ plan: QueryPlan, _ table: ResultTable, _ isDescending: Bool, _ answer: inout Answer) {
        let value = table.columns.count - 1
        let name = label(table, 0, plan)
        answer.headline =
            "**\(name)** has the \(isDescending ? "highest" : "lowest") \(plan.measure): **\(table.text(0, value))**."
        if table.rows.count > 1 {
            answer.headline +=
                " Next: "
                + table.rows.indices.dropFirst().prefix(2)
                .map { "\(label(table, $0, plan)) (\(table.text($0, value)))" }.joined(separator: ", ") + "."
        }
        answer.chart = barChart(plan, table)
    }

    private static func groups(_ plan: QueryPlan, _ table: ResultTable, _ answer: inout Answer) {
        let value = table.columns.count - 1
        let known = table.rows.indices.filter { table.rows[$0][value].doubleValue != nil }
        let ordered = known.sorted {
            (table.rows[$0][value].doubleValue ?? 0, $1) > (table.rows[$1][value].doubleValue ?? 0, $0)
        }
        guard let best = ordered.first, let worst = ordered.last else {
            answer.headline = "**No \(plan.measure)** in any of \(table.rows.count) groups."
            return
        }
        answer.headline =
            "**\(capitalized(plan.measure)) by \(plan.groups.joined(separator: " and "))**: highest for "
            + "**\(label(table, best, plan))** (\(table.text(best, value)))"
        if worst != best {
            answer.headline += ", lowest for \(label(table, worst, plan)) (\(table.text(worst, value)))"
        }
        answer.headline += "; \(table.rows.count)\(table.isTruncated ? " or more" : "") groups"
        if plan.isAdditive, !table.isTruncated {
            let total = table.numbers(value).reduce(0, +)
            let decimals = NumberText.decimals(for: table.numbers(value) + [total])
            answer.headline += ", together \(NumberText.grouped(total, decimals: decimals))"
        }
        answer.headline += "."
        answer.chart = barChart(plan, table)
    }

    static func addShares(to answer: inout Answer) {
        guard var table = answer.table, table.columns.count > 1, !table.isTruncated else { return }
        let column = table.columns.count - 1
        let total = table.numbers(column).reduce(0, +)
        guard total > 0 else { return }
        table.columns.append("share in %")
        for row in table.rows.indices {
            let share = (table.rows[row][column].doubleValue ?? 0) / total * 100
            table.rows[row].append(.double((share * 100).rounded() / 100))
        }
        answer.table = table
    }

    private static func list(_ plan: QueryPlan, _ table: ResultTable, _ answer: inout Answer) {
        let count = "\(table.rows.count)\(table.isTruncated ? " or more" : "")"
        let condition = plan.filters.isEmpty ? "" : " where \(plan.filters.joined(separator: ", and "))"
        answer.headline = "**\(count) \(plan.measure)**\(condition)"
        let places = plan.names.compactMap { table.columns.firstIndex(of: $0) }
        func name(_ row: Int) -> String {
            places.map { ResultTable.plain(table.rows[row][$0]) }.joined(separator: " ")
        }
        if let orderedBy = plan.orderedBy, let column = table.columns.firstIndex(of: orderedBy), !places.isEmpty {
            answer.headline = "**\(name(0))** comes first (\(orderedBy) \(table.text(0, column)))" + condition
        } else if !places.isEmpty, table.rows.count <= 10 {
            answer.headline += ": " + table.rows.indices.map(name).joined(separator: "; ")
        }
        answer.headline += "."
    }

    private static func label(_ table: ResultTable, _ row: Int, _ plan: QueryPlan) -> String {
        table.columns.indices.dropLast().map { column in
            column == 0 && plan.timeGroup == .weekday ? weekday(table.text(row, column)) : table.text(row, column)
        }.joined(separator: ", ")
    }

    static func weekday(_ number: String) -> String {
        [
            "1": "Monday", "2": "Tuesday", "3": "Wednesday", "4": "Thursday", "5": "Friday", "6": "Saturday",
            "7": "Sunday",
        ][number] ?? number
    }

    static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    private static func barChart(_ plan: QueryPlan, _ table: ResultTable) -> String? {
        let value = table.columns.count - 1
        let points = table.rows.indices.compactMap { row -> Charts.Point? in
            table.rows[row][value].doubleValue.map {
                Charts.Point(label: label(table, row, plan), value: $0, isPartial: false)
            }
        }
        guard points.count > 1, plan.groups.count == 1 else { return nil }
        let subtitle = points.count > 25 ? "the first 25 of \(points.count)" : plan.filters.joined(separator: ", ")
        return Charts.bars(
            title: title(plan), subtitle: subtitle, xTitle: capitalized(plan.measure), Array(points.prefix(25)))
    }
}
