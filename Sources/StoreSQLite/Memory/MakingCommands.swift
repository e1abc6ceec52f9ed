import AgentModel
import Store

/// Memories of sessions that are being made: neither found nor, as those of hidden ones are, to be purged.
extension StoreTransaction {
    private static let copiedBytesMax = 256 << 10

    private static func place(_ session: SessionInUse) -> [SQLiteValue] {
        let scope = MemoryScope.session(session.row.value.id)
        return [.int(MemoryPartition.kind(of: scope)), MemoryPartition.scopeID(of: scope)]
    }

    /// `nil` where nothing has been remembered in it.
    func findPartitionInMaking(of session: SessionInUse) throws -> Int64? {
        try database.first(
            "SELECT id FROM partition WHERE kind = ? AND scope_id = ? AND hidden = 2", Self.place(session)
        ) { $0.int64() }
    }

    func partitionInMaking(of session: SessionInUse) throws -> Int64 {
        if let found = try findPartitionInMaking(of: session) { return found }
        try database.run("INSERT INTO partition(kind, scope_id, hidden) VALUES (?, ?, 2)", Self.place(session))
        return database.lastInsertedRow
    }

    /// The index is folded and vectors are made from the oldest and the newest on.
    func showMemories(in partition: Int64) throws {
        try database.run("UPDATE partition SET hidden = 0 WHERE id = ? AND hidden = 2", [.integer(partition)])
        for order in ["ASC", "DESC"] {
            let found = try database.first(
                MemoryRow.select("WHERE m.partition = ? AND m.current = 1 ORDER BY m.n \(order) LIMIT 1"),
                [.integer(partition)]
            ) { try MemoryRow(&$0) }
            guard let found else { return }
            commit.memories.append(MemoryChange(memory: found.value, kind: .created, document: Int(found.number)))
        }
    }

    func copyMemories(_ copy: MemoryCopy) throws {
        let (source, target) = (try session(copy.source), try sessionInMaking(copy.target))
        commit.isMoreLeft = false
        guard let from = try MemoryPartition.find(.session(source.row.value.id), in: database) else { return }
        var (rows, bytes) = ([MemoryRow](), 0)
        try database.each(
            MemoryRow.select("WHERE m.partition = ? AND m.current = 1 AND m.n > ? ORDER BY m.n LIMIT ?"),
            [.integer(from), .int(copy.afterDocument), .int(copy.limit)]
        ) { row in
            bytes += row.size
            rows.append(try MemoryRow(&row))
            return bytes < Self.copiedBytesMax
        }
        // The same one always gets the same new id: a version that comes while it is copied is not copied beside it.
        let identities = IdentityMap(key: copy.target.uuid)
        commit.copiedDocument = rows.last.map { Int($0.number) } ?? copy.afterDocument
        commit.isMoreLeft = rows.count == copy.limit || bytes >= Self.copiedBytesMax
        guard !rows.isEmpty else { return }
        let to = try partitionInMaking(of: target)
        for row in rows {
            let id = identities(row.value.id)
            try insertInMaking(row.copy(to: .session(copy.target), partition: to, id: id))
        }
    }

    private func insertInMaking(_ given: MemoryRow) throws {
        var row = given
        guard try currentMemory(row.value.id) == nil else { return }
        if row.hasKey, try currentMemory(row.partition, row.value.namespace, key: row.value.key) != nil { return }
        row.number = try nextDocument()
        try database.run(MemoryRow.insert, row.values)
        try index(row)
    }
}
