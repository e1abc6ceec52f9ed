package import JSON

extension PermissionAsk {
    /// As clients see it; also what `permission.requested` and `question.asked` tell.
    package var json: JSONObject {
        var object: JSONObject = [
            "permission_id": .string(id.description), "session_id": .string(sessionID.description),
        ]
        object["task_id"] = taskID.map { .string($0.description) }
        object["kind"] = .string(kind.rawValue)
        object["title"] = .string(title)
        object["input"] = input
        object["options"] = .array(options.map(\.json))
        object["created_at"] = .string(createdAt.description)
        object["tool"] = tool.map { .string($0) }
        object["deadline_at"] = deadlineAt.map { .string($0.description) }
        object["default"] = defaultOption.map { .string($0) }
        return object
    }

    /// What `permission.resolved` and `question.answered` tell.
    package func resolvedData(_ resolution: Resolution) -> JSONObject {
        var object: JSONObject = ["permission_id": .string(id.description), "by": .string(resolution.by)]
        if let option = resolution.option { object["option_id"] = .string(option) } else { object["cancelled"] = true }
        return object
    }
}

extension DriverAsk.Option {
    package var json: JSON {
        var object: JSONObject = ["id": .string(id), "title": .string(title)]
        object["kind"] = kind.map { .string($0) }
        return .object(object)
    }

    /// Reads what `json` wrote; `nil` without an id.
    package init?(json: JSON) {
        guard let id = json["id"]?.stringValue else { return nil }
        self.init(id: id, title: json["title"]?.stringValue ?? "", kind: json["kind"]?.stringValue)
    }
}
