import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

// The only place where the model's memories become the wire's, and back.

extension Wire.Memory {
    init(_ memory: Memory) {
        let (session, project, connection) = memory.scope.ids
        self.init(
            id: "\(memory.id)", scope: memory.scope.level, sessionID: session, projectID: project,
            dbConnectionID: connection, namespace: memory.namespace, key: memory.key, value: memory.value,
            contentText: memory.contentText, importance: memory.importance, tags: memory.tags,
            source: memory.source.map(Wire.MemorySource.init), createdAt: "\(memory.createdAt)",
            updatedAt: "\(memory.updatedAt)", lastRecalledAt: memory.lastRecalledAt?.description,
            recallCount: memory.recallCount, expiresAt: memory.expiresAt?.description,
            validFrom: memory.validFrom?.description, validTo: memory.validTo?.description,
            supersededBy: memory.supersededBy?.description, embeddingModel: memory.embeddingModel,
            metadata: memory.metadata)
    }
}

extension MemoryScope {
    var level: Wire.MemoryScope { .init(rawValue: word) }

    /// As the wire names them: of these at most one is there.
    var ids: (session: String?, project: String?, connection: String?) {
        switch self {
        case .user: (nil, nil, nil)
        case .connection(let id): (nil, nil, "\(id)")
        case .project(let id): (nil, "\(id)", nil)
        case .session(let id): ("\(id)", nil, nil)
        }
    }
}

extension Wire.MemorySource {
    init(_ source: MemorySource) {
        self.init(
            taskID: source.taskID?.description, runID: source.runID?.description, role: source.role, seq: source.seq)
    }
}

extension MemorySource {
    init(_ source: Wire.MemorySource) {
        self.init(
            taskID: source.taskID.flatMap(TaskID.init), runID: source.runID.flatMap(RunID.init), role: source.role,
            seq: source.seq)
    }
}

extension Wire.MemoryChange {
    init(_ change: MemoryChange) {
        self.init(memory: .init(change.memory), outcome: .init(rawValue: change.kind.rawValue))
    }
}

extension Wire.NamespaceInfo {
    init(_ count: NamespaceCount) {
        let (session, project, connection) = count.scope.ids
        self.init(
            scope: count.scope.level, sessionID: session, projectID: project, dbConnectionID: connection,
            namespace: count.namespace, memories: count.memories, updatedAt: "\(count.updatedAt)")
    }
}

extension Wire.MemoryStats {
    init(_ stats: MemoryStats, _ embedder: Embedder?) {
        self.init(
            memories: stats.memories, versions: stats.versions, words: stats.words,
            tailDocuments: stats.tailDocuments, segments: stats.segments, indexBytes: stats.indexBytes,
            embeddings: stats.embeddings, embedding: embedder.map { .init($0.configuration, $0.status) })
    }
}

extension Wire.EmbeddingStats {
    init(_ configuration: EmbeddingConfiguration, _ status: Embedder.Status) {
        self.init(
            model: configuration.model, weight: configuration.weight, state: .init(rawValue: status.state.rawValue),
            kept: status.kept, refused: status.refused, comparedMax: RecallEmbedding.comparedMax,
            lastError: status.lastError)
    }
}

extension Wire.ForgetResult {
    init(_ counts: ForgetCounts, isDryRun: Bool = false) {
        self.init(
            memories: counts.memories, versions: counts.versions, indexEntries: counts.indexEntries,
            words: counts.words, dryRun: isDryRun)
    }
}

extension ForgetCounts {
    static func + (left: ForgetCounts, right: ForgetCounts) -> ForgetCounts {
        var sum = left
        sum.memories += right.memories
        sum.versions += right.versions
        sum.indexEntries += right.indexEntries
        sum.words += right.words
        return sum
    }
}

