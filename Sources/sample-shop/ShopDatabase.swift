import CSQLite

struct ShopError: Error, CustomStringConvertible {
    let description: String
}

/// What a column takes.
enum Cell {
    case integer(Int)
    case real(Double)
    case text(String)
    case null
}

/// A new SQLite file that rows are written to in one transaction.
final class ShopDatabase {
    private var handle: OpaquePointer?
    private var statements: [String: OpaquePointer] = [:]

    /// Throws when the file exists or cannot be made.
    init(creating path: String) throws {
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        guard sqlite3_open_v2(path, &handle, flags, nil) == SQLITE_OK else { throw failure() }
        var pages: Int64 = 0
        try query("PRAGMA page_count") { pages = sqlite3_column_int64($0, 0) }
        guard pages == 0 else { throw ShopError(description: "exists") }
        try execute("PRAGMA journal_mode=OFF; BEGIN")
    }

    deinit {
        statements.values.forEach { sqlite3_finalize($0) }
        sqlite3_close(handle)
    }

    func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure() }
    }

    /// A row of a table, in the order of its columns.
    func insert(into table: String, _ cells: [Cell]) throws {
        let places = Array(repeating: "?", count: cells.count).joined(separator: ",")
        let statement = try prepared("INSERT INTO \(table) VALUES (\(places))")
        for (offset, cell) in cells.enumerated() {
            bind(cell, at: Int32(offset + 1), of: statement)
        }
        guard sqlite3_step(statement) == SQLITE_DONE else { throw failure() }
        sqlite3_reset(statement)
    }

    func finish() throws {
        try execute("COMMIT; ANALYZE")
    }

    private func query(_ sql: String, _ row: (OpaquePointer) -> Void) throws {
        let statement = try prepared(sql)
        while sqlite3_step(statement) == SQLITE_ROW { row(statement) }
        sqlite3_reset(statement)
    }

    private func prepared(_ sql: String) throws -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else { throw failure() }
        statements[sql] = statement
        return statement
    }

    private func bind(_ cell: Cell, at place: Int32, of statement: OpaquePointer) {
        switch cell {
        case .integer(let value): sqlite3_bind_int64(statement, place, Int64(value))
        case .real(let value): sqlite3_bind_double(statement, place, value)
        case .text(let value):
            // SQLITE_TRANSIENT, a cast in C: SQLite takes a copy.
            let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            sqlite3_bind_text(statement, place, value, -1, copies)
        case .null: sqlite3_bind_null(statement, place)
        }
    }

    private func failure() -> ShopError {
        ShopError(description: String(cString: sqlite3_errmsg(handle)))
    }
}
