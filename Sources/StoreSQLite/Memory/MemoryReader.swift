import AgentModel
import JSON
import Store

extension SQLiteReader {
    func requireMemory() throws { try MemorySchema.require(try database.integer("PRAGMA user_version")) }

    func memory(_ id: MemoryID, at: Timestamp?) throws -> Memory? {
        try requireMemory()
        let current = try first("WHERE m.id = ? AND m.current = 1 AND p.hidden = 0", [.id(id)])
        guard let at, let current, at < current.updatedAt else { return current }
        return try first(
            """
            WHERE m.id = ?1 AND m.current = 0 AND m.updated_at <= ?2 AND m.valid_to > ?2 AND p.hidden = 0
            ORDER BY m.n DESC
            """, [.id(id), .time(at)])
    }

    func memory(_ scope: MemoryScope, namespace: String, key: String, at: Timestamp?) throws -> Memory? {
        try requireMemory()
        guard let partition = try MemoryPartition.find(scope, in: database) else { return nil }
        let found = try first(
            "WHERE m.partition = ? AND m.namespace = ? AND m.key = ? AND m.current = 1",
            [.integer(partition), .text(namespace), .text(key)])
        if let found { return at == nil ? found : try memory(found.id, at: at) }
        guard let id = MemoryID(key), let found = try memory(id, at: nil), found.key == key, found.scope == scope,
            found.namespace == namespace
        else { return nil }
        return at == nil ? found : try memory(id, at: at)
    }

    func memoryVersions(_ id: MemoryID) throws -> [Memory] {
        guard let current = try memory(id, at: nil) else { return [] }
        return try [current]
            + rows("WHERE m.id = ? AND m.current = 0 AND p.hidden = 0 ORDER BY m.n DESC", [.id(id)]).map(\.memory)
    }

    func memories(_ filter: MemoryFilter, at: Timestamp, _ page: PageRequest) throws -> Page<Memory> {
        try requireMemory()
        guard var condition = try condition(filter, at: at) else { return Page(items: [], nextCursor: nil) }
        if let cursor = page.cursor {
            guard let number = Int(cursor) else { throw StoreFailure.unknownCursor(cursor) }
            condition.and("m.n < ?", .int(number))
        }
        let found = try rows(
            "\(condition.sql) ORDER BY m.n DESC LIMIT ?", condition.values + [.int(page.take + 1)])
        let documents = page.cut(found) { String($0.document) }
        return Page(items: documents.items.map(\.memory), nextCursor: documents.nextCursor)
    }

    func countMemories(_ filter: MemoryFilter, at: Timestamp) throws -> Int {
        try requireMemory()
        guard let condition = try condition(filter, at: at) else { return 0 }
        return try database.integer("SELECT count(*) FROM memory m \(condition.sql)", condition.values)
    }

    func namespaces(_ scopes: [MemoryScope]?) throws -> [NamespaceCount] {
        try requireMemory()
        return try partitions(scopes).flatMap { partition, scope in
            try database.rows(
                """
                SELECT g.namespace, g.memories, m.updated_at FROM (
                    SELECT namespace, count(*) AS memories, max(n) AS newest FROM memory
                    WHERE partition = ? AND current = 1 GROUP BY namespace) g
                JOIN memory m ON m.n = g.newest ORDER BY g.namespace
                """, [.integer(partition)]
            ) { NamespaceCount(scope: scope, namespace: $0.text(), memories: $0.int(), updatedAt: $0.time()) }
        }
    }

    func memoryStats() throws -> MemoryStats {
        try requireMemory()
        return try MemoryStats.read(database)
    }

    /// How many documents one look passes by at most, for the time that a read may take.
    private static let documentsPerLook = 5000

    func memoriesToEmbed(model: String, after document: Int, limit: Int) throws -> MemoriesToEmbed {
        try requireMemory()
        let newest = try database.integer("SELECT coalesce(max(n), 0) FROM memory")
        let end = min(newest, max(0, document) + Self.documentsPerLook)
        let found = try rows(
            """
            WHERE m.n > ? AND m.n <= ? AND m.current = 1 AND p.hidden = 0 AND (e.model IS NULL OR e.model <> ?)
            ORDER BY m.n LIMIT ?
            """, [.int(document), .int(end), .text(model), .int(limit)])
        let last = found.count == limit ? found.last?.document ?? end : end
        return MemoriesToEmbed(documents: found, next: last < newest ? last : nil)
    }

