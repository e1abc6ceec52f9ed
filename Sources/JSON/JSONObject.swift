/// The members of a JSON object in the order in which they were written. Equality ignores the order.
///
/// Keys are told apart by their bytes: two spellings of one character (composed, decomposed) are two keys, as for every
/// other JSON implementation. Looking up a key takes constant time however many members there are.
package struct JSONObject: Sendable {
    /// No tuple: arrays of tuples are moved and destroyed by the runtime, one by one.
    fileprivate struct Member: Sendable {
        let key: String
        var value: JSON
    }

    private var members: [Member] = []
    /// Places by key; empty while there are few members.
    private var places: [ExactKey: Int] = [:]

    private static let unindexedMax = 16

    package init() {}

    /// The last of several members with the same key wins, at the place of the first.
    package init(_ members: [(String, JSON)]) {
        for (key, value) in members { self[key] = value }
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: [String] { members.map(\.key) }

    /// Setting `nil` removes the member.
    package subscript(key: String) -> JSON? {
        get { place(of: key).map { members[$0].value } }
        set {
            if let newValue {
                updateValue(newValue, forKey: key)
            } else {
                removeValue(forKey: key)
            }
        }
    }

    /// Sets a member and returns the value that it had before, if any.
    @discardableResult
    package mutating func updateValue(_ value: JSON, forKey key: String) -> JSON? {
        guard let place = place(of: key) else {
            append(value, forNewKey: key)
            return nil
        }
        let old = members[place].value
        members[place].value = value
        return old
    }

    /// Removes a member and returns its value, in time linear in the number of members.
    @discardableResult
    package mutating func removeValue(forKey key: String) -> JSON? {
        guard let place = place(of: key) else { return nil }
        let old = members.remove(at: place).value
        index()
        return old
    }

    /// Adds a member whose key is known not to occur yet.
    mutating func append(_ value: JSON, forNewKey key: String) {
        if members.isEmpty { members.reserveCapacity(4) }
        members.append(Member(key: key, value: value))
        if !places.isEmpty {
            places[ExactKey(text: key)] = members.count - 1
        } else if members.count > Self.unindexedMax {
            index()
        }
    }

    private func place(of key: String) -> Int? {
        if !places.isEmpty { return places[ExactKey(text: key)] }
        return members.firstIndex { $0.key.hasSameBytes(as: key) }
    }

    private mutating func index() {
        places.removeAll()
        guard members.count > Self.unindexedMax else { return }
        for (place, member) in members.enumerated() { places[ExactKey(text: member.key)] = place }
    }
}

/// A string that equals another only if their UTF-8 is the same.
private struct ExactKey: Hashable, Sendable {
    let text: String

    static func == (left: ExactKey, right: ExactKey) -> Bool { left.text.hasSameBytes(as: right.text) }

    func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
}

extension String {
    /// Whether both are the same in UTF-8, where `==` also lets canonically equivalent strings be equal.
    package func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// Hashes the string's UTF-8, to go with `hasSameBytes(as:)`.
    package func hashBytes(into hasher: inout Hasher) {
        var text = self
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension JSONObject: Sequence {
    package struct Iterator: IteratorProtocol {
        private var members: IndexingIterator<[Member]>

        fileprivate init(_ members: [Member]) { self.members = members.makeIterator() }

        package mutating func next() -> (key: String, value: JSON)? { members.next().map { ($0.key, $0.value) } }
    }

    package var underestimatedCount: Int { members.count }
    package func makeIterator() -> Iterator { Iterator(members) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}

extension JSONObject: Hashable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        var combined = 0
        for member in members {
            var inner = Hasher()
            inner.combine(member.key)
            inner.combine(member.value)
            combined ^= inner.finalize()
        }
        hasher.combine(combined)
    }
}
