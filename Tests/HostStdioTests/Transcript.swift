import CSystem
import Foundation
import JSON

/// A conversation with a host as text. The lines that a person writes:
///
/// ```
/// # a remark
/// host --requests-max 4        start the host with these flags; without this line it is started without any
/// show status title            of results show these fields only; `show` alone shows everything again
/// brief                        of events show number and type only
/// raw                          show whole lines as they came
/// sorted                       what answers the next lines may come in any order
/// > 1 session.get {"session_id":"sess_1"}      a request: id, method, parameters
/// > - rpc.cancel {"id":1}                      a notification
/// > 2 task.execute {} | {"say":"a"} | ...      a prompt made of the steps of a fake agent
/// > {"jsonrpc":"2.0", ...                      a line just as it is
/// >> 3 task.wait ...           the same, without waiting for any answer
/// answer {"option_id":"allow"}                 the answer to the host's latest request
/// until task.started           go on as soon as this event, method or (`reply 2`) reply has come
/// close-input · close-output · signal TERM · stay-open · exit (wait for its end, input closed unless it is to stay
/// open) · again --flags (another host, same store)
/// ```
///
/// Without `until`, what was sent is followed by everything up to the last answer that is due. What the host says
/// begins with `<`.
struct Transcript {
    private var host: HostProcess
    private var names: Names
    private var out: [String] = []
    private var due: Set<JSON> = []
    private var shown: [Substring] = []
    private var isBrief = false
    private var isRaw = false
    private var isSorted = false
    private var lastRequest: JSON?
    private var hasEnded = false
    /// The delta that came last, if nothing came after it.
    private var delta: Delta?
    /// The host is to end although its input does not.
    private var staysOpen = false

