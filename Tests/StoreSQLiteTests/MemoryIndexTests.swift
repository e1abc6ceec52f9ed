import AgentModel
import CSQLite
import Foundation
import JSON
import MemorySearch
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

/// The index of a store that folds and merges after a few memories, beside one that never does.
@Suite struct MemoryIndexTests {
    @Test(arguments: 1...6) func foldingAndMergingChangeNoScore(seed: Int) throws {
        let (folded, scanned) = (try TemporaryFolder(), try TemporaryFolder())
        let hosts = [
            try folded.host { $0.indexLimits = .small }, try scanned.host { $0.indexLimits = .never },
        ]
        var words = Vocabulary(seed: seed)
        var known: [MemoryID] = []
        for round in 0..<60 {
            var commands: [StoreCommand] = []
            for _ in 0...words.below(4) {
                let draft = hosts[0].remembered(words.text())
                known.append(draft.id)
                commands.append(.remember(draft))
            }
            if words.below(4) == 0 { commands.append(.forgetMemories([known.remove(at: words.below(known.count))])) }
            for host in hosts { _ = try host.wait(host.submit(commands)) }
            guard round % 6 == 5 else { continue }
            let query = words.word() + " " + words.word()
            let found = try hosts.map { try $0.recalled(query) }
            let told: Comment = "round \(round), \(query): \(found)"
            #expect(found[0].map(\.text) == found[1].map(\.text), told)
            #expect(zip(found[0], found[1]).allSatisfy { abs($0.score - $1.score) < 1e-9 }, told)
        }
        #expect(try hosts[0].read { try $0.memoryStats() }.segments > 0)
        #expect(try hosts[1].read { try $0.memoryStats() }.segments == 0)
        for host in hosts { host.store.close() }
        let problems = try StoreMaintenance(folder: folded.path).check().problems
        #expect(problems == [])
    }

