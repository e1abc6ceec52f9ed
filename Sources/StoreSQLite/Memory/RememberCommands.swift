import AgentModel
import JSON
import MemorySearch
import Store

extension StoreTransaction {
    func remember(_ draft: MemoryDraft) throws {
        let partition = try partition(of: draft.scope)
        let sameID = try currentMemory(draft.id)
        let old =
            if let key = draft.key {
                try currentMemory(partition, draft.namespace, key: key)
            } else {
                sameID?.isKeptByID(in: partition, draft.namespace) == true ? sameID : nil
            }
        if let old { return try replace(old, with: draft) }
        if draft.isCaptured, let same = try memory(withText: draft.text, partition, draft.namespace) {
            knownTexts[draft.id] = same.value.id
            return tell(same, .unchanged)
        }
        guard sameID == nil else { throw StoreFailure.refused("\(draft.id) exists") }
        try insert(MemoryRow(draft, partition: partition, at: now), .created)
    }

    /// What the draft says in place of what was there: what it says nothing of is gone, but for the marks of use.
    private func replace(_ old: MemoryRow, with draft: MemoryDraft) throws {
        if draft.isCaptured, old.value.contentText == draft.text { return tell(old, .unchanged) }
        var row = MemoryRow(draft, partition: old.partition, at: now)
        row.hasKey = old.hasKey
        row.value = Memory(version: row.value, of: old.value)
        try replace(old, with: row)
    }

    func updateMemory(_ id: MemoryID, _ patch: MemoryPatch) throws {
        let old = try visibleMemory(id)
        var row = old
        row.value = old.value.changed(by: patch, at: now)
        switch patch.contentText {
        case .set: row.hasText = true
        case .clear: row.hasText = false
        case .keep: break
        }
        let derived = Memory.text(of: row.value.value)
        if !row.hasText { row.value.contentText = derived }
        row.hasText = row.value.contentText != derived
        if case .set(let other) = patch.supersededBy {
            guard other != id else { throw StoreFailure.refused("\(id) cannot be found in its own place") }
            _ = try visibleMemory(other)
        }
        if let scope = patch.scope { row.partition = try partition(of: scope) }
        if row.partition != old.partition || row.value.namespace != old.value.namespace,
            try currentMemory(row.partition, row.value.namespace, key: row.value.key) != nil
        {
            throw StoreFailure.refused("its new place has a memory with the key \(row.value.key)")
        }
        try replace(old, with: row)
    }

    /// Makes the row the current version, unless it says what the old one says.
    func replace(_ old: MemoryRow, with row: MemoryRow) throws {
        var same = row.value
        same.updatedAt = old.value.updatedAt
        guard same != old.value || row.partition != old.partition || row.hasText != old.hasText else {
            return tell(old, .unchanged)
        }
        var row = row
        // A clock may go back; versions do not.
        row.value.updatedAt = max(now, old.value.updatedAt)
        row.value.embeddingModel = nil
        try database.run(
            "UPDATE memory SET current = 0, valid_to = ? WHERE n = ?",
            [.time(row.value.updatedAt), .integer(old.number)])
        try database.run("DELETE FROM embedding WHERE n = ?", [.integer(old.number)])
        try unindex(old)
        try insert(row, .updated, replacing: Set(old.analyzed().words.map(\.word)))
    }

    private func insert(
        _ row: MemoryRow, _ kind: MemoryChange.Kind, replacing words: Set<String> = []
    ) throws {
        var row = row
        row.number = try nextDocument()
        try database.run(Self.insert, row.values)
        try index(row, replacing: words)
        tell(row, kind)
    }

