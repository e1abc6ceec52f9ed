package import JSON

/// What a worker answers, as one line of JSON.
package enum DatabaseReply: Hashable, Sendable {
    /// It could be opened and read: what the engine calls itself, and how many tables and views there are.
    case tested(engineVersion: String, tables: Int)
    case schema([TableOverview], isTruncated: Bool)
    case result(QueryResult)
    case failed(DatabaseError)

    package var json: JSON {
        switch self {
        case .tested(let version, let tables):
            return ["ok": true, "engine_version": .string(version), "tables": .int(Int64(tables))]
        case .schema(let tables, let isTruncated):
            return ["ok": true, "schema": .array(tables.map(\.json)), "truncated": .bool(isTruncated)]
        case .result(let result):
            var members: JSONObject = [
                "ok": true, "columns": .array(result.columns.map { .string($0) }),
                "rows": .array(result.rows.map { .array($0) }), "truncated": .bool(result.isTruncated),
            ]
            members["changes"] = result.changes.map { .int(Int64($0)) }
            return .object(members)
        case .failed(let error):
            var members: JSONObject = ["reason": .string(error.reason.rawValue), "message": .string(error.message)]
            members["position"] = error.position.map { .int(Int64($0)) }
            return ["ok": false, "error": .object(members)]
        }
    }

    /// `nil` when this is no reply, e.g. a torn line.
    package init?(_ json: JSON) {
        guard let isOK = json["ok"]?.boolValue else { return nil }
        let isTruncated = json["truncated"]?.boolValue ?? false
        if !isOK {
            guard let reason = json["error"]?["reason"]?.stringValue.flatMap(DatabaseError.Reason.init(rawValue:)),
                let message = json["error"]?["message"]?.stringValue
            else { return nil }
            self = .failed(DatabaseError(reason, message, position: json["error"]?["position"]?.intValue))
        } else if let version = json["engine_version"]?.stringValue, let tables = json["tables"]?.intValue {
            self = .tested(engineVersion: version, tables: tables)
        } else if let tables = json["schema"]?.arrayValue {
            self = .schema(tables.compactMap(TableOverview.init), isTruncated: isTruncated)
        } else if let columns = json["columns"]?.arrayValue, let rows = json["rows"]?.arrayValue {
            self = .result(
                QueryResult(
                    columns: columns.compactMap(\.stringValue), rows: rows.compactMap(\.arrayValue),
                    isTruncated: isTruncated, changes: json["changes"]?.intValue))
        } else {
            return nil
        }
    }
}

extension TableOverview {
    package var json: JSON {
        var members: JSONObject = [
            "name": .string(schema.name), "kind": schema.isView ? "view" : "table",
            "columns": .array(schema.columns.map(\.json)), "foreign_keys": .array(schema.foreignKeys.map(\.json)),
            "samples": .array(samples.map { .array($0) }),
        ]
        members["namespace"] = schema.namespace.map { .string($0) }
        members["row_count"] = rowCount.map { .int(Int64($0.rows)) }
        members["row_count_is_exact"] = rowCount.map { .bool($0.isExact) }
        return .object(members)
    }

    package init?(_ json: JSON) {
        guard let name = json["name"]?.stringValue, let columns = json["columns"]?.arrayValue else { return nil }
        let schema = TableSchema(
            namespace: json["namespace"]?.stringValue, name: name, isView: json["kind"] == "view",
            columns: columns.compactMap(TableSchema.Column.init),
            foreignKeys: json["foreign_keys"]?.arrayValue?.compactMap(TableSchema.ForeignKey.init) ?? [])
        let count = json["row_count"]?.intValue.map {
            RowCount(rows: $0, isExact: json["row_count_is_exact"]?.boolValue ?? false)
        }
        self.init(
            schema: schema, rowCount: count, samples: json["samples"]?.arrayValue?.compactMap(\.arrayValue) ?? [])
    }
}

extension TableSchema.Column {
    var json: JSON {
        [
            "name": .string(name), "type": .string(type), "nullable": .bool(isNullable),
            "primary_key_place": .int(Int64(primaryKeyPlace)),
        ]
    }

    init?(_ json: JSON) {
        guard let name = json["name"]?.stringValue else { return nil }
        self.init(
            name: name, type: json["type"]?.stringValue ?? "", isNullable: json["nullable"]?.boolValue ?? true,
            primaryKeyPlace: json["primary_key_place"]?.intValue ?? 0)
    }
}

extension TableSchema.ForeignKey {
    var json: JSON {
        [
            "columns": .array(columns.map { .string($0) }), "table": .string(table),
            "target_columns": .array(targetColumns.map { .string($0) }),
        ]
    }

    init?(_ json: JSON) {
        guard let columns = json["columns"]?.arrayValue, let table = json["table"]?.stringValue else { return nil }
        self.init(
            columns: columns.compactMap(\.stringValue), table: table,
            targetColumns: json["target_columns"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    }
}
