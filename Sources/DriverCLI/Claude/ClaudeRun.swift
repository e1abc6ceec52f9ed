import AgentModel
import Driver
import JSON

/// One run of Claude Code's CLI, in a process of its own or in one that an earlier run left warm.
///
/// Whatever the CLI writes, the run finishes once: with the first result about its prompt, or else when the process
/// ends. One that knows nothing of the lines, writes plain text and exits with 0, completes with that text.
struct ClaudeRun: DriverRun {
    struct Limits {
        /// A longer line is skipped, with a warning.
        var lineBytes = 16 << 20
        /// Of plain text; the rest is cut off.
        var plainTextBytes = 1 << 20
        /// Tool calls and asks that may be open at one time; what goes beyond is kept as raw lines.
        var open = 1000
        /// Of stderr.
        var errorBytes = 16 << 10
    }

    private enum Phase { case idle, starting, running, finished }

    private let request: RunRequest
    private let commandLine: ClaudeCommandLine
    private let driver: String
    private let limits: Limits
    private let promptID: String
    private var phase = Phase.idle
    private var isCancelled = false
    private var isInputClosed = false
    private var hasWarned = false
    private var splitter: LineSplitter
    private var dialogue: ClaudeDialogue
    private var plainText: [UInt8] = []
    private var speaksLines = false
    private var errors = ""
    private var effects: [DriverEffect] = []

    init(_ request: RunRequest, _ commandLine: ClaudeCommandLine, driver: String, limits: Limits = Limits()) {
        self.request = request
        self.commandLine = commandLine
        self.driver = driver
        self.limits = limits
        promptID = request.runID.uuid.description
        splitter = LineSplitter(lineBytesMax: limits.lineBytes)
        dialogue = ClaudeDialogue(request, promptID: promptID, isReused: false, openMax: limits.open)
    }

    mutating func handle(_ input: DriverInput) -> [DriverEffect] {
        guard phase != .finished else { return [] }
        switch input {
        case .start: start()
        case .spawned: begin(isReused: false)
        case .reused: begin(isReused: true)
        case .spawnFailed(let why): finish(RunOutcome(stopReason: .error, error: .driverUnavailable(why)))
        case .output(let bytes): read(bytes)
        case .outputEnded: outputEnded()
        case .errorOutput(let text): errors = String((errors + text).suffix(limits.errorBytes))
        case .exited(let status): exited(status)
        case .answer(let askID, let optionID): perform(dialogue.answer(askID, optionID))
        case .cancel: cancel()
        case .steer, .served: break
        }
        defer { effects = [] }
        return effects
    }

    // MARK: - Beginning and cancelling

    private mutating func start() {
        guard phase == .idle else { return }
        phase = .starting
        effects.append(.spawn(commandLine.process))
    }

    private mutating func begin(isReused: Bool) {
        guard phase == .starting else { return }
        phase = .running
        if isReused { dialogue = ClaudeDialogue(request, promptID: promptID, isReused: true, openMax: limits.open) }
        guard !isCancelled else { return closeInput() }
        if !isReused { write(ClaudeInput.initialize(systemPrompt: commandLine.systemPrompt)) }
        write(ClaudeInput.prompt(request, id: promptID))
    }

    /// The CLI ends its turn with a result. What it had asked it withdraws by itself.
    private mutating func cancel() {
        if phase == .idle { return finish(RunOutcome(stopReason: .cancelled)) }
        guard !isCancelled else { return }
        isCancelled = true
        if phase == .running { write(ClaudeInput.interrupt) }
    }

    // MARK: - Lines

    private mutating func read(_ bytes: [UInt8]) {
        guard phase != .idle else { return }
        for line in splitter.split(bytes) {
            switch line {
            case .line(let bytes): hear(bytes)
            case .overlong(let start):
                emit([
                    .warning("The agent wrote a line of more than \(limits.lineBytes) bytes; it was skipped."),
                    .raw(["skipped_line_starts_with": .string(String(decoding: start, as: UTF8.self))]),
                ])
            }
            if phase == .finished { return }
        }
    }

    private mutating func hear(_ line: ArraySlice<UInt8>, isUnended: Bool = false) {
        guard line.contains(where: { !$0.isBlank }) else { return }
        guard let json = try? JSON.parse(line), let object = json.objectValue else {
            return noLine(line, isUnended: isUnended)
        }
        guard speaksLines || object["type"]?.stringValue != nil else { return keepPlain(line) }
        speakLines()
        perform(dialogue.hear(json, object))
    }

    private mutating func perform(_ heard: ClaudeDialogue.Heard) {
        emit(heard.events)
        if !heard.writes.isEmpty { write(heard.writes) }
        if let result = heard.result { end(result) }
    }

