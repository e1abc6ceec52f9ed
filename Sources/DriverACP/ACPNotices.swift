import AgentModel
import Driver
import JSON

/// What an agent writes beside the conversation: told in full the first time, so that more of it is no flood.
struct ACPNotices {
    private var hasWarnedOfNoise = false
    private var isRetrying = false

    /// The agent has said something of its work.
    mutating func hasGoneOn() { isRetrying = false }

    /// An agent may try its model again without end, and say so each time: only the first is news, so that the rest
    /// does not pass for progress.
    mutating func retrying(_ params: JSON) -> [DriverEvent] {
        guard !isRetrying else { return [] }
        isRetrying = true
        return [.warning("The agent tries again: \(params["detail"]?.stringValue ?? "no reason given")")]
    }

    mutating func events(_ noise: PeerRPC.Noise) -> [DriverEvent] {
        switch noise {
        case .json(let json): return [.raw(json)]
        case .torn(let text): return [.warning("The agent's last line was cut off."), .raw(.string(text))]
        case .overlong(let start):
            return [
                .warning("The agent wrote a line that is too long; it was skipped."),
                .raw(["skipped_line_starts_with": .string(start)]),
            ]
        case .text(let text):
            let warning = DriverEvent.warning("The agent wrote something that is no JSON; it is kept as it came.")
            defer { hasWarnedOfNoise = true }
            return (hasWarnedOfNoise ? [] : [warning]) + [.raw(.string(text))]
        }
    }
}