extension MemoryDraft {
    /// - Throws: `limit_exceeded` for what is larger than the host keeps.
    init(_ params: Wire.MemoryRememberParams, id: MemoryID, scope: MemoryScope) throws(RPCError) {
        self.init(id: id, scope: scope, namespace: params.namespace, key: params.key, value: params.value)
        contentText = params.contentText
        importance = params.importance
        tags = params.tags ?? []
        source = params.source.map(MemorySource.init)
        expiresAt = params.expiresAt.flatMap(Timestamp.init)
        validFrom = params.validFrom.flatMap(Timestamp.init)
        validTo = params.validTo.flatMap(Timestamp.init)
        metadata = params.metadata
        try check()
    }

    /// - Throws: `limit_exceeded` for what is larger than the host keeps.
    func check() throws(RPCError) {
        try MemoryLimits.check(value: value)
        try MemoryLimits.check(text: contentText)
        try MemoryLimits.check(key: key)
        try MemoryLimits.check(namespace: namespace)
        try MemoryLimits.check(tags: tags)
    }
}

extension MemoryPatch {
    /// - Throws: `limit_exceeded` for what is larger than the host keeps.
    init(_ params: Wire.MemoryUpdateParams) throws(RPCError) {
        self.init()
        namespace = params.namespace
        value = params.value
        contentText = .init(params.contentText) { $0 }
        importance = params.importance
        tags = params.tags
        expiresAt = Self.time(params.expiresAt)
        validFrom = Self.time(params.validFrom)
        validTo = Self.time(params.validTo)
        supersededBy = Self.change(params.supersededBy, MemoryID.init)
        metadata = .init(params.metadata) { $0 }
        try MemoryLimits.check(value: params.value ?? .null)
        if case .set(let text) = params.contentText { try MemoryLimits.check(text: text) }
        try MemoryLimits.check(namespace: params.namespace)
        try MemoryLimits.check(tags: params.tags ?? [])
    }

    private static func time(_ change: Wire.Change<String>) -> SessionPatch.Change<Timestamp> {
        self.change(change, Timestamp.init)
    }

    private static func change<Value>(
        _ change: Wire.Change<String>, _ convert: (String) -> Value?
    ) -> SessionPatch.Change<Value> {
        switch change {
        case .keep: .keep
        case .clear: .clear
        case .set(let text): convert(text).map { .set($0) } ?? .keep
        }
    }
}

/// How large a memory may be; `host.initialize` tells these.
enum MemoryLimits {
    static let valueBytesMax = 1 << 20
    static let keyBytesMax = 512
    static let namespaceBytesMax = 200
    static let tagsMax = 64
    static let tagBytesMax = 100

    static func check(value: JSON) throws(RPCError) {
        // A quick look first: most values are short strings.
        if let text = value.stringValue, text.utf8.count <= valueBytesMax / 8 { return }
        try check(value.encoded().count, "value", most: valueBytesMax)
    }

    static func check(text: String?) throws(RPCError) {
        try check(text?.utf8.count ?? 0, "content_text", most: valueBytesMax)
    }

    static func check(key: String?) throws(RPCError) { try check(key?.utf8.count ?? 0, "key", most: keyBytesMax) }

    static func check(namespace: String?) throws(RPCError) {
        try check(namespace?.utf8.count ?? 0, "namespace", most: namespaceBytesMax)
    }

    static func check(tags: [String]) throws(RPCError) {
        for (index, tag) in tags.enumerated() {
            try check(tag.utf8.count, "tags[\(index)]", most: tagBytesMax)
            guard !tag.isEmpty else {
                throw RPCError(
                    .invalidParams, "params.tags[\(index)]: expected a string that is not empty",
                    path: "params.tags[\(index)]", expected: "a string that is not empty")
            }
        }
    }

    private static func check(_ count: Int, _ field: String, most: Int) throws(RPCError) {
        guard count > most else { return }
        throw RPCError(
            .limitExceeded, "\(field) has \(count) bytes; at most \(most) are kept", path: "params.\(field)",
            expected: "at most \(most) bytes")
    }
}