    /// No JSON: plain text as long as the CLI has said nothing else. What starts as a line does is one that broke.
    private mutating func noLine(_ line: ArraySlice<UInt8>, isUnended: Bool) {
        let isBroken = line.starts(with: #"{""#.utf8)
        guard speaksLines || isBroken else { return keepPlain(line) }
        speakLines()
        if isBroken, isUnended {
            emit([.warning("The agent's last line was cut off.")])
        } else {
            warnOfNoise()
        }
        emit([.raw(.string(String(decoding: line, as: UTF8.self)))])
    }

    private mutating func keepPlain(_ line: ArraySlice<UInt8>) {
        plainText.append(contentsOf: line.prefix(max(0, limits.plainTextBytes - plainText.count)))
        plainText.append(UInt8(ascii: "\n"))
    }

    /// From here on the CLI speaks in lines; the text before was noise.
    private mutating func speakLines() {
        guard !speaksLines else { return }
        speaksLines = true
        guard let text = takePlainText() else { return }
        warnOfNoise()
        emit([.raw(.string(text))])
    }

    private mutating func warnOfNoise() {
        if !hasWarned { emit([.warning("The agent wrote something that is no line of JSON; it is kept as it came.")]) }
        hasWarned = true
    }

    private mutating func takePlainText() -> String? {
        defer { plainText = [] }
        guard let last = plainText.lastIndex(where: { !$0.isBlank }) else { return nil }
        return String(decoding: plainText[...last], as: UTF8.self)
    }

    // MARK: - The end

    /// The first result about this run's prompt.
    private mutating func end(_ object: JSONObject) {
        let result = ClaudeResult(object, request)
        var outcome = result.outcome(isCancelled: isCancelled, lastMessage: dialogue.speech.lastWords)
        let members = LineMembers(object: object)
        outcome.usage = ClaudeUsage.since(members, turns: dialogue.speech.turns) ?? dialogue.speech.usage
        if let usage = outcome.usage { emit([.usage(usage)]) }
        if let total = ClaudeUsage.total(members) { emit([.usageTotal(total)]) }
        warnOfDenials(members)
        if let key = warmKey(after: outcome, members) {
            effects.append(.keepWarm(key))
        } else {
            closeInput()
        }
        finish(outcome)
    }

    /// What was denied without anybody having been asked or told.
    private mutating func warnOfDenials(_ result: LineMembers) {
        guard !dialogue.asks.hasAsked, !dialogue.hasToldOfDenial else { return }
        let denials = result.object["permission_denials"]?.arrayValue ?? []
        let tools = Set(denials.compactMap { $0["tool_name"]?.stringValue })
        guard !tools.isEmpty else { return }
        emit([.warning("Not allowed: \(tools.sorted().joined(separator: ", ")).")])
    }

    /// A process may stay that has done its task and does nothing more.
    private func warmKey(after outcome: RunOutcome, _ result: LineMembers) -> WarmKey? {
        guard let settings = commandLine.warmSettings, let id = outcome.driverSessionID,
            outcome.stopReason == .endTurn || outcome.stopReason == .maxTokens, outcome.error == nil, !isCancelled,
            !isInputClosed, phase == .running, !dialogue.hasBackground, (result.count("queued_turn_count") ?? 0) == 0
        else { return nil }
        return WarmKey(driver: driver, driverSessionID: id, settings: settings)
    }

    /// Nothing more can come: the only thing left to wait for is how the process ends.
    private mutating func outputEnded() {
        guard phase != .idle else { return }
        hearLastLine()
        if phase != .finished { closeInput() }
    }

    private mutating func exited(_ status: Int) {
        guard phase != .idle else { return }
        hearLastLine()
        guard phase != .finished else { return }
        emit(dialogue.endTurn())
        if isCancelled {
            finish(RunOutcome(stopReason: .cancelled, output: dialogue.speech.lastWords))
        } else if status == 0, !speaksLines, let text = takePlainText() {
            emit([
                .message(id: "text", role: "assistant", text: text),
                .warning("The agent gave no result; what it wrote as plain text is taken for its answer."),
            ])
            finish(RunOutcome(stopReason: .endTurn, output: text))
        } else {
            speakLines()
            finish(ClaudeExit.outcome(status: status, errors: errors, request))
        }
    }

    /// A last line without newline counts if it is whole; if it was torn off, that is told.
    private mutating func hearLastLine() {
        if let line = splitter.end() { hear(line, isUnended: true) }
    }

    // MARK: - Effects

    private mutating func emit(_ events: [DriverEvent]) { effects += events.map(DriverEffect.emit) }

    private mutating func write(_ bytes: [UInt8]) {
        if !isInputClosed { effects.append(.write(bytes)) }
    }

    private mutating func closeInput() {
        guard !isInputClosed else { return }
        isInputClosed = true
        effects.append(.closeInput)
    }

    /// With what earlier lines said and the outcome leaves out.
    private mutating func finish(_ outcome: RunOutcome) {
        guard phase != .finished else { return }
        phase = .finished
        var outcome = outcome
        outcome.usage = outcome.usage ?? dialogue.speech.usage
        if !outcome.isResumeLost { outcome.driverSessionID = outcome.driverSessionID ?? dialogue.driverSessionID }
        effects.append(.finish(outcome))
        splitter = LineSplitter(lineBytesMax: limits.lineBytes)
        plainText = []
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == 0x20 || (0x09...0x0d).contains(self) }
}
