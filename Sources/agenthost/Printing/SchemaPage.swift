import HostProtocol
import JSON

/// A database on a page: each table with its columns, keys, rows and a few samples.
struct SchemaPage {
    let terminal: Terminal

    func print(_ schema: Wire.DatabaseSchema, of connection: Wire.Connection) {
        let views = schema.tables.count { $0.kind == .view }
        let counts = [
            Quantity.counted(schema.tables.count - views, "table"), views > 0 ? Quantity.counted(views, "view") : nil,
        ]
        terminal.say(
            ([connection.name, schema.dialect.rawValue] + counts.compactMap { $0 }).joined(separator: " · "), .bold)
        for table in schema.tables { print(table) }
        if schema.truncated { Terminal.note("a limit cut tables, counts or samples off") }
    }

    private func print(_ table: Wire.TableInfo) {
        terminal.say()
        let name = [table.namespace, table.name].compactMap { $0 }.joined(separator: ".")
        let notes = [table.kind == .view ? "view" : nil, table.rowCount.map { Quantity.counted($0, "row") }]
        let note = notes.compactMap { $0 }.joined(separator: ", ")
        terminal.say(
            terminal.styled(TextLayout.oneLine(name), .bold) + "  " + terminal.styled(note, .dim))
        var columns = TextTable(indent: 2)
        for column in table.columns {
            columns.add([.init(column.name), .init(column.type, .cyan), .init(remarks(on: column, table), .dim)])
        }
        columns.print(on: terminal)
        printSamples(table)
    }

    private func remarks(on column: Wire.ColumnInfo, _ table: Wire.TableInfo) -> String {
        var remarks: [String] = []
        if table.primaryKey.contains(column.name) { remarks.append("primary key") }
        for key in table.foreignKeys {
            guard let place = key.columns.firstIndex(of: column.name) else { continue }
            let target = key.targetColumns.indices.contains(place) ? ".\(key.targetColumns[place])" : ""
            remarks.append("→ \(key.table)\(target)")
        }
        if !column.nullable, !table.primaryKey.contains(column.name) { remarks.append("not null") }
        return remarks.joined(separator: ", ")
    }

    private func printSamples(_ table: Wire.TableInfo) {
        for row in table.samples ?? [] {
            let line = "    " + row.map { TextLayout.cut(value($0), 40) }.joined(separator: " | ")
            terminal.say(terminal.columns.map { TextLayout.cut(line, $0) } ?? line, .dim)
        }
    }

    private func value(_ json: JSON) -> String {
        if let bytes = json["blob_bytes"]?.intValue { return "<\(Quantity.bytes(bytes))>" }
        return json.isNull ? "NULL" : TextLayout.oneLine(json.stringValue ?? json.description)
    }
}
