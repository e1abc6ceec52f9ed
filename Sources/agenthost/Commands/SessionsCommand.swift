import CSystem
import HostProtocol
import JSON

/// `agenthost sessions`: the sessions of the store, newest first.
enum SessionsCommand {
    static let command = Command(
        "sessions", "List the sessions, newest first.", operands: "[FLAGS]",
        about: """
            Commands that take a session's ID take the short form that this list shows. With --stats it counts them \
            instead: by status, their tasks and why they failed, and how often agents could go on with their own \
            sessions.
            """,
        flags: [
            Flag(
                "--status", "STATUS", "Only those: active, running, paused, completed, failed, expired.",
                standard: "all"),
            Flag("--limit", "N", "At most so many, up to 1000.", standard: "20"),
            Flag("--stats", "Count all of them instead."),
            .json, .store, .config,
        ],
        examples: [
            "agenthost sessions",
            "agenthost sessions --status running",
            "agenthost sessions --stats",
            "agenthost sessions show 7f3a91c2",
        ], run: run)

    private enum Status: String, CaseIterable {
        case active, running, paused, completed, failed, expired
    }

    private static let below = ["show", "events", "delete", "sweep", "export", "import"]

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        if let word = arguments.rest.first {
            throw CommandLineError(
                "there is no command sessions \(word)",
                advice: NearestWord.to(word, among: below).map { "Did you mean sessions \($0)?" }
                    ?? "Known are \(below.joined(separator: ", ")).")
        }
        let status = try arguments.word("--status", Status.self)
        let limit = try arguments.number("--limit", 1...1000) ?? 20
        guard !arguments.has("--stats") else {
            guard status == nil else { throw CommandLineError("--stats counts sessions of every status") }
            return try SessionStatsText.say(arguments, invocation)
        }
        let client = try HostClient(arguments, invocation)
        let raw = try client.rawCall(
            Wire.SessionListParams(statuses: status.map { [Wire.SessionStatus(rawValue: $0.rawValue)] }, limit: limit))
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            let page = try Wire.SessionPage(lenient: raw)
            try show(page, titles: page.items.map { try title(of: $0, client) })
        }
        try client.finish()
        return .completed
    }

    private static func show(_ page: Wire.SessionPage, titles: [String]) throws {
        guard !page.items.isEmpty else {
            return Terminal.note("no sessions here; agenthost run \"PROMPT\" makes one")
        }
        let now = cs_wall_ms()
        var table = TextTable(["SESSION", "STATUS", "DRIVER", "TASKS", "LAST USED", "TITLE"], rightAligned: [3])
        for (session, title) in zip(page.items, titles) {
            let status = session.status.rawValue
            table.add([
                .init(shortID(session.id), .bold), .init(status, StatusStyle.of(status)), .init(session.driver),
                .init(Quantity.count(session.taskCount)), .init(Quantity.age(of: session.lastUsedAt, now: now)),
                .init(title),
            ])
        }
        table.print(on: .standardOutput)
        if page.nextCursor != nil { Terminal.note("there are more; --limit shows them") }
    }

    /// What people call a session: its title, else its first prompt.
    static func title(of session: Wire.Session, _ client: HostClient) throws -> String {
        if let title = session.title { return title }
        let first = try client.call(
            Wire.SessionEventsParams(sessionID: session.id, limit: 1, types: [.init(rawValue: "task.queued")]))
        return first.items.first?.data["prompt"]?.stringValue ?? ""
    }
}

/// How the status of a session or task looks.
enum StatusStyle {
    static func of(_ status: String) -> Terminal.Style? {
        switch status {
        case "running", "queued": .cyan
        case "completed", "active": .green
        case "failed": .red
        case "paused", "cancelled", "interrupted": .yellow
        default: .dim
        }
    }
}
