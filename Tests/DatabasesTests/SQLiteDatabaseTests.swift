import AgentModel
import CSQLite
import Foundation
import JSON
import Testing

@testable import Databases

/// A folder with a database in it, removed at the end.
final class Sample {
    let folder: String
    let path: String

    init(_ sql: String = Sample.shop) throws {
        folder = NSTemporaryDirectory() + "/agenthost-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/shop.db"
        try run(sql)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func run(_ sql: String) throws {
        var handle: OpaquePointer?
        defer { sqlite3_close(handle) }
        guard sqlite3_open(path, &handle) == SQLITE_OK, sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw DatabaseError(.failed, String(cString: sqlite3_errmsg(handle)))
        }
    }

    func database(readOnly: Bool = true) throws -> SQLiteDatabase {
        try SQLiteDatabase(path: path, readOnly: readOnly)
    }

    static let shop = """
        CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT NOT NULL, joined DATE);
        CREATE TABLE orders(
            customer INTEGER REFERENCES customers, number INTEGER, price DECIMAL(8, 2) NOT NULL,
            PRIMARY KEY(customer, number)) WITHOUT ROWID;
        CREATE TABLE "odd ""name"(a, b REFERENCES orders(customer), UNIQUE(a));
        CREATE VIEW totals AS SELECT customer, sum(price) AS total FROM orders GROUP BY 1;
        INSERT INTO customers VALUES (1, 'Ann', '2024-01-02'), (2, 'Bob', NULL);
        INSERT INTO orders VALUES (1, 1, 9.5), (1, 2, 3), (2, 1, 7);
        """
}

@Suite struct SQLiteDatabaseTests {
    @Test func valuesAreMapped() throws {
        let result = try Sample().database().query(
            """
            SELECT NULL, 1, 9223372036854775807, -9223372036854775808, 1.5, 9e999, -9e999, 'a''b', x'00ff',
                CAST(x'61ff62' AS TEXT), CAST(x'610062' AS TEXT), ''
            """, [], QueryLimits())
        let wanted: [JSON] = [
            nil, 1, .int(.max), .int(.min), 1.5, "Infinity", "-Infinity", "a'b", ["blob_bytes": 2], "a\u{FFFD}b",
            "a\0b", "",
        ]
        #expect(result.rows == [wanted])
        #expect(!result.isTruncated)
        #expect(result.changes == nil)
    }

    @Test func parametersAreBound() throws {
        let database = try Sample().database()
        let values: [JSON] = [nil, true, 7, 1.25, "x'; DROP TABLE orders --", ""]
        let result = try database.query("SELECT ?, ?, ?, ?, ?, ?", values, QueryLimits())
        #expect(result.rows == [[nil, 1, 7, 1.25, "x'; DROP TABLE orders --", ""]])
        #expect(throws: DatabaseError(.syntax, "the statement takes 1 parameters, got 0")) {
            try database.query("SELECT ?", [], QueryLimits())
        }
        #expect(throws: DatabaseError.self) { try database.query("SELECT ?", [[1]], QueryLimits()) }
    }

    @Test func rowsAndBytesAreLimited() throws {
        let database = try Sample().database()
        let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        let some = try database.query(numbers, [], QueryLimits(rows: 3))
        #expect(some.rows == [[1], [2], [3]])
        #expect(some.isTruncated)
        let few = try database.query("SELECT id FROM customers", [], QueryLimits(rows: 2))
        #expect(few.rows.count == 2 && !few.isTruncated)
        let wide = "SELECT 'short' UNION ALL SELECT printf('%.900c', 'x')"
        let long = try database.query(wide, [], QueryLimits(bytes: 500))
        #expect(long.rows == [["short"]] && long.isTruncated)
    }

    @Test func theTimeIsLimited() throws {
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        let error = #expect(throws: DatabaseError.self) {
            try Sample().database().query(endless, [], QueryLimits(milliseconds: 50))
        }
        #expect(error?.reason == .timedOut)
    }

    @Test func theSchemaIsTold() throws {
        let tables = try Sample().database().tables()
        #expect(tables.map(\.name) == ["customers", "odd \"name", "orders", "totals"])
        #expect(tables.map(\.isView) == [false, false, false, true])
        #expect(
            tables[0].columns == [
                .init(name: "id", type: "INTEGER", isNullable: false, primaryKeyPlace: 1),
                .init(name: "name", type: "TEXT", isNullable: false, primaryKeyPlace: 0),
                .init(name: "joined", type: "DATE", isNullable: true, primaryKeyPlace: 0),
            ])
        #expect(tables[2].columns.map(\.primaryKeyPlace) == [1, 2, 0])
        #expect(tables[2].foreignKeys == [.init(columns: ["customer"], table: "customers", targetColumns: ["id"])])
        #expect(tables[1].foreignKeys == [.init(columns: ["b"], table: "orders", targetColumns: ["customer"])])
        #expect(tables[3].columns.map(\.name) == ["customer", "total"])
    }

    @Test func oneStatementIsTaken() throws {
        let database = try Sample().database()
        for sql in ["SELECT 1", " ;; SELECT 1 ; ", "/* a */ SELECT 1; -- b\n; /* c"] {
            #expect(try database.query(sql, [], QueryLimits()).rows == [[1]], "\(sql)")
        }
        for sql in ["", " ", ";", "-- nothing", "SELECT 1; SELECT 2", "SELECT 1; bad", "SELECT 1\0; SELECT 2"] {
            let error = #expect(throws: DatabaseError.self, "\(sql)") { try database.query(sql, [], QueryLimits()) }
            #expect(error?.reason == .syntax)
        }
    }

    @Test func mistakesArePointedAt() throws {
        let error = #expect(throws: DatabaseError.self) {
            try Sample().database().query("SELECT 1, nowhere FROM orders", [], QueryLimits())
        }
        #expect(error == DatabaseError(.syntax, "no such column: nowhere", position: 10))
    }
}
