import AgentModel
import CSQLite
import Foundation
import JSON
import Store
import StoreConformance
import Synchronization
import Testing

@testable import StoreSQLite

@Suite struct ConcurrencyTests {
    @Test func aBusyStoreSaysSoAndTheNextTryPasses() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.busyMillisecondsMax = 30 }
        let session = try host.makeSession()
        let other = try folder.connection()
        try other.execute("BEGIN IMMEDIATE")
        let error = #expect(throws: StoreFailure.self) { try host.write(.moveSession(session.id, .pause)) }
        guard case .overloaded = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try other.execute("ROLLBACK")
        other.close()
        try host.write(.moveSession(session.id, .pause))
        host.store.close()
    }

    @Test func aQueryThatTakesTooLongIsEnded() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.readMillisecondsMax = 20 }
        _ = try host.makeSession()
        let error = #expect(throws: StoreFailure.self) {
            _ = try host.read { reader in
                while true { _ = try reader.sessions(SessionFilter(), PageRequest()) }
            }
        }
        guard case .overloaded = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try host.read { try $0.sessions(SessionFilter(), PageRequest()).items.count } == 1)
        let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
        #expect(throws: StoreFailure.self) {
            try host.read { try #require($0 as? SQLiteReader).database.integer(endless) }
        }
        host.store.close()
    }

    @Test func aQueryCannotWrite() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host()
        _ = try host.makeSession()
        #expect(throws: StoreFailure.self) {
            try host.read { try #require($0 as? SQLiteReader).database.run("DELETE FROM session") }
        }
        #expect(try host.read { try $0.sessions(SessionFilter(), PageRequest()).items.count } == 1)
        host.store.close()
    }

    @Test func manyThreadsAreAnsweredInOrder() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host()
        let sessions = try (0..<4).map { _ in try host.makeSession().id }
        DispatchQueue.concurrentPerform(iterations: 4) { index in
            let tickets = (0..<100).map { _ in host.submit([.append(sessions[index], [EventDraft(.warning)])]) }
            for ticket in tickets {
                #expect(throws: Never.self) {
                    _ = try host.wait(ticket)
                    _ = try host.read { try $0.lastSeq(sessions[index]) }
                }
            }
        }
        for session in sessions { #expect(try host.events(session).map(\.seq) == Array(1...101)) }
        #expect(Set(host.answers.committed).count == host.answers.committed.count)
        host.store.close()
    }

    @Test func commitsOfOthersAreNoticedAndOwnOnesAreNot() throws {
        let folder = try TemporaryFolder()
        let (one, two) = (try folder.host(), try folder.host())
        _ = try one.makeSession()
        one.store.watch(true)
        usleep(100_000)
        let before = one.answers.changes
        for _ in 0..<5 { _ = try one.makeSession() }
        usleep(100_000)
        #expect(one.answers.changes == before)
        _ = try two.makeSession()
        for _ in 0..<1000 where one.answers.changes == before { usleep(1000) }
        #expect(one.answers.changes > before)
        one.store.watch(false)
        usleep(50_000)
        let after = one.answers.changes
        _ = try two.makeSession()
        usleep(100_000)
        #expect(one.answers.changes == after)
        for host in [one, two] { host.store.close() }
    }

    @Test func aClosedStoreAnswersThatItIs() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host()
        let tickets = (0..<50).map { _ in host.submit([.insertSession(host.newSession())]) }
        host.store.close()
        for ticket in tickets { _ = try host.wait(ticket) }
        let error = #expect(throws: StoreFailure.self) { _ = try host.makeSession() }
        guard case .broken("closed", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(throws: StoreFailure.self) { try host.read { try $0.deadHosts().count } }
    }

    @Test func aFullDiskFailsWhatDoesNotFitAndNothingElse() throws {
        let folder = try TemporaryFolder()
        try folder.host().store.close()
        let host = try folder.host { $0.writerSettings = "PRAGMA max_page_count=200" }
        let session = try host.makeSession()
        let large = EventDraft(.message, data: ["text": .string(String(repeating: "x", count: 1_000_000))])
        let small = EventDraft(.message, data: ["text": "x"])
        let tickets = [[small], [small, large], [small]].map { host.submit([.append(session.id, $0)]) }
        _ = try host.wait(tickets[0])
        let error = #expect(throws: StoreFailure.self) { _ = try host.wait(tickets[1]) }
        guard case .broken("disk_full", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        _ = try host.wait(tickets[2])
        #expect(try host.events(session.id).map(\.seq) == [1, 2, 3])
        host.store.close()
        host.store.close()
        #expect(try StoreMaintenance(folder: folder.path).check().problems == [])
    }

    // MARK: - The write-ahead log

    private func logBytes(_ folder: TemporaryFolder) -> Int { StoreFolder.bytes(of: folder.path + "/agenthost.db-wal") }

    private func fill(_ host: StoreHost, _ session: SessionID, times: Int) throws {
        let text = String(repeating: "x", count: 20_000)
        for _ in 0..<times {
            try host.write(.append(session, [EventDraft(.message, data: ["text": .string(text)])]))
        }
    }

    @Test func theLogIsWrittenBackAndLeftForTheNext() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.logBytesToWriteBack = 100_000 }
        let session = try host.makeSession()
        try fill(host, session.id, times: 100)
        #expect(logBytes(folder) < 600_000)
        #expect(StoreFolder.bytes(of: folder.path + "/agenthost.db") > 1_000_000)
        host.store.close()
        #expect(logBytes(folder) > 0, "closing must not checkpoint")
        let next = try folder.host()
        #expect(try next.read { try $0.lastSeq(session.id) } == 101)
        next.store.close()
    }

    @Test func whatIsCommittedWhileTheLogIsWrittenBackIsKept() throws {
        let folder = try TemporaryFolder()
        let writeBacks = Mutex(0)
        let hosts = try (0..<2).map { _ in
            try folder.host {
                $0.logBytesToWriteBack = 20_000
                $0.holdReport = { holds in writeBacks.withLock { $0 += holds.writeBacks.count } }
            }
        }
        let sessions = try hosts.map { try $0.makeSession().id }
        for _ in 0..<150 {
            let tickets = zip(hosts, sessions).map { host, session in
                host.submit([.append(session, [EventDraft(.message, data: ["text": "…"])])])
            }
            for (host, ticket) in zip(hosts, tickets) { _ = try host.wait(ticket) }
        }
        for (host, session) in zip(hosts, sessions) { #expect(try host.events(session).map(\.seq) == Array(1...151)) }
        for host in hosts { host.store.close() }
        #expect(writeBacks.withLock { $0 } > 10)
        #expect(try StoreMaintenance(folder: folder.path).check().problems == [])
    }

    @Test func bulkWorkWaitsWhileReadersHoldTheLog() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host {
            $0.logBytesToWriteBack = 100_000
            $0.logBytesMax = 400_000
        }
        let session = try host.makeSession()
        let reader = try folder.connection()
        try reader.execute("BEGIN")
        _ = try reader.integer("SELECT count(*) FROM session")
        try fill(host, session.id, times: 40)
        let error = #expect(throws: StoreFailure.self) { try host.write(.purgeHidden(limit: 10)) }
        guard case .overloaded = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try host.write(.append(session.id, [EventDraft(.warning)]))
        try reader.execute("COMMIT")
        reader.close()
        // Nobody has to write before the log is found free.
        try host.write(.purgeHidden(limit: 10))
        try fill(host, session.id, times: 20)
        try host.write(.purgeHidden(limit: 10))
        host.store.close()
    }
}
