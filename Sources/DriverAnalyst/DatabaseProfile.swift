import AgentModel
import Databases
import JSON

/// What is in each table and column: types, nulls, different values, ranges, outliers, and keys that lead nowhere.
struct DatabaseProfile {
    /// Tables up to this many rows are profiled whole by the database; of larger ones the sample.
    static let rowsMax = 200_000

    let analyst: Analyst
    let steps: AnalystSteps
    let catalog: Catalog
    let edges: [JoinGraph.Edge]

    private struct Finding { let weight: Int; let text: String }

    func run(only chosen: [Int]) throws(AnalystSteps.Failure) -> RunOutcome {
        let tables = chosen.isEmpty ? Array(catalog.tables.indices) : chosen.uniqued()
        let keys = edges.filter { tables.contains($0.from) }
        steps.expect(tables.count + keys.count)
        if analyst.task.planOnly {
            return analyst.end(
                "Plan only: I would profile \(tables.count) tables and check \(keys.count) keys, one statement each.\n",
                steps: steps.count)
        }
        var rows: [[JSON]] = []
        var findings: [Finding] = []
        var sections: [Answer.Section] = []
        for table in tables {
            let columns = try profile(table)
            rows += columns
            findings += Self.findings(catalog.tables[table], columns)
            sections.append(Answer.Section(title: catalog.tables[table].name, text: tableText(table, columns)))
        }
        findings += try orphans(keys)
        return analyst.finish(answer(tables, rows, findings, sections), steps)
    }

    private func answer(_ tables: [Int], _ rows: [[JSON]], _ findings: [Finding], _ sections: [Answer.Section])
        -> Answer
    {
        let total = tables.reduce(0) { $0 + catalog.tables[$1].rowCount }
        let sorted = findings.enumerated().sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
            .map(\.element.text)
        let sizes = tables.map { table -> String in
            let entry = catalog.tables[table]
            let rows = (entry.isCountExact ? "" : "over ") + NumberText.grouped(Double(entry.rowCount), decimals: 0)
            return "- \(entry.name): \(rows) rows, \(entry.columns.count) columns"
        }
        var answer = Answer(
            title: "Profile of the database",
            headline:
                "**\(tables.count) tables, \(NumberText.grouped(Double(total), decimals: 0)) rows, \(rows.count) "
                + "columns; \(findings.count) findings.**\n\n"
                + sizes.joined(separator: "\n"),
            table: ResultTable(columns: Self.columns, rows: rows))
        answer.sections = [
            Answer.Section(
                title: "Findings", text: sorted.isEmpty ? "None." : sorted.map { "- \($0)" }.joined(separator: "\n"))
        ]
        answer.sections.append(
            Answer.Section(
                title: "Keys",
                text: edges.isEmpty
                    ? "None declared or inferred."
                    : edges.map { "- " + SchemaAnswer.words($0, catalog) }.joined(separator: "\n")))
        answer.sections += sections
        answer.interpretation = [
            "Outliers are numbers more than 1.5 interquartile ranges beyond the quartiles.",
            "Tables of more than \(NumberText.grouped(Double(Self.rowsMax), decimals: 0)) rows are profiled from a "
                + "sample spread over them.",
        ]
        return answer
    }

    private static let columns = [
        "table", "column", "type", "role", "rows", "nulls", "distinct", "min", "max", "average", "outliers",
    ]

    // MARK: Columns

    /// One row per column, as in `columns`.
    private func profile(_ table: Int) throws(AnalystSteps.Failure) -> [[JSON]] {
        let entry = catalog.tables[table]
        let isWhole = entry.isCountExact && entry.rowCount <= Self.rowsMax
        let exact = isWhole ? try exactValues(table) : nil
        return entry.columns.indices.map { place in
            let column = entry.columns[place]
            let sample = column.statistics
            let fences = column.role == .measure ? sample.fences : nil
            let outliers = fences.map { fence in sample.numbers.count { $0 < fence.low || $0 > fence.high } }
            let values = exact?[place]
            return [
                .string(entry.name), .string(column.name),
                .string(column.declaredType.isEmpty ? sample.kind.rawValue : column.declaredType),
                .string(column.role.word), .int(Int64(isWhole ? entry.rowCount : sample.rows)),
                values?.nulls ?? .int(Int64(sample.nulls)), values?.distinct ?? .int(Int64(sample.distinct)),
                shown(values?.minimum ?? sample.minimum.map { .double($0) } ?? .null, column),
                shown(values?.maximum ?? sample.maximum.map { .double($0) } ?? .null, column),
                values?.average ?? .null, outliers.map { .int(Int64($0)) } ?? .null,
            ]
        }
    }

    private struct Exact { let nulls, distinct, minimum, maximum, average: JSON }

