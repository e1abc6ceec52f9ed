import AgentModel
import Foundation
import JSON
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

/// A look into a store by a process that is none of its hosts.
@Suite struct StoreGlanceTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func recalled(_ text: String) throws -> [String]? {
        try StoreGlance(folder: folder.path).read { reader in
            let query = RecallQuery(text: text, scopes: [RecallScope(.user)], at: StoreHost.noon)
            return try reader.recall(query).hits.map(\.memory.contentText)
        }
    }

    @Test func whatAHostHasJustRememberedIsSeen() throws {
        let host = try folder.host()
        try host.write(.remember(host.remembered("prices are net")))
        #expect(try recalled("prices") == ["prices are net"])
        try host.write(.remember(host.remembered("prices are gross")))
        #expect(try recalled("gross") == ["prices are gross"])
        #expect(try recalled("turnover") == [])
        host.store.close()
        #expect(try recalled("net") == ["prices are net"])
        #expect(try StoreMaintenance(folder: folder.path).check().problems == [])
    }

    @Test func itLeavesNoHostBehind() throws {
        let host = try folder.host()
        try host.write(.remember(host.remembered("prices are net")))
        _ = try recalled("prices")
        #expect(try host.read { try $0.deadHosts() } == [])
        #expect(try folder.connection().integer("SELECT count(*) FROM host") == 1)
        #expect(try StoreGlance(folder: folder.path).read { try $0.deadHosts().count } == 0)
    }

    @Test func whatOnlyAHostCanOpenIsLeftToOne() throws {
        #expect(try recalled("prices") == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        let old = Schema(migrations: Schema.shipped.migrations.dropLast())
        try folder.host { $0.schema = old }.store.close()
        #expect(try recalled("prices") == nil)
        try folder.host().store.close()
        #expect(try recalled("prices") == [])
        if let alone = try KernelLock.take(StoreFolder(path: folder.path).storeLock, .exclusive) {
            #expect(try recalled("prices") == nil)
            alone.release()
        } else {
            Issue.record("no host is left, and still somebody has the store")
        }
        let database = try folder.connection()
        try database.execute("PRAGMA user_version=\(Schema.shipped.latest + 1)")
        #expect(try recalled("prices") == [], "a minor version only adds")
        try database.execute("PRAGMA application_id=7")
        #expect(try recalled("prices") == nil)
    }

    @Test func aFileThatIsNoDatabaseIsTold() throws {
        try Data(repeating: 7, count: 8192).write(to: URL(filePath: folder.path + "/agenthost.db"))
        #expect(throws: StoreFailure.self) { try recalled("prices") }
    }
}
