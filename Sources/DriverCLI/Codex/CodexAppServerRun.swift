import AgentModel
import Driver
import JSON

/// One turn over `codex app-server`: JSON-RPC on stdin and stdout, without the version member.
///
/// ```
/// start -> spawned -> initialize -> thread/start | resume | fork -> turn/start -> turn/completed -> finish
///       \> reused -------------------------------------------------^
/// ```
///
/// Whatever it writes, the run finishes once: with `turn/completed`, with a refusal on the way there, or when
/// the process ends.
struct CodexAppServerRun: DriverRun {
    private enum Phase { case idle, starting, initializing, openingThread, startingTurn, running, finished }

    /// Of what the user adds before the turn can hear it.
    private static let steeringMax = 100
    private static let lineBytesMax = 16 << 20

    let turn: CodexTurn
    private let hostVersion: String
    private var phase = Phase.idle
    private var peer = PeerRPC(includesVersion: false, lineBytesMax: lineBytesMax)
    private var isReused = false
    private var isCancelled = false
    private var isInterrupted = false
    private var hasWarnedOfNoise = false
    private var threadID: String?
    private var turnID: String?
    private var steering: [String] = []
    private var stderr = ""
    var dialogue = CodexDialogue()
    var asks = OpenItems<CodexAsk>(countMax: 1000)
    var usage = CodexUsage()
    var effects: [DriverEffect] = []

    init(_ turn: CodexTurn, hostVersion: String) {
        self.turn = turn
        self.hostVersion = hostVersion
    }

    mutating func handle(_ input: DriverInput) -> [DriverEffect] {
        guard phase != .finished else { return [] }
        switch input {
        case .start: begin()
        case .spawned: initialize()
        case .reused: reuse()
        case .spawnFailed(let why): finish(RunOutcome(stopReason: .error, error: .driverUnavailable(why)))
        case .output(let bytes): read(bytes)
        case .outputEnded: outputEnded()
        case .errorOutput(let text): stderr = text
        case .exited(let status): exited(status)
        case .answer(let askID, let optionID): answer(askID, optionID)
        case .steer(let text): steer(text)
        case .served: break
        case .cancel: cancel()
        }
        defer { effects = [] }
        return effects
    }

    // MARK: - On the way to the turn

    private mutating func begin() {
        guard phase == .idle else { return }
        phase = .starting
        effects.append(.spawn(turn.appServer))
    }

    private mutating func initialize() {
        guard phase == .starting else { return }
        phase = .initializing
        send(
            "initialize",
            ["clientInfo": ["name": "agenthost", "title": "AgentHost", "version": .string(hostVersion)]])
    }

    /// The process holds the thread already.
    private mutating func reuse() {
        guard phase == .starting, let id = turn.request.resumeID else { return }
        isReused = true
        threadID = id
        emit([.driverSession(id: id, resumed: true)])
        startTurn()
    }

    private mutating func openThread() {
        phase = .openingThread
        var params = turn.threadParams
        guard let id = turn.request.resumeID else {
            if turn.isEphemeral { params["ephemeral"] = true }
            return send("thread/start", .object(params))
        }
        params["threadId"] = .string(id)
        params["excludeTurns"] = true
        send(turn.request.forks ? "thread/fork" : "thread/resume", .object(params))
    }

    private mutating func opened(_ result: JSON, by method: String) {
        guard phase == .openingThread else { return }
        guard let id = result["thread"]?["id"]?.stringValue, !id.isEmpty else {
            return fail(.driverFailed("Codex's reply to \(method) names no thread.", raw: result))
        }
        let isTold = threadID == id
        threadID = id
        // Of what it was to resume, Codex may make something new. A fork knows the conversation.
        let isResumed = method == "thread/fork" || id == turn.request.resumeID
        if !turn.isEphemeral, !isTold { emit([.driverSession(id: id, resumed: isResumed)]) }
        startTurn()
    }

    private mutating func startTurn() {
        guard let threadID else { return }
        phase = .startingTurn
        var params = turn.turnParams
        params["threadId"] = .string(threadID)
        send("turn/start", .object(params))
    }

