import AgentModel
import JSON
import MemorySearch
import Store

// The store's word, not the engine's.
import struct Store.MemoryDocument

extension SQLiteReader {
    func requireMemory() throws { try SchemaPart.memory.require(try database.integer("PRAGMA user_version")) }

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
        var start = Int.max
        if let cursor = page.cursor {
            guard let number = Int(cursor) else { throw StoreFailure.unknownCursor(cursor) }
            start = number
        }
        var found: [MemoryDocument] = []
        try walk(filter, at: at, before: start, limit: page.take + 1) { number in
            guard let memory = try self.memory(number) else { return false }
            found.append(MemoryDocument(document: number, memory: memory))
            return true
        }
        let documents = page.cut(found) { String($0.document) }
        return Page(items: documents.items.map(\.memory), nextCursor: documents.nextCursor)
    }

    func countMemories(_ filter: MemoryFilter, at: Timestamp) throws -> Int {
        try requireMemory()
        var count = 0
        guard filter.keyPrefix == nil, filter.tag == nil, filter.expression == nil else {
            try walk(filter, at: at, before: .max, limit: .max) { _ in
                count += 1
                return true
            }
            return count
        }
        let read = RenewedRead(database)
        let partitions = try self.partitions(filter.scopes).map { Int($0.0) }
        for partition in partitions {
            count += try memoryCache.count(partition, filter.namespace, database) { _ = try read.renewIfDue() }
        }
        return filter.includeInactive ? count : count - (try countInactive(partitions, filter.namespace, at, read))
    }

    /// Of the memories that end, begin or are replaced at some time, those that are not to be found now.
    private func countInactive(
        _ partitions: [Int], _ namespace: String?, _ now: Timestamp, _ read: RenewedRead
    ) throws -> Int {
        guard !partitions.isEmpty else { return 0 }
        var active = Condition("TRUE")
        active.andActive(at: now)
        let wanted = Set(partitions)
        var (count, looked, isAtEnd) = (0, 0, false)
        while !isAtEnd {
            _ = try read.renewIfDue()
            var rows = 0
            try database.each(
                """
                SELECT m.n, m.partition, m.namespace, \(active.test) FROM memory m INDEXED BY memory_bounded
                WHERE m.current = 1 AND (m.expires_at IS NOT NULL OR m.valid_from IS NOT NULL
                    OR m.valid_to IS NOT NULL OR m.superseded_by IS NOT NULL) AND m.n > ? ORDER BY m.n LIMIT ?
                """, active.values + [.int(looked), .int(Self.documentsPerLook)]
            ) { row in
                looked = row.int()
                let isOfThese = wanted.contains(row.int())
                let name = row.text()
                if !row.bool(), isOfThese, namespace.map({ $0.utf8.elementsEqual(name.utf8) }) ?? true { count += 1 }
                rows += 1
                return true
            }
            isAtEnd = rows < Self.documentsPerLook
        }
        return count
    }

    private func memory(_ number: Int) throws -> Memory? {
        try database.first(MemoryRow.select("WHERE m.n = ?"), [.int(number)]) { try MemoryRow(&$0).value }
    }

    /// Memories by number, the newest first. It goes on for as long as there are any, in one transaction after another.
    /// - Parameter body: whether it takes the memory, which counts towards the limit.
    private func walk(
        _ filter: MemoryFilter, at: Timestamp, before start: Int, limit: Int, _ body: (Int) throws -> Bool
    ) throws {
        let partitions = try filter.scopes.map { scopes in try self.partitions(scopes).map { Int($0.0) } }
        guard partitions?.isEmpty != true else { return }
        let isOne = partitions?.count == 1
        let pushdown = FilterPushdown(filter.expression)
        let condition = self.condition(filter, at: at, isOne ? [] : partitions)
        var walk = MemoryWalk(
            MemoryScan.test(pushdown, condition), partition: isOne ? partitions?.first : nil,
            namespace: filter.namespace, before: start)
        var evaluation = FilterEvaluation()
        let read = RenewedRead(database)
        var count = 0
        while count < limit, !walk.isAtEnd {
            _ = try read.renewIfDue()
            for number in try walk.next(limit - count, database) {
                if let expression = filter.expression, !pushdown.isComplete || pushdown.ids != nil {
                    guard let object = try self.memory(number)?.object,
                        evaluation.matches(expression, .init(number: Int64(number), object: object))
                    else { continue }
                }
                if try body(number) { count += 1 }
            }
        }
    }

    func namespaces(_ scopes: [MemoryScope]?) throws -> [NamespaceCount] {
        try requireMemory()
        let read = RenewedRead(database)
        var found: [NamespaceCount] = []
        for (partition, scope) in try partitions(scopes) {
            var last = ""
            while let name = try nextNamespace(partition, after: last) {
                last = name
                let count = try memoryCache.count(Int(partition), name, database) { _ = try read.renewIfDue() }
                let newest = try database.first(
                    """
                    SELECT updated_at FROM memory INDEXED BY memory_namespace
                    WHERE partition = ? AND namespace = ? AND current = 1 ORDER BY n DESC LIMIT 1
                    """, [.integer(partition), .text(name)]
                ) { $0.time() }
                // It may be gone meanwhile.
                guard let newest else { continue }
                found.append(NamespaceCount(scope: scope, namespace: name, memories: count, updatedAt: newest))
            }
        }
        return found
    }

    /// By the index alone, from one to the next. None is empty.
    private func nextNamespace(_ partition: Int64, after name: String) throws -> String? {
        try database.first(
            """
            SELECT namespace FROM memory INDEXED BY memory_namespace
            WHERE partition = ? AND namespace > ? AND current = 1 ORDER BY namespace LIMIT 1
            """, [.integer(partition), .text(name)]
        ) { $0.text() }
    }

    func memoryStats() throws -> MemoryStats {
        try requireMemory()
        let read = RenewedRead(database)
        return try MemoryStats.read(database) { _ = try read.renewIfDue() }
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

    /// Over memories as `m`.
    /// - Parameter partitions: `nil`: those that are not hidden; empty: whichever.
    private func condition(_ filter: MemoryFilter, at: Timestamp, _ partitions: [Int]?) -> Condition {
        var condition = Condition("m.current = 1")
        if let partitions {
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
    /// - Parameter renew: called where another transaction may begin.
    static func read(_ database: SQLiteConnection, renew: () throws -> Void = {}) throws -> MemoryStats {
        func integer(_ sql: String) throws -> Int {
            try renew()
            return try database.integer(sql)
        }
        var stats = MemoryStats()
        stats.memories = try integer("SELECT count(*) FROM memory WHERE current = 1")
        stats.versions = try integer("SELECT count(*) FROM memory WHERE current = 0")
        stats.words = try integer("SELECT count(*) FROM word WHERE uses > 0")
        stats.tailDocuments = try integer("SELECT count(*) FROM tail")
        stats.segments = try integer("SELECT count(*) FROM segment WHERE state = 1")
        stats.indexBytes = try integer("SELECT coalesce(sum(bytes), 0) FROM segment WHERE state = 1")
        stats.embeddings = try integer("SELECT count(*) FROM embedding")
        return stats
    }
}