    /// Runs what a person has written of a transcript and returns all of it.
    static func run(_ text: String) throws -> String {
        let script = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("<") }
        let flags = script.first { $0.hasPrefix("host ") }?.split(separator: " ").dropFirst() ?? []
        var transcript = try Transcript(flags.map(String.init))
        do {
            for (index, line) in script.enumerated() {
                try transcript.perform(String(line), next: index + 1 < script.count ? String(script[index + 1]) : "")
            }
            return try transcript.end()
        } catch {
            throw StdioError("\(error)\nso far:\n\(transcript.out.joined(separator: "\n"))")
        }
    }

    private init(_ flags: [String]) throws {
        host = try HostProcess(flags)
        names = Names(home: host.home.path)
    }

    private mutating func end() throws -> String {
        while out.last == "" { out.removeLast() }
        if !hasEnded {
            let lines = out.count
            try awaitExit()
            if out.count == lines + 1, out.last == "< exit 0" { out.removeLast() }
        }
        return out.joined(separator: "\n") + "\n"
    }

    // MARK: - What is written

    private mutating func perform(_ line: String, next: String) throws {
        out.append(line)
        let words = line.split(separator: " ")
        switch words.first {
        case nil, "#", "host": return
        case "show": shown = Array(words.dropFirst())
        case "brief": isBrief = true
        case "raw": isRaw = true
        case "sorted": isSorted = true
        case ">>": try send(String(line.dropFirst(3)))
        case ">":
            try send(String(line.dropFirst(2)))
            if !next.hasPrefix("until") { try take { $0.due.isEmpty } }
        case "answer":
            let answer = try JSON(parsing: names.original(of: String(line.dropFirst(7))))
            try host.send((["jsonrpc": "2.0", "id": lastRequest ?? .null, "result": answer] as JSON).description)
            if !next.hasPrefix("until") { try take { $0.due.isEmpty } }
        case "until": try take(until: words.dropFirst().joined(separator: " "))
        case "close-input": host.closeInput()
        case "close-output": host.closeOutput()
        case "signal":
            host.program.signal(["TERM": SIGTERM, "INT": SIGINT, "HUP": SIGHUP][words[1]] ?? SIGKILL)
            staysOpen = true
        case "stay-open": staysOpen = true
        case "exit": try awaitExit()
        case "again":
            host = try HostProcess(words.dropFirst().map(String.init), in: host.home)
            hasEnded = false
            staysOpen = false
        default: throw StdioError("what is \(line)?")
        }
    }

    private mutating func send(_ text: String) throws {
        let text = names.original(of: text)
        guard !text.hasPrefix("{"), !text.hasPrefix("[") else {
            let message = try? JSON(parsing: text)
            for member in message?.arrayValue ?? [message ?? .null] where member["method"] != nil {
                if let id = member["id"] { due.insert(id) }
            }
            return try host.send(text)
        }
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count >= 2 else { throw StdioError("not a request: \(text)") }
        let id: JSON? = try words[0] == "-" ? .none : .some(JSON(parsing: words[0]))
        let parts = (words.count == 3 ? words[2] : "").components(separatedBy: "| ")
        let given = parts[0].trimmingCharacters(in: .whitespaces)
        var params: JSON? = try given.isEmpty ? .none : .some(JSON(parsing: given))
        if parts.count > 1 {
            var members = params?.objectValue ?? [:]
            members["prompt"] = .string(
                parts.dropFirst().map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n"))
            params = .object(members)
        }
        if let id { due.insert(id) }
        try host.send(HostProcess.line(id, words[1], params))
    }

    // MARK: - What comes

    private mutating func take(until name: String) throws {
        let words = name.split(separator: " ")
        if words.first == "reply", words.count == 2 {
            let id = try JSON(parsing: String(words[1]))
            return try take { !$0.due.contains(id) }
        }
        var isThere = false
        try take { _ in
            isThere
        } each: { message in
            isThere =
                isThere || message["method"]?.stringValue == name
                || message["params"]?["type"]?.stringValue == name
        }
    }

    private mutating func take(_ isEnough: (Transcript) -> Bool, each: (JSON) -> Void = { _ in }) throws {
        let start = out.count
        while !isEnough(self) {
            guard let line = try host.line() else {
                throw StdioError("the host has ended and said \(host.home.said)")
            }
            each(try take(line))
        }
        if isSorted { out[start...].sort() }
        isSorted = false
    }

    @discardableResult
    private mutating func take(_ line: String) throws -> JSON {
        // Also what is not shown gets its name.
        _ = names.naming(line)
        let message = try JSON(parsing: line)
        for reply in message.arrayValue ?? [message] where reply["method"] == nil {
            due.remove(reply["id"] ?? .null)
        }
        if message["method"] != nil, let id = message["id"] {
            lastRequest = id
            note(request: message)
        } else {
            if isBrief, let delta = Delta(message) { return joined(delta, message) }
            out.append("< " + names.naming(isRaw ? line : shape(message)))
        }
        delta = nil
        return message
    }

    /// Deltas that follow each other may come as one.
    private mutating func joined(_ next: Delta, _ message: JSON) -> JSON {
        if let delta, let joined = delta.followed(by: next) {
            out[out.count - 1] = joined.line
            self.delta = joined
        } else {
            out.append(next.line)
            delta = next
        }
        return message
    }

    /// A request of the host's: its id is of no interest.
    private mutating func note(request message: JSON) {
        let params = message["params"]?.description ?? ""
        out.append("< \(message["method"]?.stringValue ?? "") " + names.naming(params))
    }

    private func shape(_ message: JSON) -> String {
        guard let method = message["method"]?.stringValue else {
            guard let id = message["id"] else { return message.description }
            if let error = message["error"] { return "\(id) error \(error)" }
            return "\(id) \(chosen(message["result"] ?? .null))"
        }
        let params = message["params"] ?? .null
        guard isBrief, let type = params["type"]?.stringValue else { return "\(method) \(params)" }
        guard let seq = params["seq"] else { return "\(type) \(params["data"]?["text"] ?? .null)" }
        let data = params["data"] ?? .null
        let word = ["stop_reason", "outcome", "text", "message"].lazy.compactMap { data[$0] }.first
        return "\(seq) \(type)" + (word.map { " \($0)" } ?? "")
    }

    /// The fields of a result that are to be shown.
    private func chosen(_ result: JSON) -> JSON {
        guard !shown.isEmpty else { return result }
        var members = JSONObject()
        for path in shown { members[String(path)] = Self.value(path.split(separator: ".")[...], in: result) }
        if let meta = result["_meta"] { members["_meta"] = meta }
        return .object(members)
    }

    private static func value(_ path: ArraySlice<Substring>, in json: JSON?) -> JSON? {
        guard let first = path.first else { return json }
        if let items = json?.arrayValue {
            return .array(items.map { value(path, in: $0) ?? .null })
        }
        return value(path.dropFirst(), in: json?[String(first)])
    }

    // MARK: - The end

    private mutating func awaitExit() throws {
        if !staysOpen { host.closeInput() }
        if host.output >= 0 { while let line = try host.line() { try take(line) } }
        out.append("< exit \(try host.program.wait())")
        hasEnded = true
        let left = host.leftovers()
        if !left.isEmpty { out.append("< processes left: \(left.count)") }
    }
}
