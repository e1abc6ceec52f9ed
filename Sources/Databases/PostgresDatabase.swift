package import AgentModel
import CSystem
package import JSON

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A PostgreSQL database, used in transactions of one statement each.
///
/// Read-only means: a read-only transaction, always rolled back; a cursor, so that nothing but a query can be given; no
/// function of the server's own that acts outside the transaction (see `PostgresFunctions`); and no superuser, whom no
/// transaction mode binds.
package final class PostgresDatabase: Database {
    package let dialect = DatabaseDialect.postgresql
    private let connection: PostgresConnection
    private let isReadOnly: Bool

    package init(_ target: DatabaseTarget) throws(DatabaseError) {
        guard let url = target.url else { throw DatabaseError(.cannotOpen, "the connection has no url") }
        isReadOnly = target.readOnly
        connection = try PostgresConnection(url: url, password: Self.password(target))
        let deadline = cs_monotonic_ms() + 10_000
        for (name, value) in Self.settings {
            try connection.execute("SELECT pg_catalog.set_config($1, $2, false)", [name, value], deadline)
        }
        if !target.allowSuperuser { try refuseSuperuser(deadline) }
    }

    private static func password(_ target: DatabaseTarget) throws(DatabaseError) -> String? {
        guard let name = target.passwordEnv else { return nil }
        guard let value = getenv(name) else {
            throw DatabaseError(.cannotOpen, "the environment variable \(name) with the password is not set")
        }
        return String(cString: value)
    }

    /// What the mapping of values, the lexer and the names in statements rely on.
    private static let settings = [
        ("search_path", "public, pg_temp"), ("standard_conforming_strings", "on"), ("bytea_output", "hex"),
        ("DateStyle", "ISO, YMD"), ("IntervalStyle", "iso_8601"), ("client_min_messages", "error"),
        ("lock_timeout", "5000"),
    ]

    /// Superusers, and those who may read and write the server's files or start programs there.
    private func refuseSuperuser(_ deadline: UInt64) throws(DatabaseError) {
        let found = try connection.execute(
            """
            SELECT rolname FROM pg_catalog.pg_roles
            WHERE (rolsuper OR rolreplication OR rolname IN
                ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_signal_backend'))
                AND (pg_catalog.pg_has_role(current_user, oid, 'MEMBER')
                    OR pg_catalog.pg_has_role(session_user, oid, 'MEMBER'))
            ORDER BY rolname NOT IN (session_user, current_user), rolname
            """, [], deadline)
        guard let role = found.rows.first?.first?.stringValue else { return }
        throw DatabaseError(
            .notAllowed,
            "the user has the rights of \(role), which no read-only transaction limits: "
                + "use another user, or say allow_superuser")
    }

    package func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }

    package func query(
        _ sql: String, _ parameters: [JSON], _ limits: QueryLimits
    ) throws(DatabaseError) -> QueryResult {
        let statement = try PostgresStatement(sql, isReadOnly: isReadOnly)
        let texts = try PostgresValue.texts(parameters)
        return try transaction(limits.milliseconds) { deadline throws(DatabaseError) in
            if isReadOnly { try PostgresFunctions.refuseHarmful(statement.functions, on: connection, deadline) }
            return statement.usesCursor
                ? try fetch(sql, texts, limits, deadline) : try execute(sql, texts, limits, deadline)
        }
    }

    /// The clock of this side runs a little longer than the server's, whose own error is the better one.
    private func transaction<Outcome>(
        _ milliseconds: Int, _ body: (UInt64) throws(DatabaseError) -> Outcome
    ) throws(DatabaseError) -> Outcome {
        let deadline = cs_monotonic_ms() + UInt64(clamping: milliseconds)
        try connection.execute(isReadOnly ? "BEGIN READ ONLY" : "BEGIN", [], deadline + Self.grace)
        do throws(DatabaseError) {
            try limitTime(deadline)
            let outcome = try body(deadline)
            try connection.execute(isReadOnly ? "ROLLBACK" : "COMMIT", [], deadline + Self.grace)
            return outcome
        } catch {
            _ = try? connection.execute("ROLLBACK", [], cs_monotonic_ms() + Self.grace)
            throw error
        }
    }

    private static let grace: UInt64 = 500

    /// Also takes the transaction's snapshot, after which it can no longer be made one that writes.
    private func limitTime(_ deadline: UInt64) throws(DatabaseError) {
        let now = cs_monotonic_ms()
        guard now < deadline else { throw DatabaseError(.timedOut, "the time for this statement is over") }
        try connection.execute(
            "SELECT pg_catalog.set_config('statement_timeout', $1, true)", [String(deadline - now)],
            deadline + Self.grace)
    }

    /// A query through a cursor: what lies beyond the limits is never computed or sent.
    private func fetch(
        _ sql: String, _ parameters: [String?], _ limits: QueryLimits, _ deadline: UInt64
    ) throws(DatabaseError) -> QueryResult {
        let prefix = "DECLARE agenthost NO SCROLL CURSOR FOR "
        do throws(DatabaseError) {
            try connection.execute(prefix + sql, parameters, deadline + Self.grace)
        } catch {
            var error = error
            error.position = error.position.map { max(0, $0 - prefix.utf8.count) }
            throw error
        }
        var collector = RowCollector(limits)
        var columns: [String] = []
        while true {
            try limitTime(deadline)
            // One more than there is room for tells whether there are more.
            let wanted = min(100, limits.rows - collector.rows.count + 1)
            var got = 0
            let outcome = try connection.run(
                "FETCH FORWARD \(wanted) FROM agenthost", deadline: deadline + Self.grace
            ) { row in
                got += 1
                return collector.add(row)
            }
            columns = outcome.columns
            guard got == wanted, !collector.isTruncated else { break }
        }
        return QueryResult(columns: columns, rows: collector.rows, isTruncated: collector.isTruncated)
    }

    private func execute(
        _ sql: String, _ parameters: [String?], _ limits: QueryLimits, _ deadline: UInt64
    ) throws(DatabaseError) -> QueryResult {
        var collector = RowCollector(limits)
        let outcome = try connection.run(sql, parameters, deadline: deadline + Self.grace) { collector.add($0) }
        return QueryResult(
            columns: outcome.columns, rows: collector.rows, isTruncated: collector.isTruncated,
            changes: isReadOnly ? nil : outcome.changes)
    }
}

extension PostgresDatabase: DescribedDatabase {
    var engineVersion: String { "PostgreSQL " + connection.serverVersion }

    /// From the last `ANALYZE` or `VACUUM`.
    func estimatedRowCount(of table: TableSchema) -> Int? {
        let name = "\(quoted(table.namespace ?? "public")).\(quoted(table.name))"
        let found = try? connection.execute(
            "SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)", [name],
            cs_monotonic_ms() + 2000)
        return found?.rows.first?.first?.intValue.flatMap { $0 < 0 ? nil : $0 }
    }

    package func tables() throws(DatabaseError) -> [TableSchema] {
        try transaction(10_000) { deadline throws(DatabaseError) in
            try PostgresSchema.tables(on: connection, deadline)
        }
    }
}

extension PostgresConnection {
    /// A statement of the module's own, with few rows.
    @discardableResult
    func execute(_ sql: String, _ parameters: [String?], _ deadline: UInt64) throws(DatabaseError) -> Outcome {
        var rows: [[JSON]] = []
        var outcome = try run(sql, parameters, deadline: deadline) { row in
            rows.append(row)
            return true
        }
        outcome.rows = rows
        return outcome
    }
}
