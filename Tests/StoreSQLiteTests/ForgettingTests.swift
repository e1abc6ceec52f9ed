import AgentModel
import Foundation
import JSON
import MemorySearch
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

/// What is left of a memory in the store's files once it was forgotten.
@Suite struct ForgettingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Words that each occur in one memory of several, whose stems are themselves.
    private static func secret(_ number: Int) -> String {
        var rest = number &* 7919 &+ 12_345
        let letters = (0..<9).map { _ in
            defer { rest = rest / 19 &+ 31 &* number }
            return Array("bcdfghjklmnpqrtvwxz")[abs(rest % 19)]
        }
        return String(letters)
    }

    private func draft(_ number: Int) -> MemoryDraft {
        let text = "everybody knows \(Self.secret(number)) and \(Self.secret(number + 1000)) here"
        var draft = MemoryDraft(
            id: Fresh.id(), scope: .user, namespace: "facts", key: "key-\(Self.secret(number + 2000))",
            value: .string(text))
        draft.tags = [Self.secret(number + 3000)]
        draft.metadata = ["m": .string(Self.secret(number + 4000))]
        return draft
    }

    /// The words of a memory that are in the database's file or its log, in whatever case.
    private func traces(of number: Int) throws -> [String] {
        var found: [String] = []
        for part in ["", "-wal"] {
            let path = folder.path + "/agenthost.db" + part
            let bytes = FileManager.default.contents(atPath: path) ?? Data()
            for word in [0, 1000, 2000, 3000, 4000].map({ Self.secret(number + $0) })
            where bytes.range(of: Data(word.utf8)) != nil {
                found.append("\(word) in agenthost.db\(part)")
            }
        }
        return found
    }

    /// SQLite leaves copies of single cells in the free middle of a page that it splits; of indexes these are words,
    /// and go with a vacuum.
    @Test func nothingIsLeftInAnyFile() throws {
        let host = try folder.host()
        var ids: [MemoryID] = []
        for number in 0..<400 {
            ids.append(try host.write(.remember(draft(number))).memories[0].memory.id)
        }
        #expect(try traces(of: 7).count >= 5)
        let forgotten = Array(0..<400).filter { $0 % 3 == 0 }
        try host.write(.forgetMemories(forgotten.map { ids[$0] }), .eraseTraces)
        let texts = try forgotten.filter { try isAnywhere("knows \(Self.secret($0)) and") }
        #expect(texts == [])
        let metadata = try forgotten.filter { try isAnywhere(Self.secret($0 + 4000)) }
        #expect(metadata == [])
        let words = try forgotten.flatMap(traces)
        #expect(words.allSatisfy { $0.hasSuffix("agenthost.db") }, "nothing is in the log")
        #expect(words.count < 20, "of \(forgotten.count * 5)")
        #expect(try traces(of: 7).count >= 5, "the others stay")
        host.store.close()
        let maintenance = StoreMaintenance(folder: folder.path)
        #expect(try maintenance.check().problems == [])
        _ = try maintenance.vacuum()
        let left = try forgotten.flatMap(traces)
        #expect(left == [])
    }

    private func isAnywhere(_ text: String) throws -> Bool {
        ["", "-wal"].contains { part in
            let bytes = FileManager.default.contents(atPath: folder.path + "/agenthost.db" + part) ?? Data()
            return bytes.range(of: Data(text.utf8)) != nil
        }
    }

    @Test func nothingIsLeftOfEarlierVersions() throws {
        let host = try folder.host()
        var first = draft(1)
        first.key = "k"
        var second = draft(2)
        second.key = "k"
        let id = try host.write(.remember(first)).memories[0].memory.id
        try host.write(.remember(second))
        #expect(try traces(of: 1).count >= 3)
        let counts = try host.write(.forgetMemories([id]), .eraseTraces).forgotten
        #expect((counts.memories, counts.versions) == (1, 1))
        for number in [1, 2] { #expect(try traces(of: number) == []) }
        host.store.close()
    }

    @Test func aDocumentLeavesTheSegmentsThatHaveIt() throws {
        let host = try folder.host()
        let made = try (0..<20).map { try host.write(.remember(draft($0))).memories[0] }
        let database = try folder.connection()
        defer { database.close() }
        try foldAll(database, segment: 1)
        let counts = try host.write(.forgetMemories([made[3].memory.id]), .eraseTraces).forgotten
        #expect(counts.indexEntries > 1)
        #expect(try traces(of: 3) == [])
        #expect(try database.integer("SELECT documents FROM segment") == 19)
        let posts = PostTable(database)
        let stems = try database.rows("SELECT id FROM word") { $0.int() }
        var holders: Set<Int> = []
        for stem in stems {
            try posts.documents(of: stem, in: 1) {
                holders.insert($0)
                return true
            }
        }
        #expect(holders == Set(made.map(\.document)).subtracting([made[3].document]))
        // A word of many memories is still known, and goes with the last of them.
        #expect(try database.integer("SELECT count(*) FROM word WHERE word = 'everybody'") == 1)
        try host.write(.forgetMemories(made.map(\.memory.id)), .eraseTraces)
        #expect(try database.integer("SELECT count(*) FROM word") == 0)
        #expect(try database.integer("SELECT count(*) FROM post") == 0)
        host.store.close()
    }

    /// Puts the tail into a segment and the words into `lex`, as the index's upkeep does.
    private func foldAll(_ database: SQLiteConnection, segment: Int) throws {
        try database.execute("BEGIN IMMEDIATE")
        let tail = try database.rows("SELECT n, data FROM tail ORDER BY n") { row in
            (document: row.int(), row: try TailRow(decoding: row.bytes()))
        }
        let made = try SegmentBuilder.build(id: segment, tail: tail)
        for row in made.rows {
            try database.run(
                "INSERT INTO post(id, data) VALUES (?, ?)", [.integer(row.key.rawValue), .blob(row.bytes)])
        }
        try database.run(
            """
            INSERT INTO segment(id, partition, level, state, first_n, last_n, documents, total_length, analysis)
            SELECT ?, partition, 0, 1, min(n), max(n), count(*), 1000, 1 FROM tail
            """, [.int(segment)])
        try database.execute("DELETE FROM tail")
        let words = try database.rows("SELECT id, word FROM word WHERE uses > 0") { (id: $0.int(), word: $0.text()) }
        for entry in words {
            var chunk: [UInt8] = []
            #expect(LexChunk.append(entry.id, Array(entry.word.utf8), to: &chunk))
            try database.run(
                "INSERT INTO lex(letter, length, chunk, words) VALUES (?, ?, ?, ?)",
                [
                    .text(String(entry.word.prefix(1))), .int(entry.word.unicodeScalars.count), .int(entry.id),
                    .blob(chunk),
                ])
        }
        try database.execute("UPDATE memory_index SET lexed_word = (SELECT max(id) FROM word)")
        try database.execute("COMMIT")
    }

    @Test func aReaderThatStaysIsToldOf() throws {
        let host = try folder.host { $0.busyMillisecondsMax = 50 }
        let id = try host.write(.remember(draft(1))).memories[0].memory.id
        let database = try folder.connection()
        defer { database.close() }
        try database.execute("BEGIN")
        _ = try database.integer("SELECT count(*) FROM memory")
        let error = #expect(throws: StoreFailure.self) { try host.write(.forgetMemories([id]), .eraseTraces) }
        guard case .overloaded = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try host.read { try $0.memory(id, at: nil) } == nil, "it is gone all the same")
        #expect(try traces(of: 1) != [])
        try database.execute("COMMIT")
        try host.write(.eraseTraces)
        #expect(try traces(of: 1) == [])
        host.store.close()
    }

    @Test func whatAnOlderHostDeletesIsPurgedLater() throws {
        let host = try folder.host()
        let session = try host.makeSession()
        var draft = draft(1)
        draft.scope = .session(session.id)
        let id = draft.id
        try host.write(.remember(draft))
        // A host that knows nothing of memory purges a session to its row.
        let database = try folder.connection()
        try database.execute("DELETE FROM event; DELETE FROM session")
        database.close()
        #expect(try host.read { try $0.memory(id, at: nil) } == nil)
        #expect(try host.write(.purgeHidden(limit: 100), .eraseTraces).purged.memories == 1)
        #expect(try traces(of: 1) == [])
        host.store.close()
    }

    @Test func aStoreOfAnOlderVersionHasNoMemory() throws {
        let old = Schema(migrations: Array(Schema.shipped.migrations.prefix(1)))
        let other = try folder.host { $0.schema = old }
        let host = try folder.host()
        _ = try host.makeSession()
        for body in [
            { _ = try host.write(.remember(draft(1))) },
            { _ = try host.read { try $0.memory(Fresh.id(), at: nil) } },
        ] {
            let error = #expect(throws: StoreFailure.self) { try body() }
            guard case .broken("old_schema", _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        other.store.close()
        host.store.close()
        let alone = try folder.host()
        try alone.write(.remember(draft(1)))
        alone.store.close()
    }
}
