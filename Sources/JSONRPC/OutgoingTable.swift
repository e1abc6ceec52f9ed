/// The host's own requests that the client has not answered yet. Their ids are strings, `h1`, `h2`, and so on, so they
/// are never mistaken for a client's.
package struct OutgoingTable: Sendable {
    /// What a request of the host's is called inside it; never given twice.
    package struct Key: Hashable, Comparable, Sendable {
        package let number: UInt64
        package static func < (left: Key, right: Key) -> Bool { left.number < right.number }

        /// The id on the wire.
        package var id: RequestID { .string("h\(number)") }
    }

    private var open: [RequestID: Key] = [:]
    private var keysGiven: UInt64 = 0

    package init() {}

    package var count: Int { open.count }
    package var keys: [Key] { open.values.sorted() }

    /// A key for a request that is about to be sent.
    package mutating func begin() -> Key {
        keysGiven &+= 1
        let key = Key(number: keysGiven)
        open[key.id] = key
        return key
    }

    /// The request that a response belongs to, once; `nil` for a response that is late, repeated or nobody's.
    package mutating func finish(_ id: RequestID) -> Key? { open.removeValue(forKey: id) }

    /// Gives up on a request; a response to it will be late.
    package mutating func abandon(_ key: Key) { open[key.id] = nil }
}
