package import AgentModel
package import JSON

extension Memory {
    /// The memory as the wire shows it, which is what filters and sorts of a search name the fields of. What it does
    /// not have is absent.
    package var object: JSONObject {
        var object: JSONObject = ["id": .string("\(id)")]
        switch scope {
        case .user: object["scope"] = "user"
        case .session(let session):
            object["scope"] = "session"
            object["session_id"] = .string("\(session)")
        case .project(let project):
            object["scope"] = "project"
            object["project_id"] = .string("\(project)")
        case .connection(let connection):
            object["scope"] = "connection"
            object["db_connection_id"] = .string("\(connection)")
        }
        object["namespace"] = .string(namespace)
        object["key"] = .string(key)
        object["value"] = value
        object["content_text"] = .string(contentText)
        object["importance"] = Self.number(importance)
        object["tags"] = .array(tags.map { .string($0) })
        if let source { object["source"] = .object(source.object) }
        object["created_at"] = .string("\(createdAt)")
        object["updated_at"] = .string("\(updatedAt)")
        object["last_recalled_at"] = Self.time(lastRecalledAt)
        object["recall_count"] = .int(Int64(recallCount))
        object["expires_at"] = Self.time(expiresAt)
        object["valid_from"] = Self.time(validFrom)
        object["valid_to"] = Self.time(validTo)
        object["superseded_by"] = supersededBy.map { .string("\($0)") }
        object["embedding_model"] = embeddingModel.map { .string($0) }
        object["metadata"] = metadata.map { .object($0) }
        return object
    }

    /// A whole number is written as one.
    private static func number(_ value: Double) -> JSON { Int64(exactly: value).map { .int($0) } ?? .double(value) }

    private static func time(_ time: Timestamp?) -> JSON? { time.map { .string("\($0)") } }
}

extension MemorySource {
    fileprivate var object: JSONObject {
        var object = JSONObject()
        object["task_id"] = taskID.map { .string("\($0)") }
        object["run_id"] = runID.map { .string("\($0)") }
        object["role"] = role.map { .string($0) }
        object["seq"] = seq.map { .int(Int64($0)) }
        return object
    }
}
