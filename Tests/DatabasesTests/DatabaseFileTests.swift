import CSQLite
import Foundation
import JSON
import Testing

@testable import Databases

#if os(Linux)
    @_silgen_name("setfsuid") private func setFileSystemUser(_ user: UInt32) -> Int32
#endif

/// Which files are opened, and in which states.
@Suite struct DatabaseFileTests {
    private func reason(_ path: String, readOnly: Bool = true, refusing: [String] = []) -> DatabaseError.Reason? {
        do {
            _ = try SQLiteDatabase(path: path, readOnly: readOnly, refusing: refusing)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func onlyRegularFilesAreOpened() throws {
        let sample = try Sample()
        #expect(mkfifo("\(sample.folder)/pipe", 0o600) == 0)
        #expect(symlink("\(sample.folder)/pipe", "\(sample.folder)/to-pipe") == 0)
        for path in [
            sample.folder, "\(sample.folder)/pipe", "\(sample.folder)/to-pipe", "/dev/null", "/dev/zero", "/dev/stdin",
            "/", "relative.db", "", "\(sample.folder)/missing.db", "\(sample.folder)/shop.db/x", "/proc/self/fd",
            "\(sample.path)\0.txt", ":memory:", "file:\(sample.path)?immutable=1", "\(sample.path)?immutable=1",
        ] {
            #expect(reason(path) == .cannotOpen, "\(path)")
        }
        #expect(!FileManager.default.fileExists(atPath: "\(sample.folder)/missing.db"))
    }

    @Test func onlyDatabasesAreOpened() throws {
        let sample = try Sample()
        for (name, bytes) in [
            ("empty", ""), ("text", "hello"), ("long", String(repeating: "hello ", count: 1000)),
            ("header", "SQLite format 3\0"), ("torn", "SQLite format 3\0" + String(repeating: "\u{1}", count: 4000)),
        ] {
            try Data(bytes.utf8).write(to: URL(filePath: "\(sample.folder)/\(name)"))
            #expect(reason("\(sample.folder)/\(name)") == .notADatabase, "\(name)")
        }
        #expect(reason("/etc/passwd") == .notADatabase)
    }

    @Test func aLinkIsResolvedBeforeItIsChecked() throws {
        let sample = try Sample()
        #expect(symlink(sample.path, "\(sample.folder)/link.db") == 0)
        let database = try SQLiteDatabase(path: "\(sample.folder)/link.db", readOnly: true)
        #expect(try database.query("SELECT count(*) FROM orders", [], QueryLimits()).rows == [[3]])
        #expect(database.path.hasSuffix("/shop.db"))
    }

    @Test func theHostsOwnFilesAreRefusedUnderEveryName() throws {
        let sample = try Sample()
        #expect(symlink(sample.path, "\(sample.folder)/link.db") == 0)
        #expect(link(sample.path, "\(sample.folder)/hard.db") == 0)
        #expect(symlink(sample.folder, "\(sample.folder)/round") == 0)
        for name in ["shop.db", "link.db", "hard.db", "round/shop.db", "./shop.db", "round/round/./shop.db"] {
            #expect(reason("\(sample.folder)/\(name)", refusing: ["/nowhere", sample.path]) == .notAllowed, "\(name)")
            #expect(reason("\(sample.folder)/\(name)", refusing: ["/nowhere"]) == nil, "\(name)")
        }
        #expect(reason(sample.path, refusing: ["\(sample.folder)/link.db"]) == .notAllowed)
    }

    @Test(arguments: ["-wal", "-shm", "-journal"], [true, false])
    func whatLiesBesideIsNoWayOut(companion: String, readOnly: Bool) throws {
        let sample = try Sample("PRAGMA journal_mode = WAL; " + Sample.shop)
        let other = try Sample()
        let before = try Data(contentsOf: URL(filePath: other.path))
        #expect(symlink(other.path, sample.path + companion) == 0)
        #expect(reason(sample.path, readOnly: readOnly) == .cannotOpen)
        unlink(sample.path + companion)
        #expect(mkfifo(sample.path + companion, 0o600) == 0)
        #expect(reason(sample.path, readOnly: readOnly) == .cannotOpen)
        unlink(sample.path + companion)
        #expect(link(other.path, sample.path + companion) == 0)
        #expect(reason(sample.path, readOnly: readOnly, refusing: [other.path]) == .notAllowed)
        unlink(sample.path + companion)
        #expect(reason(sample.path, readOnly: readOnly) == nil)
        #expect(try Data(contentsOf: URL(filePath: other.path)) == before)
    }

    /// The file and its folder cannot be written: by rights, and without those of a superuser.
    private func withoutRights<Result: Sendable>(
        in sample: Sample, _ body: @escaping @Sendable (String) throws -> Result
    ) async throws -> Result {
        let path = sample.path
        for name in try FileManager.default.contentsOfDirectory(atPath: sample.folder) {
            chmod("\(sample.folder)/\(name)", 0o444)
        }
        chmod(sample.folder, 0o555)
        defer { chmod(sample.folder, 0o755) }
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                #if os(Linux)
                    // Of this thread alone.
                    if geteuid() == 0 { _ = setFileSystemUser(65534) }
                #endif
                continuation.resume(with: Swift.Result { try body(path) })
            }
        }
    }

