import CSQLite
import Foundation
import JSON
import Testing

@testable import Databases

/// Statements that try to get out, write, or never end. None changes the file or makes another.
@Suite struct SQLiteHostileTests {
    /// Each is refused.
    static let refused = [
        // Other files.
        "VACUUM INTO 'FOLDER/out.db'", "vacuum main into 'FOLDER/out.db'", "VACUUM", "ATTACH 'FOLDER/out.db' AS o",
        "ATTACH DATABASE ':memory:' AS m", "ATTACH '' AS t", "DETACH main", "/*x*/ATTACH/**/'FOLDER/out.db'/**/AS o",
        "SELECT load_extension('FOLDER/evil.so')", "SELECT LOAD_EXTENSION('libc.so.6', 'abort')",
        "SELECT writefile('FOLDER/out.txt', 'x')", "SELECT readfile('/etc/passwd')", "SELECT edit('x', 'sh')",
        "SELECT fts3_tokenizer('simple')", "SELECT fts3_tokenizer('x', x'0000000000000000')",
        "SELECT \"load_extension\"('x')", "SELECT * FROM fsdir('/')", "SELECT * FROM zipfile('FOLDER/a.zip')",
        "CREATE VIRTUAL TABLE v USING csv(filename='/etc/passwd')", "SELECT lsmode(1)",
        "SELECT eval('DELETE FROM orders')",
        // Settings.
        "PRAGMA writable_schema = ON", "PRAGMA writable_schema(1)", "PRAGMA journal_mode = DELETE",
        "PRAGMA journal_mode = WAL", "PRAGMA main.journal_mode = OFF", "PRAGMA temp_store_directory = 'FOLDER'",
        "PRAGMA data_store_directory = 'FOLDER'", "PRAGMA query_only = OFF", "PRAGMA trusted_schema = ON",
        "PRAGMA user_version = 7", "PRAGMA application_id = 7", "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA incremental_vacuum", "PRAGMA auto_vacuum = FULL", "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA mmap_size = 1000000000", "PRAGMA cache_size = 1000000000", "PRAGMA cache_spill = 1",
        "PRAGMA temp_store = FILE", "PRAGMA hard_heap_limit = 0", "PRAGMA soft_heap_limit = 0", "PRAGMA threads = 8",
        "PRAGMA optimize", "PRAGMA shrink_memory", "PRAGMA schema_version = 99", "PRAGMA encoding = 'UTF-16'",
        "PRAGMA busy_timeout = 1000000", "PRAGMA lock_proxy_file = 'FOLDER/x'", "PRAGMA key = 'x'",
        "PRAGMA rekey = 'x'",
        "PRAGMA case_sensitive_like = ON", "PRAGMA foreign_keys = OFF", "PRAGMA cell_size_check = OFF",
        "SELECT * FROM pragma_journal_mode('DELETE')", "SELECT * FROM pragma_user_version(9)",
        // Writing.
        "INSERT INTO orders VALUES (9, 9, 9)", "UPDATE orders SET price = 0", "DELETE FROM orders", "DROP TABLE orders",
        "REPLACE INTO customers VALUES (1, 'x', 'y')", "INSERT INTO orders SELECT * FROM orders",
        "WITH a AS (SELECT 1) DELETE FROM orders", "UPDATE orders SET price = 0 RETURNING *",
        "DELETE FROM orders RETURNING customer", "CREATE TABLE t(a)", "CREATE TABLE t AS SELECT * FROM orders",
        "CREATE TEMP TABLE t(a)", "CREATE TEMPORARY VIEW v AS SELECT 1", "CREATE TABLE temp.t(a)",
        "CREATE TEMP TRIGGER t AFTER INSERT ON orders BEGIN SELECT 1; END", "CREATE INDEX i ON orders(price)",
        "CREATE VIEW v AS SELECT 1", "ALTER TABLE orders RENAME TO o", "ALTER TABLE orders ADD COLUMN x", "REINDEX",
        "ANALYZE", "CREATE TRIGGER t AFTER INSERT ON orders BEGIN DELETE FROM orders; END",
        "CREATE VIRTUAL TABLE f USING fts5(a)", "UPDATE sqlite_master SET sql = ''", "DELETE FROM sqlite_schema",
        "INSERT INTO sqlite_sequence VALUES ('a', 1)", "UPDATE sqlite_dbpage SET data = zeroblob(4096)",
        // Transactions and several statements.
        "BEGIN", "BEGIN EXCLUSIVE", "COMMIT", "ROLLBACK", "SAVEPOINT s", "RELEASE s", "SELECT 1; DELETE FROM orders",
        "SELECT 1;;DELETE FROM orders", "SELECT 1; -- x\n DELETE FROM orders", "SELECT 1 /* ; */; DROP TABLE orders",
        "-- x\nDELETE FROM orders", "SELECT 1;\u{0}DELETE FROM orders", "EXPLAIN SELECT 1; DELETE FROM orders",
    ]

