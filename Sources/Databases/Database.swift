package import AgentModel
package import JSON

/// An open database that an agent works on; lives in a worker process only, never in the host itself.
/// Calls block; the worker's limits and its deadline end what takes too long.
package protocol Database: AnyObject {
    var dialect: DatabaseDialect { get }
    /// Tables and views with their columns and keys, without data.
    func tables() throws(DatabaseError) -> [TableSchema]
    /// Runs one statement. Rows beyond the limits are cut off and the result says so.
    func query(_ sql: String, _ parameters: [JSON], _ limits: QueryLimits) throws(DatabaseError) -> QueryResult
    /// `name` as an identifier in this dialect's quotes.
    func quoted(_ name: String) -> String
}

package struct QueryLimits: Hashable, Sendable {
    package var rows: Int
    package var bytes: Int
    package var milliseconds: Int

    package init(rows: Int = 1000, bytes: Int = 4 << 20, milliseconds: Int = 30_000) {
        self.rows = rows
        self.bytes = bytes
        self.milliseconds = milliseconds
    }
}

package struct QueryResult: Hashable, Sendable {
    package var columns: [String]
    /// Numbers, text, null and booleans as such; other types (dates, decimals) as text; blobs as `{"blob_bytes": n}`.
    package var rows: [[JSON]]
    /// Whether a limit cut rows off.
    package var isTruncated: Bool
    /// Rows changed, for a statement that writes.
    package var changes: Int?

    package init(columns: [String], rows: [[JSON]], isTruncated: Bool, changes: Int? = nil) {
        self.columns = columns
        self.rows = rows
        self.isTruncated = isTruncated
        self.changes = changes
    }
}

package struct TableSchema: Hashable, Sendable {
    package struct Column: Hashable, Sendable {
        package var name: String
        /// As declared, e.g. `NVARCHAR(15)`; may be empty in SQLite.
        package var type: String
        package var isNullable: Bool
        /// 1-based place in the primary key, or 0.
        package var primaryKeyPlace: Int

        package init(name: String, type: String, isNullable: Bool, primaryKeyPlace: Int) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
            self.primaryKeyPlace = primaryKeyPlace
        }
    }

    package struct ForeignKey: Hashable, Sendable {
        package var columns: [String]
        package var table: String
        package var targetColumns: [String]

        package init(columns: [String], table: String, targetColumns: [String]) {
            self.columns = columns
            self.table = table
            self.targetColumns = targetColumns
        }
    }

    /// The schema in PostgreSQL when it is not `public`; otherwise `nil`.
    package var namespace: String?
    package var name: String
    package var isView: Bool
    package var columns: [Column]
    package var foreignKeys: [ForeignKey]

    package init(
        namespace: String? = nil, name: String, isView: Bool, columns: [Column], foreignKeys: [ForeignKey]
    ) {
        self.namespace = namespace
        self.name = name
        self.isView = isView
        self.columns = columns
        self.foreignKeys = foreignKeys
    }
}

package struct DatabaseError: Error, Hashable, Sendable {
    package enum Reason: String, Sendable {
        case cannotOpen = "cannot_open"
        case notADatabase = "not_a_database"
        case readOnly = "read_only"
        case notAllowed = "not_allowed"
        case syntax = "invalid_sql"
        case timedOut = "timed_out"
        case limit = "limit_exceeded"
        case constraint
        case failed
    }

    package var reason: Reason
    package var message: String
    /// Byte offset in the SQL, when known.
    package var position: Int?

    package init(_ reason: Reason, _ message: String, position: Int? = nil) {
        self.reason = reason
        self.message = message
        self.position = position
    }
}
