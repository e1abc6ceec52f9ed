import AgentModel
import JSON

/// What the lines of one agent mean, one after the other: keeps what is open, so that only sequences that make sense
/// come out (no tool call that finishes without having started, no ask withdrawn that was never made).
struct LineDialogue {
    /// What one line came to: events, and the run's end if it was the result.
    struct Heard {
        var events: [DriverEvent] = []
        var outcome: RunOutcome?
    }

    private let resumeID: String?
    private let openMax: Int
    private var plainText: PlainText
    private var speaksLines = false
    private var hasWarned = false
    private var openTools: Set<String> = []
    private var openAsks: Set<String> = []
    private var driverSessionID: String?
    private var lastMessage = ""
    private var usage: Usage?

    init(resumeID: String?, openMax: Int, plainTextBytesMax: Int) {
        self.resumeID = resumeID
        self.openMax = openMax
        plainText = PlainText(bytesMax: plainTextBytesMax)
    }

    /// - Parameter isUnended: the stream ended before the line did.
    mutating func hear(_ line: ArraySlice<UInt8>, isUnended: Bool = false) -> Heard {
        if line.allSatisfy(\.isSpace) {
            if !speaksLines { plainText.append(line) }
            return Heard()
        }
        guard let json = object(line) else { return Heard(events: noLine(line, isUnended: isUnended)) }
        guard speaksLines || json["type"]?.stringValue != nil else {
            plainText.append(line)
            return Heard()
        }
        let before = speakLines()
        return switch AgentLine(json) {
        case .event(let event): Heard(events: before + [admitted(event) ?? .raw(json)])
        case .result(let outcome): Heard(events: before, outcome: outcome)
        }
    }

    /// A line of more than the bytes allowed.
    mutating func overlong(start: [UInt8], lineBytesMax: Int) -> [DriverEvent] {
        speakLines() + [
            .warning("The agent wrote a line of more than \(lineBytesMax) bytes; it was skipped."),
            .raw(["skipped_line_starts_with": .string(String(decoding: start, as: UTF8.self))]),
        ]
    }

    /// Whether this ask was open; it no longer is.
    mutating func closeAsk(_ id: String) -> Bool { openAsks.remove(id) != nil }

    /// How the run ends when the process has ended without a result.
    mutating func end(status: Int, isCancelled: Bool) -> (events: [DriverEvent], outcome: RunOutcome) {
        // It may have used more than it said.
        usage = usage?.known(atBest: .estimated)
        if isCancelled { return (speakLines(), RunOutcome(stopReason: .cancelled)) }
        if status == 0, !speaksLines, let text = plainText.text {
            var events: [DriverEvent] = [
                .message(id: "text", role: "assistant", text: text),
                .warning("The agent gave no result; what it wrote as plain text is taken for its answer."),
            ]
            if plainText.isCut { events.append(.warning("The text was too long and has been cut off.")) }
            return (events, RunOutcome(stopReason: .endTurn, output: text))
        }
        return (speakLines(), RunOutcome(stopReason: .noResult, error: .exitedWithoutResult(status)))
    }

    /// The outcome with what earlier lines said and the result left out: the last message, usage, the driver session.
    func completed(_ outcome: RunOutcome) -> RunOutcome {
        var outcome = outcome
        if outcome.output.isEmpty { outcome.output = lastMessage }
        outcome.usage = outcome.usage ?? usage
        outcome.isResumeLost = outcome.isResumeLost && resumeID != nil
        if !outcome.isResumeLost { outcome.driverSessionID = outcome.driverSessionID ?? driverSessionID }
        return outcome
    }

    private func object(_ line: ArraySlice<UInt8>) -> JSON? {
        guard line.first(where: { !$0.isSpace }) == UInt8(ascii: "{") else { return nil }
        return try? JSON.parse(line)
    }

    /// A line that is no JSON object: plain text, as long as the agent has not spoken the protocol. What starts as a
    /// line of the protocol does is one that broke.
    private mutating func noLine(_ line: ArraySlice<UInt8>, isUnended: Bool) -> [DriverEvent] {
        let isBroken = line.starts(with: #"{""#.utf8)
        guard speaksLines || isBroken else {
            plainText.append(line)
            return []
        }
        let before = speakLines()
        let warnings = isBroken && isUnended ? [.warning("The agent's last line was cut off.")] : warnOnce()
        return before + warnings + [.raw(.string(String(decoding: line, as: UTF8.self)))]
    }

    /// From here on the agent speaks the protocol; the plain text before was noise.
    private mutating func speakLines() -> [DriverEvent] {
        guard !speaksLines else { return [] }
        speaksLines = true
        defer { plainText = PlainText(bytesMax: 0) }
        return plainText.text.map { warnOnce() + [.raw(.string($0))] } ?? []
    }

    private mutating func warnOnce() -> [DriverEvent] {
        defer { hasWarned = true }
        return hasWarned ? [] : [.warning("The agent wrote something that is no line of JSON; it is kept as it came.")]
    }

    /// The event, corrected and remembered; `nil` when it makes no sense after those before it.
    private mutating func admitted(_ event: DriverEvent) -> DriverEvent? {
        switch event {
        case .driverSession(let id, let resumed):
            driverSessionID = id
            // An agent that was given an unknown id may start a new session and call it resumed.
            return .driverSession(id: id, resumed: resumed && id == resumeID)
        case .message(_, "assistant", let text): lastMessage = text
        case .usage(let whole): usage = whole
        case .toolStarted(let id, _, _, _):
            guard openTools.count < openMax, openTools.insert(id).inserted else { return nil }
        case .toolUpdated(let id, _):
            guard openTools.contains(id) else { return nil }
        case .toolFinished(let id, _, _):
            guard openTools.remove(id) != nil else { return nil }
        case .ask(let ask):
            guard openAsks.count < openMax, openAsks.insert(ask.id).inserted else { return nil }
        case .askWithdrawn(let id):
            guard closeAsk(id) else { return nil }
        default: break
        }
        return event
    }
}

/// The text of a program that does not speak the protocol, up to a number of bytes.
private struct PlainText {
    let bytesMax: Int
    private(set) var isCut = false
    private var bytes: [UInt8] = []

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// The text without the newlines at its end; `nil` when there is nothing but white space.
    var text: String? {
        let end = (bytes.lastIndex { !$0.isSpace }).map { $0 + 1 } ?? 0
        return end == 0 ? nil : String(decoding: bytes[..<end], as: UTF8.self)
    }

    mutating func append(_ line: ArraySlice<UInt8>) {
        let room = bytesMax - bytes.count
        isCut = isCut || line.count > room
        bytes.append(contentsOf: line.prefix(max(0, room)))
        if line.count < room { bytes.append(UInt8(ascii: "\n")) }
    }
}

extension UInt8 {
    var isSpace: Bool { self == 0x20 || (0x09...0x0d).contains(self) }
}
