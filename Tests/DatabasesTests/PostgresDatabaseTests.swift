import AgentModel
import Foundation
import JSON
import Testing

@testable import Databases

@Suite(.serialized, .enabled(if: PostgresServer.isInstalled)) struct PostgresDatabaseTests {
    let server: PostgresServer

    init() throws {
        server = try #require(PostgresServer.shared)
        setenv("AGENTHOST_TEST_PASSWORD", "open sesame", 1)
    }

    private func database(readOnly: Bool = true) throws -> PostgresDatabase {
        try PostgresDatabase(server.target(readOnly: readOnly))
    }

    @Test func valuesAreMapped() throws {
        let result = try database().query(
            """
            SELECT NULL, true, 1::int2, 9223372036854775807, 1.5::float8, 'NaN'::float8, '-Infinity'::float4,
                12.30::numeric, 'ä', date '2024-02-03', '\\x00ff01'::bytea, '{"a":1}'::json, ''::text, 'x\\n'
            """, [], QueryLimits())
        let wanted: [JSON] = [
            nil, true, 1, .int(.max), 1.5, "NaN", "-Infinity", "12.30", "ä", "2024-02-03", ["blob_bytes": 3],
            "{\"a\":1}", "", "x\\n",
        ]
        #expect(result.rows == [wanted])
        #expect(result.changes == nil)
    }

    @Test func parametersAreBound() throws {
        let values: [JSON] = [7, "'; DROP TABLE orders --", nil, true, 1.25]
        let sql = "SELECT $1::int, $2::text, $3::text, $4::bool, $5::float8"
        #expect(try database().query(sql, values, QueryLimits()).rows == [values])
        #expect(throws: DatabaseError.self) { try database().query("SELECT $1::text", [], QueryLimits()) }
        #expect(throws: DatabaseError.self) { try database().query("SELECT $1::text", [[1]], QueryLimits()) }
    }

    @Test(arguments: [0, 1, 3, 99, 100, 101, 250]) func rowsAreLimited(rows: Int) throws {
        let database = try database()
        let endless = try database.query("SELECT n FROM generate_series(1, 1000000) n", [], QueryLimits(rows: rows))
        #expect(endless.rows.count == rows && endless.isTruncated && endless.columns == ["n"])
        let all: [JSON] = [.int(Int64(rows))]
        let exact = try database.query("SELECT n FROM generate_series(1, $1::int) n", all, QueryLimits(rows: rows))
        #expect(exact.rows.count == rows && !exact.isTruncated)
    }

    @Test func bytesAreLimited() throws {
        let sql = "VALUES ('short'), (repeat('x', 900)), ('short')"
        let result = try database().query(sql, [], QueryLimits(bytes: 500))
        #expect(result.rows == [["short"]] && result.isTruncated)
    }

    @Test func theSchemaIsTold() throws {
        let tables = try database().tables()
        #expect(tables.map(\.qualifiedName) == ["customers", "orders", "totals", "hr.staff"])
        #expect(tables.map(\.isView) == [false, false, true, false])
        #expect(
            tables[0].columns == [
                .init(name: "id", type: "integer", isNullable: false, primaryKeyPlace: 1),
                .init(name: "name", type: "text", isNullable: false, primaryKeyPlace: 0),
                .init(name: "joined", type: "date", isNullable: true, primaryKeyPlace: 0),
            ])
        #expect(tables[1].columns.map(\.primaryKeyPlace) == [1, 2, 0])
        #expect(tables[1].foreignKeys == [.init(columns: ["customer"], table: "customers", targetColumns: ["id"])])
        #expect(tables[3].foreignKeys == [.init(columns: ["boss"], table: "hr.staff", targetColumns: ["id"])])
    }

    @Test func overviewCountsAndShows() throws {
        let request = OverviewRequest(samples: 2)
        let (tables, isTruncated) = try database().overview(request, QueryLimits())
        #expect(tables.map(\.rowCount) == [2, 3, 2, 1].map { .init(rows: $0, isExact: true) })
        #expect(tables[0].samples == [[1, "Ann", "2024-01-02"], [2, "Bob", nil]])
        #expect(!isTruncated)
    }

    @Test func mistakesArePointedAt() throws {
        let error = #expect(throws: DatabaseError.self) {
            try database().query("SELECT 'ä', nowhere FROM orders", [], QueryLimits())
        }
        #expect(error?.reason == .syntax)
        #expect(error?.position == 13)
    }

    @Test func theSessionSurvivesAMistake() throws {
        let database = try database()
        #expect(throws: DatabaseError.self) { try database.query("SELECT 1/0", [], QueryLimits()) }
        #expect(try database.query("SELECT 1", [], QueryLimits()).rows == [[1]])
    }

    @Test func whatIsReadAloneMayBeExplainedAndShown() throws {
        let database = try database()
        for sql in [
            "EXPLAIN SELECT * FROM orders", "EXPLAIN ANALYZE SELECT 1", "EXPLAIN (COSTS off) (SELECT 1)",
            "EXPLAIN (SELECT 1)", "EXPLAIN (ANALYZE, FORMAT json) WITH a AS (SELECT 1) TABLE a", "SHOW server_version",
            "TABLE orders",
            "(SELECT 1) UNION ALL (SELECT 2)", "WITH a AS (SELECT 1) SELECT * FROM a", "SELECT twice(2), random()",
            "/* a /* nested */ comment */ -- and\nSELECT 1;",
        ] {
            #expect(try !database.query(sql, [], QueryLimits()).rows.isEmpty, "\(sql)")
        }
    }

    @Test func aWritingConnectionWrites() throws {
        let database = try database(readOnly: false)
        func run(_ sql: String) throws -> QueryResult { try database.query(sql, [], QueryLimits()) }
        _ = try run("CREATE TABLE hr.scratch(a int)")
        defer { _ = try? run("DROP TABLE hr.scratch") }
        #expect(try run("INSERT INTO hr.scratch VALUES (1), (2)").changes == 2)
        let returned = try run("WITH d AS (DELETE FROM hr.scratch WHERE a = 1 RETURNING a) SELECT * FROM d")
        #expect(returned.rows == [[1]])
        #expect(try run("SELECT * FROM hr.scratch").rows == [[2]])
        for sql in ["COPY hr.scratch TO STDOUT", "COPY hr.scratch FROM STDIN", "BEGIN", "SET ROLE admin", "VACUUM"] {
            #expect(throws: DatabaseError.self, "\(sql)") { try run(sql) }
        }
        #expect(try run("SELECT count(*) FROM hr.scratch").rows == [[1]])
    }

    @Test(arguments: [("boss", "boss"), ("admin", "admin"), ("reader", "pg_read_server_files")])
    func superusersAreRefused(user: String, role: String) throws {
        let error = #expect(throws: DatabaseError.self) { try PostgresDatabase(server.target(user)) }
        #expect(error?.reason == .notAllowed)
        #expect(error?.message.contains(role) == true)
        let allowed = try PostgresDatabase(server.target(user, allowSuperuser: true))
        #expect(try allowed.query("SELECT current_user", [], QueryLimits()).rows == [[.string(user)]])
    }

    @Test func passwordsComeFromTheEnvironmentAndStaySecret() throws {
        let database = try PostgresDatabase(server.target("agent"))
        #expect(try database.query("SELECT current_user", [], QueryLimits()).rows == [["agent"]])
        var target = server.target("agent")
        target.passwordEnv = "AGENTHOST_TEST_NO_PASSWORD"
        let missing = #expect(throws: DatabaseError.self) { try PostgresDatabase(target) }
        #expect(missing?.message.contains("AGENTHOST_TEST_NO_PASSWORD") == true)
        setenv("AGENTHOST_TEST_WRONG", "agent", 1)
        target.passwordEnv = "AGENTHOST_TEST_WRONG"
        let wrong = #expect(throws: DatabaseError.self) { try PostgresDatabase(target) }
        #expect(wrong?.reason == .cannotOpen)
        #expect(wrong?.message.contains("\"agent\"") == false)
        target.url = "postgresql://agent:sesame@/postgres?host=\(server.folder)"
        let inURL = #expect(throws: DatabaseError.self) { try PostgresDatabase(target) }
        #expect(inURL?.reason == .notAllowed && inURL?.message.contains("sesame") == false)
    }

    @Test(arguments: ["", "host=/tmp", "postgresql://owner@/postgres?host=/nonexistent", "postgresql://%zz"])
    func aServerThatIsNotThereIsAnError(url: String) throws {
        let target = DatabaseTarget(dialect: .postgresql, url: url)
        let error = #expect(throws: DatabaseError.self) { try PostgresDatabase(target) }
        #expect(error?.reason == .cannotOpen)
    }
}
