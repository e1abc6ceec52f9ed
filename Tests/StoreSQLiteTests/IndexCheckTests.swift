import AgentModel
import JSON
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

@Suite struct IndexCheckTests {
    private let folder: TemporaryFolder

    /// A store with segments, a tail and a memory that was replaced.
    init() throws {
        folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .small }
        var words = Vocabulary(seed: 3)
        for number in 0..<41 { try host.write(.remember(host.remembered(words.text(), key: "k\(number % 38)"))) }
        host.store.close()
    }

    private func execute(_ sql: String) throws {
        let database = try folder.connection()
        defer { database.close() }
        try database.execute(sql)
    }

    @Test func aSoundIndexHasNoProblems() throws {
        let report = try StoreMaintenance(folder: folder.path).check()
        #expect(report.problems == [])
        #expect(report.memory.memories == 38)
        #expect(report.memory.segments > 0)
        #expect(report.memory.tailDocuments > 0)
    }

    @Test(arguments: [
        ("DELETE FROM tail", "is not in it"),
        ("UPDATE memory SET importance = 0.9", "is not as it is in"),
        ("UPDATE memory SET value = '\"other words\"', content_text = NULL WHERE n = 6", "is not as it is in segment"),
        ("UPDATE memory SET current = 0 WHERE n = 7", "which is no memory"),
        ("UPDATE segment SET documents = documents + 1", "counts"),
        ("DELETE FROM segment WHERE id = (SELECT min(id) FROM segment)", "is not in it"),
        ("UPDATE post SET data = x'07'", "cannot be read"),
        ("UPDATE word SET uses = uses - 1 WHERE uses BETWEEN 1 AND 7", "in 1 documents and not in 0"),
    ])
    func checkFindsFaultsAndRebuildRepairsThem(sql: String, problem: String) throws {
        try execute(sql)
        let maintenance = StoreMaintenance(folder: folder.path)
        let problems = try maintenance.check().problems
        #expect(problems.contains { $0.contains("memory index") && $0.contains(problem) }, "\(problems)")
        _ = try maintenance.rebuildIndex()
        let left = try maintenance.check().problems.filter { $0.contains("memory index") }
        #expect(left == [], "\(left)")
    }

    @Test func whatWasRebuiltIsFound() throws {
        let before = try found()
        try execute("DELETE FROM word; DELETE FROM post; DELETE FROM segment; DELETE FROM tail")
        let stats = try StoreMaintenance(folder: folder.path).rebuildIndex()
        #expect(stats.memories == 38)
        #expect(try found() == before)
        #expect(before.contains { !$0.isEmpty })
    }

    private func found() throws -> [[String]] {
        let host = try folder.host()
        defer { host.store.close() }
        return try Vocabulary.words.prefix(20).map { try host.recalled($0).map(\.text).sorted() }
    }

    @Test func nobodyMayUseAStoreThatIsRebuilt() throws {
        let host = try folder.host()
        defer { host.store.close() }
        #expect(throws: StoreFailure.self) { try StoreMaintenance(folder: folder.path).rebuildIndex() }
    }
}
