import CSQLite
import JSON

/// Opening a connection of SQLite, with everything that makes it safe for someone else's SQL but the authorizer.
enum SQLiteHandle {
    static func open(_ file: DatabaseFile, readOnly: Bool) throws(SQLiteFailure) -> OpaquePointer {
        var handle: OpaquePointer?
        let access = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        let flags = access | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(file.path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw .code(code, message, nil)
        }
        do throws(SQLiteFailure) {
            try configure(handle, readOnly: readOnly)
            guard isSame(file, handle) else {
                throw .code(SQLITE_CANTOPEN, "the file was replaced while it was opened", nil)
            }
            return handle
        } catch {
            sqlite3_close_v2(handle)
            throw error
        }
    }

    private static func configure(_ handle: OpaquePointer, readOnly: Bool) throws(SQLiteFailure) {
        let options: [(Int32, Bool)] = [
            (SQLITE_DBCONFIG_DEFENSIVE, true), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (SQLITE_DBCONFIG_WRITABLE_SCHEMA, false), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, false),
            (SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        ]
        for (option, isOn) in options {
            guard csqlite_set_option(handle, option, isOn ? 1 : 0) == SQLITE_OK else {
                throw .code(SQLITE_CANTOPEN, "this SQLite lacks an option that is needed for safety: \(option)", nil)
            }
        }
        for (limit, most) in limits { sqlite3_limit(handle, limit, most) }
        sqlite3_busy_timeout(handle, 5000)
        let settings =
            "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA cell_size_check=ON; PRAGMA foreign_keys=ON;"
            + (readOnly ? "PRAGMA query_only=ON;" : "")
        // The last statement is the first that reads the file: until then SQLite has not looked into it.
        let code = sqlite3_exec(handle, settings + "SELECT count(*) FROM sqlite_schema", nil, nil, nil)
        guard code == SQLITE_OK else { throw .code(code, String(cString: sqlite3_errmsg(handle)), nil) }
    }

    /// Whether what SQLite holds is what the path leads to, and that what was checked.
    private static func isSame(_ file: DatabaseFile, _ handle: OpaquePointer) -> Bool {
        var hasMoved: Int32 = 1
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved)
        return hasMoved == 0 && file.isStillThere()
    }

    /// The functions that the engine itself says may be used by anyone: no side effects, nothing private told.
    static func harmlessFunctions(_ handle: OpaquePointer) throws(SQLiteFailure) -> Set<String> {
        let sql = "SELECT name FROM pragma_function_list WHERE flags & \(SQLITE_INNOCUOUS)"
        guard let statement = try SQLiteStatement(sql, in: handle) else { return [] }
        var names: Set<String> = []
        while try statement.step() {
            if let name = statement.row.first?.stringValue { names.insert(name.lowercased()) }
        }
        return names
    }

    private static let limits: [(Int32, Int32)] = [
        (SQLITE_LIMIT_LENGTH, 64 << 20), (SQLITE_LIMIT_SQL_LENGTH, 1 << 20), (SQLITE_LIMIT_COLUMN, 2000),
        (SQLITE_LIMIT_EXPR_DEPTH, 200), (SQLITE_LIMIT_COMPOUND_SELECT, 200), (SQLITE_LIMIT_VDBE_OP, 5_000_000),
        (SQLITE_LIMIT_FUNCTION_ARG, 127), (SQLITE_LIMIT_ATTACHED, 0), (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256),
        (SQLITE_LIMIT_VARIABLE_NUMBER, 1000), (SQLITE_LIMIT_TRIGGER_DEPTH, 50), (SQLITE_LIMIT_WORKER_THREADS, 0),
    ]
}
