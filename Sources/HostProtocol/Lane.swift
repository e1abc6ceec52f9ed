package import JSON

extension Wire {
    /// What a request queues under, as data.
    package struct Lane: Hashable, Sendable {
        package enum Access: String, Sendable {
            case read, write
            /// Waits for nothing.
            case overtake
        }

        package enum Kind: String, Sendable {
            case session, project, connection
        }

        package struct Key: Hashable, Sendable {
            package let kind: Kind
            /// The parameter that names it.
            package let field: String
        }

        package let access: Access
        /// The first of these that a request names is its lane. With none named, a write belongs to the lane `store`
        /// and a read looks at everything.
        package let keys: [Key]

        /// The lane's kind and the id that names it.
        package func key(in params: JSONObject) -> (kind: Kind, id: String)? {
            for key in keys {
                if let id = params[key.field]?.stringValue { return (key.kind, id) }
            }
            return nil
        }
    }
}
