import AgentModel
import Foundation
import JSON
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

@Suite struct SchemaTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/stores")

    /// A shipped migration is never edited: what it made is on people's disks. Add another one instead.
    @Test func shippedMigrationsAreNeverEdited() {
        let shipped: [Int: UInt64] = [
            1000: 11_693_188_952_364_930_217, 1001: 15_853_562_146_543_586_582, 1002: 6_700_144_726_961_135_444,
            1003: 13_099_343_753_978_709_779, 1004: 5_584_263_960_920_528_477,
            1005: 17_349_264_791_547_488_587,
            1006: 3_142_437_414_426_187_332, 1007: 4_383_202_407_205_763_328,
        ]
        for migration in Schema.shipped.migrations {
            // FNV-1a, 64 bits.
            let hash = migration.sql.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01b3
            }
            #expect(shipped[migration.version] == hash, "version \(migration.version)")
        }
        #expect(Schema.shipped.migrations.map(\.version) == shipped.keys.sorted())
    }

    /// Set AGENTHOST_WRITE_FIXTURES to make the fixture of a new version; those of old ones stay as they are.
    @Test func everyShippedVersionStillOpens() throws {
        let latest = Self.fixtures.appending(path: "v\(Schema.shipped.latest).db")
        if ProcessInfo.processInfo.environment["AGENTHOST_WRITE_FIXTURES"] != nil,
            !FileManager.default.fileExists(atPath: latest.path)
        {
            try writeFixture(latest.path)
        }
        for migration in Schema.shipped.migrations {
            let folder = try TemporaryFolder()
            let fixture = Self.fixtures.appending(path: "v\(migration.version).db")
            try FileManager.default.copyItem(atPath: fixture.path, toPath: folder.path + "/agenthost.db")
            let host = try folder.host()
            #expect(host.store.describe().schemaVersion == Schema.shipped.latest)
            let sessions = try host.read { try $0.sessions(SessionFilter(), PageRequest()).items }
            #expect(sessions.map(\.title) == ["Umsätze"])
            let log = try host.events(try #require(sessions.first).id)
            #expect(log.map(\.seq) == Array(1...log.count))
            #expect(log.last?.type == .taskCompleted)
            let tasks = try host.read { try $0.tasks(TaskFilter(), PageRequest()).items }
            #expect(tasks.map(\.result?.output) == ["done"])
            _ = try host.makeSession()
            host.store.close()
            #expect(try StoreMaintenance(folder: folder.path).check().problems == [])
        }
    }

    private func writeFixture(_ path: String) throws {
        let folder = try TemporaryFolder()
        let host = try folder.host()
        let session = try host.makeSession {
            $0.title = "Umsätze"; $0.metadata = ["a": 1]
        }
        let (_, run, _) = try host.runTask(in: session.id)
        var usage = Usage.none
        usage.inputTokens = 3
        usage.accuracy = .known
        _ = try host.wait(host.submit(host.finish(run, usage: usage)))
        host.store.close()
        _ = try StoreMaintenance(folder: folder.path).backup(to: path)
    }

    @Test func typesOfEventsHaveTheCodesOfTheTable() throws {
        let folder = try TemporaryFolder()
        try folder.host().store.close()
        let database = try folder.connection()
        defer { database.close() }
        let table = try database.rows("SELECT code, name FROM event_type ORDER BY code") { ($0.int(), $0.text()) }
        #expect(table.map(\.1) == EventData.types.map(\.rawValue))
        #expect(table.map(\.0) == Array(1...EventData.types.count))
        #expect(Set(EventData.types) == Set(EventType.allCases))
        let terminal = EventType.allCases.filter(\.isTerminal).map(EventData.code)
        #expect(terminal.sorted() == Array(22...25), "the index over terminal events names these")
    }

    // MARK: - Other versions

    private static func withColumn(_ version: Int) -> Schema {
        Schema(
            migrations: Schema.shipped.migrations + [
                Schema.Migration(version: version, sql: "ALTER TABLE session ADD COLUMN colour TEXT;")
            ])
    }

    @Test func aLaterMinorIsMadeWhenAloneOnly() throws {
        let folder = try TemporaryFolder()
        let old = try folder.host()
        let beside = try folder.host { $0.schema = Self.withColumn(Schema.shipped.latest + 1) }
        #expect(beside.store.describe().schemaVersion == Schema.shipped.latest)
        _ = try beside.makeSession()
        beside.store.close()
        old.store.close()
        let alone = try folder.host { $0.schema = Self.withColumn(Schema.shipped.latest + 1) }
        #expect(alone.store.describe().schemaVersion == Schema.shipped.latest + 1)
        #expect(try alone.read { try $0.sessions(SessionFilter(), PageRequest()).items.count } == 1)
        alone.store.close()
        let older = try folder.host()
        #expect(
            older.store.describe().schemaVersion == Schema.shipped.latest + 1,
            "a minor only adds, so an older host goes on with it")
        _ = try older.makeSession()
        older.store.close()
    }

    @Test func besideAnOlderHostThereAreNoReadingsAndNoBudgets() throws {
        let folder = try TemporaryFolder()
        let before = Schema(migrations: Schema.shipped.migrations.filter { $0.version < SchemaPart.ledger.since })
        let old = try folder.host { $0.schema = before }
        let new = try folder.host()
        #expect(new.store.describe().schemaVersion == SchemaPart.ledger.since - 1)
        let session = try new.makeSession()
        let budgeted = new.newSession { $0.budget = Budget(cost: nil, tokens: 5) }
        var patch = SessionPatch()
        patch.budget = .set(Budget(cost: nil, tokens: 5))
        for command in [StoreCommand.insertSession(budgeted), .patchSession(session.id, patch)] {
            let error = #expect(throws: StoreFailure.self) { try new.write(command) }
            guard case .broken("old_schema", _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        let (task, run, _) = try new.runTask(in: session.id)
        let reading = UsageReading(total: .none)
        try new.write(
            .keepReading(ReadingChange(driver: run.driver, driverSessionID: "d", reading: reading, runID: run.id)))
        _ = try new.wait(new.submit(new.finish(run)))
        #expect(try new.read { try $0.task(task.id) }?.status == .completed)
        #expect(try new.read { try $0.usage(UsageFilter()) }.map(\.runs) == [1])
        #expect(try new.read { try $0.sessions(SessionFilter(), PageRequest()).items.count } == 1)
        for host in [old, new] { host.store.close() }
    }

    @Test func aLaterMajorIsRefusedAndNotTouched() throws {
        let folder = try TemporaryFolder()
        try folder.host { $0.schema = Self.withColumn(2000) }.store.close()
        let error = #expect(throws: StoreFailure.self) { try folder.host() }
        guard case .broken("store_upgraded", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(FileManager.default.fileExists(atPath: folder.path + "/agenthost.db"))
    }

    @Test func aHostStopsWritingWhenTheStoreWasUpgraded() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host()
        let session = try host.makeSession()
        let database = try folder.connection()
        try database.execute("PRAGMA user_version=\(Schema.shipped.latest + 1)")
        database.close()
        let error = #expect(throws: StoreFailure.self) { try host.write(.moveSession(session.id, .pause)) }
        guard case .broken("store_upgraded", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        host.store.close()
    }

    @Test func aMigrationThatFailsChangesNothing() throws {
        let folder = try TemporaryFolder()
        try folder.host().store.close()
        let broken = Schema(
            migrations: Schema.shipped.migrations + [
                Schema.Migration(
                    version: Schema.shipped.latest + 1, sql: "CREATE TABLE more(x); CREATE TABLE session(y);")
            ])
        #expect(throws: StoreFailure.self) { try folder.host { $0.schema = broken } }
        let host = try folder.host()
        #expect(host.store.describe().schemaVersion == Schema.shipped.latest)
        host.store.close()
    }
}
