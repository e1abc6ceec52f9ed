/// A field of a memory as a search names it: `namespace`, `source.role`, `value.address.city`.
package struct MemoryField: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Text that names something: `:=` compares it byte for byte.
        case identifier
        /// Text that people read: compared folded.
        case text
        case number
        /// ISO 8601 text in the document; compared as milliseconds.
        case time
        /// Whatever the memory holds there.
        case any
    }

    package let name: String
    package let path: [String]
    package let kind: Kind

    /// `nil` when no memory can have such a field.
    package init?(_ name: String) {
        let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !name.isEmpty, !path.contains("") else { return nil }
        if let kind = Self.kinds[name] {
            self.init(name: name, path: path, kind: kind)
        } else if let root = path.first, Self.open.contains(root) {
            self.init(name: name, path: path, kind: .any)
        } else {
            return nil
        }
    }

    /// A field of an object that stands at some path of a memory.
    package init?(inside name: String) {
        let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !name.isEmpty, !path.contains("") else { return nil }
        self.init(name: name, path: path, kind: .any)
    }

    private init(name: String, path: [String], kind: Kind) {
        self.name = name
        self.path = path
        self.kind = kind
    }

    /// The ones whose words are indexed and that `query_by` takes: `value.<path>` too.
    package var isSearchable: Bool {
        ["content_text", "key", "tags", "value"].contains(name) || path.first == "value"
    }

    /// Numbers and times that a store has a column of; see `DocumentRow`.
    package var isColumn: Bool { Self.columns.contains(name) }

    private static let columns: Set<String> = [
        "importance", "recall_count", "source.seq", "created_at", "updated_at", "last_recalled_at", "expires_at",
        "valid_from", "valid_to",
    ]

    /// What a posting says of a stem that stands in the field; `nil`: nothing.
    var mask: FieldMask? {
        switch name {
        case "content_text": .content
        case "key": .key
        case "tags": .tags
        case "value": .value
        default: nil
        }
    }

    package static let contentText = MemoryField(name: "content_text", path: ["content_text"], kind: .text)
    package static let key = MemoryField(name: "key", path: ["key"], kind: .identifier)
    package static let tags = MemoryField(name: "tags", path: ["tags"], kind: .identifier)

    /// The fields that hold what their author likes.
    private static let open: Set<String> = ["value", "metadata"]

    private static let kinds: [String: Kind] = [
        "id": .identifier, "scope": .identifier, "db_connection_id": .identifier, "project_id": .identifier,
        "session_id": .identifier, "namespace": .identifier, "key": .identifier, "tags": .identifier,
        "source.task_id": .identifier, "source.run_id": .identifier, "source.role": .identifier,
        "superseded_by": .identifier, "embedding_model": .identifier, "content_text": .text, "importance": .number,
        "recall_count": .number, "source.seq": .number, "created_at": .time, "updated_at": .time,
        "last_recalled_at": .time, "expires_at": .time, "valid_from": .time, "valid_to": .time,
    ]

    /// For people who misspelt one.
    package static let namesForPeople =
        "a field of a memory, such as namespace, key, tags, importance, created_at, value.<path> or metadata.<path>"
}
