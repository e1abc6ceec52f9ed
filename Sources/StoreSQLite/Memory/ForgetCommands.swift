import AgentModel
import MemorySearch
import Store

extension StoreTransaction {
    /// How many memories go with what they belong to in one transaction.
    private static let memoriesOfScopeMax = 1000

    func forgetMemories(_ ids: [MemoryID]) throws {
        let there = try ids.filter { id in
            try database.first(
                """
                SELECT 1 FROM memory m JOIN partition p ON p.id = m.partition
                WHERE m.id = ? AND m.current = 1 AND p.hidden = 0
                """, [.id(id)]
            ) { _ in } != nil
        }
        commit.forgotten.add(try forget(there))
    }

    /// Removes all versions of memories.
    private func forget(_ ids: [MemoryID]) throws -> ForgetCounts {
        var rows: [MemoryRow] = []
        for id in Set(ids).sorted() {
            rows += try memoryRows("m.id = ? AND m.current = 1", [.id(id)])
            rows += try memoryRows("m.id = ? AND m.current = 0 ORDER BY m.n", [.id(id)])
            // What was found in place of others cannot be any more.
            try database.run("UPDATE memory SET superseded_by = NULL WHERE superseded_by = ?", [.id(id)])
        }
        return try erase(rows)
    }

    /// Removes versions with all that is kept of them, and the words that nothing else uses then.
    private func erase(_ rows: [MemoryRow]) throws -> ForgetCounts {
        var counts = ForgetCounts()
        var words: Set<String> = []
        for row in rows {
            let document = row.analyzed()
            counts.indexEntries += try eraseFromIndex(row, document)
            let number: [SQLiteValue] = [.integer(row.number)]
            try database.run("DELETE FROM embedding WHERE n = ?", number)
            try database.run("DELETE FROM memory WHERE n = ?", number)
            try database.run("UPDATE memory_index SET last_n = ?1 WHERE last_n < ?1", number)
            if row.isCurrent {
                counts.memories += 1
                try dictionary.remove(document.words.lazy.map(\.word))
            } else {
                counts.versions += 1
            }
            words.formUnion(document.words.lazy.map(\.word))
        }
        var unused = UnusedWords(database, dictionary)
        counts.words = try unused.delete(among: words)
        return counts
    }

    private func memoryRows(_ condition: String, _ values: [SQLiteValue]) throws -> [MemoryRow] {
        try database.rows(MemoryRow.select("WHERE \(condition)"), values) { try MemoryRow(&$0) }
    }

    // MARK: - Scopes that go

    /// Removes at most so many versions from hidden partitions, and these when they are empty.
    func purgeMemories(limit: Int) throws -> Int {
        guard schemaVersion >= SchemaPart.memory.since else { return 0 }
        var left = limit
        while left > 0 {
            let hidden = try database.first("SELECT id FROM partition WHERE hidden = 1 ORDER BY id LIMIT 1") {
                $0.int64()
            }
            guard let hidden else { break }
            let rows = try versions(of: hidden, limit: left)
            commit.purged.memories += try forget(rows.filter(\.isCurrent).map(\.value.id)).memories
            _ = try erase(rows.filter { !$0.isCurrent })
            left -= max(1, rows.count)
            if rows.isEmpty { try remove(partition: hidden) }
        }
        return limit - left
    }

    func areMemoriesHidden() throws -> Bool {
        guard schemaVersion >= SchemaPart.memory.since else { return false }
        return try database.integer("SELECT count(*) FROM partition WHERE hidden = 1") > 0
    }

    /// Current ones first: with these goes their history, wherever it is.
    private func versions(of partition: Int64, limit: Int) throws -> [MemoryRow] {
        let current = try memoryRows(
            "m.partition = ? AND m.current = 1 ORDER BY m.n LIMIT ?", [.integer(partition), .int(limit)])
        guard current.isEmpty else { return current }
        return try memoryRows(
            "m.partition = ? AND m.current = 0 ORDER BY m.n LIMIT ?", [.integer(partition), .int(limit)])
    }

    /// Removes a partition that holds no version, with what is left of its index.
    private func remove(partition: Int64) throws {
        let segments = try database.rows("SELECT id FROM segment WHERE partition = ?", [.integer(partition)]) {
            $0.int()
        }
        for segment in segments {
            let first = try PostKey(segment: segment, stem: 0)
            let last = try PostKey(segment: segment, stem: PostKey.stemMax, block: PostKey.blockMax)
            try database.run(
                "DELETE FROM post WHERE id BETWEEN ? AND ?", [.integer(first.rawValue), .integer(last.rawValue)])
            try database.run("DELETE FROM segment WHERE id = ?", [.int(segment)])
        }
        for table in ["tail", "tomb"] {
            try database.run("DELETE FROM \(table) WHERE partition = ?", [.integer(partition)])
        }
        try database.run("DELETE FROM partition WHERE id = ?", [.integer(partition)])
    }

    /// Removes the memories of a scope that is about to go. Fails with `refused` when they are many.
    func forgetMemories(of scope: MemoryScope) throws {
        guard schemaVersion >= SchemaPart.memory.since, let partition = try MemoryPartition.find(scope, in: database)
        else { return }
        let most = Self.memoriesOfScopeMax
        let rows = try versions(of: partition, limit: most + 1)
        guard rows.count <= most else {
            let count = try database.integer(
                "SELECT count(*) FROM memory WHERE partition = ? AND current = 1", [.integer(partition)])
            throw StoreFailure.refused("it has \(count) memories: forget them first")
        }
        commit.forgotten.add(try forget(rows.filter(\.isCurrent).map(\.value.id)))
        // Versions of what has moved elsewhere are left to the next purge.
        try database.run("UPDATE partition SET hidden = 1 WHERE id = ?", [.integer(partition)])
    }
}

extension ForgetCounts {
    fileprivate mutating func add(_ other: ForgetCounts) {
        memories += other.memories
        versions += other.versions
        indexEntries += other.indexEntries
        words += other.words
    }
}
