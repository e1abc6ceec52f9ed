package import JSON

/// What a client calls its request by: a string or an integer, given back as it came.
package enum RequestID: Sendable {
    case string(String)
    case integer(Int64)

    /// `nil` for a value of another type (null, fraction, integer beyond 64 bits, boolean, array, object).
    package init?(_ json: JSON) {
        switch json {
        case .string(let text): self = .string(text)
        case .int(let number): self = .integer(number)
        default: return nil
        }
    }

    package var json: JSON {
        switch self {
        case .string(let text): .string(text)
        case .integer(let number): .int(number)
        }
    }
}

/// Two string ids are the same if their bytes are: a client may tell composed and decomposed characters apart.
extension RequestID: Hashable {
    package static func == (left: RequestID, right: RequestID) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .integer(let number): hasher.combine(number)
        case .string(let text): text.hashBytes(into: &hasher)
        }
    }
}

extension RequestID: CustomStringConvertible, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// The id as JSON.
    package var description: String { json.description }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .string(value) }
}