    @Test func aDatabaseInWALModeIsReadWhereNothingMayBeWritten() async throws {
        let sample = try Sample("PRAGMA journal_mode = WAL; " + Sample.shop)
        #expect(try FileManager.default.contentsOfDirectory(atPath: sample.folder) == ["shop.db"])
        let rows = try await withoutRights(in: sample) { path in
            #expect(open(path + "-shm", O_RDWR | O_CREAT, 0o600) < 0, "the test itself may not write there")
            return try SQLiteDatabase(path: path, readOnly: true).query(
                "SELECT count(*) FROM orders", [], QueryLimits()
            )
            .rows
        }
        #expect(rows == [[3]])
        #expect(try FileManager.default.contentsOfDirectory(atPath: sample.folder) == ["shop.db"])
    }

    /// The states of a file whose writer died: `copy.db` and what lay beside it at that moment.
    private func abandoned(_ journal: String, companion: String) throws -> Sample {
        let source = try Sample("PRAGMA journal_mode = \(journal); " + Sample.shop)
        var handle: OpaquePointer?
        defer { sqlite3_close(handle) }
        #expect(sqlite3_open(source.path, &handle) == SQLITE_OK)
        let sql =
            journal == "WAL"
            ? "PRAGMA wal_autocheckpoint = 0; INSERT INTO orders VALUES (2, 2, 5)"
            : """
            PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN;
            WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
            INSERT INTO customers SELECT i, printf('%0200d', i), NULL FROM n
            """
        #expect(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
        let sample = try Sample("SELECT 1")
        try? FileManager.default.removeItem(atPath: sample.path)
        for name in ["", companion] {
            try FileManager.default.copyItem(atPath: source.path + name, toPath: sample.path + name)
        }
        return sample
    }

    @Test func aWALThatWasLeftBehindIsRead() async throws {
        let sample = try abandoned("WAL", companion: "-wal")
        let rows = try await withoutRights(in: sample) { path in
            try SQLiteDatabase(path: path, readOnly: true).query("SELECT count(*) FROM orders", [], QueryLimits()).rows
        }
        #expect(rows == [[4]])
    }

    @Test func aTransactionThatWasLeftBehindIsNotRead() throws {
        let sample = try abandoned("DELETE", companion: "-journal")
        let before = try Data(contentsOf: URL(filePath: sample.path))
        let database = try sample.database()
        #expect(try database.query("SELECT count(*) FROM customers", [], QueryLimits()).rows == [[2]])
        #expect(try Data(contentsOf: URL(filePath: sample.path)) == before)
    }

    @Test func copiesLeaveNothingBehind() throws {
        let sample = try abandoned("DELETE", companion: "-journal")
        var copy: PrivateCopy? = try PrivateCopy(of: try DatabaseFile.locate(sample.path))
        let path = try #require(copy?.file.path)
        let folder = URL(filePath: path).deletingLastPathComponent().path
        #expect(FileManager.default.fileExists(atPath: path))
        copy = nil
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func aWriterBesideIsSeen() throws {
        let sample = try Sample("PRAGMA journal_mode = WAL; " + Sample.shop)
        let database = try sample.database()
        #expect(try database.query("SELECT count(*) FROM orders", [], QueryLimits()).rows == [[3]])
        try sample.run("INSERT INTO orders VALUES (2, 2, 5)")
        #expect(try database.query("SELECT count(*) FROM orders", [], QueryLimits()).rows == [[4]])
    }
}
