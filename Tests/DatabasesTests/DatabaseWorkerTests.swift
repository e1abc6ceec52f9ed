import AgentModel
import CSystem
import Foundation
import JSON
import Testing

@testable import Databases

@Suite struct DatabaseWorkerTests {
    private func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(cs_pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    /// Runs a worker on a thread of its own, whose confinement ends with it.
    private func answer(_ line: String) async throws -> (reply: DatabaseReply?, code: Int32) {
        let (input, toWorker) = try pipe()
        let (fromWorker, output) = try pipe()
        let bytes = Array(line.utf8)
        #expect(write(toWorker, bytes, bytes.count) == bytes.count)
        close(toWorker)
        let code = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let code = DatabaseWorker.main(input: input, output: output)
                // A worker's clock must not end the tests, however long this one waits for its turn.
                alarm(0)
                close(input)
                close(output)
                continuation.resume(returning: code)
            }
        }
        let answer = FileHandle(fileDescriptor: fromWorker, closeOnDealloc: true).readDataToEndOfFile()
        if answer.isEmpty { return (nil, code) }
        #expect(answer.last == 0x0a && answer.filter { $0 == 0x0a }.count == 1)
        return (DatabaseReply(try JSON.parse(Array(answer))), code)
    }

    private func answer(
        _ operation: DatabaseRequest.Operation, _ target: DatabaseTarget, _ limits: QueryLimits = QueryLimits()
    ) async throws -> DatabaseReply? {
        let request = DatabaseRequest(operation, of: target, limits: limits)
        #expect(DatabaseRequest(request.json) == request)
        let (reply, code) = try await answer(request.json.description + "\n")
        #expect(code == 0)
        return reply
    }

    @Test func questionsAreAnswered() async throws {
        let sample = try Sample()
        let target = DatabaseTarget(dialect: .sqlite, path: sample.path)
        guard case .tested(let version, let tables) = try await answer(.test, target) else {
            Issue.record("expected a test")
            return
        }
        #expect(version.hasPrefix("SQLite 3.") && tables == 4)
        let query = DatabaseRequest.Operation.query(sql: "SELECT name FROM customers WHERE id = ?", parameters: [2])
        #expect(
            try await answer(query, target)
                == .result(QueryResult(columns: ["name"], rows: [["Bob"]], isTruncated: false)))
        let wanted = OverviewRequest(tables: ["orders"], samples: 1)
        guard case .schema(let overview, false) = try await answer(.schema(wanted), target) else {
            Issue.record("expected a schema")
            return
        }
        #expect(overview.map(\.schema.name) == ["orders"])
        #expect(overview[0].rowCount == .init(rows: 3, isExact: true))
        #expect(overview[0].samples == [[1, 1, 9.5]])
        #expect(
            overview[0].schema.foreignKeys == [.init(columns: ["customer"], table: "customers", targetColumns: ["id"])])
    }

    @Test(.enabled(if: PostgresServer.isInstalled)) func aServerIsAskedThroughAWorker() async throws {
        let server = try #require(PostgresServer.shared)
        guard case .tested(let version, _) = try await answer(.test, server.target()) else {
            Issue.record("expected a test")
            return
        }
        #expect(version.hasPrefix("PostgreSQL "))
        let query = DatabaseRequest.Operation.query(sql: "SELECT name FROM customers WHERE id = $1", parameters: [2])
        #expect(
            try await answer(query, server.target())
                == .result(QueryResult(columns: ["name"], rows: [["Bob"]], isTruncated: false)))
    }

    @Test func aWritingConnectionWritesThroughItsWorker() async throws {
        let sample = try Sample()
        let target = DatabaseTarget(dialect: .sqlite, path: sample.path, readOnly: false)
        for _ in 0..<2 {
            let insert = DatabaseRequest.Operation.query(
                sql: "INSERT INTO customers(name) VALUES ('x')", parameters: [])
            #expect(
                try await answer(insert, target)
                    == .result(QueryResult(columns: [], rows: [], isTruncated: false, changes: 1)))
        }
        #expect(try sample.database().query("SELECT count(*) FROM customers", [], QueryLimits()).rows == [[4]])
    }

    @Test func mistakesAreReplies() async throws {
        let sample = try Sample()
        let missing = DatabaseTarget(dialect: .sqlite, path: sample.folder + "/missing")
        guard case .failed(let error) = try await answer(.test, missing) else {
            Issue.record("expected an error")
            return
        }
        #expect(error.reason == .cannotOpen)
        let own = DatabaseTarget(dialect: .sqlite, path: sample.path, refusedPaths: [sample.path])
        guard case .failed(let refusal) = try await answer(.test, own) else {
            Issue.record("expected an error")
            return
        }
        #expect(refusal.reason == .notAllowed)
        for line in ["{}", "nonsense", "[1]", "{\"op\":\"test\"}", "\n"] {
            let (reply, code) = try await answer(line + "\n")
            guard case .failed? = reply else {
                Issue.record("expected an error for \(line)")
                continue
            }
            #expect(code == 0)
        }
        #expect(try await answer("") == (nil, 1))
    }

    @Test func nobodyToAnswerIsAnExitCode() async throws {
        signal(SIGPIPE, SIG_IGN)
        let (input, toWorker) = try pipe()
        let (fromWorker, output) = try pipe()
        close(fromWorker)
        #expect(write(toWorker, "{}\n", 3) == 3)
        close(toWorker)
        #expect(DatabaseWorker.main(input: input, output: output) == 1)
        close(input)
        close(output)
    }

    /// After it opened its database a worker reaches nothing else, even by a hole in the engine.
    @Test func theWorkerIsConfined() async throws {
        let sample = try Sample()
        let folder = sample.folder
        let path = sample.path
        let result = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<(Bool, [Int32], [[JSON]]), any Error>) in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let database = try SQLiteDatabase(path: path, readOnly: true)
                        let isEnforced = try confineProcess(to: database)
                        let results = ["/etc/passwd", "\(folder)/shop.db", "\(folder)/new"].map { path in
                            let flags = path.hasSuffix("new") ? O_WRONLY | O_CREAT : O_RDWR
                            let descriptor = open(path, flags, 0o600)
                            defer { if descriptor >= 0 { close(descriptor) } }
                            return descriptor < 0 ? errno : 0
                        }
                        return (isEnforced, results, try database.query("SELECT 1", [], QueryLimits()).rows)
                    })
            }
        }
        #expect(result.2 == [[1]])
        guard result.0 else { return print("confinement is not tested: the kernel has no Landlock") }
        #expect(result.1 == [EACCES, EACCES, EACCES])
    }

    @Test func valuesSurviveTheirJSON() throws {
        let target = DatabaseTarget(
            dialect: .postgresql, url: "postgresql://a", passwordEnv: "P", readOnly: false, allowSuperuser: true,
            refusedPaths: ["/a"])
        #expect(DatabaseTarget(target.json) == target)
        let table = TableSchema(
            namespace: "hr", name: "staff", isView: true,
            columns: [.init(name: "id", type: "int", isNullable: true, primaryKeyPlace: 1)],
            foreignKeys: [.init(columns: ["a"], table: "b", targetColumns: ["c"])])
        for reply: DatabaseReply in [
            .tested(engineVersion: "SQLite", tables: 3),
            .schema(
                [.init(schema: table, rowCount: .init(rows: 3, isExact: false), samples: [[1, nil]])], isTruncated: true
            ),
            .result(QueryResult(columns: ["a"], rows: [[1], ["x"]], isTruncated: true, changes: 2)),
            .failed(DatabaseError(.limit, "too much", position: 3)),
        ] {
            #expect(DatabaseReply(reply.json) == reply)
            #expect(DatabaseReply(try JSON.parse(reply.json.encoded())) == reply)
        }
        for json: JSON in [nil, [], ["ok": true], ["ok": false], ["ok": false, "error": ["reason": "new"]]] {
            #expect(DatabaseReply(json) == nil)
        }
        var connection = DatabaseConnection(
            id: try #require(ConnectionID("conn_\(UUID().uuidString.lowercased())")), name: "a", dialect: .sqlite,
            at: Timestamp(milliseconds: 0))
        connection.path = "/a"
        #expect(DatabaseTarget(connection) == DatabaseTarget(dialect: .sqlite, path: "/a"))
    }
}
