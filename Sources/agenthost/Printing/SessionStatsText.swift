import HostProtocol
import JSON

/// What `agenthost sessions --stats` says: a line for each question that one has about sessions.
enum SessionStatsText {
    static func say(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        let client = try HostClient(arguments, invocation)
        let raw = try client.rawCall(Wire.SessionStatsParams())
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            table(try Wire.SessionStats(lenient: raw)).print(on: .standardOutput)
        }
        try client.finish()
        return .completed
    }

    static func table(_ stats: Wire.SessionStats) -> TextTable {
        var table = TextTable(rightAligned: [1])
        func row(_ name: String, _ count: Int, _ more: String = "") {
            table.add([.init(name, .dim), .init(Quantity.count(count), .bold), .init(more)])
        }
        row("sessions", sum(stats.sessionsByStatus), list(stats.sessionsByStatus))
        let each = stats.tasksPerSession.map { "\(Quantity.oneDecimal($0)) a session" }
        row("tasks", sum(stats.tasksByStatus), joined([each, list(stats.tasksByStatus)]))
        row("failed", sum(stats.failuresByReason), list(stats.failuresByReason))
        let rate = stats.resumeSuccessRate.map { "of \(Quantity.count(stats.resumesTried)), \(percent($0))" }
        row("resumed", stats.resumesSucceeded, rate ?? "no agent was to go on with its own session")
        row("expired", stats.driverSessionsExpired, "times that an agent's own session was forgotten, past its time")
        let saved = stats.estimatedTokensSavedByResuming
        row("tokens saved", saved, "by resuming; an estimate, from what agents' caches held")
        row("events", stats.events)
        return table
    }

    private static func percent(_ share: Double) -> String { "\(Quantity.oneDecimal(share * 100)) %" }

    private static func sum(_ counts: [String: Int]) -> Int { counts.values.reduce(0, +) }

    /// The most frequent first.
    private static func list(_ counts: [String: Int]) -> String {
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return sorted.map { "\(Quantity.count($0.value)) \($0.key)" }.joined(separator: ", ")
    }

    private static func joined(_ parts: [String?]) -> String {
        parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
