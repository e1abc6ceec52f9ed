import AgentModel
import Databases
import JSON
import MemorySearch

/// Reads a database's tables into a catalogue: for each table its first rows, and for a large one a sample spread
/// over the whole of it. What it costs is bounded however large the tables are.
struct CatalogReader {
    /// Tables up to this many rows are read whole.
    static let rowsMax = 5000
    /// Rows are counted up to here; beyond, the number is given as "over".
    static let countMax = 2_000_000
    static let tablesMax = 200

    let database: any Database
    let dialect: SQLDialect
    /// Told before each table is read.
    var progress: (_ done: Int, _ total: Int, _ table: String) -> Void = { _, _, _ in }
    /// The statements that were run.
    private(set) var statements: [String] = []

    init(_ database: any Database) {
        self.database = database
        dialect = SQLDialect(system: database.dialect)
    }

    /// - Throws: what the database says when its schema cannot be read; a table that cannot be read is left out.
    mutating func read() throws(DatabaseError) -> (catalog: Catalog, schemas: [TableSchema]) {
        let all = try database.tables().sorted { ($0.namespace ?? "", $0.name) < ($1.namespace ?? "", $1.name) }
        let base = all.filter { !$0.isView }
        let schemas = Array((base.isEmpty ? all : base).prefix(Self.tablesMax))
        var tables: [CatalogTable] = []
        var kept: [TableSchema] = []
        for (index, schema) in schemas.enumerated() {
            progress(index, schemas.count, schema.name)
            guard let table = table(schema) else { continue }
            tables.append(table)
            kept.append(schema)
        }
        var catalog = Catalog(dialect: dialect, tables: tables)
        ColumnRoles.assign(to: &catalog, schemas: kept)
        return (catalog, kept)
    }

    private mutating func table(_ schema: TableSchema) -> CatalogTable? {
        let name = dialect.table(schema.namespace, schema.name)
        let columns = schema.columns.map { sampled($0) }.joined(separator: ", ")
        guard !columns.isEmpty, let first = run("SELECT \(columns) FROM \(name) LIMIT \(Self.rowsMax + 1)") else {
            return nil
        }
        var rows = first.rows
        let isWhole = rows.count <= Self.rowsMax && !first.isTruncated
        var count = rows.count
        var isCountExact = isWhole
        if !isWhole {
            let counted = "SELECT COUNT(*) FROM (SELECT 1 FROM \(name) LIMIT \(Self.countMax)) AS counted"
            count = run(counted)?.rows.first?.first?.intValue ?? count
            isCountExact = count < Self.countMax
            if let spread = spread(columns, name, count) { rows = spread.rows }
        }
        let values = schema.columns.indices.map { place in
            rows.lazy.compactMap { $0.indices.contains(place) ? $0[place] : nil }
        }
        return CatalogTable(
            namespace: schema.namespace, name: schema.name, isView: schema.isView,
            words: Self.words(ofTable: schema.name),
            columns: schema.columns.enumerated().map { place, column in
                CatalogColumn(
                    name: column.name, declaredType: column.type, words: Tokenizer.parts(of: column.name),
                    isNullable: column.isNullable,
                    statistics: ColumnStatistics(of: values[place], isDecimal: Self.isDecimal(column.type)))
            },
            rowCount: count, isCountExact: isCountExact, isSampleWhole: isWhole)
    }

    private static func isDecimal(_ type: String) -> Bool {
        let type = type.lowercased()
        return type.contains("numeric") || type.contains("decimal")
    }

    /// Rows from all over a large table. On SQLite by row number, without reading the rows between.
    private mutating func spread(_ columns: String, _ name: String, _ count: Int) -> QueryResult? {
        switch dialect.system {
        case .sqlite:
            guard let ends = run("SELECT MIN(rowid), MAX(rowid) FROM \(name)")?.rows.first, ends.count == 2,
                let low = ends[0].intValue, let high = ends[1].intValue, high > low,
                case let (span, overflow) = high.subtractingReportingOverflow(low), !overflow
            else { return nil }
            let step = max(1, span / Self.rowsMax)
            return run(
                """
                WITH RECURSIVE places(place) AS (SELECT \(low) UNION ALL SELECT place + \(step) FROM places \
                WHERE place <= \(high - step)) SELECT \(columns) \
                FROM places JOIN \(name) ON \(name).rowid = places.place
                """)
        case .postgresql:
            let percent = min(100, max(0.01, Double(Self.rowsMax) / Double(max(count, 1)) * 100))
            return run(
                "SELECT \(columns) FROM \(name) TABLESAMPLE SYSTEM (\(percent)) REPEATABLE (1) LIMIT \(Self.rowsMax)")
        }
    }

    private mutating func run(_ sql: String) -> QueryResult? {
        statements.append(sql)
        return try? database.query(sql, [], QueryLimits(rows: Self.rowsMax + 2, bytes: 32 << 20, milliseconds: 20_000))
    }

    /// A column as it is sampled: long text cut, the content of binary columns left out.
    private func sampled(_ column: TableSchema.Column) -> String {
        let name = dialect.identifier(column.name)
        let type = column.type.lowercased()
        switch dialect.system {
        case .sqlite:
            if type.contains("blob") { return "CASE WHEN \(name) IS NOT NULL THEN x'00' END AS \(name)" }
            if type.contains("text") || type.contains("clob") || type.isEmpty {
                return "CASE typeof(\(name)) WHEN 'text' THEN substr(\(name), 1, 200) WHEN 'blob' THEN x'00' "
                    + "ELSE \(name) END AS \(name)"
            }
            return name
        case .postgresql:
            if type.contains("bytea") { return "CASE WHEN \(name) IS NOT NULL THEN '\\x00'::bytea END AS \(name)" }
            return type == "text" ? "left(\(name), 200) AS \(name)" : name
        }
    }

    /// `tbl_Order Details` gives `order`, `details`.
    static func words(ofTable name: String) -> [String] {
        let words = Tokenizer.parts(of: name)
        let meaningful = words.filter { !Lexicon.tableAffixes.contains($0) }
        return meaningful.isEmpty ? words : meaningful
    }
}

extension SQLDialect {
    func table(_ namespace: String?, _ name: String) -> String {
        namespace.map { identifier($0) + "." + identifier(name) } ?? identifier(name)
    }
}
