import AgentModel
import JSON
import Store

/// What sessions that have ended hand on of their memories, in steps that a crash does not undo: each looks at some of
/// them in the order of their documents, moves those, and keeps how far it came.
extension StoreTransaction {
    /// The session has ended: what it recalled often enough is to go on without it.
    func planPromotion(of session: SessionInUse) throws {
        let learning = SessionLearning(session.row.value.learning)
        guard learning.isEnabled, let least = learning.promotesAfter else { return }
        try database.run(
            "INSERT OR IGNORE INTO promotion(session, least, done) VALUES (?, ?, 0)",
            [.integer(session.row.number), .int(least)])
    }

    /// It goes on: what it still has stays for now.
    func dropPromotion(of session: SessionInUse) throws {
        try database.run("DELETE FROM promotion WHERE session = ?", [.integer(session.row.number)])
    }

    func promoteMemories(limit: Int) throws {
        guard schemaVersion >= SchemaPart.promotions.since else { return }
        // Those whose session is gone have nothing to hand on.
        try database.run(
            """
            DELETE FROM promotion WHERE session NOT IN (SELECT n FROM session WHERE hidden_at IS NULL)
            """)
        var left = max(limit, 0)
        while let promotion = try nextPromotion() {
            guard left > 0 else {
                commit.isMoreLeft = true
                return
            }
            left -= try step(promotion, limit: left)
        }
    }

    private struct Promotion {
        var session: SessionID
        var number: Int64
        var least: Int
        /// The document that was looked at last.
        var done: Int64
    }

    private func nextPromotion() throws -> Promotion? {
        try database.first(
            """
            SELECT s.id, p.session, p.least, p.done FROM promotion p JOIN session s ON s.n = p.session
            ORDER BY p.session LIMIT 1
            """, []
        ) { row in
            Promotion(session: try row.id(), number: row.int64(), least: row.int(), done: row.int64())
        }
    }

    /// - Returns: how many memories it looked at; the last of them is where the next step begins.
    private func step(_ promotion: Promotion, limit: Int) throws -> Int {
        let session = try session(promotion.session)
        if case .project(let id) = session.row.value.sharedScope, try database.project(id) == nil {
            // Nobody shares them any more.
            try dropPromotion(of: session)
            return 1
        }
        var rows: [MemoryRow] = []
        if let partition = try MemoryPartition.find(.session(promotion.session), in: database) {
            var condition = Condition("m.partition = ? AND m.current = 1 AND m.n > ? AND m.recall_count >= ?")
            condition.andActive(at: now)
            rows = try database.rows(
                MemoryRow.select("\(condition.sql) ORDER BY m.n LIMIT ?"),
                [.integer(partition), .integer(promotion.done), .int(promotion.least)] + condition.values
                    + [.int(limit)]
            ) { try MemoryRow(&$0) }
        }
        let before = commit.memories.count
        for row in rows { try promote(row, from: session.row.value) }
        try logPromoted(commit.memories[before...].map(\.memory), in: session)
        if rows.count < limit {
            try dropPromotion(of: session)
        } else {
            try database.run(
                "UPDATE promotion SET done = ? WHERE session = ?",
                [.integer(rows.last?.number ?? promotion.done), .integer(promotion.number)])
        }
        return max(rows.count, 1)
    }

    private func promote(_ old: MemoryRow, from session: AgentSession) throws {
        var row = try MemoryRow(promoted: old, from: session, partition: partition(of: session.sharedScope))
        let there =
            row.hasKey
            ? try currentMemory(row.partition, row.value.namespace, key: row.value.key)
            : try memory(withText: row.value.contentText, row.partition, row.value.namespace)
        guard let there else {
            commit.promoted += 1
            return try replace(old, with: row)
        }
        // What is there already under this key is an earlier version, unless it was said later.
        guard row.hasKey, there.value.updatedAt < old.value.updatedAt,
            there.value.value != row.value.value || there.value.contentText != row.value.contentText
        else { return }
        row.value = row.value.version(of: there.value)
        commit.promoted += 1
        try replace(there, with: row)
    }

    private func logPromoted(_ memories: [Memory], in session: SessionInUse) throws {
        guard !memories.isEmpty else { return }
        let list = memories.map { memory -> JSON in
            var object: JSONObject = [
                "memory_id": .string("\(memory.id)"), "scope": .string(memory.scope.word),
                "namespace": .string(memory.namespace),
            ]
            if memory.key != memory.id.description { object["key"] = .string(memory.key) }
            return .object(object)
        }
        try log(EventDraft(.memoryCaptured, data: ["promoted": true, "memories": .array(list)]), in: session)
    }
}

extension MemoryRow {
    /// The same for all that share a session's scope. A turn's place in its conversation means nothing there.
    fileprivate init(promoted old: MemoryRow, from session: AgentSession, partition: Int64) {
        let value = old.value
        let learning = SessionLearning(session.learning)
        var memory = Memory(
            id: value.id, scope: session.sharedScope,
            namespace: value.namespace == learning.sessionNamespace ? learning.sharedNamespace : value.namespace,
            key: value.key, value: value.value, contentText: value.contentText, importance: value.importance,
            createdAt: value.createdAt, updatedAt: value.updatedAt)
        memory.tags = value.tags
        memory.source = value.source
        memory.source?.seq = nil
        memory.expiresAt = value.expiresAt
        memory.validFrom = value.validFrom
        memory.validTo = value.validTo
        memory.metadata = value.metadata
        memory.lastRecalledAt = value.lastRecalledAt
        memory.recallCount = value.recallCount
        self.init(
            partition: partition, hasKey: old.hasKey, isCaptured: true, hasText: old.hasText, value: memory)
    }
}

extension Memory {
    /// What it says, under the identity of what is there.
    fileprivate func version(of old: Memory) -> Memory {
        var memory = Memory(
            id: old.id, scope: old.scope, namespace: old.namespace, key: old.key, value: value,
            contentText: contentText, importance: importance, createdAt: old.createdAt, updatedAt: updatedAt)
        memory.tags = tags
        memory.source = source
        memory.expiresAt = expiresAt
        memory.validFrom = validFrom
        memory.validTo = validTo
        memory.metadata = metadata
        memory.lastRecalledAt = old.lastRecalledAt
        memory.recallCount = old.recallCount
        return memory
    }
}
