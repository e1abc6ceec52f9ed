package import JSON

extension SessionPatch {
    /// The members that change, with their new values; `null` for those that are cleared. What `session.updated` tells.
    package var changedData: JSONObject {
        var object: JSONObject = [:]
        object["title"] = title.json { .string($0) }
        object["metadata"] = metadata.json { .object($0) }
        object["model"] = model.json { .string($0) }
        object["working_dir"] = workingDirectory.json { .string($0) }
        object["ttl_s"] = ttlSeconds.json { .int(Int64($0)) }
        object["budget"] = budget.json { .object($0.json) }
        object["checkpoints"] = retention.json { .object($0.json) }
        object["driver"] = driver.map { .string($0) }
        object["mode"] = mode.map { .string($0.rawValue) }
        object["persistence"] = persistence.map { .string($0.rawValue) }
        object["recursion_limit"] = recursionLimit.map { .int(Int64($0)) }
        object["learning"] = learning.map { .object($0) }
        object["permissions"] = permissions.map { .object($0) }
        return object
    }
}

extension Budget {
    /// As it stands on the wire.
    package var json: JSONObject {
        var object: JSONObject = [:]
        object["cost_usd"] = cost.map { .double($0.dollars) }
        object["tokens"] = tokens.map { .int(Int64($0)) }
        return object
    }
}

extension CheckpointRetention {
    /// As it stands on the wire.
    package var json: JSONObject {
        var object: JSONObject = [:]
        object["keep_count"] = keepCount.map { .int(Int64($0)) }
        object["keep_s"] = keepSeconds.map { .int(Int64($0)) }
        return object
    }
}

extension SessionPatch.Change {
    fileprivate func json(_ encode: (Value) -> JSON) -> JSON? {
        switch self {
        case .keep: nil
        case .clear: .null
        case .set(let value): encode(value)
        }
    }
}
