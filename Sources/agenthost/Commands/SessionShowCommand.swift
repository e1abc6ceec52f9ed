import AgentModel
import CSystem
import HostProtocol
import JSON

/// `agenthost sessions show`: a session with its tasks and files.
enum SessionShowCommand {
    static let command = Command(
        "sessions show", "Show a session with its tasks and files.", operands: "ID [FLAGS]",
        flags: [.json, .store, .config], examples: ["agenthost sessions show 7f3a91c2"], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        let id = try arguments.single("session")
        let client = try HostClient(arguments, invocation)
        let session = try client.session(id)
        let tasks = try tasks(of: session, client)
        let artifacts = try client.rawCall(Wire.ArtifactListParams(sessionID: session.id, limit: 1000))
        if arguments.has("--json") {
            let whole: JSON = [
                "session": session.json, "tasks": .array(tasks), "artifacts": artifacts["items"] ?? [],
            ]
            Terminal.standardOutput.say(whole.description)
        } else {
            let database = try session.dbConnectionID.map {
                try client.call(Wire.ConnectionGetParams(dbConnectionID: $0))
            }
            show(session, database, title: try SessionsCommand.title(of: session, client))
            try show(tasks.map { try Wire.Task(lenient: $0) })
            show(try Wire.ArtifactPage(lenient: artifacts).items)
        }
        try client.finish()
        return .completed
    }

    /// All of them, oldest first.
    private static func tasks(of session: Wire.Session, _ client: HostClient) throws -> [JSON] {
        var tasks: [JSON] = []
        var cursor: String?
        repeat {
            let page = try client.rawCall(Wire.TaskListParams(sessionID: session.id, limit: 1000, cursor: cursor))
            tasks += page["items"]?.arrayValue ?? []
            cursor = page["next_cursor"]?.stringValue
        } while cursor != nil
        return tasks.reversed()
    }

    private static func show(_ session: Wire.Session, _ database: Wire.Connection?, title: String) {
        let terminal = Terminal.standardOutput
        let now = cs_wall_ms()
        let heading = title.isEmpty ? shortID(session.id) : TextLayout.oneLine(title)
        terminal.say(terminal.columns.map { TextLayout.cut(heading, $0) } ?? heading, .bold)
        var table = TextTable(indent: 2)
        func row(_ name: String, _ value: String?, _ style: Terminal.Style? = nil) {
            if let value { table.add([.init(name, .dim), .init(value, style)]) }
        }
        let status = session.status.rawValue
        row("session", session.id)
        row("status", session.temporary ? "\(status), made for one task" : status, StatusStyle.of(status))
        row("driver", ([session.driver, session.model].compactMap { $0 }).joined(separator: ", "))
        row("mode", session.mode.rawValue)
        row("database", database.map { "\($0.name) (\($0.path ?? $0.url ?? ""))" })
        row("folder", session.workingDirectory)
        row("results", session.resultsDirectory)
        row("made", Quantity.moment(session.createdAt) + " UTC, " + Quantity.age(of: session.createdAt, now: now))
        row(
            "last used", Quantity.moment(session.lastUsedAt) + " UTC, " + Quantity.age(of: session.lastUsedAt, now: now)
        )
        row("used", EventText.usage(session.usage.json))
        row("learns as", session.agentNames.map { "\($0.session), \($0.shared)" })
        // Values of this table are paths and ids, which are to be copied: they are not cut.
        for line in table.lines(for: terminal) { terminal.say(line) }
    }

    private static func show(_ tasks: [Wire.Task]) throws {
        guard !tasks.isEmpty else { return }
        heading("Tasks")
        var table = TextTable(rightAligned: [2], indent: 2)
        for task in tasks {
            let status = task.status.rawValue
            let prompt = task.input.compactMap { $0["text"]?.stringValue }.joined(separator: " ")
            table.add([
                .init(shortID(task.id), .bold), .init(status, StatusStyle.of(status)), .init(duration(of: task)),
                .init(prompt),
            ])
        }
        table.print(on: .standardOutput)
    }

    private static func duration(of task: Wire.Task) -> String {
        guard let start = task.startedAt.flatMap({ Timestamp($0) }) else { return "" }
        guard let end = task.endedAt.flatMap({ Timestamp($0) }) else { return "" }
        return Quantity.duration(milliseconds: Int(end.milliseconds - start.milliseconds))
    }

    private static func show(_ artifacts: [Wire.Artifact]) {
        guard !artifacts.isEmpty else { return }
        heading("Files")
        var table = TextTable(rightAligned: [1], indent: 2)
        for artifact in artifacts.reversed() {
            table.add(artifact.path, Quantity.bytes(artifact.bytes), artifact.mediaType)
        }
        table.print(on: .standardOutput)
    }

    private static func heading(_ text: String) {
        Terminal.standardOutput.say()
        Terminal.standardOutput.say(text, .bold)
    }
}
