import AgentModel
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

/// Upkeep that ends in the middle, at every place where it can: before a change, between two, after a commit.
@Suite struct IndexCrashTests {
    private struct Killed: Error {}

    /// Works until the place of that number is reached; false when there is no such place any more.
    private func work(_ folder: TemporaryFolder, until end: Int) throws -> Bool {
        let database = try folder.connection()
        defer { database.close() }
        let upkeep = IndexUpkeep(database, version: Schema.shipped.latest, .small)
        var places = 0
        upkeep.reached = { _ in
            places += 1
            if places == end { throw Killed() }
        }
        upkeep.noteAll()
        upkeep.work(until: { _ in false }, wrote: {})
        return places >= end
    }

    /// Each round ends one place later, and the next goes on with what the one before left.
    @Test(arguments: 1...3) func whateverItLeavesIsSound(seed: Int) throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .never }
        defer { host.store.close() }
        var words = Vocabulary(seed: seed)
        var texts: [String: String] = [:]
        for number in 0..<60 {
            let key = "k\(words.below(50))"
            texts[key] = "\(words.text()) n\(number)"
            try host.write(.remember(host.remembered(texts[key] ?? "", key: key)))
        }
        var end = 1
        while try work(folder, until: end) {
            if end % 5 == 0 { #expect(try StoreMaintenance(folder: folder.path).check().problems == []) }
            let key = "k\(words.below(50))"
            texts[key] = "\(words.text()) later\(end)"
            try host.write(.remember(host.remembered(texts[key] ?? "", key: key)))
            if end % 3 == 0, let found = try host.read({ try $0.memory(.user, namespace: "n", key: key, at: nil) }) {
                try host.write(.forgetMemories([found.id]))
                texts[key] = nil
            }
            end += 1
        }
        #expect(end > 10)
        #expect(try StoreMaintenance(folder: folder.path).check().problems == [])
        for (number, text) in texts.values.sorted().enumerated() where number % 5 == 0 {
            let last = text.split(separator: " ").last.map(String.init) ?? ""
            #expect(try host.recalled(last).map(\.text) == [text])
        }
    }

    @Test func noTransactionWritesMuchMoreThanItsBudget() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .never }
        var words = Vocabulary(seed: 9)
        for _ in 0..<8 {
            let drafts = (0..<128).map { _ in StoreCommand.remember(host.remembered("common \(words.text())")) }
            _ = try host.wait(host.submit(drafts))
        }
        host.store.close()
        let database = try folder.connection()
        defer { database.close() }
        let writer = IndexWriter(database, version: Schema.shipped.latest)
        var kinds: Set<String> = []
        let budget = 4096
        while let state = try PartitionState.read(1, tailMax: 4096, database),
            let work = state.due(IndexPlan(limits: IndexLimits()))
        {
            let planner = IndexPlanner(database: database, limits: IndexLimits(), bytesMax: budget)
            let step = try planner.step(work, of: state)
            kinds.insert(String("\(work)".prefix { $0 != "(" }))
            try writer.write(step)
            guard work != .fold else { continue }
            for changes in step.transactions {
                #expect(changes.reduce(0) { $0 + $1.byteCount } <= budget + budget / 2 + 2048)
                #expect(changes.reduce(0) { $0 + $1.rowCount } <= 64)
            }
        }
        #expect(kinds == ["fold", "merge", "sweep"])
        #expect(try StoreMaintenance(folder: folder.path).check().problems == [])
    }
}
