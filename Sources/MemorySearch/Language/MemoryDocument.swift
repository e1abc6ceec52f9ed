package import JSON

/// A memory as a search sees it: its number in the index, and the object that the wire shows.
///
/// Members: `id`, `scope`, `db_connection_id`, `project_id`, `session_id`, `namespace`, `key`, `value`, `content_text`,
/// `importance`, `tags`, `source {task_id, run_id, role, seq}`, `created_at`, `updated_at`, `last_recalled_at`,
/// `recall_count`, `expires_at`, `valid_from`, `valid_to`, `superseded_by`, `embedding_model`, `metadata`; times are
/// ISO 8601 text, what a memory does not have is absent or `null`.
package struct MemoryDocument: Hashable, Sendable {
    /// Ascending in the order in which memories were remembered.
    package let number: Int64
    package let object: JSONObject

    package init(number: Int64, object: JSONObject) {
        self.number = number
        self.object = object
    }

    package var id: String { object["id"]?.stringValue ?? "" }

    /// What stands at the field: no nulls, arrays taken apart, an object as the values inside it.
    package func values(of field: MemoryField) -> [JSON] { Self.values(at: field.path[...], in: .object(object)) }

    static func values(at path: ArraySlice<String>, in value: JSON) -> [JSON] {
        var found: [JSON] = []
        collect(path, value) { found.append(contentsOf: leaves(of: $0)) }
        return found
    }

    /// The objects at the field, arrays of them taken apart.
    func objects(at field: MemoryField) -> [JSONObject] { Self.objects(at: field, in: object) }

    static func objects(at field: MemoryField, in object: JSONObject) -> [JSONObject] {
        var found: [JSONObject] = []
        collect(field.path[...], .object(object)) { value in
            switch value {
            case .object(let object): found.append(object)
            case .array(let elements): found.append(contentsOf: elements.compactMap(\.objectValue))
            default: break
            }
        }
        return found
    }

    private static func collect(_ path: ArraySlice<String>, _ value: JSON, _ take: (JSON) -> Void) {
        guard let first = path.first else { return take(value) }
        switch value {
        case .object(let object):
            if let member = object[first] { collect(path.dropFirst(), member, take) }
        case .array(let elements):
            for element in elements { collect(path, element, take) }
        default: break
        }
    }

    private static func leaves(of value: JSON) -> [JSON] {
        switch value {
        case .null: []
        case .array(let elements): elements.flatMap(leaves)
        case .object(let members): members.flatMap { leaves(of: $0.value) }
        default: [value]
        }
    }
}