    /// Each ends within the limits: as an error, or with what fits.
    static let bombs = [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n ORDER BY i DESC",
        "WITH RECURSIVE n(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM n) SELECT length(s) FROM n",
        "WITH RECURSIVE n(s) AS (SELECT randomblob(1000) UNION SELECT randomblob(1000) FROM n) SELECT count(*) FROM n",
        "SELECT hex(zeroblob(1000000000))", "SELECT length(zeroblob(2000000000))",
        "SELECT hex(hex(zeroblob(30000000)))",
        "SELECT randomblob(1000000000)", "SELECT printf('%.100000000c', 'x')", "SELECT printf('%*d', 2000000000, 1)",
        "SELECT group_concat(zeroblob(10000000)) FROM customers a, customers b, customers c, customers d",
        "SELECT count(*) FROM pragma_function_list a, pragma_function_list b, pragma_function_list c",
        "SELECT replace(hex(zeroblob(10000000)), '0', '00000000000000000000')",
        "SELECT json_group_array(x) FROM (SELECT hex(zeroblob(1000000)) AS x FROM pragma_function_list)",
        "SELECT 1 WHERE 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' LIKE replace(hex(zeroblob(300)), '00', '%a')",
        "SELECT '\(String(repeating: "x", count: 2 << 20))'",
        "SELECT \(String(repeating: "(", count: 5000))1\(String(repeating: ")", count: 5000))",
        "SELECT \(Array(repeating: "1", count: 3000).joined(separator: ", "))",
        "SELECT 1\(String(repeating: " UNION ALL SELECT 1", count: 5000))",
        "SELECT 1\(String(repeating: "+1", count: 20_000))",
        "SELECT * FROM \(Array(repeating: "orders", count: 70).joined(separator: ", "))",
        "SELECT sum(a.price) OVER (ORDER BY b.price) FROM orders a, orders b, orders c, orders d, pragma_function_list",
    ]