    /// What is said to have been captured, by the ids under which it is there.
    func naming(_ known: [MemoryID: MemoryID], in draft: EventDraft) -> EventDraft {
        guard !known.isEmpty, let memories = draft.data["memories"]?.arrayValue else { return draft }
        var named = draft
        named.data["memories"] = .array(
            memories.map { memory in
                guard var object = memory.objectValue, let text = object["memory_id"]?.stringValue,
                    let there = MemoryID(text).flatMap({ known[$0] })
                else { return memory }
                object["memory_id"] = .string(there.description)
                return .object(object)
            })
        return named
    }

    private func tell(_ row: MemoryRow, _ kind: MemoryChange.Kind) {
        commit.memories.append(MemoryChange(memory: row.value, kind: kind, document: Int(row.number)))
    }

    private static let insert = SQLiteQuery(MemoryRow.insert)
    /// The greatest number that was ever given, and the last day of the calendar.
    private static let lastDocument = SQLiteQuery(
        """
        SELECT max(last_n, coalesce((SELECT max(n) FROM memory), 0)),
            coalesce((SELECT day FROM calendar ORDER BY first_n DESC LIMIT 1), -1) FROM memory_index
        """)

    /// Greater than every number that was ever given. The calendar has each day's first.
    func nextDocument() throws -> Int64 {
        let found = try database.first(Self.lastDocument) { (last: $0.int64(), day: $0.int64()) }
        guard let found, found.last < Posting.documentMax else {
            throw StoreFailure.limit("memory can hold no more documents")
        }
        let day = now.milliseconds / 86_400_000
        if day > found.day {
            try database.run(
                "INSERT INTO calendar(first_n, day) VALUES (?, ?)", [.integer(found.last + 1), .integer(day)])
        }
        return found.last + 1
    }

    func markRecalled(_ ids: [MemoryID]) throws {
        for id in ids {
            try database.run(
                """
                UPDATE memory SET last_recalled_at = max(coalesce(last_recalled_at, ?1), ?1),
                    recall_count = recall_count + 1 WHERE id = ?2 AND current = 1
                """, [.time(now), .id(id)])
        }
    }

    // MARK: - Rows

    private static let byKey = SQLiteQuery(
        MemoryRow.select("WHERE m.partition = ? AND m.namespace = ? AND m.key = ? AND m.current = 1"))
    private static let isThere = SQLiteQuery("SELECT 1 FROM memory WHERE id = ? AND current = 1")
    private static let byID = SQLiteQuery(MemoryRow.select("WHERE m.id = ? AND m.current = 1"))

    func currentMemory(_ partition: Int64, _ namespace: String, key: String) throws -> MemoryRow? {
        let found = try database.first(
            Self.byKey, [.integer(partition), .text(namespace), .text(key)]
        ) { try MemoryRow(&$0) }
        if let found { return found }
        // A memory without a key has its id for one.
        guard let id = MemoryID(key), let row = try currentMemory(id), row.isKeptByID(in: partition, namespace) else {
            return nil
        }
        return row
    }

    func currentMemory(_ id: MemoryID) throws -> MemoryRow? {
        // Commonly there is none, which an index tells alone.
        guard try database.first(Self.isThere, [.id(id)], { _ in true }) == true else { return nil }
        return try database.first(Self.byID, [.id(id)]) { try MemoryRow(&$0) }
    }

    /// The current version of a memory whose scope is there. Fails with `notFound`.
    func visibleMemory(_ id: MemoryID) throws -> MemoryRow {
        let found = try database.first(
            MemoryRow.select("WHERE m.id = ? AND m.current = 1 AND p.hidden = 0"), [.id(id)]
        ) { try MemoryRow(&$0) }
        guard let found else { throw StoreFailure.notFound(id.description) }
        return found
    }

    func memory(withText text: String, _ partition: Int64, _ namespace: String) throws -> MemoryRow? {
        try database.rows(
            MemoryRow.select(
                "WHERE m.text_hash = ? AND m.current = 1 AND m.captured = 1 AND m.partition = ? AND m.namespace = ?"),
            [.integer(MemoryRow.textHash(partition, namespace, text)), .integer(partition), .text(namespace)]
        ) { try MemoryRow(&$0) }
        .first { $0.value.contentText == text }
    }
}