    func embedding(_ id: MemoryID) throws -> RecallEmbedding? {
        try requireMemory()
        return try database.first(
            """
            SELECT e.model, e.scale, e.vector FROM memory m JOIN partition p ON p.id = m.partition
            JOIN embedding e ON e.n = m.n WHERE m.id = ? AND m.current = 1 AND p.hidden = 0
            """, [.id(id)]
        ) { row in
            RecallEmbedding(
                model: row.text(), vector: QuantisedVector(scale: row.double(), bytes: row.blob()).vector)
        }
    }

    // MARK: - Parts of queries

    private func first(_ rest: String, _ values: [SQLiteValue]) throws -> Memory? {
        try database.first(MemoryRow.select(rest), values) { try MemoryRow(&$0).value }
    }

    private func rows(_ rest: String, _ values: [SQLiteValue]) throws -> [MemoryDocument] {
        try database.rows(MemoryRow.select(rest), values) { row in
            let row = try MemoryRow(&row)
            return MemoryDocument(document: Int(row.number), memory: row.value)
        }
    }

    /// The partitions of scopes that have any memories to show, in their order.
    private func partitions(_ scopes: [MemoryScope]?) throws -> [(Int64, MemoryScope)] {
        guard let scopes else {
            return try database.rows("SELECT id, kind, scope_id FROM partition WHERE hidden = 0 ORDER BY kind, id") {
                ($0.int64(), try MemoryPartition.scope(kind: $0.int(), &$0))
            }
        }
        return try scopes.compactMap { scope in
            try MemoryPartition.find(scope, in: database).map { ($0, scope) }
        }
    }

    /// The key of a memory: its id, as it is written, when none was given.
    static let keyText = """
        coalesce(m.key, 'mem_' || lower(substr(hex(m.id), 1, 8) || '-' || substr(hex(m.id), 9, 4) || '-'
            || substr(hex(m.id), 13, 4) || '-' || substr(hex(m.id), 17, 4) || '-' || substr(hex(m.id), 21)))
        """

    /// Over memories as `m`; `nil` when no memory can meet it.
    private func condition(_ filter: MemoryFilter, at: Timestamp) throws -> Condition? {
        var condition = Condition("m.current = 1")
        if let scopes = filter.scopes {
            let partitions = try partitions(scopes).map { Int($0.0) }
            guard !partitions.isEmpty else { return nil }
            condition.and("m.partition", isIn: partitions)
        } else {
            condition.and("m.partition IN (SELECT id FROM partition WHERE hidden = 0)")
        }
        if let namespace = filter.namespace { condition.and("m.namespace = ?", .text(namespace)) }
        if let prefix = filter.keyPrefix {
            condition.and("instr(\(Self.keyText), ?) = 1", .text(prefix))
        }
        if let tag = filter.tag {
            condition.and("EXISTS(SELECT 1 FROM json_each(m.tags) WHERE value = ?)", .text(tag))
        }
        if !filter.includeInactive { condition.andActive(at: at) }
        return condition
    }
}

extension MemoryStats {
    static func read(_ database: SQLiteConnection) throws -> MemoryStats {
        var stats = MemoryStats()
        stats.memories = try database.integer("SELECT count(*) FROM memory WHERE current = 1")
        stats.versions = try database.integer("SELECT count(*) FROM memory WHERE current = 0")
        stats.words = try database.integer("SELECT count(*) FROM word WHERE uses > 0")
        stats.tailDocuments = try database.integer("SELECT count(*) FROM tail")
        stats.segments = try database.integer("SELECT count(*) FROM segment WHERE state = 1")
        stats.indexBytes = try database.integer("SELECT coalesce(sum(bytes), 0) FROM segment WHERE state = 1")
        stats.embeddings = try database.integer("SELECT count(*) FROM embedding")
        return stats
    }
}
