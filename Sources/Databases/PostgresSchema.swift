import JSON

/// Tables, columns and keys from the system catalog (the manual's chapter on system catalogs), as far as the user may
/// read them.
enum PostgresSchema {
    static func tables(
        on connection: PostgresConnection, _ deadline: UInt64
    ) throws(DatabaseError) -> [TableSchema] {
        var tables: [TableSchema] = []
        var places: [String: Int] = [:]
        for row in try connection.execute(columns, [], deadline).rows {
            guard let id = row[0].stringValue, let namespace = row[1].stringValue, let name = row[2].stringValue else {
                continue
            }
            let place = places[id] ?? tables.count
            if place == tables.count {
                places[id] = place
                tables.append(
                    TableSchema(
                        namespace: namespace == "public" ? nil : namespace, name: name, isView: row[3] == true,
                        columns: [], foreignKeys: []))
            }
            guard let column = row[4].stringValue else { continue }
            tables[place].columns.append(
                TableSchema.Column(
                    name: column, type: row[5].stringValue ?? "", isNullable: row[6] != true,
                    primaryKeyPlace: row[7].intValue ?? 0))
        }
        try addForeignKeys(to: &tables, places, on: connection, deadline)
        return tables
    }

    private static func addForeignKeys(
        to tables: inout [TableSchema], _ places: [String: Int], on connection: PostgresConnection, _ deadline: UInt64
    ) throws(DatabaseError) {
        var last: JSON?
        for row in try connection.execute(foreignKeys, [], deadline).rows {
            guard let id = row[1].stringValue, let place = places[id], let namespace = row[2].stringValue,
                let target = row[3].stringValue, let column = row[4].stringValue, let other = row[5].stringValue
            else { continue }
            if row[0] != last {
                let name = namespace == "public" ? target : "\(namespace).\(target)"
                tables[place].foreignKeys.append(
                    TableSchema.ForeignKey(columns: [], table: name, targetColumns: []))
            }
            last = row[0]
            let key = tables[place].foreignKeys.count - 1
            tables[place].foreignKeys[key].columns.append(column)
            tables[place].foreignKeys[key].targetColumns.append(other)
        }
    }

    /// Table id, namespace, name, whether it is a view, column, type, NOT NULL, place in the primary key.
    private static let columns = """
        SELECT c.oid::text, n.nspname, c.relname, c.relkind IN ('v', 'm'), a.attname,
            pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
            coalesce(pg_catalog.array_position(i.indkey::int2[], a.attnum) + 1, 0)
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
            AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
            AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
        ORDER BY n.nspname <> 'public', n.nspname, c.relname, a.attnum
        LIMIT 100000
        """

    /// Key id, table id, namespace and name of the other table, column, its counterpart.
    private static let foreignKeys = """
        SELECT k.oid::text, k.conrelid::text, n.nspname, c.relname, a.attname, b.attname
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.confrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey))
            WITH ORDINALITY AS u(own, other, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.own
        JOIN pg_catalog.pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = u.other
        WHERE k.contype = 'f' AND k.conparentid = 0
        ORDER BY k.conrelid, k.conname, k.oid, u.place
        LIMIT 100000
        """
}
