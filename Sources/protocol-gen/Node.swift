import JSON

/// An object of the law that knows where it stands.
struct Node {
    let name: String
    private let place: String
    private let object: JSONObject

    init(_ json: JSON, name: String = "", place: String) throws(LawError) {
        guard let object = json.objectValue else { throw LawError(place: place, problem: "an object is needed here") }
        self.name = name
        self.place = place
        self.object = object
    }

    var keys: [String] { object.keys }

    func has(_ key: String) -> Bool { object[key] != nil }

    func value(_ key: String) -> JSON? { object[key] }

    func flag(_ key: String) -> Bool { object[key] == true }

    func text(_ key: String) throws(LawError) -> String {
        guard let text = object[key]?.stringValue else { throw error("needs a text \"\(key)\"") }
        return text
    }

    func integer(_ key: String) throws(LawError) -> Int {
        guard let value = object[key]?.intValue else { throw error("needs an integer \"\(key)\"") }
        return value
    }

    /// The strings of an array; none when it is absent.
    func strings(_ key: String) throws(LawError) -> [String] {
        guard let json = object[key] else { return [] }
        guard let strings = json.arrayValue?.map(\.stringValue), !strings.contains(nil) else {
            throw error("\"\(key)\" is to be an array of strings")
        }
        return strings.compactMap { $0 }
    }

    /// Members that are texts.
    func texts() throws(LawError) -> [(value: String, description: String)] {
        var texts: [(value: String, description: String)] = []
        for key in keys { texts.append((key, try text(key))) }
        return texts
    }

    func node(_ key: String) throws(LawError) -> Node {
        guard let json = object[key] else { throw error("needs \"\(key)\"") }
        return try Node(json, name: key, place: "\(place).\(key)")
    }

    /// The members of an object inside, or of this one.
    func nodes(_ key: String? = nil) throws(LawError) -> [Node] {
        guard let key else {
            var nodes: [Node] = []
            for key in keys { nodes.append(try node(key)) }
            return nodes
        }
        return try node(key).nodes()
    }

    func expectOnly(_ known: Set<String>) throws(LawError) {
        if let unknown = keys.first(where: { !known.contains($0) }) { throw error("\"\(unknown)\" means nothing here") }
    }

    func error(_ problem: String) -> LawError { LawError(place: place, problem: problem) }
}
