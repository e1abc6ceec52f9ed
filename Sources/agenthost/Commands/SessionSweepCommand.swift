import HostProtocol
import JSON

/// `agenthost sessions sweep`: what a host that runs does by itself, now.
enum SessionSweepCommand {
    static let command = Command(
        "sessions sweep", "Forget what is past its time, now.", operands: "[FLAGS]",
        about: """
            Forgets agents' own sessions past the ttl_s of theirs, removes checkpoints that their sessions keep no \
            longer, hands on memories of sessions that have ended, and deletes sessions that nobody used for \
            sessions.keep_days of the configuration, if it says so. A host that runs does this by itself.
            """,
        flags: [.json, .store, .config], examples: ["agenthost sessions sweep"], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        try arguments.none()
        let client = try HostClient(arguments, invocation)
        let raw = try client.rawCall(Wire.SessionSweepParams())
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            let swept = try Wire.SweepResult(lenient: raw)
            let memories = swept.promoted == 1 ? "1 memory" : "\(Quantity.count(swept.promoted)) memories"
            Terminal.standardOutput.say(
                "Expired \(Quantity.counted(swept.expired, "session")), removed "
                    + "\(Quantity.counted(swept.checkpoints, "checkpoint")), promoted \(memories), deleted "
                    + "\(Quantity.counted(swept.removed, "session")).")
        }
        try client.finish()
        return .completed
    }
}
