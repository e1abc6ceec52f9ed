import AgentModel
import JSON

/// One run of a line agent, a program that speaks the protocol of `docs/line-agents.md`.
///
/// Whatever the agent writes, the run finishes once: with its first `result`, or else when the process ends. A program
/// that knows nothing of the protocol, writes plain text and exits with 0, completes with that text.
package struct LineRun: DriverRun {
    package struct Limits: Hashable, Sendable {
        /// A longer line is skipped, with a warning.
        package var lineBytes = 16 << 20
        /// Of the plain text of a program that does not speak the protocol; the rest is cut off, with a warning.
        package var plainTextBytes = 1 << 20
        /// Tool calls and asks that may be open at one time; what goes beyond is kept as raw lines.
        package var open = 1000

        package init() {}
    }

    private enum Phase { case idle, running, finished }

    private let process: ProcessSpec
    private let start: LineStart
    private let limits: Limits
    private var phase = Phase.idle
    private var isCancelled = false
    private var isInputClosed = false
    private var splitter: LineSplitter
    private var dialogue: LineDialogue
    private var effects: [DriverEffect] = []

    /// - Parameter process: the agent; it gets everything about the task on its stdin.
    package init(_ request: RunRequest, process: ProcessSpec, limits: Limits = Limits()) {
        self.init(LineStart(request), process: process, limits: limits)
    }

    package init(_ start: LineStart, process: ProcessSpec, limits: Limits = Limits()) {
        self.process = process
        self.start = start
        self.limits = limits
        splitter = LineSplitter(lineBytesMax: limits.lineBytes)
        dialogue = LineDialogue(
            resumeID: start.resumeID, openMax: limits.open, plainTextBytesMax: limits.plainTextBytes)
    }

    package mutating func handle(_ input: DriverInput) -> [DriverEffect] {
        guard phase != .finished else { return [] }
        switch input {
        case .start: begin()
        case .spawned, .reused, .errorOutput, .served: break
        case .steer(let text): steer(text)
        case .spawnFailed(let why): finish(RunOutcome(stopReason: .error, error: .driverUnavailable(why)))
        case .output(let bytes): read(bytes)
        case .outputEnded: outputEnded()
        case .exited(let status): exited(status)
        case .answer(let askID, let optionID): answer(askID, optionID)
        case .cancel: cancel()
        }
        defer { effects = [] }
        return effects
    }

    private mutating func begin() {
        guard phase == .idle else { return }
        phase = .running
        effects.append(.spawn(process))
        effects.append(.write(HostLine.start(start).bytes))
    }

    private mutating func answer(_ askID: String, _ optionID: String?) {
        guard phase == .running, !isInputClosed, dialogue.closeAsk(askID) else { return }
        effects.append(.write(HostLine.answer(askID: askID, optionID: optionID).bytes))
    }

    private mutating func steer(_ text: String) {
        guard phase == .running, !isInputClosed, !isCancelled else { return }
        effects.append(.write(HostLine.steer(text).bytes))
    }

    private mutating func cancel() {
        if phase == .idle { return finish(RunOutcome(stopReason: .cancelled)) }
        guard !isCancelled else { return }
        isCancelled = true
        if !isInputClosed { effects.append(.write(HostLine.cancel.bytes)) }
    }

    private mutating func read(_ bytes: [UInt8]) {
        guard phase == .running else { return }
        for line in splitter.split(bytes) {
            switch line {
            case .line(let bytes): hear(bytes)
            case .overlong(let start): emit(dialogue.overlong(start: start, lineBytesMax: limits.lineBytes))
            }
            if phase == .finished { return }
        }
    }

    private mutating func hear(_ line: ArraySlice<UInt8>, isUnended: Bool = false) {
        let heard = dialogue.hear(line, isUnended: isUnended)
        emit(heard.events)
        if let outcome = heard.outcome { finish(outcome) }
    }

    /// Nothing more can come: the only thing left to wait for is how the process ends.
    private mutating func outputEnded() {
        guard phase == .running, !isInputClosed else { return }
        hearLastLine()
        guard phase == .running else { return }
        isInputClosed = true
        effects.append(.closeInput)
    }

    private mutating func exited(_ status: Int) {
        guard phase == .running else { return }
        hearLastLine()
        guard phase == .running else { return }
        let (events, outcome) = dialogue.end(status: status, isCancelled: isCancelled)
        emit(events)
        finish(outcome)
    }

    /// A last line without newline counts if it is whole; if it was torn off, that is told.
    private mutating func hearLastLine() {
        guard let line = splitter.end() else { return }
        hear(line, isUnended: true)
    }

    private mutating func emit(_ events: [DriverEvent]) {
        for event in events { effects.append(.emit(event)) }
    }

    private mutating func finish(_ outcome: RunOutcome) {
        phase = .finished
        effects.append(.finish(dialogue.completed(outcome)))
        splitter = LineSplitter(lineBytesMax: limits.lineBytes)
        dialogue = LineDialogue(resumeID: nil, openMax: 0, plainTextBytesMax: 0)
    }
}
