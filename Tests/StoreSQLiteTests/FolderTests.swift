import AgentModel
import CSQLite
import Foundation
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

@Suite struct FolderTests {
    private func mode(_ path: String) throws -> Int {
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        return try #require(mode)
    }

    private func files(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func everythingIsForItsOwnerOnly() throws {
        let folder = try TemporaryFolder()
        let old = umask(0)
        let host = try folder.host()
        umask(old)
        _ = try host.makeSession()
        let names = try files(folder)
        for name in ["agenthost.db", "agenthost.db-shm", "agenthost.db-wal", "store.lock"] {
            #expect(names.contains(name))
        }
        for name in names where name.hasPrefix("agenthost.db") || name == "store.lock" {
            #expect(try mode(folder.path + "/" + name) == 0o600, "\(name)")
        }
        for name in ["", "/hosts", "/results", "/.trash"] { #expect(try mode(folder.path + name) == 0o700, "\(name)") }
        let lock = "\(folder.path)/hosts/\(host.store.hostID).lock"
        #expect(try mode(lock) == 0o600)
        host.store.close()
        #expect(!FileManager.default.fileExists(atPath: lock))
    }

    @Test func aHostThatOnlyReadsLeavesNothing() throws {
        let folder = try TemporaryFolder()
        try folder.host().store.close()
        let host = try folder.host()
        let found = try host.read { try $0.sessions(SessionFilter(), PageRequest()).items }
        #expect(found.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/hosts") == [])
        host.store.close()
    }

    @Test(arguments: [
        (0x6969 as UInt32, "", "NFS"), (0xfe53_4d42, "", "SMB2"), (0x0102_1997, "", "9P"),
        (0x6573_5546, "fuse.sshfs", "sshfs"), (0, "smbfs", "smbfs"),
    ])
    func networkFileSystemsAreKnown(magic: UInt32, type: String, name: String) {
        #expect(NetworkFileSystem.name(magic: magic, type: type) == name)
    }

    @Test(arguments: [
        (0xef53 as UInt32, ""), (0x0102_1994, ""), (0x9123_683e, ""), (0x6573_5546, "fuseblk"),
        (0x6573_5546, "fuse.gocryptfs"), (0, ""),
    ])
    func localFileSystemsAreTaken(magic: UInt32, type: String) {
        #expect(NetworkFileSystem.name(magic: magic, type: type) == nil)
    }

    // MARK: - Damage

    private func write(_ bytes: [UInt8], _ path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }

    private func failure(_ folder: TemporaryFolder) throws -> StoreFailure? {
        do throws(StoreFailure) { try folder.host().store.close() } catch { return error }
        return nil
    }

    @Test func aDamagedStoreIsSetAsideOnceAndTold() throws {
        let folder = try TemporaryFolder()
        let garbage = Array("this is no database, but somebody may want it back".utf8)
        try write(garbage, folder.path + "/agenthost.db")
        try write([1, 2, 3], folder.path + "/agenthost.db-wal")
        guard case .broken("damaged", let detail) = try failure(folder) else {
            Issue.record("a damaged store opened")
            return
        }
        let place = try #require(try files(folder).first { $0.contains(".damaged-") && !$0.hasSuffix("-wal") })
        #expect(detail.contains(place))
        #expect(FileManager.default.contents(atPath: folder.path + "/" + place) == Data(garbage))
        #expect(FileManager.default.contents(atPath: folder.path + "/" + place + "-wal") == Data([1, 2, 3]))
        let host = try folder.host()
        #expect(host.store.describe().setAside == [folder.path + "/" + place])
        host.store.close()
    }

    @Test func secondDamageDoesNotOverwriteTheFirst() throws {
        let folder = try TemporaryFolder()
        for text in ["first, which is no database", "second, which is no database either"] {
            try write(Array(text.utf8), folder.path + "/agenthost.db")
            #expect(try failure(folder) != nil)
        }
        #expect(try files(folder).filter { $0.contains(".damaged-") }.count == 2)
    }

    @Test func aStoreThatOthersUseIsNotMoved() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host()
        _ = try host.makeSession()
        #expect(rename(folder.path + "/agenthost.db", folder.path + "/kept") == 0)
        try write(Array("garbage where the store was, long enough".utf8), folder.path + "/agenthost.db")
        #expect(try failure(folder) != nil)
        #expect(try files(folder).allSatisfy { !$0.contains(".damaged-") })
        host.store.close()
    }

    @Test func aDatabaseOfAnotherProgramIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let other = try SQLiteConnection(
            uri: "file:\(folder.path)/agenthost.db?mode=rwc", writable: true, creates: true)
        try other.execute("CREATE TABLE theirs(x)")
        other.close()
        guard case .refused = try failure(folder) else {
            Issue.record("another program's database was taken")
            return
        }
        #expect(try files(folder).contains("agenthost.db"))
        #expect(try files(folder).allSatisfy { !$0.contains(".damaged-") })
    }

    @Test(arguments: [true, false]) func aLogWithoutItsDatabaseIsKept(emptyDatabase: Bool) throws {
        let folder = try TemporaryFolder()
        if emptyDatabase { try write([], folder.path + "/agenthost.db") }
        try write([9, 9, 9], folder.path + "/agenthost.db-wal")
        try folder.host().store.close()
        let kept = try #require(try files(folder).first { $0.contains(".damaged-") && $0.hasSuffix("-wal") })
        #expect(FileManager.default.contents(atPath: folder.path + "/" + kept) == Data([9, 9, 9]))
    }

    @Test func aPathWithStrangeCharacters() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a b?c#d%20é&e=f"
        let answers = StoreAnswers()
        let options = StoreOptions(
            folder: path, hostID: Fresh.id(), pid: 1, startedAt: StoreHost.noon, sink: { answers.take($0) })
        let host = StoreHost(store: try SQLiteStore.open(options), answers: answers)
        _ = try host.makeSession()
        host.store.close()
        #expect(FileManager.default.fileExists(atPath: path + "/agenthost.db"))
    }
}
