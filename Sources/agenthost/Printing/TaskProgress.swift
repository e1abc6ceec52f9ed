import JSON

/// Shows on stderr what an agent does while it does it: steps with their SQL, messages on the way, asks. On a
/// terminal the last line tells what happens right now, and goes when something else is to be said.
final class TaskProgress {
    /// The task that the events are of, once one has come.
    private(set) var taskID: String?

    /// Whether asks are told as they come; not where they are put to a person.
    var showsAsks = true

    private let terminal: Terminal
    private let isQuiet: Bool
    private let statusLine: StatusLine
    private var pendingProgress: String?
    /// The last message, which is the answer unless another follows.
    private var pendingMessage: String?
    private var writing = ""
    /// A person is there who is asked.
    var isAttended = false
    /// Asks by their ids.
    private var asked: [String: JSON] = [:]
    private var refused: Set<String> = []
    /// The workflow that the events are of, once one has come.
    private var workflowID: String?

    init(on terminal: Terminal, quiet: Bool) {
        self.terminal = terminal
        statusLine = StatusLine(on: terminal)
        isQuiet = quiet
    }

    func show(_ event: JSON) {
        taskID = taskID ?? event["task_id"]?.stringValue
        guard !isQuiet, let type = event["type"]?.stringValue else { return }
        let data = event["data"] ?? .null
        switch type {
        case "text.delta", "thought.delta": showWriting(data["text"]?.stringValue ?? "")
        case "progress": showProgress(data)
        case "message": showMessage(data)
        case "tool.started": showTool(data)
        case "tool.finished": showOutcome(data)
        case "warning": say("  warning: \(EventText.summary(type, data))", .yellow)
        case "permission.requested", "question.asked":
            if let id = data["permission_id"]?.stringValue { asked[id] = data }
            if showsAsks { say("  asks: \(EventText.summary(type, data))", .yellow) }
        case "permission.resolved", "question.answered":
            noteRefusal(data)
            say("  answer: \(EventText.summary(type, data))", .yellow)
        default: break
        }
    }

    private func noteRefusal(_ data: JSON) {
        guard data["by"] == "policy" || data["by"] == "deadline",
            let ask = data["permission_id"]?.stringValue.flatMap({ asked.removeValue(forKey: $0) }),
            let tool = ask["tool"]?.stringValue
        else { return }
        let option = ask["options"]?.arrayValue?.first { $0["id"] == data["option_id"] }
        if option?["kind"]?.stringValue?.hasPrefix("allow") != true { refused.insert(tool) }
    }

    /// Says which tools agents were refused since nobody was there to be asked.
    func noteRefusals() {
        guard !isQuiet, !isAttended, !refused.isEmpty else { return }
        let flags = refused.sorted().map { "--allow \($0)" }.joined(separator: " ")
        Terminal.note(
            TextLayout.oneLine(
                "agents were refused \(refused.sorted().joined(separator: ", ")), since nobody was there to be asked: "
                    + "what they were to do may not be done. Begin with \(flags) to allow it"))
    }

    /// A line of its own.
    func say(_ text: String, _ style: Terminal.Style? = nil) {
        guard !isQuiet else { return }
        statusLine.clear()
        let line = TextLayout.oneLine(text)
        let indent = String(text.prefix { $0 == " " })
        terminal.say(indent + line, style)
    }

    /// Leaves the terminal as it should be for what others write.
    func end() {
        pendingMessage = nil
        statusLine.clear()
    }

    private func showTool(_ data: JSON) {
        flushMessage()
        let title = EventText.title(data) ?? "a tool"
        flushProgress(unless: title)
        say("• " + title, .bold)
        if let sql = EventText.sql(data) { showSQL(sql) }
        status(title)
    }

    private func showSQL(_ sql: String) {
        let columns = min(terminal.columns ?? 120, 120) - 4
        let lines = TextLayout.wrap(TextLayout.oneLine(sql), columns: columns).split(separator: "\n")
        for line in lines.prefix(Self.sqlLinesMax) { say("    \(line)", .cyan) }
        if lines.count > Self.sqlLinesMax { say("    …", .cyan) }
    }

    private static let sqlLinesMax = 8

    private func showOutcome(_ data: JSON) {
        flushProgress(unless: nil)
        let columns = min(terminal.columns ?? 120, 120) - 4
        let outcome = TextLayout.cut(TextLayout.oneLine(EventText.outcome(data)), columns)
        guard !outcome.isEmpty else { return }
        say("  → \(outcome)", data["is_error"] == true ? .red : .dim)
    }

    private func showMessage(_ data: JSON) {
        writing = ""
        flushMessage()
        guard let text = data["text"]?.stringValue, data["role"]?.stringValue == "assistant" else { return }
        // What the roles of a workflow tell each other in JSON is said in words at the end.
        pendingMessage = workflowID != nil && text.hasPrefix("{") ? nil : text
        status("…")
    }

    private func flushMessage() {
        guard let text = pendingMessage else { return }
        pendingMessage = nil
        statusLine.clear()
        for line in TextLayout.harmless(text).split(separator: "\n", omittingEmptySubsequences: false) {
            terminal.say("  \(line)", .dim)
        }
    }

    private func showProgress(_ data: JSON) {
        let message = data["message"]?.stringValue ?? ""
        if data["plan_id"] != nil {
            flushMessage()
            return say("[\(data["done"]?.intValue ?? 0)/\(data["total"]?.intValue ?? 0)] \(message)", .bold)
        }
        if let workflow = data["workflow_id"]?.stringValue {
            flushMessage()
            if workflowID == nil { say("Workflow \(workflow)", .dim) }
            workflowID = workflow
            return say(message, .bold)
        }
        if terminal.isTerminal { return status(EventText.progress(data)) }
        flushProgress(unless: message)
        pendingProgress = message.isEmpty ? nil : message
    }

    private func flushProgress(unless title: String?) {
        if let progress = pendingProgress, progress != title { say("  \(progress)", .dim) }
        pendingProgress = nil
    }

    private func showWriting(_ text: String) {
        guard terminal.isTerminal else { return }
        writing = String((writing + text).suffix(400))
        let line = TextLayout.oneLine(writing)
        let columns = (terminal.columns ?? 80) - 4
        status(String(line.suffix(columns / 2)))
    }

    private func status(_ text: String) {
        if !isQuiet { statusLine.show("  " + text) }
    }
}
