/// Rows in columns, the last of which gives way when a terminal is narrow.
struct TextTable {
    struct Cell {
        let text: String
        let style: Terminal.Style?

        init(_ text: String, _ style: Terminal.Style? = nil) {
            self.text = TextLayout.oneLine(text)
            self.style = style
        }
    }

    private let headings: [String]
    private let rightAligned: Set<Int>
    private let indent: String
    private var rows: [[Cell]] = []

    /// - Parameter headings: one a column; none at all for a table without.
    init(_ headings: [String] = [], rightAligned: Set<Int> = [], indent: Int = 0) {
        self.headings = headings
        self.rightAligned = rightAligned
        self.indent = String(repeating: " ", count: indent)
    }

    mutating func add(_ cells: [Cell]) { rows.append(cells) }
    mutating func add(_ texts: String...) { rows.append(texts.map { Cell($0) }) }

    func lines(for terminal: Terminal) -> [String] {
        let heading = headings.isEmpty ? [] : [headings.map { Cell($0, .dim) }]
        let all = heading + rows
        let count = all.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            all.compactMap { $0.indices.contains(column) ? TextLayout.width($0[column].text) : nil }.max() ?? 0
        }
        return all.map { line($0, widths, terminal) }
    }

    func print(on terminal: Terminal) {
        for line in lines(for: terminal) { terminal.say(line) }
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ terminal: Terminal) -> String {
        var line = indent
        var used = indent.count
        for (column, cell) in cells.enumerated() {
            let isLast = cells[(column + 1)...].allSatisfy(\.text.isEmpty)
            var text = cell.text
            if isLast, let columns = terminal.columns { text = TextLayout.cut(text, max(12, columns - used)) }
            let right = rightAligned.contains(column)
            let padded = isLast && !right ? text : TextLayout.padded(text, widths[column], right: right)
            line += terminal.styled(padded, cell.style)
            if isLast { break }
            line += "  "
            used += widths[column] + 2
        }
        return line
    }
}
