import JSON

/// `protocol/protocol.json`, read and checked.
struct Law {
    struct Identifier {
        var name: String
        var prefix: String
        var what: String
    }

    struct Word {
        var name: String
        var description: String
        var values: [(value: String, description: String)]
    }

    struct Structure {
        var name: String
        var noun: String
        var description: String
        var fields: [Field]
        var rules = Rules()
    }

    /// What fields of one object ask of each other.
    struct Rules {
        struct Variant {
            var value: String
            var required: [String]
            var oneOf: [String]
            var excluded: [String]
        }

        var oneOf: [String] = []
        var anyOf: [String] = []
        var variantField: String?
        var variants: [Variant] = []

        var isAny: Bool { !oneOf.isEmpty || !anyOf.isEmpty || variantField != nil }
    }

    struct Field {
        var name: String
        var type: TypeExpression
        var isRequired: Bool
        var isNullable: Bool
        var description: String
        var defaultValue: JSON?
        var minimum: JSON?
        var maximum: JSON?
        var minLength: Int?
        var maxLength: Int?
        var minItems: Int?
        var maxItems: Int?
    }

    struct Method {
        var name: String
        var summary: String
        var isNotification: Bool
        var params: Structure
        /// Whether the parameters are a type of its own name rather than made for this method.
        var hasSharedParams: Bool
        var result: TypeExpression?
        var access: String
        var laneFields: [String]
        var errors: [String]
        var isIdempotent: Bool
        var since: Int
        var stability: String

        var noun: String { String(name.prefix { $0 != "." }) }
    }

    /// What the host sends.
    struct Outgoing {
        var name: String
        var summary: String
        var params: String
        /// Set for a request that the client answers.
        var result: String?
    }

    struct EventType {
        var name: String
        var summary: String
        var data: String
        var isLiveOnly: Bool
        var isTerminal: Bool
    }

    struct ErrorKind {
        var name: String
        var code: Int
        var isRetryable: Bool
        var meaning: String
        var reasons: [String]
    }

    var title = ""
    var description = ""
    var version = 1
    var identifiers: [Identifier] = []
    var words: [Word] = []
    var structures: [Structure] = []
    var methods: [Method] = []
    var hostRequests: [Outgoing] = []
    var notifications: [Outgoing] = []
    var events: [EventType] = []
    var errors: [ErrorKind] = []
    var commonErrors: [String] = []

    func structure(_ name: String) -> Structure? { structures.first { $0.name == name } }

    func identifier(_ name: String) -> Identifier? { identifiers.first { $0.name == name } }
}

/// A type as fields name it: `string`, `session_id`, `Usage`, `[Usage]`, `{integer}`.
indirect enum TypeExpression: Hashable {
    case string, integer, number, boolean, object, any, time, path, relativePath, requestID
    case identifier(String)
    case word(String)
    case structure(String)
    case array(TypeExpression)
    case dictionary(TypeExpression)
}

struct LawError: Error, CustomStringConvertible {
    var place: String
    var problem: String

    var description: String { "protocol/protocol.json: \(place): \(problem)" }
}
