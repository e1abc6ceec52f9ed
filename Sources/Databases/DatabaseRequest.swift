package import JSON

/// What the host asks of a worker, as one line of JSON.
package struct DatabaseRequest: Hashable, Sendable {
    package enum Operation: Hashable, Sendable {
        /// Open it and look.
        case test
        case schema(OverviewRequest)
        case query(sql: String, parameters: [JSON])
    }

    package var target: DatabaseTarget
    package var operation: Operation
    package var limits: QueryLimits

    package init(_ operation: Operation, of target: DatabaseTarget, limits: QueryLimits = QueryLimits()) {
        self.operation = operation
        self.target = target
        self.limits = limits
    }

    package var json: JSON {
        var members: JSONObject = [
            "connection": target.json,
            "limits": [
                "rows": .int(Int64(limits.rows)), "bytes": .int(Int64(limits.bytes)),
                "milliseconds": .int(Int64(limits.milliseconds)),
            ],
        ]
        switch operation {
        case .test:
            members["op"] = "test"
        case .schema(let request):
            members["op"] = "schema"
            members["tables"] = request.tables.map { .array($0.map { .string($0) }) }
            members["counts_rows"] = .bool(request.countsRows)
            members["samples"] = .int(Int64(request.samples))
        case .query(let sql, let parameters):
            members["op"] = "query"
            members["sql"] = .string(sql)
            members["parameters"] = .array(parameters)
        }
        return .object(members)
    }

    /// `nil` when a member that must be there is missing or of a wrong type.
    package init?(_ json: JSON) {
        guard let target = json["connection"].flatMap(DatabaseTarget.init), let limits = json["limits"],
            let rows = limits["rows"]?.intValue, let bytes = limits["bytes"]?.intValue,
            let milliseconds = limits["milliseconds"]?.intValue, min(rows, bytes, milliseconds) >= 0
        else { return nil }
        switch json["op"]?.stringValue {
        case "test":
            operation = .test
        case "schema":
            operation = .schema(
                OverviewRequest(
                    tables: json["tables"]?.arrayValue?.compactMap(\.stringValue),
                    countsRows: json["counts_rows"]?.boolValue ?? true,
                    samples: min(max(json["samples"]?.intValue ?? 3, 0), 1000)))
        case "query":
            guard let sql = json["sql"]?.stringValue else { return nil }
            operation = .query(sql: sql, parameters: json["parameters"]?.arrayValue ?? [])
        default:
            return nil
        }
        self.target = target
        self.limits = QueryLimits(rows: rows, bytes: bytes, milliseconds: milliseconds)
    }
}
