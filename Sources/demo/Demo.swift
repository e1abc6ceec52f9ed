import JSON

/// A session on the sample shop, seen by two hosts: one runs the task, and after its end another finds everything.
struct Demo {
    let executable: String
    let home: String
    let database: String
    let prompt: String
    private let screen = Screen()

    init(executable: String, home: String, database: String, prompt: String) {
        self.executable = executable
        self.home = home
        self.database = database
        self.prompt = prompt
    }

    /// Throws when something is not as it should be, so that the demo is a test too.
    func run() throws {
        let (session, seen) = try askTheAnalyst()
        try findItAgain(session, seen: seen)
    }

    private func askTheAnalyst() throws -> (session: String, seen: [Int]) {
        screen.show("agenthost serve: a process that a client spawns and speaks to in lines", .bold)
        let host = try start()
        var seen: [Int] = []
        host.onNotification = { event in
            if let seq = event["seq"]?.intValue { seen.append(seq) }
            screen.event(event)
        }
        let connection = try host.call(
            "connection.create", ["name": "shop", "dialect": "sqlite", "path": .string(database)])
        let created = try host.call(
            "session.create", ["db_connection_id": try member("id", of: connection), "title": "Revenue of the shop"])
        let session = try text("session_id", of: created)
        screen.show()
        screen.show("\(prompt): each event is durable before it is told", .bold)
        let result = try host.call("task.execute", ["session_id": .string(session), "prompt": .string(prompt)])
        guard result["status"] == "completed" else { throw DemoError(description: "the task ended as \(result)") }
        show(result, folder: created["results_dir"]?.stringValue ?? "")
        try end(host)
        return (session, seen)
    }

    private func findItAgain(_ id: String, seen: [Int]) throws {
        screen.show()
        screen.show("Another host on the same store finds it all", .bold)
        let host = try start()
        let session = try host.call("session.get", ["session_id": .string(id)])
        let log = try host.call("session.events", ["session_id": .string(id), "after_seq": 0, "limit": 1000])
        try end(host)
        let numbers = (log["items"]?.arrayValue ?? []).compactMap { $0["seq"]?.intValue }
        let status = session["status"]?.stringValue ?? ""
        let tasks = session["task_count"]?.intValue ?? 0
        screen.show("    \(id) is \(status), with \(tasks) task and \(numbers.count) events")
        guard !numbers.isEmpty, numbers == Array(1...numbers.count) else {
            throw DemoError(description: "the log has holes: \(numbers)")
        }
        guard !seen.isEmpty, Set(seen).isSubset(of: numbers) else {
            throw DemoError(description: "told live but not in the log: \(Set(seen).subtracting(numbers).sorted())")
        }
        screen.show("    numbered 1 to \(numbers.count) without a hole; all \(seen.count) seen live are in it", .green)
    }

    private func start() throws -> HostProcess {
        let host = try HostProcess(executable: executable, home: home)
        host.onLine = { screen.wire(sent: $0, $1) }
        return host
    }

    private func end(_ host: HostProcess) throws {
        let code = host.finish()
        guard code == 0 else { throw DemoError(description: "agenthost ended with \(code)") }
        screen.progress("    input ended, agenthost exited with 0")
    }

    private func show(_ result: JSON, folder: String) {
        screen.show()
        screen.show("The answer, after \(result["duration_ms"]?.intValue ?? 0) ms", .bold)
        screen.show(result["output"]?.stringValue ?? "")
        screen.show()
        screen.show("The files it left in \(folder)", .bold)
        for artifact in result["artifacts"]?.arrayValue ?? [] {
            let path = artifact["path"]?.stringValue ?? ""
            screen.show("    \(path) (\(artifact["bytes"]?.intValue ?? 0) bytes)")
        }
    }

    private func member(_ key: String, of object: JSON) throws -> JSON {
        guard let value = object[key] else { throw DemoError(description: "no \(key) in \(object)") }
        return value
    }

    private func text(_ key: String, of object: JSON) throws -> String {
        guard let text = try member(key, of: object).stringValue else {
            throw DemoError(description: "\(key) is no text in \(object)")
        }
        return text
    }
}
