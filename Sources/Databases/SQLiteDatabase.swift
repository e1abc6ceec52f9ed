package import AgentModel
import CSQLite
package import JSON

/// A SQLite file, opened for what an agent may do with it: see `SQLitePolicy`.
/// Sets this process's memory limit for SQLite, so it belongs into a worker process.
package final class SQLiteDatabase: Database {
    package let dialect = DatabaseDialect.sqlite
    package let path: String
    private let handle: OpaquePointer
    private let watch: SQLiteWatch

    /// What SQLite may use of memory: the limit on rows and bytes bounds the rest.
    static let heapBytesMax: Int64 = 256 << 20

    /// Opens an existing file; `refusing` names files that are never opened, e.g. the host's store.
    package init(path: String, readOnly: Bool, refusing: [String] = []) throws(DatabaseError) {
        let file = try DatabaseFile.locate(path, refusing: refusing)
        guard file.size > 0 || !readOnly else { throw DatabaseError(.notADatabase, "\(path) is empty") }
        sqlite3_hard_heap_limit64(Self.heapBytesMax)
        handle = try Self.open(file, readOnly: readOnly)
        self.path = file.path
        watch = SQLiteWatch(SQLitePolicy(isReadOnly: readOnly))
        try configure(file, readOnly: readOnly)
    }

    deinit { sqlite3_close_v2(handle) }

    package func quoted(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    package func query(
        _ sql: String, _ parameters: [JSON], _ limits: QueryLimits
    ) throws(DatabaseError) -> QueryResult {
        guard !sql.utf8.contains(0) else { throw DatabaseError(.syntax, "the statement contains a NUL character") }
        watch.begin(milliseconds: limits.milliseconds)
        let statement = try prepare(sql, parameters)
        do throws(SQLiteFailure) {
            var collector = RowCollector(limits)
            while try statement.step() {
                guard !collector.isFull, statement.isRow(within: collector.bytesLeft) else {
                    collector.truncate()
                    break
                }
                guard collector.add(statement.row) else { break }
            }
            let changes = statement.isReadOnly ? nil : Int(sqlite3_changes64(handle))
            return QueryResult(
                columns: statement.columns, rows: collector.rows, isTruncated: collector.isTruncated, changes: changes)
        } catch {
            throw error.error(watch.refusal, isCompiling: false)
        }
    }

    private func prepare(_ sql: String, _ parameters: [JSON]) throws(DatabaseError) -> SQLiteStatement {
        do throws(SQLiteFailure) {
            guard let statement = try SQLiteStatement(sql, in: handle) else {
                throw SQLiteFailure.parameters("expected a statement, got none")
            }
            try statement.bind(parameters)
            guard statement.isReadOnly || !watch.policy.isReadOnly else {
                throw SQLiteFailure.code(SQLITE_READONLY, "the connection is read-only", nil)
            }
            return statement
        } catch {
            throw error.error(watch.refusal, isCompiling: true)
        }
    }

    private static func open(_ file: DatabaseFile, readOnly: Bool) throws(DatabaseError) -> OpaquePointer {
        var handle: OpaquePointer?
        let access = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        let flags = access | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(file.path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw DatabaseError(.cannotOpen, "cannot open \(file.path): \(message)")
        }
        return handle
    }

    private func configure(_ file: DatabaseFile, readOnly: Bool) throws(DatabaseError) {
        let options: [(Int32, Bool)] = [
            (SQLITE_DBCONFIG_DEFENSIVE, true), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (SQLITE_DBCONFIG_WRITABLE_SCHEMA, false), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, false),
            (SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        ]
        for (option, isOn) in options {
            guard csqlite_set_option(handle, option, isOn ? 1 : 0) == SQLITE_OK else {
                throw DatabaseError(.cannotOpen, "this SQLite lacks a setting that is needed for safety: \(option)")
            }
        }
        for (limit, most) in Self.limits { sqlite3_limit(handle, limit, most) }
        sqlite3_busy_timeout(handle, 5000)
        let settings =
            "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA cell_size_check=ON; PRAGMA foreign_keys=ON;"
            + (readOnly ? "PRAGMA query_only=ON;" : "")
        // The first statement that reads the file: until now SQLite has not looked into it.
        let code = sqlite3_exec(handle, settings + "SELECT count(*) FROM sqlite_schema", nil, nil, nil)
        guard code == SQLITE_OK else { throw openError(file, code) }
        guard isSame(file) else {
            throw DatabaseError(.cannotOpen, "\(file.path) was replaced while it was opened")
        }
        watch.policy.functions = try harmlessFunctions()
        watch.install(in: handle)
    }

    private func openError(_ file: DatabaseFile, _ code: Int32) -> DatabaseError {
        if code & 0xff == SQLITE_NOTADB {
            return DatabaseError(.notADatabase, "\(file.path) is not a SQLite database, or it is encrypted")
        }
        let failure = SQLiteFailure.code(code, String(cString: sqlite3_errmsg(handle)), nil)
        var error = failure.error(nil, isCompiling: false)
        error.message = "cannot open \(file.path): \(error.message)"
        return error
    }

    /// Whether what SQLite holds is what the path leads to, and that what was checked.
    private func isSame(_ file: DatabaseFile) -> Bool {
        var hasMoved: Int32 = 1
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved)
        return hasMoved == 0 && file.isStillThere()
    }

    /// Before the watch is installed: the list that it goes by.
    private func harmlessFunctions() throws(DatabaseError) -> Set<String> {
        let sql = "SELECT name FROM pragma_function_list WHERE flags & \(SQLITE_INNOCUOUS)"
        do throws(SQLiteFailure) {
            guard let statement = try SQLiteStatement(sql, in: handle) else { return [] }
            var names: Set<String> = []
            while try statement.step() {
                if let name = statement.row.first?.stringValue { names.insert(name.lowercased()) }
            }
            return names
        } catch {
            throw error.error(nil, isCompiling: true)
        }
    }

    private static let limits: [(Int32, Int32)] = [
        (SQLITE_LIMIT_LENGTH, 64 << 20), (SQLITE_LIMIT_SQL_LENGTH, 1 << 20), (SQLITE_LIMIT_COLUMN, 2000),
        (SQLITE_LIMIT_EXPR_DEPTH, 200), (SQLITE_LIMIT_COMPOUND_SELECT, 200), (SQLITE_LIMIT_VDBE_OP, 5_000_000),
        (SQLITE_LIMIT_FUNCTION_ARG, 127), (SQLITE_LIMIT_ATTACHED, 0), (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256),
        (SQLITE_LIMIT_VARIABLE_NUMBER, 1000), (SQLITE_LIMIT_TRIGGER_DEPTH, 50), (SQLITE_LIMIT_WORKER_THREADS, 0),
    ]
}