extension MemoryDraft {
    var text: String { contentText ?? Memory.text(of: value) }
}

extension MemoryRow {
    /// Whether its id is its key there.
    fileprivate func isKeptByID(in partition: Int64, _ namespace: String) -> Bool {
        !hasKey && self.partition == partition && value.namespace == namespace
    }

    init(_ draft: MemoryDraft, partition: Int64, at now: Timestamp) {
        var memory = Memory(
            id: draft.id, scope: draft.scope, namespace: draft.namespace, key: draft.key ?? draft.id.description,
            value: draft.value, contentText: draft.text, importance: draft.importance,
            createdAt: min(draft.createdAt ?? now, now), updatedAt: now)
        memory.tags = draft.tags
        memory.source = draft.source == MemorySource() ? nil : draft.source
        memory.expiresAt = draft.expiresAt
        memory.validFrom = draft.validFrom
        memory.validTo = draft.validTo
        memory.metadata = draft.metadata
        self.init(
            partition: partition, hasKey: draft.key.map { $0 != draft.id.description } ?? false,
            isCaptured: draft.isCaptured,
            hasText: draft.text != Memory.text(of: draft.value),
            value: memory)
    }

    /// The same for another scope, as if it had been remembered there.
    func copy(to scope: MemoryScope, partition: Int64, id: MemoryID) -> MemoryRow {
        var memory = Memory(
            id: id, scope: scope, namespace: value.namespace, key: hasKey ? value.key : id.description,
            value: value.value, contentText: value.contentText, importance: value.importance,
            createdAt: value.createdAt, updatedAt: value.updatedAt)
        memory.tags = value.tags
        memory.source = value.source
        memory.expiresAt = value.expiresAt
        memory.validFrom = value.validFrom
        memory.validTo = value.validTo
        memory.metadata = value.metadata
        return MemoryRow(
            partition: partition, hasKey: hasKey, isCaptured: isCaptured, hasText: hasText, value: memory)
    }
}

extension Memory {
    /// What is said anew under the identity of what was there.
    fileprivate init(version new: Memory, of old: Memory) {
        self.init(
            id: old.id, scope: old.scope, namespace: old.namespace, key: old.key, value: new.value,
            contentText: new.contentText, importance: new.importance, createdAt: old.createdAt,
            updatedAt: new.updatedAt)
        tags = new.tags
        source = new.source
        expiresAt = new.expiresAt
        validFrom = new.validFrom
        validTo = new.validTo
        metadata = new.metadata
        lastRecalledAt = old.lastRecalledAt
        recallCount = old.recallCount
        embeddingModel = old.embeddingModel
    }

    fileprivate func changed(by patch: MemoryPatch, at now: Timestamp) -> Memory {
        var memory = Memory(
            id: id, scope: patch.scope ?? scope, namespace: patch.namespace ?? namespace, key: key,
            value: patch.value ?? value, contentText: patch.contentText.applied(to: contentText) ?? "",
            importance: patch.importance ?? importance, createdAt: createdAt, updatedAt: now)
        memory.tags = patch.tags ?? tags
        memory.source = source
        memory.expiresAt = patch.expiresAt.applied(to: expiresAt)
        memory.validFrom = patch.validFrom.applied(to: validFrom)
        memory.validTo = patch.validTo.applied(to: validTo)
        memory.supersededBy = patch.supersededBy.applied(to: supersededBy)
        memory.metadata = patch.metadata.applied(to: metadata)
        memory.lastRecalledAt = lastRecalledAt
        memory.recallCount = recallCount
        memory.embeddingModel = embeddingModel
        return memory
    }
}

extension SessionPatch.Change {
    fileprivate func applied(to value: Value?) -> Value? {
        switch self {
        case .keep: value
        case .clear: nil
        case .set(let new): new
        }
    }
}
