import AgentModel
import Foundation
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

/// Hosts in processes of their own that are killed in the middle of their work.
@Suite struct CrashTests {
    @Test(arguments: 1...6) func nothingAcknowledgedIsLost(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let folder = try TemporaryFolder()
        var acknowledged: [[Substring]] = []
        for _ in 0..<3 {
            let probes = try [StoreProbe([folder.path]), StoreProbe([folder.path])]
            for probe in probes { acknowledged += probe.killed(afterBytes: 200 + random.below(20_000)) }
        }
        #expect(acknowledged.count > 20)
        let host = try folder.host()
        defer { host.store.close() }
        for dead in try host.read({ try $0.deadHosts() }) { try host.write(.buryHost(dead.id)) }
        #expect(try host.read { try $0.deadHosts() } == [])
        for line in acknowledged { try expectKept(line, host) }
        #expect(try StoreMaintenance(folder: folder.path).check().problems == [])
        let open = try host.read { reader in
            var filter = TaskFilter()
            filter.statuses = [.queued, .running]
            return try reader.tasks(filter, PageRequest()).items
        }
        #expect(open == [])
    }

    private func expectKept(_ line: [Substring], _ host: StoreHost) throws {
        switch line.first {
        case "session":
            let id = try #require(SessionID(String(line[1])))
            let session = try host.read { try $0.session(id) }
            #expect(session != nil)
        case "events":
            let id = try #require(SessionID(String(line[1])))
            #expect(try host.read { try $0.lastSeq(id) } >= Int(line[2]) ?? .max)
        case "ended":
            let id = try #require(TaskID(String(line[1])))
            #expect(try host.read { try $0.task(id) }?.status == .completed)
        case "memory", "forgotten":
            let id = try #require(MemoryID(String(line[1])))
            let memory = try host.read { try $0.memory(id, at: nil) }
            #expect((memory != nil) == (line.first == "memory"))
        default: Issue.record("\(line)")
        }
    }

    @Test func aStoppedHostLivesAndAKilledOneIsDeadAtOnce() throws {
        let folder = try TemporaryFolder()
        let probe = try StoreProbe([folder.path])
        while probe.output.fileHandleForReading.availableData.count < 10 {}
        kill(probe.process.processIdentifier, SIGSTOP)
        let host = try folder.host { $0.busyMillisecondsMax = 50 }
        defer { host.store.close() }
        #expect(try host.read { try $0.deadHosts() } == [])
        kill(probe.process.processIdentifier, SIGKILL)
        probe.process.waitUntilExit()
        #expect(try host.read { try $0.deadHosts() }.map(\.pid) == [Int(probe.process.processIdentifier)])
    }
}
