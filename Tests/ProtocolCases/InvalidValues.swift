import JSON

extension LawFile {
    /// A value that a field does not take, and where within the field the fault lies.
    struct Fault {
        var what: String
        var value: JSON
        /// Continues the field's path, e.g. `[0].text`.
        var inner = ""
    }

    private static let samples: [(kind: String, value: JSON)] = [
        ("boolean", true), ("integer", 3), ("number", 2.5), ("string", "\u{7}"), ("array", [[]]),
        ("object", ["?": [nil]]),
    ]

    /// Everything wrong that can be said of a field.
    func faults(_ field: JSON) -> [Fault] {
        let type = field["type"]?.stringValue ?? ""
        return typeFaults(type, isRequired: field["required"] == true) + rangeFaults(field) + nameFaults(type)
            + innerFaults(type)
    }

    private func typeFaults(_ type: String, isRequired: Bool) -> [Fault] {
        guard type != "any" else { return [] }
        let taken = kinds(type)
        var faults = Self.samples.filter { !taken.contains($0.kind) }.map {
            Fault(what: "is a \($0.kind)", value: $0.value)
        }
        if isRequired { faults.append(Fault(what: "is null", value: nil)) }
        if type == "integer" { faults.append(Fault(what: "is too large for 64 bits", value: 1e19)) }
        return faults
    }

    /// The kinds of JSON that a type is made of.
    private func kinds(_ type: String) -> Set<String> {
        switch type {
        case "boolean": ["boolean"]
        case "integer": ["integer"]
        case "number": ["integer", "number"]
        case "request_id": ["integer", "string"]
        case "object": ["object"]
        case _ where type.hasPrefix("["): ["array"]
        case _ where type.hasPrefix("{") || types[type] != nil: ["object"]
        default: ["string"]
        }
    }

    private func rangeFaults(_ field: JSON) -> [Fault] {
        var faults: [Fault] = []
        if let least = field["minimum"]?.intValue {
            faults.append(Fault(what: "is too small", value: .int(Int64(least) - 1)))
        }
        if let most = field["maximum"]?.intValue {
            faults.append(Fault(what: "is too large", value: .int(Int64(most) + 1)))
        }
        if let least = field["min_length"]?.intValue, least > 0 {
            faults.append(Fault(what: "is too short", value: .string(String(repeating: "x", count: least - 1))))
        }
        if let most = field["max_length"]?.intValue {
            faults.append(Fault(what: "is too long", value: .string(String(repeating: "ü", count: most + 1))))
        }
        guard let element = Self.element(of: field["type"]?.stringValue ?? "") else { return faults }
        let item = valid(["type": .string(element)])
        if let least = field["min_items"]?.intValue, least > 0 {
            faults.append(Fault(what: "has too few", value: .array(Array(repeating: item, count: least - 1))))
        }
        if let most = field["max_items"]?.intValue {
            faults.append(Fault(what: "has too many", value: .array(Array(repeating: item, count: most + 1))))
        }
        return faults
    }

    private func nameFaults(_ type: String) -> [Fault] {
        func faults(_ texts: [String]) -> [Fault] {
            texts.map { Fault(what: "is \"\($0.prefix(60))\"", value: .string($0)) }
        }
        if let prefix = prefix(type) {
            return faults([
                "", prefix, Self.uuid, "x" + prefix + Self.uuid, "\(prefix)\(Self.uuid)0",
                "\(prefix)\(Self.uuid.dropLast())g",
                prefix + Self.uuid.replacing("-", with: "_"), (prefix == "conn_" ? "sess_" : "conn_") + Self.uuid,
            ])
        }
        if let word = words(type)?.first { return faults(["", "no_such_word", word.uppercased(), word + " "]) }
        let long = String(repeating: "p", count: 4097)
        return switch type {
        case "time":
            faults([
                "", "yesterday", "2026-13-01T00:00:00Z", "2026-01-31", "2026-01-31T10:00:00+01:00",
                "2026-01-31T10:00:00.Z",
            ])
        case "path": faults(["", "a\0b", long])
        case "relative_path": faults(["", "a\0b", long, "..", "../a", "a/../b", "/etc/passwd", "a//b", "./a", "a/"])
        default: []
        }
    }

