import JSON

/// Leaves of a document what `include_fields` and `exclude_fields` say; names may have full stops.
struct FieldProjection {
    let include: [String]
    let exclude: [String]

    func apply(to object: JSONObject) -> JSONObject {
        if include.isEmpty && exclude.isEmpty { return object }
        return project(object, "")
    }

    private func project(_ object: JSONObject, _ prefix: String) -> JSONObject {
        var kept = JSONObject()
        for (key, value) in object {
            let name = prefix + key
            if exclude.contains(name) { continue }
            let isWhole = include.isEmpty || include.contains { $0 == name || name.hasPrefix($0 + ".") }
            let isParent = !isWhole && include.contains { $0.hasPrefix(name + ".") }
            guard isWhole || isParent else { continue }
            let goesOn = isParent || exclude.contains { $0.hasPrefix(name + ".") }
            kept[key] = goesOn ? descend(value, name + ".", isParent) : value
        }
        return kept
    }

    private func descend(_ value: JSON, _ prefix: String, _ isParent: Bool) -> JSON {
        switch value {
        case .object(let object): .object(project(object, prefix))
        case .array(let elements): .array(elements.map { descend($0, prefix, isParent) })
        default: value
        }
    }
}
