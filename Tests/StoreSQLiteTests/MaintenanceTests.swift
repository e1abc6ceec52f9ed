import AgentModel
import Foundation
import JSON
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

@Suite struct MaintenanceTests {
    private let folder: TemporaryFolder
    private let maintenance: StoreMaintenance

    /// A store with one task that has ended.
    init() throws {
        folder = try TemporaryFolder()
        maintenance = StoreMaintenance(folder: folder.path)
        let host = try folder.host()
        let session = try host.makeSession()
        let (_, run, _) = try host.runTask(in: session.id)
        var usage = Usage.none
        usage.inputTokens = 5
        usage.accuracy = .known
        _ = try host.wait(host.submit(host.finish(run, usage: usage)))
        host.store.close()
    }

    @Test func aSoundStoreHasNoProblems() throws {
        let report = try maintenance.check()
        #expect(report.problems == [])
        #expect((report.sessions, report.tasks, report.events) == (1, 1, 7))
        #expect(report.schemaVersion == Schema.shipped.latest)
    }

    @Test(arguments: [
        ("DELETE FROM event WHERE seq = 3", "holes"),
        ("UPDATE task SET seq_last = 1", "without its terminal event"),
        ("UPDATE task SET status = 'running'", "has a terminal event"),
        ("UPDATE run SET ended_at = NULL", "runs that have not"),
        ("UPDATE session SET task_count = 9", "count its tasks"),
        ("UPDATE ledger SET input_tokens = 4", "used something else"),
        ("INSERT INTO lease VALUES (1, x'00', 1, 'd', NULL, 1, 1)", "lease is held"),
        ("UPDATE event SET task = 99 WHERE seq = 2", "refers to nothing"),
    ])
    func checkFindsFaults(sql: String, problem: String) throws {
        let database = try folder.connection()
        try database.execute(sql)
        database.close()
        #expect(try maintenance.check().problems.contains { $0.contains(problem) })
    }

    @Test func checkFindsDamagedPages() throws {
        let database = try folder.connection()
        try database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        let file = try FileHandle(forUpdating: URL(filePath: folder.path + "/agenthost.db"))
        try file.seek(toOffset: 4096 * 8)
        try file.write(contentsOf: Data(repeating: 0xee, count: 4096 * 6))
        try file.close()
        #expect(try !maintenance.check().isSound)
    }

    @Test func aBackupIsAStoreOfItsOwn() throws {
        let running = try folder.host()
        _ = try running.makeSession()
        let other = try TemporaryFolder()
        let path = other.path + "/agenthost.db"
        let copy = try maintenance.backup(to: path)
        #expect(copy.bytesAfter > 0)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.path) == ["agenthost.db"])
        #expect(try StoreMaintenance(folder: other.path).check().sessions == 2)
        let host = try other.host()
        _ = try host.makeSession()
        host.store.close()
        running.store.close()
        let before = FileManager.default.contents(atPath: path)
        #expect(throws: StoreFailure.self) { try maintenance.backup(to: path) }
        #expect(FileManager.default.contents(atPath: path) == before)
    }

    @Test func vacuumGivesSpaceBackWhenNoHostRuns() throws {
        let host = try folder.host()
        let session = try host.makeSession()
        let text = String(repeating: "x", count: 10_000)
        for _ in 0..<50 { try host.write(.append(session.id, [EventDraft(.message, data: ["text": .string(text)])])) }
        try host.write(.hideSession(session.id, force: false), .purgeHidden(limit: 10_000))
        let error = #expect(throws: StoreFailure.self) { try maintenance.vacuum() }
        guard case .broken("locked", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        host.store.close()
        let copy = try maintenance.vacuum()
        #expect(copy.bytesAfter < copy.bytesBefore)
        #expect(try maintenance.check().problems == [])
    }

    @Test func aFolderWithoutAStoreIsTold() throws {
        let folder = try TemporaryFolder()
        #expect(throws: StoreFailure.notFound(folder.path + "/agenthost.db")) {
            try StoreMaintenance(folder: folder.path).check()
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }
}
