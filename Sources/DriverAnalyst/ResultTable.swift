import AgentModel
import Databases
import JSON

/// Rows of a result with how to show them.
struct ResultTable: Sendable {
    var columns: [String]
    var rows: [[JSON]]
    var isTruncated = false
    /// Columns whose numbers only name something and are shown as they are.
    var identifiers: Set<String> = []

    init(columns: [String], rows: [[JSON]], isTruncated: Bool = false) {
        self.columns = columns
        self.rows = rows
        self.isTruncated = isTruncated
    }

    init(_ result: QueryResult) {
        self.init(columns: result.columns, rows: result.rows, isTruncated: result.isTruncated)
    }

    /// Makes numbers of the last column's texts: some databases give sums of decimals as text.
    mutating func readDecimals() {
        for row in rows.indices {
            guard let last = rows[row].indices.last, rows[row][last].doubleValue == nil else { continue }
            if let number = rows[row][last].number { rows[row][last] = .double(number) }
        }
    }

    /// The numbers of a column; what is none is left out.
    func numbers(_ column: Int) -> [Double] {
        rows.compactMap { $0.indices.contains(column) ? $0[column].doubleValue : nil }
    }

    /// A cell for people. Numbers of one column have the same decimals; keys and years have no separators.
    func text(_ row: Int, _ column: Int) -> String {
        guard rows.indices.contains(row), rows[row].indices.contains(column) else { return "" }
        let value = rows[row][column]
        guard let number = value.doubleValue else { return Self.plain(value) }
        if identifiers.contains(columns[column]) || Self.isIdentifier(columns[column]) {
            return NumberText.plain(number)
        }
        if columns[column].hasSuffix("%") { return NumberText.grouped(number, decimals: 1) }
        return NumberText.grouped(number, decimals: NumberText.decimals(for: numbers(column)))
    }

    private static func isIdentifier(_ title: String) -> Bool {
        let lower = title.lowercased()
        return lower == "id" || title.hasSuffix("ID") || title.hasSuffix("Id") || lower.hasSuffix("_id")
            || lower.contains("year")
            || lower.hasSuffix("code") || lower.hasSuffix("_nr") || lower.hasSuffix("no")
    }

    static func plain(_ value: JSON) -> String {
        switch value {
        case .null: "(none)"
        case .bool(let flag): flag ? "yes" : "no"
        case .int(let number): String(number)
        case .double(let number): NumberText.plain(number)
        case .string(let text): text
        case .array, .object: "(binary)"
        }
    }

    /// A table in Markdown of at most so many rows.
    func markdown(rowsMax: Int) -> String {
        let isNumber = columns.indices.map { column in
            !rows.isEmpty
                && rows.allSatisfy {
                    $0.indices.contains(column) && ($0[column].doubleValue != nil || $0[column].isNull)
                }
        }
        var lines = ["| " + columns.map(Self.escaped).joined(separator: " | ") + " |"]
        lines.append("|" + isNumber.map { $0 ? "---:" : "---" }.joined(separator: "|") + "|")
        for row in rows.indices.prefix(rowsMax) {
            lines.append("| " + columns.indices.map { Self.escaped(text(row, $0)) }.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n")
    }

    private static func escaped(_ text: String) -> String {
        var cell = ""
        for scalar in text.unicodeScalars.prefix(120) {
            switch scalar {
            case "|": cell += "\\|"
            case "\n", "\r", "\t": cell += " "
            default: cell.unicodeScalars.append(scalar)
            }
        }
        return text.unicodeScalars.count > 120 ? cell + "…" : cell
    }

    /// All rows as CSV (RFC 4180, but with `\n`): numbers without separators, null as nothing.
    var csv: String {
        var text = columns.map(Self.csvField).joined(separator: ",") + "\n"
        for row in rows {
            text += row.map { $0.isNull ? "" : Self.csvField(Self.csvValue($0)) }.joined(separator: ",") + "\n"
        }
        return text
    }

    private static func csvValue(_ value: JSON) -> String {
        if case .double(let number) = value { NumberText.plain(number) } else { plain(value) }
    }

    private static func csvField(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 44 || $0 == 34 || $0 == 10 || $0 == 13 }) else { return text }
        return "\"" + text.split("\"").joined(separator: "\"\"") + "\""
    }
}
