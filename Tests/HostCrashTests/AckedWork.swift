import Foundation
import JSON

/// What a busy client has asked of a host, and what it was told before the host died: all of that must be found again.
struct AckedWork {
    /// Requests by number: the method and its params.
    private var sent: [(host: ObjectIdentifier, id: Int, method: String, params: JSON)] = []
    private(set) var sessions: [String] = []
    private(set) var deleted: Set<String> = []
    /// Sessions that were asked to be deleted, whether or not that was heard.
    private var deleting: Set<String> = []
    private(set) var tasks: [String: String] = [:]
    /// By session: the last title that was confirmed, and those that were asked for after it.
    private var titles: [String: (confirmed: String?, pending: [String])] = [:]
    /// Results that came back, by task: the status.
    private var results: [String: String] = [:]
    /// Events that were told, by session and number: their types.
    private var told: [String: [Int: String]] = [:]
    private var counter = 0

    // MARK: - What is asked

    static let scripts = [
        #"{"say": "done"}"#,
        #"{"delta": "word ", "times": 20, "every_ms": 1}"#,
        #"{"tool": {"name": "sql", "ms": 3}}"# + "\n" + #"{"write_file": {"path": "a.txt", "text": "x"}}"#,
        #"{"repeat": 30, "steps": [{"say": "line"}]}"#,
        #"{"ask": {"id": "a1", "kind": "permission", "tool": "write"}}"#,
        #"{"grandchild": {"setsid": true, "ignore_sigterm": true}}"# + "\n" + #"{"say": "left one behind"}"#,
        #"{"sleep_ms": 40}"#, #"{"stall": true}"#, #"{"exit": 3}"#,
    ]

    /// Asks for something at random.
    mutating func act(on host: HostProcess, _ random: inout SeededRandom) {
        let live = sessions.filter { !deleting.contains($0) }.suffix(6)
        let session = live.randomElement(using: &random)
        let task = tasks.keys.sorted().suffix(8).randomElement(using: &random)
        switch random.below(16) {
        case 0, 1, 2: ask(host, "session.create", ["title": .string(title())])
        case 3, 4, 5, 6, 7, 8:
            let script = Self.scripts[random.below(Self.scripts.count)]
            var params: JSONObject = ["prompt": .string(script)]
            if let session, random.below(8) > 0 { params["session_id"] = .string(session) }
            ask(host, random.below(3) == 0 ? "task.execute" : "task.start", .object(params))
        case 9, 10, 11:
            guard let session else { return }
            let title = title()
            titles[session, default: (nil, [])].pending.append(title)
            ask(host, "session.update", ["session_id": .string(session), "title": .string(title)])
        case 12, 13:
            if let task { ask(host, "task.cancel", ["task_id": .string(task)]) }
        case 14:
            if let session { ask(host, "session.subscribe", ["session_id": .string(session), "after_seq": 0]) }
        default:
            guard let session, random.below(3) == 0 else { return }
            deleting.insert(session)
            ask(host, "session.delete", ["session_id": .string(session), "force": true])
        }
    }

    private mutating func title() -> String {
        counter += 1
        return "title \(counter)"
    }

    private mutating func ask(_ host: HostProcess, _ method: String, _ params: JSON) {
        sent.append((ObjectIdentifier(host), host.send(method, params), method, params))
    }

    // MARK: - What is heard

    /// Takes in what the host has answered and told by now.
    mutating func hear(_ host: HostProcess) {
        for request in sent where request.host == ObjectIdentifier(host) {
            if let result = host.replies[request.id]?["result"] { confirm(request.method, request.params, result) }
        }
        sent.removeAll { $0.host == ObjectIdentifier(host) && host.replies[$0.id] != nil }
        for message in host.told {
            guard let event = message["params"], let session = event["session_id"]?.stringValue,
                let seq = event["seq"]?.intValue
            else { continue }
            told[session, default: [:]][seq] = event["type"]?.stringValue
        }
        host.told = []
    }

    /// The host is dead: what it has not answered it never will.
    mutating func forget(_ host: HostProcess) { sent.removeAll { $0.host == ObjectIdentifier(host) } }

    private mutating func confirm(_ method: String, _ params: JSON, _ result: JSON) {
        let session = result["session_id"]?.stringValue ?? params["session_id"]?.stringValue ?? ""
        switch method {
        case "session.create":
            sessions.append(session)
            titles[session] = (params["title"]?.stringValue, [])
        case "session.update":
            guard let title = params["title"]?.stringValue, var known = titles[session] else { return }
            known.confirmed = title
            known.pending.removeAll { $0 == title }
            titles[session] = known
        case "session.delete": deleted.insert(session)
        case "task.start", "task.execute":
            guard let task = result["task_id"]?.stringValue else { return }
            tasks[task] = session
            if method == "task.execute" { results[task] = result["status"]?.stringValue }
        default: break
        }
    }

    // MARK: - What must be there

    /// Everything that is missing from what a later host says.
    func losses(_ host: HostProcess) throws -> [String] {
        var losses: [String] = []
        for session in Set(sessions).union(told.keys).union(tasks.values).sorted() {
            let id = host.send("session.get", ["session_id": .string(session)])
            try host.listen("session.get") { host.replies[id] != nil }
            guard let found = host.replies[id]?["result"] else {
                if !deleting.contains(session) { losses.append("session \(session) is gone") }
                continue
            }
            if deleted.contains(session) { losses.append("session \(session) was deleted") }
            if let (confirmed, pending) = titles[session] {
                let title = found["title"]?.stringValue
                if title != confirmed, !pending.contains(where: { $0 == title }) {
                    losses.append("the title of \(session) is \(title ?? "none"), not \(confirmed ?? "none")")
                }
            }
            losses += try lossesInLog(session, host)
        }
        return losses
    }

    private func lossesInLog(_ session: String, _ host: HostProcess) throws -> [String] {
        let events = try host.events(session)
        var losses: [String] = []
        if events.compactMap({ $0["seq"]?.intValue }) != Array(1..<events.count + 1) {
            losses.append("the numbers of \(session) have holes")
        }
        for (seq, type) in told[session] ?? [:]
        where !events.indices.contains(seq - 1) || events[seq - 1]["type"]?.stringValue != type {
            losses.append("event \(seq) of \(session) was told as \(type)")
        }
        let ends = events.filter {
            ["task.completed", "task.failed", "task.cancelled", "task.interrupted"].contains($0["type"]?.stringValue)
        }
        for (task, home) in tasks where home == session {
            let own = ends.filter { $0["task_id"]?.stringValue == task }
            if own.count != 1 { losses.append("\(task) has \(own.count) ends") }
            if let status = results[task], own.first?["data"]?["status"]?.stringValue != status {
                losses.append("\(task) was told to be \(status)")
            }
        }
        return losses
    }
}