    /// Faults of what lies inside: the first element, a member, a field of a field.
    private func innerFaults(_ type: String) -> [Fault] {
        if let element = Self.element(of: type) {
            let isArray = type.hasPrefix("[")
            return faults(["type": .string(element), "required": true]).map { fault in
                Fault(
                    what: "holds what \(fault.what)", value: isArray ? [fault.value] : ["key": fault.value],
                    inner: (isArray ? "[0]" : ".key") + fault.inner)
            }
        }
        guard let structure = types[type] else { return [] }
        let fields = Self.members(structure["fields"])
        return objectFaults(fields, structure).map { Fault(what: $0.what, value: $0.value, inner: $0.inner) }
    }

    /// Everything wrong that can be said of an object, each time with all else as it should be.
    func objectFaults(_ fields: [(name: String, field: JSON)], _ rules: JSON) -> [Fault] {
        let least = leastObject(fields, rules)
        var all: [Fault] = []
        for (name, field) in fields {
            for fault in faults(field) {
                var object = least
                object[name] = fault.value
                all.append(
                    Fault(what: "\(name) \(fault.what)", value: .object(object), inner: ".\(name)\(fault.inner)"))
            }
            if field["required"] == true {
                var object = least
                object[name] = nil
                all.append(Fault(what: "\(name) is missing", value: .object(object), inner: ".\(name)"))
            }
        }
        return all + ruleFaults(fields, rules, least)
    }

    private func ruleFaults(
        _ fields: [(name: String, field: JSON)], _ rules: JSON, _ least: JSONObject
    ) -> [Fault] {
        func object(_ start: JSONObject, with names: [String] = [], without gone: [String] = []) -> JSON {
            var object = start
            for name in gone { object[name] = nil }
            for (name, field) in fields where names.contains(name) { object[name] = valid(field) }
            return .object(object)
        }
        func names(_ json: JSON?) -> [String] { json?.arrayValue?.compactMap(\.stringValue) ?? [] }
        var faults: [Fault] = []
        let one = names(rules["one_of"])
        if let first = one.first {
            faults.append(Fault(what: "none of \(one)", value: object(least, without: one), inner: ".\(first)"))
            faults.append(Fault(what: "all of \(one)", value: object(least, with: one), inner: ".\(first)"))
        }
        let any = names(rules["any_of"])
        if !any.isEmpty { faults.append(Fault(what: "none of \(any)", value: object(least, without: any))) }
        let by = rules["variants"]?["by"]?.stringValue ?? ""
        for (value, variant) in rules["variants"]?["of"]?.objectValue ?? [:] {
            var start = JSONObject()
            for (name, field) in fields where field["required"] == true { start[name] = valid(field) }
            start[by] = .string(value)
            let needed = names(variant["required"])
            let choice = names(variant["one_of"])
            let whole = object(start, with: needed + choice.prefix(1)).objectValue ?? [:]
            for name in needed {
                faults.append(
                    Fault(what: "\(value) without \(name)", value: object(whole, without: [name]), inner: ".\(name)"))
            }
            for name in names(variant["excluded"]) {
                faults.append(
                    Fault(what: "\(value) with \(name)", value: object(whole, with: [name]), inner: ".\(name)"))
            }
            if let first = choice.first {
                faults.append(
                    Fault(what: "\(value) without \(choice)", value: object(whole, without: choice), inner: ".\(first)")
                )
                faults.append(
                    Fault(what: "\(value) with \(choice)", value: object(whole, with: choice), inner: ".\(first)"))
            }
        }
        return faults
    }
}
