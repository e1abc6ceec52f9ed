import AgentModel
import CSystem
package import JSON

/// What the module itself needs of an engine beside queries.
protocol DescribedDatabase: Database {
    /// What the engine calls itself, e.g. `SQLite 3.40.1`.
    var engineVersion: String { get }
    /// A guess that costs next to nothing; `nil` when there is none.
    func estimatedRowCount(of table: TableSchema) -> Int?
}

/// A table with what is in it.
package struct TableOverview: Hashable, Sendable {
    package struct RowCount: Hashable, Sendable {
        package var rows: Int
        /// `false` for an estimate, taken when counting would have taken too long.
        package var isExact: Bool

        package init(rows: Int, isExact: Bool) {
            self.rows = rows
            self.isExact = isExact
        }
    }

    package var schema: TableSchema
    package var rowCount: RowCount?
    /// Rows in the order of the columns.
    package var samples: [[JSON]]

    package init(schema: TableSchema, rowCount: RowCount? = nil, samples: [[JSON]] = []) {
        self.schema = schema
        self.rowCount = rowCount
        self.samples = samples
    }
}

/// What of a schema is asked for.
package struct OverviewRequest: Hashable, Sendable {
    /// Names of tables, `namespace.name` in PostgreSQL when it is not `public`; `nil` for all.
    package var tables: [String]?
    package var countsRows: Bool
    /// Sample rows for each table.
    package var samples: Int

    package init(tables: [String]? = nil, countsRows: Bool = true, samples: Int = 3) {
        self.tables = tables
        self.countsRows = countsRows
        self.samples = samples
    }
}

extension DescribedDatabase {
    /// The tables with counts and samples, as far as time and bytes go: what is not done by then is left out.
    func overview(
        _ request: OverviewRequest, _ limits: QueryLimits
    ) throws(DatabaseError) -> (tables: [TableOverview], isTruncated: Bool) {
        let deadline = cs_monotonic_ms() + UInt64(clamping: limits.milliseconds)
        var schemas = try tables()
        if let wanted = request.tables { schemas = schemas.filter { wanted.contains($0.qualifiedName) } }
        var bytes = limits.bytes
        var isTruncated = schemas.count > limits.rows
        var overviews = schemas.prefix(limits.rows).map { TableOverview(schema: $0) }
        for index in overviews.indices {
            let left = Int(clamping: Int64(clamping: deadline) - Int64(clamping: cs_monotonic_ms()))
            guard left > 0, bytes > 0 else { return (overviews, true) }
            if request.countsRows {
                // No table may use up the time of those after it.
                overviews[index].rowCount = rowCount(of: overviews[index].schema, milliseconds: min(2000, left))
            }
            guard request.samples > 0 else { continue }
            let sampleLimits = QueryLimits(rows: request.samples, bytes: bytes, milliseconds: min(2000, left))
            let sample = try? samples(of: overviews[index].schema, sampleLimits)
            overviews[index].samples = sample?.rows ?? []
            bytes -= overviews[index].samples.reduce(0) { $0 + $1.reduce(2) { $0 + $1.writtenBytes } }
            if sample?.isTruncated != false { isTruncated = true }
        }
        return (overviews, isTruncated)
    }

    private func rowCount(of table: TableSchema, milliseconds: Int) -> TableOverview.RowCount? {
        let limits = QueryLimits(rows: 1, milliseconds: milliseconds)
        let counted = try? query("SELECT count(*) FROM \(quoted(table))", [], limits)
        if let rows = counted?.rows.first?.first?.intValue { return .init(rows: rows, isExact: true) }
        return estimatedRowCount(of: table).map { .init(rows: $0, isExact: false) }
    }

    private func samples(of table: TableSchema, _ limits: QueryLimits) throws(DatabaseError) -> QueryResult {
        let columns = table.columns.isEmpty ? "*" : table.columns.map { quoted($0.name) }.joined(separator: ", ")
        return try query("SELECT \(columns) FROM \(quoted(table)) LIMIT \(limits.rows)", [], limits)
    }

    private func quoted(_ table: TableSchema) -> String {
        let namespace = table.namespace ?? (dialect == .postgresql ? "public" : "main")
        return "\(quoted(namespace)).\(quoted(table.name))"
    }
}

extension TableSchema {
    /// With its namespace when it has one that needs to be said.
    package var qualifiedName: String { namespace.map { "\($0).\(name)" } ?? name }
}
