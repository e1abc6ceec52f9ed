import CSystem
import Foundation
import JSON
import Testing

@testable import Databases

/// Statements that try to get out, write, disturb others or never end, by the user who owns everything.
@Suite(.serialized, .enabled(if: PostgresServer.isInstalled)) struct PostgresHostileTests {
    let server: PostgresServer

    init() throws { server = try #require(PostgresServer.shared) }

    static let refused = [
        // Writing.
        "INSERT INTO orders VALUES (2, 9, 9)", "UPDATE orders SET price = 0", "DELETE FROM orders", "TRUNCATE orders",
        "DROP TABLE orders CASCADE", "CREATE TABLE evil(a int)", "CREATE TEMP TABLE evil(a int)",
        "CREATE TABLE evil AS SELECT 1", "SELECT 1 INTO evil", "SELECT * INTO TEMP evil FROM orders",
        "WITH d AS (DELETE FROM orders RETURNING *) SELECT * FROM d",
        "WITH u AS (UPDATE orders SET price = 0 RETURNING *) SELECT count(*) FROM u",
        "WITH i AS (INSERT INTO customers VALUES (9, 'x', NULL) RETURNING id) TABLE i", "SELECT sneak()",
        "SELECT * FROM orders, LATERAL sneak()", "SELECT * FROM orders FOR UPDATE", "SELECT * FROM orders FOR SHARE",
        "MERGE INTO orders o USING orders p ON true WHEN MATCHED THEN DELETE", "LOCK TABLE orders",
        "ALTER TABLE orders ADD COLUMN evil int", "CREATE INDEX evil ON orders(price)", "CREATE VIEW evil AS SELECT 1",
        "REFRESH MATERIALIZED VIEW totals", "COMMENT ON TABLE orders IS 'evil'", "ANALYZE orders", "VACUUM FULL",
        "CLUSTER orders USING orders_pkey", "REINDEX TABLE orders", "CREATE SCHEMA evil",
        "GRANT ALL ON orders TO PUBLIC",
        "EXPLAIN ANALYZE DELETE FROM orders", "EXPLAIN (ANALYZE, COSTS off) UPDATE orders SET price = 0",
        "EXPLAIN ANALYZE SELECT sneak()", "EXPLAIN ANALYZE SELECT 1 INTO evil",
        "EXPLAIN ANALYZE VERBOSE (SELECT 1 INTO evil)", "EXPLAIN (ANALYZE) CREATE TABLE evil AS SELECT 1",
        "EXPLAIN ANALYZE EXECUTE p", "EXPLAIN ANALYZE DECLARE c CURSOR FOR SELECT 1",
        "EXPLAIN ANALYZE CREATE TABLE evil AS SELECT 1",
        "SELECT nextval('counter')", "SELECT setval('counter', 99)", "SELECT \"setval\"('counter', 99)",
        "SELECT pg_catalog.nextval('counter')", "SELECT NEXTVAL ('counter')", "SELECT nextval/* */('counter')",
        "SELECT lo_create(4711)", "SELECT lo_import('/etc/passwd')", "SELECT lo_export(1, '/tmp/agenthost-evil')",
        "SELECT lo_from_bytea(4711, 'x')", "SELECT lo_unlink(1)",
        // Transactions, settings, several statements.
        "COMMIT", "COMMIT; DELETE FROM orders", "ROLLBACK; DELETE FROM orders", "SELECT 1; DELETE FROM orders",
        "SELECT 1; COMMIT; DELETE FROM orders", "BEGIN", "BEGIN READ WRITE", "START TRANSACTION READ WRITE", "END",
        "ABORT", "SAVEPOINT s", "PREPARE TRANSACTION 'evil'", "SET transaction_read_only = off",
        "SET TRANSACTION READ WRITE", "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "RESET ALL",
        "SET default_transaction_read_only = off", "SET ROLE admin", "SET SESSION AUTHORIZATION admin", "DISCARD ALL",
        "SELECT set_config('transaction_read_only', 'off', true)", "SELECT pg_catalog . set_config('a.b', 'c', false)",
        "SELECT set_config('statement_timeout', '0', false)", "ALTER SYSTEM SET work_mem = '1GB'",
        "ALTER ROLE owner SET statement_timeout = 0", "ALTER DATABASE postgres SET work_mem = '1GB'",
        "DO $$ BEGIN DELETE FROM orders; END $$", "DO 'BEGIN COMMIT; DELETE FROM orders; END'", "CALL sneak()",
        "PREPARE p AS DELETE FROM orders", "EXECUTE p", "DEALLOCATE ALL", "DECLARE c CURSOR FOR SELECT 1", "CLOSE ALL",
        "FETCH ALL FROM agenthost", "MOVE ALL FROM agenthost", "LOAD 'auto_explain'",
        // Files and programs of the server.
        "COPY orders TO PROGRAM 'touch /tmp/agenthost-evil'", "COPY orders FROM PROGRAM 'cat /etc/passwd'",
        "COPY orders TO '/tmp/agenthost-evil'", "COPY orders TO STDOUT", "COPY orders FROM STDIN",
        "COPY (SELECT 1) TO STDOUT", "SELECT pg_read_file('/etc/passwd')", "SELECT pg_read_binary_file('PG_VERSION')",
        "SELECT pg_ls_dir('.')", "SELECT * FROM pg_ls_logdir()", "SELECT pg_stat_file('PG_VERSION')",
        "CREATE EXTENSION file_fdw", "CREATE FUNCTION evil() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION system(text) RETURNS int AS 'libc.so.6', 'system' LANGUAGE c", "CREATE LANGUAGE plpython3u",
        "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z", "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p",
        "CREATE TABLESPACE t LOCATION '/tmp'", "CREATE DATABASE evil", "CREATE ROLE evil SUPERUSER", "CHECKPOINT",
        "TABLE pg_authid", "SELECT rolpassword FROM pg_authid",
        // Others' sessions, and what outlives the transaction.
        "SELECT pg_terminate_backend(VICTIM)", "SELECT PG_Terminate_Backend(VICTIM)",
        "SELECT pg_cancel_backend(VICTIM)", "SELECT * FROM pg_terminate_backend(VICTIM)",
        "SELECT \"pg_terminate_backend\"(VICTIM)", "SELECT U&\"pg\\005fterminate_backend\"(VICTIM)",
        "SELECT pg_catalog.\"pg_terminate_backend\" --\n (VICTIM)", "VALUES (pg_terminate_backend(VICTIM))",
        "SELECT 1 LIMIT pg_terminate_backend(VICTIM)::int", "SELECT E'\\'' , pg_terminate_backend(VICTIM) --'",
        "SELECT $a$ $b$ $a$, pg_terminate_backend(VICTIM) -- $b$", "SELECT /* /* */ */ pg_terminate_backend(VICTIM)",
        "SELECT E'a' /* ' */ , pg_terminate_backend(VICTIM)", "SELECT 'a\\', pg_terminate_backend(VICTIM), '",
        "EXPLAIN ANALYZE SELECT pg_terminate_backend(VICTIM)",
        "SELECT query_to_xml('SELECT pg_terminate_backend(VICTIM)', true, true, '')",
        "SELECT * FROM ts_stat('SELECT pg_terminate_backend(VICTIM)::text::tsvector')",
        "SELECT * FROM crosstab('SELECT 1, 1, pg_terminate_backend(VICTIM)::int') AS t(a int, b int)",
        "SELECT dblink_exec('dbname=postgres', 'DELETE FROM orders')",
        "SELECT * FROM dblink('dbname=postgres user=owner', 'DELETE FROM orders RETURNING 1') AS t(a int)",
        "SELECT dblink_connect('host=127.0.0.1')", "SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_lock(1)",
        "SELECT pg_advisory_lock_shared(1, 2)", "NOTIFY evil", "SELECT pg_notify('evil', 'x')", "LISTEN evil",
        "UNLISTEN *", "SELECT pg_logical_emit_message(false, 'evil', 'x')", "SELECT pg_export_snapshot()",
        "SELECT pg_reload_conf()", "SELECT pg_rotate_logfile()", "SELECT pg_switch_wal()",
        "SELECT pg_create_restore_point('evil')", "SELECT pg_stat_reset()", "SELECT pg_promote()",
        "SELECT pg_create_physical_replication_slot('evil')", "SELECT txid_current(), pg_sleep(0)",
        "SELECT pg_drop_replication_slot('evil')", "SELECT pg_log_backend_memory_contexts(VICTIM)",
        // Nothing at all.
        "", ";", "-- x", "(((", "SELECT 1\u{0}; DELETE FROM orders", "$1", "'SELECT 1'",
    ]

    static let bombs = [
        "SELECT count(*) FROM generate_series(1, 100000000000) a", "SELECT pg_sleep_for('1 hour')",
        "SELECT repeat('x', 1000000000)", "SELECT length(repeat('x', 1000000000) || repeat('x', 1000000000))",
        "SELECT n FROM generate_series(1, 1000000000) n ORDER BY random()",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n",
        "SELECT array_agg(n) FROM generate_series(1, 1000000000) n",
        "SELECT string_agg(repeat('x', 1000000), '') FROM generate_series(1, 100000)",
        "SELECT count(*) FROM pg_proc a, pg_proc b, pg_proc c",
        "SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' ~ '^(a|aa)+$(a|aa)+b\\1\\1'",
        "SELECT \(String(repeating: "(", count: 20_000))1\(String(repeating: ")", count: 20_000))",
        "SELECT 1\(String(repeating: " + 1", count: 20_000))", "SELECT 10::numeric ^ 100000",
        "SELECT json_agg(a) FROM pg_proc a, pg_proc b",
    ]

    /// Everything that one of the statements could change. Tables named `scratch` belong to other tests.
    private func state() throws -> [String] {
        let rows = try server.administer(
            """
            SELECT (SELECT json_agg(o) FROM public.orders o)::text, (SELECT json_agg(c) FROM public.customers c)::text,
                (SELECT json_agg(s) FROM hr.staff s)::text, (SELECT last_value FROM public.counter),
                (SELECT string_agg(relname || coalesce(relacl::text, '') || relnatts, ',' ORDER BY oid) FROM pg_class
                    WHERE relname NOT LIKE 'scratch%' AND relnamespace >= 2200),
                (SELECT count(*) FROM pg_proc), (SELECT json_agg(rolname) FROM pg_authid)::text,
                (SELECT count(*) FROM pg_db_role_setting), (SELECT count(*) FROM pg_largeobject_metadata),
                (SELECT count(*) FROM pg_extension), (SELECT count(*) FROM pg_database),
                (SELECT count(*) FROM pg_tablespace), (SELECT count(*) FROM pg_replication_slots),
                (SELECT count(*) FROM pg_prepared_xacts), (SELECT count(*) FROM pg_description),
                (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), pg_notification_queue_usage()
            """)
        let settings = try String(contentsOfFile: "\(server.folder)/data/postgresql.auto.conf", encoding: .utf8)
        let isEvil = FileManager.default.fileExists(atPath: "/tmp/agenthost-evil")
        return rows[0] + [settings, "\(isEvil)"]
    }

    @Test func thereAreEnough() {
        #expect(Self.refused.count + Self.bombs.count >= 150)
    }

    @Test func noneGetsThrough() throws {
        let victim = try PostgresConnection(url: server.url("owner"), password: nil)
        let find = { try victim.execute("SELECT pg_backend_pid()", [], cs_monotonic_ms() + 5000).rows }
        let pid = try #require(try find().first?.first?.intValue)
        let database = try PostgresDatabase(server.target())
        let before = try state()
        for sql in Self.refused.map({ $0.replacing("VICTIM", with: "\(pid)") }) {
            let error = #expect(throws: DatabaseError.self, "\(sql)") {
                try database.query(sql, [], QueryLimits(milliseconds: 5000))
            }
            #expect(error?.reason != .timedOut, "\(sql)")
            let now = try? database.query("SELECT 1", [], QueryLimits()).rows
            #expect(now == [[1]], "the session is unusable after: \(sql)")
        }
        #expect(try state() == before)
        #expect(try find() == [[.int(Int64(pid))]])
    }

    /// The same user does reach all that without the guards, so that the test above can fail.
    @Test func theStateTellsWhatAStatementChanged() throws {
        let before = try state()
        try server.administer("CREATE ROLE evil")
        #expect(try state() != before)
        try server.administer("DROP ROLE evil")
        #expect(try state() == before)
    }

    @Test(arguments: bombs.indices) func everyOneEnds(index: Int) throws {
        let database = try PostgresDatabase(server.target())
        do {
            let limits = QueryLimits(rows: 10, bytes: 10_000, milliseconds: 300)
            let result = try database.query(Self.bombs[index], [], limits)
            #expect(result.rows.count <= 10)
            #expect(result.rows.reduce(0) { $0 + $1.reduce(0) { $0 + $1.writtenBytes } } <= 10_000)
        } catch {
            #expect([.timedOut, .limit, .failed, .syntax, .notAllowed].contains(error.reason), "\(error)")
        }
    }

    @Test(arguments: [
        ("DELETE FROM orders", DatabaseError.Reason.readOnly), ("SELECT sneak()", .readOnly),
        ("SELECT pg_sleep(0)", .notAllowed), ("COMMIT", .notAllowed), ("SELEC 1", .notAllowed),
        ("SELECT FROM WHERE", .syntax), ("SELECT count(*) FROM generate_series(1, 100000000000)", .timedOut),
    ])
    func refusalsSayWhy(sql: String, reason: DatabaseError.Reason) throws {
        let database = try PostgresDatabase(server.target())
        let error = #expect(throws: DatabaseError.self) {
            try database.query(sql, [], QueryLimits(milliseconds: 1000))
        }
        #expect(error?.reason == reason)
    }
}

