import AgentModel
import JSON

/// Functions that act outside the transaction they are called in: they end other sessions, take locks, read files of
/// the server, connect elsewhere, run SQL that they are given as text. A read-only transaction does not stop them.
///
/// All of these are written in a language that is not trusted (`internal`, `c`, `plpython3u`) and declared VOLATILE.
/// So a read-only statement may name such a function only when it is known to be harmless; functions in SQL or PL/pgSQL
/// stay within the transaction.
enum PostgresFunctions {
    static func refuseHarmful(
        _ names: Set<String>, on connection: PostgresConnection, _ deadline: UInt64
    ) throws(DatabaseError) {
        let asked = names.subtracting(harmless).sorted()
        guard !asked.isEmpty else { return }
        let found = try connection.execute(
            """
            SELECT p.proname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            WHERE p.proname = ANY ($1::pg_catalog.text[]::pg_catalog.name[])
                AND (p.provolatile = 'v' OR p.proname = ANY ($2::pg_catalog.text[]::pg_catalog.name[]))
                AND NOT l.lanpltrusted
            ORDER BY 1 LIMIT 1
            """, [array(asked), array(runners.sorted())], deadline)
        if let name = found.rows.first?.first?.stringValue {
            throw DatabaseError(.notAllowed, "the function \(name) is not allowed: it acts outside the transaction")
        }
    }

    /// As PostgreSQL writes an array of texts.
    private static func array(_ texts: [String]) -> String {
        let quoted = texts.map { text in
            "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
        return "{" + quoted.joined(separator: ",") + "}"
    }

    /// Not declared VOLATILE in each version, though they run a query that they are given.
    static let runners: Set<String> = [
        "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema", "cursor_to_xml", "cursor_to_xmlschema",
        "ts_stat", "ts_rewrite", "dblink", "crosstab", "connectby", "xpath_table",
    ]

    /// VOLATILE because their results change, not for what they do.
    static let harmless: Set<String> = [
        "random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid", "gen_random_bytes", "uuidv4",
        "uuidv7", "uuid_generate_v1", "uuid_generate_v4", "pg_relation_size", "pg_table_size", "pg_indexes_size",
        "pg_total_relation_size", "pg_database_size", "pg_tablespace_size", "pg_is_in_recovery", "pg_blocking_pids",
        "txid_current_if_assigned", "pg_current_xact_id_if_assigned",
    ]
}
