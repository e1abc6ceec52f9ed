import AgentModel
import HostProtocol
import JSON

/// Why a line of a session's file cannot be taken.
struct LineFault: Error, Hashable, Sendable {
    var message: String
    /// `line.` and the field, where it is one.
    var path: String?
    var isLimit = false
}

/// The members of a line, read one by one. Nothing of them is trusted.
struct LineFields {
    let object: JSONObject
    private let prefix: String

    init(_ object: JSONObject, _ prefix: String = "line") {
        self.object = object
        self.prefix = prefix
    }

    func fault(_ name: String, _ expected: String) -> LineFault {
        LineFault(message: "\(prefix).\(name): expected \(expected)", path: "\(prefix).\(name)")
    }

    private func has(_ name: String) -> Bool { object[name].map { !$0.isNull } ?? false }

    private func optional<Value>(
        _ name: String, _ read: (String) throws(LineFault) -> Value
    ) throws(LineFault) -> Value? {
        has(name) ? try read(name) : nil
    }

    func json(_ name: String) throws(LineFault) -> JSON {
        guard let value = object[name] else { throw fault(name, "a value") }
        return value
    }

    static let textBytesMax = 16 << 20

    func text(_ name: String, most: Int = textBytesMax) throws(LineFault) -> String {
        guard let text = object[name]?.stringValue, text.utf8.count <= most else {
            throw fault(name, "a text of at most \(most) bytes")
        }
        return text
    }

    func optionalText(_ name: String, most: Int = textBytesMax) throws(LineFault) -> String? {
        try optional(name) { name throws(LineFault) in try text(name, most: most) }
    }

    func int(_ name: String, _ range: ClosedRange<Int>) throws(LineFault) -> Int {
        guard let number = object[name]?.intValue, range.contains(number) else {
            throw fault(name, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func optionalInt(_ name: String, _ range: ClosedRange<Int>) throws(LineFault) -> Int? {
        try optional(name) { name throws(LineFault) in try int(name, range) }
    }

    func bool(_ name: String) throws(LineFault) -> Bool {
        guard let value = object[name]?.boolValue else { throw fault(name, "true or false") }
        return value
    }

    func time(_ name: String) throws(LineFault) -> Timestamp {
        guard let time = object[name]?.stringValue.flatMap(Timestamp.init) else { throw fault(name, "a time") }
        return time
    }

    func optionalTime(_ name: String) throws(LineFault) -> Timestamp? { try optional(name, time) }

    func id<Kind>(_ name: String) throws(LineFault) -> Identifier<Kind> {
        guard let id = object[name]?.stringValue.flatMap(Identifier<Kind>.init) else {
            throw fault(name, "an id that begins with \(Kind.prefix)")
        }
        return id
    }

    func optionalID<Kind>(_ name: String) throws(LineFault) -> Identifier<Kind>? { try optional(name, id) }

    func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String) throws(LineFault) -> Word {
        guard let word = object[name]?.stringValue.flatMap(Word.init) else {
            throw fault(name, "one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    func optionalWord<Word: RawRepresentable<String> & CaseIterable>(_ name: String) throws(LineFault) -> Word? {
        try optional(name, word)
    }

    func members(_ name: String) throws(LineFault) -> JSONObject {
        guard let members = object[name]?.objectValue else { throw fault(name, "an object") }
        return members
    }

    func optionalMembers(_ name: String) throws(LineFault) -> JSONObject? { try optional(name, members) }

    func array(_ name: String) throws(LineFault) -> [JSON] {
        guard let items = object[name]?.arrayValue else { throw fault(name, "an array") }
        return items
    }

    /// Agents' own ids, by driver name.
    func driverSessions(_ name: String) throws(LineFault) -> [String: String] {
        var sessions: [String: String] = [:]
        for member in try optionalMembers(name) ?? [:] {
            guard let id = member.value.stringValue, (1...1000).contains(id.utf8.count),
                (1...100).contains(member.key.utf8.count), sessions.count < 100
            else { throw fault(name, "at most 100 ids of drivers' sessions, of 1 to 1000 bytes each") }
            sessions[member.key] = id
        }
        return sessions
    }

    /// Figures so large that nothing counts them are cut: sums of them are to be exact.
    private static let figureMax = 1 << 40
    private static let costMax: Int64 = 1 << 50

    func usage(_ name: String) throws(LineFault) -> Usage {
        var usage = Usage(json: .object(try members(name)))
        for figure in [
            \Usage.inputTokens, \.outputTokens, \.cacheReadTokens, \.cacheWriteTokens, \.reasoningTokens, \.turns,
        ] {
            usage[keyPath: figure] = min(max(usage[keyPath: figure], 0), Self.figureMax)
        }
        usage.cost = usage.cost.map { Cost(nanoDollars: min(max($0.nanoDollars, 0), Self.costMax)) }
        return usage
    }

    /// What a method takes by these names.
    func params<Params: WireParams>(
        _ type: Params.Type, _ names: [String]
    ) throws(LineFault) -> Params {
        let members = names.compactMap { name in object[name].map { (name, $0) } }
        do throws(InvalidParams) {
            return try Params.decode(.object(JSONObject(members))).params
        } catch {
            let inLine = { (text: String) in text.hasPrefix("params") ? prefix + text.dropFirst("params".count) : text }
            throw LineFault(message: inLine(error.message), path: inLine(error.path))
        }
    }
}
