import JSON

/// What tables there are and how they hang together.
enum SchemaAnswer {
    static func answer(_ catalog: Catalog, _ edges: [JoinGraph.Edge]) -> Answer {
        let rows = catalog.tables.map { table -> [JSON] in
            let count = table.isCountExact ? JSON.int(Int64(table.rowCount)) : .string("over \(table.rowCount)")
            return [
                .string(table.name), count, .int(Int64(table.columns.count)),
                .string(table.columns.map(\.name).joined(separator: ", ")),
            ]
        }
        var answer = Answer(
            title: "Tables of the database", headline: "**\(catalog.tables.count) tables.**",
            table: ResultTable(columns: ["table", "rows", "columns", "names"], rows: rows))
        if !edges.isEmpty {
            answer.sections.append(
                Answer.Section(title: "Keys", text: edges.map { "- " + words($0, catalog) }.joined(separator: "\n")))
        }
        return answer
    }

    static func words(_ edge: JoinGraph.Edge, _ catalog: Catalog) -> String {
        let from = edge.fromColumns.map { catalog.name(ColumnRef(table: edge.from, column: $0)) }.joined(
            separator: ", ")
        let to = edge.toColumns.map { catalog.name(ColumnRef(table: edge.to, column: $0)) }.joined(separator: ", ")
        return "\(from) → \(to)" + (edge.isDeclared ? "" : " (inferred)")
    }
}
