import JSON

/// Reads the fields of one object, each once, and knows which members nobody asked for.
package struct FieldReader {
    private let object: JSONObject
    private let context: DecodeContext
    private var readCount = 0

    init(_ object: JSONObject, _ context: DecodeContext) {
        self.object = object
        self.context = context
    }

    mutating func required<S: Shape>(_ name: String, _ shape: S) throws(InvalidParams) -> S.Value {
        guard let json = take(name) else {
            throw context.invalid(field: name, expected: shape.expected, found: nil)
        }
        return try context.within(.field(name)) { () throws(InvalidParams) in try shape.read(json, context) }
    }

    /// `null` counts as absent, except where any JSON is taken.
    mutating func optional<S: Shape>(_ name: String, _ shape: S) throws(InvalidParams) -> S.Value? {
        guard let json = take(name), !json.isNull || shape is AnyShape else { return nil }
        return try context.within(.field(name)) { () throws(InvalidParams) in try shape.read(json, context) }
    }

    mutating func change<S: Shape>(_ name: String, _ shape: S) throws(InvalidParams) -> Wire.Change<S.Value> {
        guard let json = take(name) else { return .keep }
        guard !json.isNull else { return .clear }
        return .set(try context.within(.field(name)) { () throws(InvalidParams) in try shape.read(json, context) })
    }

    /// Leaves a member alone that is no field.
    mutating func skip(_ name: String) { _ = take(name) }

    /// Of these fields exactly one is given.
    func exactlyOne(of names: [String]) throws(InvalidParams) {
        guard context.isStrict, names.filter(isGiven).count != 1, let first = names.first else { return }
        throw context.invalid(
            field: first, expected: "one of \(names.joined(separator: ", ")), and only one", found: object[first])
    }

    /// Of these fields at least one is given.
    func atLeastOne(of names: [String]) throws(InvalidParams) {
        guard context.isStrict, !names.contains(where: isGiven) else { return }
        throw context.invalid(expected: "an object with \(names.joined(separator: " or "))", found: .object(object))
    }

    /// What the value of one field asks of the others.
    func variant(
        _ field: String, is value: String, of actual: String, required: [String] = [], oneOf: [String] = [],
        excluded: [String] = []
    ) throws(InvalidParams) {
        guard context.isStrict, actual == value else { return }
        let condition = "when \(field) is \"\(value)\""
        for name in required where !isGiven(name) {
            throw context.invalid(field: name, expected: "a value \(condition)", found: object[name])
        }
        for name in excluded where isGiven(name) {
            throw context.invalid(field: name, expected: "nothing \(condition)", found: object[name])
        }
        if !oneOf.isEmpty { try exactlyOne(of: oneOf) }
    }

    /// Names the members that no field has, once all fields are read.
    func warnOfUnknown(besides known: [String]) {
        guard context.isStrict, readCount < object.count else { return }
        let known = Set(known)
        for key in object.keys where !known.contains(key) && key != "_meta" {
            context.warn("unknown field \(context.path(String(key.prefix(100))))")
        }
    }

    private func isGiven(_ name: String) -> Bool { object[name].map { !$0.isNull } ?? false }

    private mutating func take(_ name: String) -> JSON? {
        let json = object[name]
        if json != nil { readCount += 1 }
        return json
    }
}
