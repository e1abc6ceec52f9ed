import AgentModel
import Foundation
import JSON
import MemorySearch
import Store
import StoreConformance
import Synchronization
import Testing

@testable import StoreSQLite

/// Queries whose answer nobody waits for any more.
@Suite struct AbandonedReadTests {
    /// What goes on until it is interrupted, or for a minute.
    enum Endless: CaseIterable {
        case statements, oneStatement, searches, recalls

        func run(_ reader: any StoreReader) throws {
            switch self {
            case .statements: while true { _ = try reader.connections(PageRequest()) }
            case .oneStatement:
                let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
                _ = try (reader as? SQLiteReader)?.database.integer(sql)
            case .searches:
                let request = try SearchRequest(parameters: ["q": "text", "exhaustive_search": true])
                while true { _ = try reader.search(SearchQuery(request, scopes: [.init(.user)], at: StoreHost.noon)) }
            case .recalls:
                while true {
                    _ = try reader.recall(RecallQuery(text: "text", scopes: [.init(.user)], at: StoreHost.noon))
                }
            }
        }
    }

    @Test(arguments: Endless.allCases) func freeTheReaders(endless: Endless) throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.readMillisecondsMax = 50_000 }
        defer { host.store.close() }
        for number in 0..<20 { try host.write(.remember(host.remembered("text \(number)"))) }
        let begun = Counter()
        // Two run and two wait for them.
        let tickets = (0..<4).map { _ in
            let ticket = Fresh.ticket()
            host.store.read(ticket) { reader in
                begun.count.add(1, ordering: .relaxed)
                try endless.run(reader)
                return ()
            }
            return ticket
        }
        while begun.count.load(ordering: .relaxed) < 2 { usleep(1_000) }
        for ticket in tickets { host.store.abandonRead(ticket) }
        for ticket in tickets {
            guard case .read(_, .failure(let failure)) = host.answers.wait(ticket) else {
                Issue.record("an abandoned query has an answer")
                continue
            }
            #expect(failure == .overloaded("the query took too long"))
        }
        #expect(begun.count.load(ordering: .relaxed) == 2)
        #expect(try host.read { try $0.memoryStats().memories } == 20)
        host.store.abandonRead(tickets[0])
        #expect(try host.read { try $0.memoryStats().memories } == 20)
    }

    final class Counter: Sendable { let count = Atomic(0) }
}
