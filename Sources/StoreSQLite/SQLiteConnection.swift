import CSQLite
import CSystem

/// A query that is asked so often that finding its statement by its text would cost. To be kept for as long as the
/// process lives.
final class SQLiteQuery: Sendable {
    let sql: String

    init(_ sql: String) { self.sql = sql }
}

/// One connection to the database. Confined to one thread at a time.
final class SQLiteConnection {
    let handle: OpaquePointer
    private var prepared: [String: OpaquePointer] = [:]
    /// Those of `prepared` that are written as `SQLiteQuery`.
    private var named: [ObjectIdentifier: OpaquePointer] = [:]
    /// When what runs is interrupted, by `cs_monotonic_ms`; 0 for never.
    var deadline: UInt64 = 0
    /// What runs is interrupted when this begins.
    var abandonment: Abandonment?
    var busyWait: BusyWait

    private static let preparedMax = 256
    /// How many steps of SQLite's machine pass between two looks at the deadline: about 0.1 ms.
    private static let stepsBetweenLooks: Int32 = 10_000

    /// - Parameter uri: a `file:` URI, see `StoreFolder.databaseURI`.
    init(uri: String, writable: Bool, creates: Bool = false, busyMilliseconds: UInt64 = 5000) throws(SQLiteError) {
        let access = writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY
        let flags = access | (creates ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(uri, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let error = SQLiteError(code: code, message: String(cString: sqlite3_errstr(code)))
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        busyWait = BusyWait(limitMilliseconds: busyMilliseconds)
        sqlite3_extended_result_codes(opened, 1)
        csqlite_set_option(opened, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        installBusyWait()
        TitleSearch.install(on: opened)
    }

    /// Leaves the write-ahead log for the next opener.
    func close() {
        for statement in prepared.values { sqlite3_finalize(statement) }
        prepared = [:]
        named = [:]
        sqlite3_close_v2(handle)
    }

    /// Runs statements that return nothing.
    func execute(_ sql: String) throws(SQLiteError) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw SQLiteError(handle) }
    }

    /// Interrupts what runs when `deadline` has passed, or when it is abandoned.
    func watchDeadline() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(
            handle, Self.stepsBetweenLooks,
            { context in
                guard let context else { return 0 }
                return Unmanaged<SQLiteConnection>.fromOpaque(context).takeUnretainedValue().isLate ? 1 : 0
            }, context)
    }

    var isLate: Bool { isAbandoned || deadline != 0 && cs_monotonic_ms() >= deadline }
    var isAbandoned: Bool { abandonment?.hasBegun ?? false }

    /// Runs a statement to its end and returns how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) -> Int {
        try run(statement(sql), values)
    }

    /// Runs a statement that is run often.
    @discardableResult
    func run(_ query: SQLiteQuery, _ values: [SQLiteValue] = []) throws(SQLiteError) -> Int {
        try run(statement(query), values)
    }

    private func run(_ statement: OpaquePointer, _ values: [SQLiteValue]) throws(SQLiteError) -> Int {
        defer { sqlite3_reset(statement) }
        try bind(values, to: statement)
        while try step(statement) {}
        return Int(sqlite3_changes(handle))
    }

    /// All rows, each read by `read`.
    func rows<Item>(
        _ sql: String, _ values: [SQLiteValue] = [], _ read: (inout SQLiteRow) throws -> Item
    ) throws -> [Item] {
        var items: [Item] = []
        try each(sql, values) { row in
            items.append(try read(&row))
            return true
        }
        return items
    }

    /// The first row, if there is one.
    func first<Item>(
        _ sql: String, _ values: [SQLiteValue] = [], _ read: (inout SQLiteRow) throws -> Item
    ) throws -> Item? {
        var item: Item?
        try each(sql, values) { row in
            item = try read(&row)
            return false
        }
        return item
    }

    /// Rows until `body` returns false.
    func each(_ sql: String, _ values: [SQLiteValue] = [], _ body: (inout SQLiteRow) throws -> Bool) throws {
        try each(try statement(sql), values, body)
    }

    /// The first row of a query that is asked often.
    func first<Item>(
        _ query: SQLiteQuery, _ values: [SQLiteValue] = [], _ read: (inout SQLiteRow) throws -> Item
    ) throws -> Item? {
        var item: Item?
        try each(try statement(query), values) { row in
            item = try read(&row)
            return false
        }
        return item
    }

    private func each(
        _ statement: OpaquePointer, _ values: [SQLiteValue], _ body: (inout SQLiteRow) throws -> Bool
    ) throws {
        if isLate { throw SQLiteError.interrupted }
        defer { sqlite3_reset(statement) }
        try bind(values, to: statement)
        while try step(statement) {
            var row = SQLiteRow(statement)
            guard try body(&row) else { return }
        }
    }

    /// The one integer that a statement returns; 0 without a row.
    func integer(_ sql: String, _ values: [SQLiteValue] = []) throws -> Int {
        try first(sql, values) { $0.int() } ?? 0
    }

    func integer(_ query: SQLiteQuery) throws -> Int { try first(query) { $0.int() } ?? 0 }

    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }
    /// False when an error has rolled the transaction back by itself.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    private func statement(_ sql: String) throws(SQLiteError) -> OpaquePointer {
        if let statement = prepared[sql], sqlite3_stmt_busy(statement) == 0 { return statement }
        if prepared.count >= Self.preparedMax { forgetIdleStatements() }
        var made: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        guard code == SQLITE_OK, let made else { throw SQLiteError(handle) }
        prepared[sql] = made
        return made
    }

    private func statement(_ query: SQLiteQuery) throws(SQLiteError) -> OpaquePointer {
        let name = ObjectIdentifier(query)
        if let statement = named[name], sqlite3_stmt_busy(statement) == 0 { return statement }
        let statement = try statement(query.sql)
        named[name] = statement
        return statement
    }

    private func forgetIdleStatements() {
        named = [:]
        for (sql, statement) in prepared where sqlite3_stmt_busy(statement) == 0 {
            sqlite3_finalize(statement)
            prepared[sql] = nil
        }
    }

    private func step(_ statement: OpaquePointer) throws(SQLiteError) -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw SQLiteError(handle)
        }
    }

    private func bind(_ values: [SQLiteValue], to statement: OpaquePointer) throws(SQLiteError) {
        for (index, value) in values.enumerated() {
            guard value.bind(to: statement, at: Int32(index + 1)) == SQLITE_OK else { throw SQLiteError(handle) }
        }
    }
}
