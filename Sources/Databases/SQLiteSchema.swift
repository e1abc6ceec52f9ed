import CSQLite
import JSON

extension SQLiteDatabase {
    package func tables() throws(DatabaseError) -> [TableSchema] {
        let limits = QueryLimits(rows: 100_000, bytes: 64 << 20, milliseconds: 10_000)
        let listed = try query(
            """
            SELECT name, type FROM pragma_table_list
            WHERE schema = 'main' AND type IN ('table', 'view', 'virtual') AND name NOT LIKE 'sqlite^_%' ESCAPE '^'
            ORDER BY name
            """, [], limits)
        var tables: [TableSchema] = []
        for row in listed.rows {
            guard let name = row[0].stringValue else { continue }
            tables.append(
                TableSchema(
                    name: name, isView: row[1] == "view", columns: columns(of: name, limits),
                    foreignKeys: try foreignKeys(of: name, limits)))
        }
        let primaryKeys = Dictionary(
            tables.map { ($0.name.lowercased(), $0.primaryKey) }, uniquingKeysWith: { first, _ in first })
        for table in tables.indices {
            for key in tables[table].foreignKeys.indices where tables[table].foreignKeys[key].targetColumns.isEmpty {
                // A key that names no columns means the other table's primary key.
                let target = tables[table].foreignKeys[key].table.lowercased()
                tables[table].foreignKeys[key].targetColumns = primaryKeys[target] ?? []
            }
        }
        return tables
    }

    /// None for a view that no longer compiles and for a table whose module is not there: the rest can still be used.
    private func columns(of table: String, _ limits: QueryLimits) -> [TableSchema.Column] {
        let sql = "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid"
        guard let result = try? query(sql, [.string(table)], limits) else { return [] }
        return result.rows.filter { $0[4] != 1 }.compactMap { row in
            guard let name = row[0].stringValue else { return nil }
            let place = row[3].intValue ?? 0
            return TableSchema.Column(
                name: name, type: row[1].stringValue ?? "", isNullable: row[2] == 0 && place == 0,
                primaryKeyPlace: place)
        }
    }

    private func foreignKeys(
        of table: String, _ limits: QueryLimits
    ) throws(DatabaseError) -> [TableSchema.ForeignKey] {
        let sql = "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq"
        var keys: [(id: JSON, key: TableSchema.ForeignKey)] = []
        for row in try query(sql, [.string(table)], limits).rows {
            guard let target = row[1].stringValue, let column = row[2].stringValue else { continue }
            if keys.last?.id != row[0] {
                keys.append((row[0], TableSchema.ForeignKey(columns: [], table: target, targetColumns: [])))
            }
            keys[keys.count - 1].key.columns.append(column)
            if let targetColumn = row[3].stringValue { keys[keys.count - 1].key.targetColumns.append(targetColumn) }
        }
        return keys.map(\.key)
    }
}

extension SQLiteDatabase: DescribedDatabase {
    var engineVersion: String { "SQLite " + String(cString: sqlite3_libversion()) }

    /// What `ANALYZE` found, else the highest rowid, which counts deleted rows too.
    func estimatedRowCount(of table: TableSchema) -> Int? {
        let limits = QueryLimits(rows: 100, milliseconds: 1000)
        let analysed = try? query(
            "SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = ?", [.string(table.name)], limits)
        if let count = analysed?.rows.first?.first?.intValue { return count }
        let highest = try? query("SELECT max(rowid) FROM \(quoted(table.name))", [], limits)
        return table.isView ? nil : highest?.rows.first?.first?.intValue
    }
}

extension TableSchema {
    var primaryKey: [String] {
        columns.filter { $0.primaryKeyPlace > 0 }.sorted { $0.primaryKeyPlace < $1.primaryKeyPlace }.map(\.name)
    }
}
