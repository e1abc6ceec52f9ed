import AgentModel
import JSON

/// How a memory stands in the first line that a line agent hears.
extension RecalledMemory {
    /// `nil` for what is no memory.
    init?(line: JSON) {
        guard let object = line.objectValue else { return nil }
        let members = LineMembers(object: object)
        guard let id = members.name("id").flatMap({ MemoryID($0) }), let text = members.string("text") else {
            return nil
        }
        self.init(
            id: id, namespace: members.string("namespace") ?? Memory.namespaceByDefault,
            key: members.string("key") ?? "", text: text, value: object["value"] ?? .null,
            score: members.number("score") ?? 0)
    }

    var line: JSON {
        [
            "id": .string(id.description), "namespace": .string(namespace), "key": .string(key), "text": .string(text),
            "value": value, "score": .double(score),
        ]
    }
}

/// How a finding stands in the result line.
extension Finding {
    /// What one run may have found; more is not heard.
    static let countMax = 100

    /// `nil` for what has no text.
    init?(line: JSON) {
        guard let object = line.objectValue else { return nil }
        let members = LineMembers(object: object)
        guard let text = members.name("text") else { return nil }
        self.init(
            key: members.name("key"), text: text, value: members.value("value") ?? .string(text),
            tags: (object["tags"]?.arrayValue ?? []).compactMap(\.stringValue))
    }

    var line: JSON {
        var object: JSONObject = [:]
        object.set("key", key)
        object.set("text", text)
        object["value"] = value
        if !tags.isEmpty { object["tags"] = .array(tags.map(JSON.string)) }
        return .object(object)
    }
}
