import HostProtocol
import JSON

/// `agenthost sessions events`: a session's log.
enum SessionEventsCommand {
    static let command = Command(
        "sessions events", "Print a session's log, and with --follow what is added to it.", operands: "ID [FLAGS]",
        about: "With --follow it goes on until Ctrl-C, whichever process runs the session.",
        flags: [
            Flag("--follow", "Go on with the events to come."),
            Flag("--after-seq", "N", "Only events after this number.", standard: "0"),
            Flag("--json", "Print each event as a line of JSON."),
            .store, .config,
        ],
        examples: [
            "agenthost sessions events 7f3a91c2",
            "agenthost sessions events 7f3a91c2 --follow --json",
        ], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        let id = try arguments.single("session")
        var seq = try arguments.number("--after-seq", 0...Int(Int32.max)) ?? 0
        let isJSON = arguments.has("--json")
        let client = try HostClient(arguments, invocation)
        let session = try client.session(id)
        var isRead = true
        var hasMore = true
        while hasMore, isRead {
            let page = try client.rawCall(Wire.SessionEventsParams(sessionID: session.id, afterSeq: seq, limit: 1000))
            for event in page["items"]?.arrayValue ?? [] where isRead {
                isRead = show(event, isJSON)
                seq = event["seq"]?.intValue ?? seq
            }
            hasMore = page["has_more"] == true
        }
        if arguments.has("--follow"), isRead {
            client.onEvent = { isRead = show($0, isJSON) && isRead }
            _ = try client.call(Wire.SessionSubscribeParams(sessionID: session.id, afterSeq: seq, deltas: false))
            try client.listen { !isRead }
        }
        try client.finish()
        return .completed
    }

    /// Returns whether anybody reads it.
    private static func show(_ event: JSON, _ isJSON: Bool) -> Bool {
        let terminal = Terminal.standardOutput
        guard !isJSON else { return terminal.say(event.description) }
        let type = event["type"]?.stringValue ?? ""
        let seq = TextLayout.padded(event["seq"]?.intValue.map { "\($0)" } ?? "", 5, right: true)
        let time = Quantity.moment(event["at"]?.stringValue ?? "")
        let summary = TextLayout.oneLine(EventText.summary(type, event["data"] ?? .null))
        let name = summary.isEmpty ? type : TextLayout.padded(type, typeColumns) + "  "
        let room = max(12, (terminal.columns ?? 10_000) - seq.count - time.count - typeColumns - 6)
        return terminal.say(
            terminal.styled("\(seq)  \(time)", .dim) + "  " + terminal.styled(name, style(type))
                + TextLayout.cut(summary, room))
    }

    /// As wide as the longest name of an event.
    private static let typeColumns = 20

    private static func style(_ type: String) -> Terminal.Style? {
        guard let end = type.split(separator: ".").last, type.hasPrefix("task.") else {
            return type == "warning" ? .yellow : nil
        }
        return StatusStyle.of(String(end))
    }
}
