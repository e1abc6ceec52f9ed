import AgentModel
import JSON
import MemorySearch
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

/// A store whose texts an earlier version of the analysis has read: docs/decisions/0089.
@Suite struct EarlierAnalysisTests {
    private let folder: TemporaryFolder
    private let ids: [MemoryID]

    init() throws {
        folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .small }
        var words = Vocabulary(seed: 9)
        let drafts = (0..<30).map { host.remembered("\(words.text()) only\($0)") }
        for draft in drafts { try host.write(.remember(draft)) }
        ids = drafts.map(\.id)
        host.store.close()
        try execute("UPDATE memory_index SET analysis = analysis - 1; UPDATE segment SET analysis = analysis - 1")
    }

    private func execute(_ sql: String) throws {
        let database = try folder.connection()
        defer { database.close() }
        try database.execute(sql)
    }

    private func integer(_ sql: String) throws -> Int {
        let database = try folder.connection()
        defer { database.close() }
        return try database.integer(sql)
    }

    private static let problem = "it has the words of text analysis \(TextAnalyzer.version - 1)"

    private func saysSo() throws -> Bool {
        try StoreMaintenance(folder: folder.path).check().problems.contains { $0.contains(Self.problem) }
    }

    @Test func aLargeStoreIsReadAsItIsUntilItIsRebuilt() throws {
        #expect(try saysSo())
        let host = try folder.host {
            $0.indexLimits = .small
            $0.reindexedMax = 29
        }
        for number in [0, 7, 29] { #expect(try host.recalled("only\(number)").count == 1, "\(number)") }
        // What comes is folded and merged beside it.
        for number in 30..<50 { try host.write(.remember(host.remembered("only\(number)"))) }
        #expect(try host.recalled("only30").count == 1)
        host.store.close()
        let version = TextAnalyzer.version
        #expect(try integer("SELECT count(*) FROM segment WHERE analysis < \(version)") > 0)
        #expect(try integer("SELECT count(*) FROM segment WHERE analysis = \(version)") > 0)
        #expect(try saysSo())
        _ = try StoreMaintenance(folder: folder.path).rebuildIndex()
        #expect(try StoreMaintenance(folder: folder.path).check().problems == [])
    }

    @Test func aSmallStoreIsReindexedByTheHostThatOpensItAlone() throws {
        let host = try folder.host { $0.reindexedMax = 30 }
        #expect(try host.recalled("only7").count == 1)
        host.store.close()
        #expect(try integer("SELECT analysis FROM memory_index") == TextAnalyzer.version)
        #expect(try integer("SELECT count(*) FROM segment WHERE analysis < \(TextAnalyzer.version)") == 0)
        #expect(try StoreMaintenance(folder: folder.path).check().problems == [])
    }

    @Test func aHostThatIsNotAloneReadsItAsItIs() throws {
        let first = try folder.host { $0.reindexedMax = 0 }
        let second = try folder.host()
        #expect(try second.recalled("only7").count == 1)
        for host in [first, second] { host.store.close() }
        #expect(try saysSo())
    }

    @Test func whatALaterAnalysisHasReadIsLeftToIt() throws {
        try execute("UPDATE memory_index SET analysis = analysis + 2")
        let host = try folder.host()
        #expect(try host.recalled("only7").count == 1)
        host.store.close()
        #expect(try integer("SELECT analysis FROM memory_index") == TextAnalyzer.version + 1)
    }

    /// Other words stand in the text than the index has for it.
    @Test func forgettingFindsEveryPosting() throws {
        try execute("UPDATE memory SET value = '\"read otherwise\"' WHERE n = 3")
        let host = try folder.host { $0.reindexedMax = 0 }
        let counts = try host.write(.forgetMemories([ids[2]])).forgotten
        #expect(counts.memories == 1)
        #expect(counts.indexEntries > 1)
        host.store.close()
        let database = try folder.connection()
        defer { database.close() }
        var documents: Set<Int> = []
        for segment in try database.rows("SELECT id FROM segment", [], { $0.int() }) {
            try SegmentPostings.forEach(of: segment, in: PostTable(database)) { documents.insert($1.document) }
        }
        #expect(documents.contains(2))
        #expect(!documents.contains(3))
    }
}
