package import JSON

/// Where a memory is visible. Each scope has its own keys; a recall in a session sees the session's memories, then the
/// ones of its project or its database, then the user's own.
package enum MemoryScope: Hashable, Sendable {
    case user
    case connection(ConnectionID)
    case project(ProjectID)
    case session(SessionID)

    /// As the protocol's `MemoryScope` says it.
    package var word: String {
        switch self {
        case .user: "user"
        case .connection: "connection"
        case .project: "project"
        case .session: "session"
        }
    }
}

/// A keyed value that outlives what it was learned in.
package struct Memory: Hashable, Sendable {
    package let id: MemoryID
    package let scope: MemoryScope
    package var namespace: String
    package var key: String
    package var value: JSON
    /// What is searched.
    package var contentText: String
    /// 0...1
    package var importance: Double
    package var tags: [String] = []
    package var source: MemorySource?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var lastRecalledAt: Timestamp?
    package var recallCount = 0
    /// When it is no longer found.
    package var expiresAt: Timestamp?
    /// From when on it holds; of an earlier version, when that was remembered.
    package var validFrom: Timestamp?
    /// Until when it holds; of an earlier version, when the next one was remembered.
    package var validTo: Timestamp?
    /// What is to be found in its place.
    package var supersededBy: MemoryID?
    /// The model whose vector of the text is kept, if any.
    package var embeddingModel: String?
    package var metadata: JSONObject?

    package init(
        id: MemoryID, scope: MemoryScope, namespace: String, key: String, value: JSON, contentText: String,
        importance: Double, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.scope = scope
        self.namespace = namespace
        self.key = key
        self.value = value
        self.contentText = contentText
        self.importance = importance
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// What a memory was learned from.
package struct MemorySource: Hashable, Sendable {
    package var taskID: TaskID?
    package var runID: RunID?
    /// Who said it, for a captured turn: `user`, `assistant` or any word.
    package var role: String?
    /// Its place in its conversation: memories of one scope and namespace that have one are its turns.
    package var seq: Int?

    package init(taskID: TaskID? = nil, runID: RunID? = nil, role: String? = nil, seq: Int? = nil) {
        self.taskID = taskID
        self.runID = runID
        self.role = role
        self.seq = seq
    }
}

/// A memory that was recalled for a task, as its driver is told of it.
package struct RecalledMemory: Hashable, Sendable {
    package var id: MemoryID
    package var namespace: String
    package var key: String
    package var text: String
    package var value: JSON
    package var score: Double

    package init(id: MemoryID, namespace: String, key: String, text: String, value: JSON, score: Double) {
        self.id = id
        self.namespace = namespace
        self.key = key
        self.text = text
        self.value = value
        self.score = score
    }
}

/// Something that a run found out and that is worth knowing another time.
package struct Finding: Hashable, Sendable {
    /// Under which a later finding of the same thing replaces it, if it has a name.
    package var key: String?
    /// What is searched.
    package var text: String
    package var value: JSON
    package var tags: [String]

    package init(key: String? = nil, text: String, value: JSON, tags: [String] = []) {
        self.key = key
        self.text = text
        self.value = value
        self.tags = tags
    }
}

/// What is to be remembered. A memory with the same scope, namespace and key is replaced, and kept as history.
package struct MemoryDraft: Hashable, Sendable {
    /// Used when the key is new in its scope and namespace.
    package var id: MemoryID
    package var scope: MemoryScope
    package var namespace: String
    /// `nil`: the id is the key.
    package var key: String?
    package var value: JSON
    /// `nil`: every string of the value, a line each.
    package var contentText: String?
    package var importance = Memory.importanceByDefault
    package var tags: [String] = []
    package var source: MemorySource?
    package var expiresAt: Timestamp?
    package var validFrom: Timestamp?
    package var validTo: Timestamp?
    package var metadata: JSONObject?
    /// When what is new was first remembered, elsewhere: never later than it is stored. `nil`: then.
    package var createdAt: Timestamp?
    /// A captured memory: nothing happens when its scope and namespace hold the same text already.
    package var isCaptured = false

    package init(id: MemoryID, scope: MemoryScope, namespace: String, key: String? = nil, value: JSON) {
        self.id = id
        self.scope = scope
        self.namespace = namespace
        self.key = key
        self.value = value
    }
}

extension Memory {
    package static let importanceByDefault = 0.5
    package static let namespaceByDefault = "general"

    /// What is searched of a memory without a text of its own: every string of its value, a line each, without the
    /// names of members.
    package static func text(of value: JSON) -> String {
        strings(of: value).joined(separator: "\n")
    }

    /// Every string of a value in its order, without the names of members.
    package static func strings(of value: JSON) -> [String] {
        var strings: [String] = []
        collectStrings(of: value, into: &strings)
        return strings
    }

    private static func collectStrings(of value: JSON, into lines: inout [String]) {
        switch value {
        case .string(let text): lines.append(text)
        case .array(let items): for item in items { collectStrings(of: item, into: &lines) }
        case .object(let members): for member in members { collectStrings(of: member.value, into: &lines) }
        case .null, .bool, .int, .double: break
        }
    }
}

/// What `memory.update` changes: a member that is absent stays as it is.
package struct MemoryPatch: Hashable, Sendable {
    /// A wider or other scope; fails where that scope has the key already.
    package var scope: MemoryScope?
    package var namespace: String?
    package var value: JSON?
    /// `clear`: derived from the value again.
    package var contentText = SessionPatch.Change<String>.keep
    package var importance: Double?
    package var tags: [String]?
    package var expiresAt = SessionPatch.Change<Timestamp>.keep
    package var validFrom = SessionPatch.Change<Timestamp>.keep
    package var validTo = SessionPatch.Change<Timestamp>.keep
    package var supersededBy = SessionPatch.Change<MemoryID>.keep
    package var metadata = SessionPatch.Change<JSONObject>.keep

    package init() {}
}
