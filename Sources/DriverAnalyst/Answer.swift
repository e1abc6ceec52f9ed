/// What an analysis found, before it is written down.
struct Answer: Sendable {
    struct Section: Sendable {
        let title: String
        let text: String
    }

    var title: String
    /// The answer itself, in a sentence or two of Markdown.
    var headline: String
    var table: ResultTable?
    var sections: [Section] = []
    /// How the question was read.
    var interpretation: [String] = []
    var chart: String?
    /// Said before everything else: words not understood, corrections.
    var cautions: [String] = []
    /// What memory knew of it before, as a list.
    var known: String?

    static let rowsShown = 10

    /// The message for the conversation: the answer first, a small table, what was assumed, what was run and written.
    func message(statements: [String], files: [String]) -> String {
        var parts = cautions.map { "> \($0)" }
        parts.append(headline)
        if let table, table.rows.count > 0, table.rows.count > 1 || table.columns.count > 1 {
            parts.append(table.markdown(rowsMax: Self.rowsShown) + rest(of: table, files))
        }
        parts += sections.prefix(2).map { "**\($0.title)**\n\n\($0.text)" }
        if let known { parts.append("Known from before:\n\n\(known)") }
        if !interpretation.isEmpty { parts.append("How the question was read:\n\n" + bullets(interpretation)) }
        if let last = statements.last {
            let earlier = statements.count > 1 ? " (of \(statements.count) statements; all are in the steps)" : ""
            parts.append("SQL\(earlier):\n\n```sql\n\(mainStatement(statements) ?? last)\n```")
        }
        if !files.isEmpty { parts.append("Files: " + files.map { "`\($0)`" }.joined(separator: ", ")) }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// The statement that the answer rests on, where a later one only adds to it.
    var main: String?

    func mainStatement(_ statements: [String]) -> String? { main ?? statements.last }

    private func rest(of table: ResultTable, _ files: [String]) -> String {
        guard table.rows.count > Self.rowsShown else { return "" }
        let place = files.first { $0.hasSuffix(".csv") }.map { " all are in `\($0)`." } ?? ""
        return "\n\n\(Self.rowsShown) of \(table.rows.count)\(table.isTruncated ? " or more" : "") rows;"
            + (place.isEmpty ? "" : place)
    }

    /// The report: the same at length, with every statement.
    func report(prompt: String, database: String, statements: [String], files: [String]) -> String {
        var parts = ["# \(title)", "Question: \(prompt)"]
        if !database.isEmpty { parts.append("Database: \(database)") }
        parts += cautions.map { "> \($0)" }
        parts.append(headline)
        if let chart = files.first(where: { $0.hasSuffix(".svg") }) { parts.append("![\(title)](\(chart))") }
        parts += sections.map { "## \($0.title)\n\n\($0.text)" }
        if let table, !table.rows.isEmpty {
            let more =
                table.rows.count > 100
                ? "\n\nThe first 100 of \(table.rows.count) rows; the CSV file has them all." : ""
            parts.append("## Result\n\n" + table.markdown(rowsMax: 100) + more)
        }
        if let known { parts.append("## Known from before\n\n" + known) }
        if !interpretation.isEmpty { parts.append("## How the question was read\n\n" + bullets(interpretation)) }
        if !statements.isEmpty {
            parts.append("## SQL\n\n" + statements.map { "```sql\n\($0)\n```" }.joined(separator: "\n\n"))
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private func bullets(_ lines: [String]) -> String { lines.map { "- \($0)" }.joined(separator: "\n") }
}
