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
    ///
    /// A file that cannot be read without writing beside it (left in WAL mode in a folder that is not ours, or after a
    /// crash) is copied first when the connection is read-only: see `PrivateCopy`.
    package init(path: String, readOnly: Bool, refusing: [String] = []) throws(DatabaseError) {
        let file = try DatabaseFile.locate(path, refusing: refusing)
        guard file.size > 0 || !readOnly else { throw DatabaseError(.notADatabase, "\(path) is empty") }
        sqlite3_hard_heap_limit64(Self.heapBytesMax)
        watch = SQLiteWatch(SQLitePolicy(isReadOnly: readOnly))
        self.path = file.path
        do throws(SQLiteFailure) {
            handle = try SQLiteHandle.open(file, readOnly: readOnly)
        } catch {
            guard readOnly, error.needsToWriteBeside else { throw error.openError(file) }
            let copy = try PrivateCopy(of: file)
            do throws(SQLiteFailure) {
                handle = try SQLiteHandle.open(copy.file, readOnly: true)
            } catch {
                throw error.openError(file)
            }
        }
        do throws(SQLiteFailure) {
            watch.policy.functions = try SQLiteHandle.harmlessFunctions(handle)
        } catch {
            throw error.openError(file)
        }
        watch.install(in: handle)
    }

    deinit { sqlite3_close_v2(handle) }

    /// What SQLite needs of the file system from now on. Writing takes a journal, which comes and goes.
    var files: (readable: [String], writable: [String]) {
        let companions = [path + "-wal", path + "-shm"]
        if watch.policy.isReadOnly { return ([path, path + "-journal"], companions) }
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        return ([], [folder.isEmpty ? "/" : folder])
    }

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
}
