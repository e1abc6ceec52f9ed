import AgentModel
import Driver
import JSON

/// One turn of `codex exec --json`: the prompt on stdin, a line of JSON per event on stdout.
///
/// The run finishes with `turn.completed` or `turn.failed`, or when the process ends. Nothing else ends it: lines of
/// type `error` and items of type `error` tell of trouble that Codex may get over.
struct CodexExecRun: DriverRun {
    private enum Phase { case idle, running, finished }

    private static let lineBytesMax = 16 << 20

    private let turn: CodexTurn
    private var phase = Phase.idle
    private var isCancelled = false
    private var hasWarnedOfNoise = false
    private var splitter = LineSplitter(lineBytesMax: lineBytesMax)
    private var dialogue = CodexDialogue()
    private var threadID: String?
    private var lastError: String?
    private var stderr = ""
    private var effects: [DriverEffect] = []

    init(_ turn: CodexTurn) { self.turn = turn }

    mutating func handle(_ input: DriverInput) -> [DriverEffect] {
        guard phase != .finished else { return [] }
        switch input {
        case .start: begin()
        case .spawnFailed(let why): finish(RunOutcome(stopReason: .error, error: .driverUnavailable(why)))
        case .output(let bytes): read(bytes)
        case .outputEnded: if phase == .running { hearLastLine() }
        case .errorOutput(let text): stderr = text
        case .exited(let status): exited(status)
        case .cancel:
            isCancelled = true
            if phase == .idle { finish(RunOutcome(stopReason: .cancelled)) }
        case .spawned, .reused, .answer, .steer, .served: break
        }
        defer { effects = [] }
        return effects
    }

    private mutating func begin() {
        guard phase == .idle else { return }
        phase = .running
        effects += [.spawn(turn.exec), .write(Array(turn.execPrompt.utf8)), .closeInput]
    }

    // MARK: - Lines

    private mutating func read(_ bytes: [UInt8]) {
        guard phase == .running else { return }
        for line in splitter.split(bytes) {
            switch line {
            case .line(let bytes): hear(bytes)
            case .overlong(let start):
                emit([
                    .warning("Codex wrote a line of more than \(Self.lineBytesMax) bytes; it was skipped."),
                    .raw(["skipped_line_starts_with": .string(String(decoding: start, as: UTF8.self))]),
                ])
            }
            if phase == .finished { return }
        }
    }

    private mutating func hearLastLine() {
        guard let line = splitter.end() else { return }
        hear(line)
    }

    private mutating func hear(_ line: ArraySlice<UInt8>) {
        if line.allSatisfy({ $0 == 0x20 || (0x09...0x0d).contains($0) }) { return }
        guard let json = try? JSON.parse(line), let type = json["type"]?.stringValue else {
            let warning = DriverEvent.warning(
                "Codex wrote something that is no line of its events; it is kept as it came.")
            emit(hasWarnedOfNoise ? [] : [warning])
            hasWarnedOfNoise = true
            return emit([.raw((try? JSON.parse(line)) ?? .string(String(decoding: line, as: UTF8.self)))])
        }
        hear(type, json)
    }

    private mutating func hear(_ type: String, _ json: JSON) {
        switch type {
        case "thread.started": threadStarted(json)
        case "turn.started": break
        case "item.started", "item.updated", "item.completed":
            guard let part = json["item"], let item = CodexItem(part) else { return emit([.raw(json)]) }
            switch type {
            case "item.started": emit(dialogue.started(item, json))
            case "item.updated": emit(dialogue.updated(item, json))
            default: emit(dialogue.completed(item, json))
            }
        case "error":
            guard let message = json["message"]?.stringValue, !message.isEmpty else { return emit([.raw(json)]) }
            lastError = message
            emit(dialogue.reconnecting(message))
        case "turn.completed":
            if let total = Usage(codex: json["usage"]) { emit([.usageTotal(total)]) }
            finish(RunOutcome(stopReason: .endTurn))
        case "turn.failed": finish(CodexFailure.turn(json["error"].flatMap { $0.isNull ? nil : $0 }))
        default: emit([.raw(json)])
        }
    }

    /// A name that is not known starts a new thread, with exit code 0: only the id tells.
    private mutating func threadStarted(_ json: JSON) {
        guard threadID == nil, let id = json["thread_id"]?.stringValue, !id.isEmpty else { return emit([.raw(json)]) }
        threadID = id
        let isResumed = turn.request.forks ? turn.request.resumeID != nil : id == turn.request.resumeID
        if !turn.isEphemeral { emit([.driverSession(id: id, resumed: isResumed)]) }
    }

    // MARK: - The end

    /// Ended by SIGINT it exits with 1, by SIGTERM with 143, and says nothing in either case.
    private mutating func exited(_ status: Int) {
        guard phase == .running else { return }
        hearLastLine()
        guard phase == .running else { return }
        if isCancelled { return finish(RunOutcome(stopReason: .cancelled)) }
        var error = CodexFailure.exited(status, stderr: lastError ?? stderr)
        var outcome = RunOutcome(stopReason: .noResult)
        if turn.request.resumeID != nil, threadID == nil, let reason = CodexFailure.reason(stderr),
            CodexFailure.saysThreadIsLost(reason)
        {
            error.message = reason
            outcome.stopReason = .error
            outcome.isResumeLost = true
        }
        outcome.error = error
        finish(outcome)
    }

    private mutating func emit(_ events: [DriverEvent]) { effects += events.map(DriverEffect.emit) }

    private mutating func finish(_ outcome: RunOutcome) {
        var outcome = outcome
        phase = .finished
        outcome.output = dialogue.answer
        if !outcome.isResumeLost, !turn.isEphemeral { outcome.driverSessionID = threadID }
        effects.append(.finish(outcome))
        dialogue = CodexDialogue()
        splitter = LineSplitter(lineBytesMax: Self.lineBytesMax)
    }
}