    private mutating func turnStarted(_ json: JSON?) {
        guard phase == .startingTurn || phase == .running else { return }
        if let id = json?["id"]?.stringValue, turnID == nil { turnID = id }
        phase = .running
        if isCancelled { interrupt() }
        let waiting = steering
        steering = []
        for text in waiting { steer(text) }
    }

    // MARK: - What the host wants

    private mutating func answer(_ askID: String, _ optionID: String?) {
        guard let ask = asks.close(askID) else { return }
        effects.append(.write(peer.reply(to: ask.requestID, .result(ask.result(optionID)))))
    }

    private mutating func steer(_ text: String) {
        guard phase == .running, let threadID, let turnID else {
            if phase != .idle, steering.count < Self.steeringMax { steering.append(text) }
            return
        }
        send(
            "turn/steer",
            [
                "threadId": .string(threadID), "expectedTurnId": .string(turnID), "input": [CodexTurn.text(text)],
            ])
    }

    private mutating func cancel() {
        if phase == .idle { return finish(RunOutcome(stopReason: .cancelled)) }
        guard !isCancelled else { return }
        isCancelled = true
        interrupt()
    }

    private mutating func interrupt() {
        guard !isInterrupted, phase == .running, let threadID, let turnID else { return }
        isInterrupted = true
        send("turn/interrupt", ["threadId": .string(threadID), "turnId": .string(turnID)])
    }

    // MARK: - What Codex says

    private mutating func read(_ bytes: [UInt8]) {
        for line in peer.lines(bytes) {
            if let message = peer.hear(line) { hear(message) }
            if phase == .finished { return }
        }
    }

    private mutating func hear(_ message: PeerRPC.Message) {
        switch message {
        case .reply(_, let method, let reply): replied(method, reply)
        case .request(let id, let method, let params): requested(id, method, params)
        case .notification(let method, let params): notified(method, params)
        case .noise(let noise): hear(noise)
        }
    }

    private mutating func replied(_ method: String, _ reply: PeerRPC.Reply) {
        switch (method, reply) {
        case ("initialize", .result):
            guard phase == .initializing else { return }
            effects.append(.write(peer.notification("initialized")))
            openThread()
        case ("thread/start", .result(let result)), ("thread/resume", .result(let result)),
            ("thread/fork", .result(let result)):
            opened(result, by: method)
        case ("turn/start", .result(let result)): turnStarted(result["turn"])
        case ("turn/start", .error) where isReused && phase == .startingTurn && !turn.request.forks:
            // A warm process may have put the thread away.
            isReused = false
            openThread()
        case ("turn/steer", .error(let error)):
            emit([.warning("What was added did not reach Codex: \(error.message)")])
        case ("turn/steer", .result), ("turn/interrupt", _): break
        case (_, .error(let error)): refused(method, error)
        case (_, .result): break
        }
    }

    private mutating func refused(_ method: String, _ error: PeerError) {
        var outcome = RunOutcome(stopReason: .error, error: CodexFailure.refused(method, error))
        outcome.isResumeLost =
            (method == "thread/resume" || method == "thread/fork") && CodexFailure.saysThreadIsLost(error.message)
        finish(outcome)
    }

    private mutating func requested(_ id: JSON, _ method: String, _ params: JSON) {
        guard let ask = CodexAsk(requestID: id, method: method, params: params, dialogue: dialogue),
            asks.open(ask.ask.id, ask)
        else {
            effects.append(.write(peer.reply(to: id, .error(.methodNotFound(method)))))
            return emit([.raw(["id": id, "method": .string(method), "params": params])])
        }
        emit([.ask(ask.ask)])
    }

    private mutating func notified(_ method: String, _ params: JSON) {
        // Agents that Codex starts for itself have threads of their own.
        let isForeign = params["threadId"]?.stringValue.map { threadID != nil && $0 != threadID } ?? false
        switch method {
        case "turn/started": if !isForeign { turnStarted(params["turn"]) }
        case "turn/completed": if !isForeign { turnCompleted(params["turn"]) }
        case "thread/tokenUsage/updated": if !isForeign { used(params) }
        case "serverRequest/resolved":
            let id = params["requestId"].map { "\($0)" } ?? ""
            if asks.close(id) != nil { emit([.askWithdrawn(askID: id)]) }
        default: emit(events(method, params, isForeign: isForeign))
        }
    }

