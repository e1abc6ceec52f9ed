import HostProtocol
import JSON

/// `agenthost sessions delete`: removes a session for good.
enum SessionDeleteCommand {
    static let command = Command(
        "sessions delete", "Remove a session with its log and files, for good.", operands: "ID [FLAGS]",
        about: "On a terminal it asks first. What the session has cost stays in the ledger.",
        flags: [
            Flag("--yes", "Do not ask."),
            Flag("--force", "Also when a task runs or waits, which is then cancelled."),
            .json, .store, .config,
        ],
        examples: ["agenthost sessions delete 7f3a91c2"], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        let id = try arguments.single("session")
        let client = try HostClient(arguments, invocation)
        let session = try client.session(id)
        guard try arguments.has("--yes") || isMeant(session, client) else { return .failed }
        let raw = try client.rawCall(
            Wire.SessionDeleteParams(sessionID: session.id, force: arguments.has("--force")))
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            let removed = try Wire.SessionDeleted(lenient: raw).removed
            let parts = [
                Quantity.counted(removed.tasks, "task"), Quantity.counted(removed.events, "event"),
                Quantity.counted(removed.artifacts, "file"),
            ]
            Terminal.standardOutput.say("Deleted session \(shortID(session.id)) with \(parts.joined(separator: ", ")).")
        }
        try client.finish()
        return .completed
    }

    /// Asks, where there is somebody to ask.
    private static func isMeant(_ session: Wire.Session, _ client: HostClient) throws -> Bool {
        let terminal = Terminal.standardError
        guard Terminal.isInputTerminal, terminal.isTerminal else { return true }
        let title = TextLayout.oneLine(try SessionsCommand.title(of: session, client))
        let tasks = Quantity.counted(session.taskCount, "task")
        terminal.write("Delete session \(shortID(session.id)) \"\(TextLayout.cut(title, 60))\" with \(tasks)? [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }
}