    private func exactValues(_ table: Int) throws(AnalystSteps.Failure) -> [Exact]? {
        let entry = catalog.tables[table]
        var items = ["COUNT(*)"]
        for column in entry.columns {
            let name = catalog.dialect.identifier(column.name)
            let isPlain = column.role != .binary && column.statistics.kind != .boolean
            items += ["COUNT(\(name))", isPlain ? "COUNT(DISTINCT \(name))" : "NULL"]
            items += isPlain && column.role != .empty ? ["MIN(\(name))", "MAX(\(name))"] : ["NULL", "NULL"]
            items.append(column.role == .measure && column.isNumeric ? "AVG(\(name))" : "NULL")
        }
        let sql =
            "SELECT " + items.joined(separator: ", ") + "\nFROM " + catalog.dialect.table(entry.namespace, entry.name)
        let row: [JSON]
        do throws(AnalystSteps.Failure) {
            row = try steps.run("Profile \(entry.name)", sql).rows.first ?? []
        } catch .database {
            // A type that cannot be compared: the sample is what there is.
            return nil
        }
        guard row.count == items.count, let total = row[0].intValue else { return nil }
        return entry.columns.indices.map { place in
            let start = 1 + place * 5
            let average = row[start + 4].number.map { JSON.double(($0 * 1e4).rounded() / 1e4) } ?? .null
            return Exact(
                nulls: .int(Int64(total - (row[start].intValue ?? 0))), distinct: row[start + 1],
                minimum: row[start + 2],
                maximum: row[start + 3], average: average)
        }
    }

    /// Long texts are cut; moments written as numbers are given as days.
    private func shown(_ value: JSON, _ column: CatalogColumn) -> JSON {
        if let encoding = column.encoding, value.stringValue == nil, let day = encoding.day(of: value),
            encoding != .year
        {
            return .string(day.iso)
        }
        if case .string(let text) = value, text.count > 40 { return .string(text.prefix(39) + "…") }
        return value
    }

    private func tableText(_ table: Int, _ columns: [[JSON]]) -> String {
        let shown = columns.map { Array($0[1...3]) + Array($0[5...]) }
        return ResultTable(columns: Array(Self.columns[1...3]) + Array(Self.columns[5...]), rows: shown).markdown(
            rowsMax: 200)
    }

    // MARK: Findings

    private static func findings(_ table: CatalogTable, _ columns: [[JSON]]) -> [Finding] {
        if table.rowCount == 0 { return [Finding(weight: 2, text: "\(table.name) is empty.")] }
        var findings: [Finding] = []
        for (column, row) in zip(table.columns, columns) {
            let name = "\(table.name).\(column.name)"
            let rows = row[4].intValue ?? 0
            let nulls = row[5].intValue ?? 0
            if nulls == rows {
                findings.append(Finding(weight: 2, text: "\(name) is null in every row."))
            } else if nulls * 5 > rows {
                findings.append(
                    Finding(
                        weight: 1,
                        text:
                            "\(name) is null in \(nulls) of \(rows) rows "
                            + "(\(NumberText.grouped(Double(nulls) / Double(rows) * 100, decimals: 0)) %)."
                    ))
            }
            if rows > 1, nulls == 0, row[6].intValue == 1 {
                findings.append(Finding(weight: 0, text: "\(name) has the same value in every row."))
            }
            if let outliers = row[10].intValue, outliers > 0, let fences = column.statistics.fences {
                let range =
                    "\(NumberText.plain((fences.low * 100).rounded() / 100)) to "
                    + "\(NumberText.plain((fences.high * 100).rounded() / 100))"
                let sample = table.isSampleWhole ? "" : " of the sample"
                findings.append(
                    Finding(
                        weight: 1,
                        text:
                            "\(name) has \(outliers) outliers\(sample) outside \(range); the largest value is "
                            + "\(NumberText.plain(column.statistics.maximum ?? 0))."
                    ))
            }
            if column.statistics.kind == .mixed {
                findings.append(Finding(weight: 2, text: "\(name) mixes numbers and text."))
            }
        }
        if table.key.isEmpty { findings.append(Finding(weight: 1, text: "\(table.name) has no key.")) }
        return findings
    }

    /// Keys whose rows on the other side are missing.
    private func orphans(_ keys: [JoinGraph.Edge]) throws(AnalystSteps.Failure) -> [Finding] {
        var findings: [Finding] = []
        for edge in keys {
            let child = catalog.tables[edge.from]
            let parent = catalog.tables[edge.to]
            guard child.rowCount > 0, child.rowCount <= Self.rowsMax * 5 else { continue }
            let dialect = catalog.dialect
            let equal = zip(edge.fromColumns, edge.toColumns).map {
                "p.\(dialect.identifier(parent.columns[$1].name)) = c.\(dialect.identifier(child.columns[$0].name))"
            }
            let filled = edge.fromColumns.map { "c.\(dialect.identifier(child.columns[$0].name)) IS NOT NULL" }
            let sql = """
                SELECT COUNT(*) FROM \(dialect.table(child.namespace, child.name)) c
                WHERE \(filled.joined(separator: " AND ")) AND NOT EXISTS (
                SELECT 1 FROM \(dialect.table(parent.namespace, parent.name)) p
                WHERE \(equal.joined(separator: " AND ")))
                """
            let words = SchemaAnswer.words(edge, catalog)
            let count = try steps.run("Check the key \(words)", sql).rows.first?.first?.intValue ?? 0
            if count > 0 {
                findings.append(Finding(weight: 3, text: "\(count) rows of \(child.name) lead nowhere by \(words)."))
            }
        }
        return findings
    }
}
