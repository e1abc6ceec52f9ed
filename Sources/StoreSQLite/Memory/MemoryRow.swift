import AgentModel
import JSON
import Store

/// A version of a memory as it is stored.
struct MemoryRow {
    /// The document's number; 0 before it is stored.
    var number: Int64 = 0
    var partition: Int64
    var isCurrent = true
    /// Whether the key was given; the id is the key otherwise.
    var hasKey: Bool
    var isCaptured: Bool
    /// Whether the text was given; it is every string of the value otherwise.
    var hasText: Bool
    var value: Memory

    static let columns = [
        "id", "partition", "current", "namespace", "key", "importance", "created_at", "updated_at",
        "last_recalled_at", "recall_count", "expires_at", "valid_from", "valid_to", "superseded_by", "captured",
        "text_hash", "task_id", "run_id", "role", "seq", "tags", "metadata", "value", "content_text",
    ]

    static let insert = Columns.insert("memory", ["n"] + columns)

    /// Over memories as `m`, their partitions as `p` and their embeddings as `e`.
    static func select(_ rest: String) -> String { selection + rest }

    private static let selection = """
        SELECT m.n, p.kind, p.scope_id, e.model, \(Columns.list(columns, of: "m")) FROM memory m
        JOIN partition p ON p.id = m.partition LEFT JOIN embedding e ON e.n = m.n\u{20}
        """

    var values: [SQLiteValue] {
        [
            .integer(number), .id(value.id), .integer(partition), .bool(isCurrent), .string(value.namespace),
            hasKey ? .string(value.key) : .null, .double(value.importance), .time(value.createdAt),
            .time(value.updatedAt), .time(value.lastRecalledAt), .int(value.recallCount), .time(value.expiresAt),
            .time(value.validFrom), .time(value.validTo), .id(value.supersededBy), .bool(isCaptured),
            .integer(textHash), .id(value.source?.taskID), .id(value.source?.runID), .string(value.source?.role),
            .int(value.source?.seq), value.tags.isEmpty ? .null : .json(.array(value.tags.map { .string($0) })),
            .object(value.metadata), .json(value.value), hasText ? .string(value.contentText) : .null,
        ]
    }

    init(partition: Int64, hasKey: Bool, isCaptured: Bool, hasText: Bool, value: Memory) {
        self.partition = partition
        self.hasKey = hasKey
        self.isCaptured = isCaptured
        self.hasText = hasText
        self.value = value
    }

    init(_ row: inout SQLiteRow) throws {
        number = row.int64()
        let scope = try MemoryPartition.scope(kind: row.int(), &row)
        let model = row.optionalText()
        let id: MemoryID = try row.id()
        partition = row.int64()
        isCurrent = row.bool()
        let namespace = row.text()
        let key = row.optionalText()
        hasKey = key != nil
        let importance = row.double()
        var memory = Memory(
            id: id, scope: scope, namespace: namespace, key: key ?? id.description, value: nil, contentText: "",
            importance: importance, createdAt: row.time(), updatedAt: row.time())
        memory.embeddingModel = model
        memory.lastRecalledAt = row.optionalTime()
        memory.recallCount = row.int()
        memory.expiresAt = row.optionalTime()
        memory.validFrom = row.optionalTime()
        memory.validTo = row.optionalTime()
        memory.supersededBy = try row.optionalID()
        isCaptured = row.bool()
        row.skip()
        memory.source = try Self.source(&row)
        memory.tags = try row.optionalJSON()?.arrayValue?.compactMap(\.stringValue) ?? []
        memory.metadata = try row.optionalObject()
        memory.value = try row.json()
        let text = row.optionalText()
        hasText = text != nil
        memory.contentText = text ?? Memory.text(of: memory.value)
        // An earlier version holds from when it was remembered.
        if !isCurrent { memory.validFrom = memory.updatedAt }
        value = memory
    }

    private static func source(_ row: inout SQLiteRow) throws -> MemorySource? {
        let source = MemorySource(
            taskID: try row.optionalID(), runID: try row.optionalID(), role: row.optionalText(),
            seq: row.optionalInt())
        return source == MemorySource() ? nil : source
    }

    /// Finds the same text in the same place: FNV-1a, 64 bits.
    var textHash: Int64 { Self.textHash(partition, value.namespace, value.contentText) }

    static func textHash(_ partition: Int64, _ namespace: String, _ text: String) -> Int64 {
        var hash = 0xcbf2_9ce4_8422_2325 as UInt64
        hash = withUnsafeBytes(of: partition.littleEndian) { Self.hash($0, after: hash) }
        hash = Self.hash(namespace.utf8, after: hash)
        hash = Self.hash(CollectionOfOne(0), after: hash)
        return Int64(bitPattern: Self.hash(text.utf8, after: hash))
    }

    @inline(__always)
    private static func hash(_ bytes: some Collection<UInt8>, after start: UInt64) -> UInt64 {
        bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