    /// What was replaced counts in the statistics until a merge has dropped it, so only what is found is compared.
    @Test(arguments: 1...6) func whatIsFoundIsWhatIsCurrent(seed: Int) throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .small }
        var words = Vocabulary(seed: seed &* 31)
        var current: [String: (id: MemoryID, text: String)] = [:]
        for _ in 0..<150 {
            let key = "k\(words.below(60))"
            let text = words.text()
            switch words.below(6) {
            case 0: if let old = current.removeValue(forKey: key) { try host.write(.forgetMemories([old.id])) }
            case 1:
                guard let old = current[key] else { continue }
                var patch = MemoryPatch()
                patch.value = .string(text)
                try host.write(.updateMemory(old.id, patch))
                current[key]?.text = text
            default:
                let draft = host.remembered(text, key: key)
                try host.write(.remember(draft))
                current[key] = (current[key]?.id ?? draft.id, text)
            }
        }
        for word in Vocabulary.words.prefix(40) {
            let wanted = current.values.map(\.text).filter { $0.split(separator: " ").contains { $0 == word } }.sorted()
            // A word that nobody has is corrected to another.
            guard !wanted.isEmpty else { continue }
            #expect(try host.recalled(word).map(\.text).sorted() == wanted, "\(word)")
        }
        host.store.close()
        let problems = try StoreMaintenance(folder: folder.path).check().problems
        #expect(problems == [])
    }

    /// The segments have an earlier version of one memory until they are merged: its words are needed to take it out.
    @Test(arguments: [1, 3]) func anEarlierVersionGoesThoughItsWordWentFromTheOther(sharers: Int) throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .never }
        let sharing = try (0..<sharers).map { try host.write(.remember(host.remembered("zebra \($0)"))).memories[0] }
        let versioned = try host.write(.remember(host.remembered("zebra", key: "k"))).memories[0].memory.id
        let database = try folder.connection()
        defer { database.close() }
        var limits = IndexLimits()
        limits.fold = sharers + 1
        let upkeep = IndexUpkeep(database, version: Schema.shipped.latest, limits)
        upkeep.noteAll()
        upkeep.work(until: { _ in false }, wrote: {})
        #expect(try database.integer("SELECT count(*) FROM segment") == 1)
        try host.write(.remember(host.remembered("another", key: "k")))
        try host.write(.forgetMemories(sharing.map(\.memory.id)))
        try host.write(.forgetMemories([versioned]))
        host.store.close()
        let problems = try StoreMaintenance(folder: folder.path).check().problems
        #expect(problems == [])
        #expect(try database.integer("SELECT count(*) FROM word WHERE word = 'zebra'") == 0)
    }

    @Test func aHostThatOnlyReadsGoesOnWithWhatAnotherHasLeft() throws {
        let folder = try TemporaryFolder()
        let leaving = try folder.host { $0.indexLimits = .never }
        var words = Vocabulary(seed: 7)
        for number in 0..<20 { try leaving.write(.remember(leaving.remembered("\(words.text()) n\(number)"))) }
        leaving.store.close()
        let database = try folder.connection()
        defer { database.close() }
        func tail() throws -> Int { try database.integer("SELECT count(*) FROM tail") }
        #expect(try tail() == 20)
        let idle = try folder.host {
            $0.indexLimits = .small
            $0.upkeepIdleMilliseconds = 1
            $0.upkeepMillisecondsMax = 0
        }
        defer { idle.store.close() }
        for _ in 0..<20_000 {
            if try tail() < IndexLimits.small.fold { break }
            usleep(1_000)
        }
        #expect(try tail() < IndexLimits.small.fold)
        #expect(try idle.recalled("n7").map(\.text.isEmpty) == [false])
    }

    @Test func twoHostsFoldAndRememberAtOnce() throws {
        let folder = try TemporaryFolder()
        let hosts = try (0..<2).map { _ in try folder.host { $0.indexLimits = .small } }
        var words = Vocabulary(seed: 5)
        let texts = (0..<400).map { "\(words.text()) number\($0)" }
        var tickets: [(host: StoreHost, ticket: StoreTicket)] = []
        for (number, text) in texts.enumerated() {
            let host = hosts[number % 2]
            tickets.append((host, host.submit([.remember(host.remembered(text))])))
        }
        for entry in tickets { _ = try entry.host.wait(entry.ticket) }
        for (number, text) in texts.enumerated() where number % 7 == 0 {
            #expect(try hosts[number / 7 % 2].recalled("number\(number)").map(\.text) == [text])
        }
        for host in hosts { host.store.close() }
        let problems = try StoreMaintenance(folder: folder.path).check().problems
        #expect(problems == [])
    }

    /// FTS5 says which documents have any of the words.
    @Test func theSameDocumentsMatchAsInFTS5() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .small }
        let oracle = try folder.connection()
        defer { oracle.close() }
        try oracle.execute("CREATE VIRTUAL TABLE temp.oracle USING fts5(text)")
        var words = Vocabulary(seed: 11)
        for number in 0..<300 {
            let text = "\(words.text()) n\(number)"
            try oracle.run("INSERT INTO temp.oracle(text) VALUES (?)", [.text(text)])
            try host.write(.remember(host.remembered(text)))
        }
        for _ in 0..<40 {
            let query = try (0...words.below(3)).map { _ in words.word() }.filter {
                try oracle.integer("SELECT count(*) FROM temp.oracle WHERE oracle MATCH ?", [.text($0)]) > 0
            }
            guard !query.isEmpty else { continue }
            let wanted = try oracle.rows(
                "SELECT text FROM temp.oracle WHERE oracle MATCH ?", [.text(query.joined(separator: " OR "))]
            ) { $0.text() }
            #expect(try host.recalled(query.joined(separator: " ")).map(\.text).sorted() == wanted.sorted())
        }
        host.store.close()
    }

    @Test func aTypoIsCorrectedAndTold() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .small }
        for text in ["quarterly revenue by country", "the espresso machine is broken", "revenue of last year"] {
            try host.write(.remember(host.remembered(text)))
        }
        let result = try host.read { reader in
            var query = RecallQuery(
                text: "What is the Quartrely revenue?", scopes: [RecallScope(.user)], at: StoreHost.noon)
            query.explains = true
            return try reader.recall(query)
        }
        #expect(result.hits.first?.memory.contentText == "quarterly revenue by country")
        #expect(result.correctedQuery == "What is the quarterly revenue?")
        let words = result.hits.first?.explanation?.objectValue?["words"]?.arrayValue ?? []
        #expect(words.map { $0.objectValue?["matched"]?.stringValue } == ["quarterly", "revenue"])
        #expect(try host.recalled("what is the of", minScore: nil).isEmpty)
        #expect(try host.recalled("unheardofword", minScore: nil).isEmpty)
        host.store.close()
    }

    @Test func turnsGainFromTheTurnsBesideThem() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host()
        let turns = ["where do we keep the deployment keys", "in the blue vault", "thanks, that helps"]
        for (seq, text) in turns.enumerated() {
            var draft = host.remembered(text)
            draft.source = MemorySource(role: seq % 2 == 0 ? "user" : "assistant", seq: seq * 3)
            try host.write(.remember(draft))
        }
        let found = try host.recalled("deployment keys")
        #expect(found.map(\.text) == [turns[0], turns[1]])
        #expect(abs(found[1].score - found[0].score / 2) < 1e-9)
        host.store.close()
    }

    /// What the chunks of words and the words after them give is every word of that letter and length.
    @Test func everyWordIsScannedWhetherInAChunkOrNot() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host()
        let texts = (0..<80).map { row in
            (0..<20).map { "w\(String(UnicodeScalar(97 + row % 26)!))xyz\(row)q\($0)" }.joined(separator: " ")
        }
        for text in texts { try host.write(.remember(host.remembered(text))) }
        let wanted = Set(texts.flatMap { $0.split(separator: " ").map(String.init) }.filter { $0.count == 8 })
        host.store.close()
        let database = try folder.connection()
        defer { database.close() }
        #expect(try database.integer("SELECT lexed_word FROM memory_index") > 0)
        #expect(
            try database.integer("SELECT max(id) FROM word") > database.integer("SELECT lexed_word FROM memory_index"))
        var found: Set<String> = []
        try WordRows(database).words(letter: "w", length: 8) { _, bytes in
            found.insert(String(decoding: bytes, as: UTF8.self))
            return true
        }
        #expect(found == wanted)
    }
}