@Suite struct PostgresLexerTests {
    @Test(arguments: [
        ("SELECT f(1)", ["f"]), ("f('g(1)')", ["f"]), ("'a''b(' || f (2)", ["f"]), ("E'\\'g(' || f(1)", ["f"]),
        ("E'a' \n '\\'g(' || f(1)", ["f"]), ("e'\\\\' || f(1)", ["f"]), ("'\\' || f(1) || '", ["f"]),
        ("$$ g( $$ || f(1)", ["f"]), ("$a$ $b$ g( $a$ || f(1) -- $b$", ["f"]), ("a$b$c(1)", ["a$b$c"]),
        ("$1$x$ g( $x$ f(1)", ["f"]), ("1$x$ g( $x$ f(1)", ["f"]), ("/* /* */ g( */ f(1)", ["f"]),
        ("-- g(\nf(1)", ["f"]),
        ("\"F\"(1)", ["F"]), ("\"a\"\"b\"(1)", ["a\"b"]), ("F(1)", ["f"]), ("ä(1)", ["ä"]), ("f/**/--\n(1)", ["f"]),
        ("p.f(1)", ["f"]), ("xe'\\' || f(1) --'", ["f"]), ("B'1' || f(1)", ["f"]), ("U&'\\0027' || f(1)", ["f"]),
        ("'never ends f(1)", []), ("$a$ never ends f(1)", []), ("\"never ends f(", []), ("/* never ends f(1)", []),
        ("E'\\", []), ("$", []), ("1f(2)", ["f"]),
    ])
    func functionsAreFound(sql: String, names: [String]) throws {
        let tokens = try PostgresStatement("SELECT " + sql, isReadOnly: true)
        #expect(tokens.functions == Set(names))
    }
}