    private static func contents(of folder: String) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(filePath: "\(folder)/\($0)"))) })
    }

    @Test func thereAreEnough() {
        #expect(Self.refused.count + Self.bombs.count >= 100)
    }

    @Test(arguments: ["DELETE", "WAL"]) func noneGetsThrough(journal: String) throws {
        let sample = try Sample(Sample.shop + "; PRAGMA journal_mode = \(journal)")
        let database = try sample.database()
        let before = try Self.contents(of: sample.folder)
        for sql in Self.refused.map({ $0.replacing("FOLDER", with: sample.folder) }) {
            let error = #expect(throws: DatabaseError.self, "\(sql)") {
                try database.query(sql, [], QueryLimits(milliseconds: 2000))
            }
            #expect(error?.reason != .timedOut && error?.reason != .limit, "\(sql)")
        }
        #expect(try Self.contents(of: sample.folder) == before)
        #expect(try database.query("SELECT count(*) FROM orders", [], QueryLimits()).rows == [[3]])
        #expect(try database.query("PRAGMA query_only", [], QueryLimits()).rows == [[1]])
    }

    @Test(arguments: bombs.indices) func everyOneEnds(index: Int) throws {
        let sample = try Sample()
        let database = try sample.database()
        let before = try Self.contents(of: sample.folder)
        let limits = QueryLimits(rows: 10, bytes: 10_000, milliseconds: 200)
        do {
            let result = try database.query(Self.bombs[index], [], limits)
            #expect(result.rows.count <= 10)
            #expect(result.rows.reduce(0) { $0 + $1.reduce(0) { $0 + $1.writtenBytes } } <= 10_000)
        } catch {
            #expect([.timedOut, .limit, .syntax, .failed].contains(error.reason), "\(error)")
        }
        #expect(try Self.contents(of: sample.folder) == before)
        #expect(try database.query("SELECT count(*) FROM orders", [], QueryLimits()).rows == [[3]])
    }

    /// What a schema made by someone else may hold: it runs when it is merely looked at.
    @Test func aHostileSchemaDoesNothing() throws {
        let sample = try Sample(
            """
            CREATE TABLE t(a);
            INSERT INTO t VALUES (1);
            CREATE VIEW loads AS SELECT load_extension('evil') AS a;
            CREATE VIEW settings AS SELECT * FROM pragma_journal_mode('DELETE');
            CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;
            CREATE VIEW broken AS SELECT * FROM nowhere;
            """)
        let before = try Self.contents(of: sample.folder)
        let database = try sample.database()
        for view in ["loads", "settings", "broken"] {
            #expect(throws: DatabaseError.self) { try database.query("SELECT * FROM \(view)", [], QueryLimits()) }
        }
        let overview = try database.overview(OverviewRequest(samples: 2), QueryLimits(milliseconds: 1000))
        #expect(overview.tables.map(\.schema.name) == ["broken", "endless", "loads", "settings", "t"])
        #expect(overview.isTruncated)
        #expect(try Self.contents(of: sample.folder) == before)
    }

    @Test func aWritingConnectionStillStaysWithinItsFile() throws {
        let sample = try Sample()
        let database = try sample.database(readOnly: false)
        for sql in [
            "CREATE TABLE t(a)", "INSERT INTO t VALUES (1), (2)", "ALTER TABLE t RENAME TO u",
            "ALTER TABLE u ADD COLUMN b", "ALTER TABLE u RENAME COLUMN b TO c", "CREATE INDEX i ON u(a)",
            "CREATE VIRTUAL TABLE f USING fts5(a)", "INSERT INTO f VALUES ('word')", "DROP TABLE f", "ANALYZE",
            "UPDATE u SET c = 1", "ALTER TABLE u DROP COLUMN c", "DELETE FROM u WHERE a = 1",
        ] {
            #expect(throws: Never.self, "\(sql)") { try database.query(sql, [], QueryLimits()) }
        }
        #expect(try database.query("UPDATE orders SET price = 1 WHERE customer = 1", [], QueryLimits()).changes == 2)
        let returned = try database.query("DELETE FROM u RETURNING a", [], QueryLimits())
        #expect(returned.rows == [[2]] && returned.changes == 1)
        let before = try Self.contents(of: sample.folder)
        for sql in [
            "ATTACH 'FOLDER/out.db' AS o", "VACUUM INTO 'FOLDER/out.db'", "SELECT load_extension('x')",
            "PRAGMA writable_schema = ON", "PRAGMA journal_mode = WAL", "PRAGMA temp_store_directory = 'FOLDER'",
            "CREATE TEMP TABLE t(a)", "UPDATE sqlite_master SET sql = ''", "DELETE FROM sqlite_schema", "BEGIN",
            "CREATE VIRTUAL TABLE v USING dbstat", "CREATE VIRTUAL TABLE v USING fts3tokenize",
            "SELECT sqlite_rename_test(1, 2, 3, 4, 5, 6, 7)", "INSERT INTO sqlite_temp_master VALUES (1)",
            "INSERT INTO orders VALUES (1, 1, 1)", "INSERT INTO customers VALUES (9, NULL, 1)",
        ] {
            #expect(throws: DatabaseError.self, "\(sql)") {
                try database.query(sql.replacing("FOLDER", with: sample.folder), [], QueryLimits())
            }
        }
        #expect(try Self.contents(of: sample.folder) == before)
    }

    @Test func refusalsSayWhy() throws {
        let database = try Sample().database()
        for (sql, reason) in [
            ("DELETE FROM orders", DatabaseError.Reason.readOnly), ("ATTACH '' AS a", .notAllowed),
            ("SELECT load_extension('x')", .notAllowed), ("PRAGMA user_version = 1", .notAllowed),
            ("SELEC 1", .syntax), ("BEGIN", .notAllowed),
        ] {
            let error = #expect(throws: DatabaseError.self) { try database.query(sql, [], QueryLimits()) }
            #expect(error?.reason == reason, "\(sql)")
        }
    }
}
