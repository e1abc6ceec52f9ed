package import JSON

/// Parameters that a method has to refuse, naming `path`.
package struct InvalidCase: Sendable, CustomStringConvertible {
    package let method: String
    package let what: String
    package let params: JSON
    package let path: String

    package var description: String { "\(method): \(what)" }
}

/// Parameters that a method has to take, and what it has to warn of.
package struct ValidCase: Sendable, CustomStringConvertible {
    package let method: String
    package let what: String
    package let params: JSON
    package let warnings: [String]

    package var description: String { "\(method): \(what)" }
}

extension LawFile {
    /// Each field of the method missing, of each wrong type, out of range, over-long, malformed, at every depth; each
    /// rule between fields broken; parameters by position.
    package func invalidCases(_ method: Method) -> [InvalidCase] {
        let byPosition = InvalidCase(method: method.name, what: "by position", params: [1], path: "params")
        return [byPosition]
            + objectFaults(method.fields, method.rules).map {
                InvalidCase(method: method.name, what: $0.what, params: $0.value, path: "params" + $0.inner)
            }
    }

    /// The least parameters, each field alone with a valid value and at its edges, `_meta`.
    package func validCases(_ method: Method) -> [ValidCase] {
        let least = leastParams(method)
        func valid(_ what: String, _ params: JSONObject) -> ValidCase {
            ValidCase(method: method.name, what: what, params: .object(params), warnings: [])
        }
        var withMeta = least
        withMeta["_meta"] = ["trace": [1, 2]]
        var cases = [valid("the least", least), valid("with _meta", withMeta)]
        for (name, field) in method.fields where !isBound(name, method.rules) {
            for value in [self.valid(field)] + edges(field) {
                var params = least
                params[name] = value
                cases.append(valid("\(name) is \(value.description.prefix(60))", params))
            }
        }
        return cases
    }

    /// An unknown field at every depth.
    package func unknownFieldCases(_ method: Method) -> [ValidCase] {
        unknownFields(in: leastParams(method), method.fields, oneOf: method.rules["one_of"], path: "params").map {
            ValidCase(
                method: method.name, what: "unknown \($0.path)", params: .object($0.object),
                warnings: ["unknown field \($0.path)"])
        }
    }

    private func unknownFields(
        in least: JSONObject, _ fields: [(name: String, field: JSON)], oneOf: JSON?, path: String
    ) -> [(object: JSONObject, path: String)] {
        var own = least
        own["no_such_field"] = [1]
        var all = [(object: own, path: path + ".no_such_field")]
        for (name, field) in fields {
            let type = field["type"]?.stringValue ?? ""
            guard let structure = types[type] else { continue }
            let inner = Self.members(structure["fields"])
            let below = unknownFields(
                in: leastObject(inner, structure), inner, oneOf: structure["one_of"], path: "\(path).\(name)")
            let alternatives = oneOf?.arrayValue?.compactMap(\.stringValue) ?? []
            for found in below {
                var object = least
                if alternatives.contains(name) { for other in alternatives { object[other] = nil } }
                object[name] = .object(found.object)
                all.append((object, found.path))
            }
        }
        return all
    }

    /// Whether a rule says when this field may be given.
    private func isBound(_ name: String, _ rules: JSON) -> Bool {
        let variants = rules["variants"]?["of"]?.objectValue?.flatMap { $0.value["excluded"]?.arrayValue ?? [] } ?? []
        let bound = (rules["one_of"]?.arrayValue ?? []) + variants + [rules["variants"]?["by"] ?? nil]
        return bound.contains(.string(name))
    }
}
