import JSON

/// What a request got wrong: the error `invalid_params` (-32602).
package struct InvalidParams: Error, Hashable, Sendable {
    /// The field, for instance `params.budget.cost_usd` or `params.input[2].type`.
    package var path: String
    /// What the field takes, in words.
    package var expected: String
    /// What was there, in words that repeat no text of the request.
    package var found: String

    package init(path: String, expected: String, found: String) {
        self.path = path
        self.expected = expected
        self.found = found
    }

    /// A sentence for people.
    package var message: String { "\(path): expected \(expected), found \(found)" }
}

/// What one decoding knows besides the value: where it is, how strict it is, what it warned of.
package final class DecodeContext {
    enum Place {
        case field(String)
        case element(Int)
    }

    /// Whether this is a request: closed enums, ranges and lengths are checked, unknown fields are named.
    let isStrict: Bool
    private let root: String
    private var places: [Place] = []
    package private(set) var warnings: [String] = []
    private var unnamedWarnings = 0

    /// Warnings beyond these are counted, not named.
    private static let warningsMax = 32

    init(root: String, isStrict: Bool) {
        self.root = root
        self.isStrict = isStrict
    }

    /// Reads something that lies further in.
    func within<Value>(
        _ place: Place, _ read: () throws(InvalidParams) -> Value
    ) throws(InvalidParams) -> Value {
        places.append(place)
        let value = try read()
        places.removeLast()
        return value
    }

    /// The path of a field of the present object, or of the present value.
    func path(_ field: String? = nil) -> String {
        var path = root
        for place in places {
            switch place {
            case .field(let name): path += "." + name
            case .element(let index): path += "[\(index)]"
            }
        }
        return field.map { path + "." + $0 } ?? path
    }

    func warn(_ warning: String) {
        if warnings.count < Self.warningsMax {
            warnings.append(warning)
        } else {
            unnamedWarnings += 1
            if unnamedWarnings == 1 { warnings.append("") }
            warnings[warnings.count - 1] = "\(unnamedWarnings) more"
        }
    }

    func invalid(field: String? = nil, expected: String, found: JSON?) -> InvalidParams {
        InvalidParams(path: path(field), expected: expected, found: found.map(Self.describe) ?? "nothing")
    }

    static func describe(_ json: JSON) -> String {
        switch json {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(""): "an empty string"
        case .string(let value): "a string of \(value.unicodeScalars.count) characters"
        case .array(let value): "an array of \(value.count)"
        case .object: "an object"
        }
    }
}