    private mutating func used(_ params: JSON) {
        guard let total = Usage(codex: params["tokenUsage"]?["total"]) else { return }
        let isOwn = phase == .running && turnID != nil && params["turnId"]?.stringValue == turnID
        emit(isOwn ? usage.counted(total) : usage.found(total))
    }

    private mutating func turnCompleted(_ json: JSON?) {
        guard phase == .running || phase == .startingTurn, let json else { return }
        if let id = json["id"]?.stringValue, let turnID, id != turnID { return }
        switch json["status"]?.stringValue {
        case "completed": completed()
        case "interrupted": finish(RunOutcome(stopReason: .cancelled))
        default: finish(CodexFailure.turn(json["error"].flatMap { $0.isNull ? nil : $0 }))
        }
    }

    private mutating func completed() {
        var outcome = RunOutcome(stopReason: .endTurn)
        if turn.outputSchema != nil {
            outcome.structuredOutput = try? JSON.parse(Array(dialogue.answer.utf8))
            if outcome.structuredOutput == nil {
                outcome.stopReason = .schemaUnsatisfied
                outcome.error = .driverFailed("The agent's answer is not the JSON that was asked for.")
            }
        }
        // A command that runs on in the background belongs to this run, and ends with it.
        let isIdle = !peer.isWaiting && asks.ids.isEmpty && !dialogue.hasOpenTools
        let mayServeOn = isIdle && !isCancelled && !turn.isEphemeral
        finish(outcome, keepingWarm: mayServeOn ? threadID.map(turn.warmKey) : nil)
    }

    private mutating func hear(_ noise: PeerRPC.Noise) {
        switch noise {
        case .json(let json): emit([.raw(json)])
        case .text(let text):
            let warning = DriverEvent.warning("Codex wrote something that is no message; it is kept as it came.")
            emit((hasWarnedOfNoise ? [] : [warning]) + [.raw(.string(text))])
            hasWarnedOfNoise = true
        case .torn(let text): emit([.warning("Codex's last line was cut off."), .raw(.string(text))])
        case .overlong(let start):
            emit([
                .warning("Codex wrote a line of more than \(Self.lineBytesMax) bytes; it was skipped."),
                .raw(["skipped_line_starts_with": .string(start)]),
            ])
        }
    }

    // MARK: - The end

    private mutating func outputEnded() {
        guard phase != .idle else { return }
        if let message = peer.end() { hear(message) }
        if phase != .finished { effects.append(.closeInput) }
    }

    private mutating func exited(_ status: Int) {
        guard phase != .idle else { return }
        if let message = peer.end() { hear(message) }
        guard phase != .finished else { return }
        if isCancelled { return finish(RunOutcome(stopReason: .cancelled)) }
        guard phase == .initializing || phase == .starting else {
            let error = CodexFailure.exited(status, stderr: stderr)
            return finish(RunOutcome(stopReason: .noResult, error: error))
        }
        fail(CodexFailure.noAppServer(status, stderr: stderr))
    }

    private mutating func fail(_ error: TaskError) { finish(RunOutcome(stopReason: .error, error: error)) }

    private mutating func send(_ method: String, _ params: JSON) {
        effects.append(.write(peer.request(method, params).bytes))
    }

    private mutating func emit(_ events: [DriverEvent]) { effects += events.map(DriverEffect.emit) }

    /// A process that does not serve on leaves as soon as its input ends.
    private mutating func finish(_ outcome: RunOutcome, keepingWarm key: WarmKey? = nil) {
        var outcome = outcome
        if phase != .idle { effects.append(key.map(DriverEffect.keepWarm) ?? .closeInput) }
        phase = .finished
        outcome.output = dialogue.answer
        if !outcome.isResumeLost, !turn.isEphemeral { outcome.driverSessionID = threadID }
        effects.append(.finish(outcome))
        dialogue = CodexDialogue()
        asks = OpenItems(countMax: 0)
        peer = PeerRPC(includesVersion: false)
    }
}
