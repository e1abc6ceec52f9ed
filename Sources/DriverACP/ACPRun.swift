import AgentModel
package import Driver
import JSON

/// One prompt to an agent of the Agent Client Protocol, in a process of its own.
///
/// ```
/// idle -> initializing -> (authenticating) -> opening -> (choosing mode, model) -> prompting -> finished
/// ```
///
/// Whatever the agent writes, the run finishes once: with the answer to the prompt, with the first answer that leaves
/// nothing to wait for, or when the process ends.
package struct ACPRun: DriverRun {
    enum Phase { case idle, initializing, authenticating, opening, choosing, prompting, finished }

    let request: RunRequest
    let configuration: ACPConfiguration
    private let hostVersion: String
    private(set) var phase = Phase.idle
    private var hasBegun = false
    private(set) var isCancelled = false
    private var isInputClosed = false
    private var errorOutput = ""
    private var notices = ACPNotices()
    private var settings: [ACPChoices.Setting] = []
    private var updates = ACPUpdates()
    private var usage: ACPUsage
    private(set) var agent = ACPAgent()
    private(set) var sessionID: String?
    var peer: PeerRPC
    var asks = ACPAsks()
    var services: [String: (request: JSON, method: String)] = [:]
    var lastService = 0
    var effects: [DriverEffect] = []

    package init(
        _ request: RunRequest, _ configuration: ACPConfiguration, hostVersion: String, lineBytesMax: Int = 16 << 20
    ) {
        self.request = request
        self.configuration = configuration
        self.hostVersion = hostVersion
        peer = PeerRPC(includesVersion: true, lineBytesMax: lineBytesMax)
        usage = ACPUsage(scope: configuration.usage, isResumed: request.resumeID != nil)
    }

    package mutating func handle(_ input: DriverInput) -> [DriverEffect] {
        guard phase != .finished else { return [] }
        switch input {
        case .start: if !hasBegun { begin() }
        case .spawned: if phase == .idle { initialize() }
        case .reused: if phase == .idle { goOnWarm() }
        case .steer: break
        case .spawnFailed(let why): finish(ACPErrors.unavailable(why))
        case .output(let bytes): if phase != .idle { read(bytes) }
        case .outputEnded: outputEnded()
        case .errorOutput(let text): errorOutput = text
        case .exited(let status): exited(status)
        case .answer(let askID, let optionID): answer(askID, optionID)
        case .served(let id, let result): served(id, result)
        case .cancel: cancel()
        }
        defer { effects = [] }
        return effects
    }

    /// What the agent knows of the task's tools so far.
    func knownTool(_ id: String) -> ACPTool? { updates.tools.known(id) }

    /// What the agent has said by now, as a whole message.
    mutating func closeSpeech() { effects += emit(updates.closeSpeech()) }

    /// Where the agent works: what its session is opened in.
    var folder: String { request.session.workingDirectory ?? request.session.resultsDirectory }

    func emit(_ events: [DriverEvent]) -> [DriverEffect] { events.map { .emit($0) } }

    // MARK: - Opening

    private mutating func begin() {
        hasBegun = true
        var process = ProcessSpec(
            executable: configuration.executable, arguments: configuration.arguments,
            environment: configuration.environment, inherits: configuration.inherits,
            workingDirectory: request.session.workingDirectory)
        if let id = request.resumeID { process.warmKey = warmKey(id) }
        effects.append(.spawn(process))
    }

    private mutating func initialize() {
        phase = .initializing
        let hasFiles = request.session.workingDirectory != nil
        let writes = !request.task.planOnly
        send(
            "initialize",
            [
                "protocolVersion": 1,
                "clientCapabilities": [
                    "fs": ["readTextFile": .bool(hasFiles), "writeTextFile": .bool(hasFiles && writes)],
                    "terminal": .bool(hasFiles && writes),
                ],
                "clientInfo": ["name": "agenthost", "title": "AgentHost", "version": .string(hostVersion)],
            ])
    }

    private mutating func send(_ method: String, _ params: JSONObject) {
        effects.append(.write(peer.request(method, .object(params)).bytes))
    }

    private mutating func initialized(_ answer: JSON) {
        if let version = answer["protocolVersion"]?.intValue, version != 1 {
            return finish(
                ACPErrors.unavailable(
                    "The agent \(configuration.name) speaks version \(version) of the protocol; this host speaks 1."))
        }
        agent = ACPAgent(answer)
        guard let method = configuration.authMethod else { return open() }
        phase = .authenticating
        send("authenticate", ["methodId": .string(method)])
    }

    private mutating func open() {
        phase = .opening
        var params: JSONObject = ["cwd": .string(folder), "mcpServers": .array(servers())]
        guard let id = request.resumeID else { return send("session/new", params) }
        guard agent.keepsSessions else {
            return finish(ACPErrors.resumeLost("The agent \(configuration.name) cannot go on with earlier sessions."))
        }
        params["sessionId"] = .string(id)
        // Resuming leaves out what loading would tell again.
        send(agent.resumes ? "session/resume" : "session/load", params)
    }

    /// The configured servers, without those that the agent has no way to reach.
    private mutating func servers() -> [JSON] {
        configuration.mcpServers.filter { server in
            let type = server["type"]?.stringValue
            guard (type == "http" && !agent.takesHTTPServers) || (type == "sse" && !agent.takesSSEServers) else {
                return true
            }
            let name = server["name"]?.stringValue ?? ""
            effects.append(.emit(.warning("The agent reaches no MCP servers over \(type ?? ""): \(name) is left out.")))
            return false
        }
    }

    /// The process of an earlier run has the session open, with everything chosen as this run would.
    private mutating func goOnWarm() {
        guard let id = request.resumeID else { return initialize() }
        agent.isWarm()
        sessionID = id
        effects.append(.emit(.driverSession(id: id, resumed: true)))
        goOn()
    }

    private mutating func opened(_ answer: JSON) {
        let resumed = request.resumeID
        guard let id = resumed ?? answer["sessionId"]?.stringValue, !id.isEmpty else {
            return finish(ACPErrors.failed("The agent opened a session without an id.", raw: answer))
        }
        sessionID = id
        // Without a way back to it, a session is nobody's to keep.
        if agent.keepsSessions { effects.append(.emit(.driverSession(id: id, resumed: resumed != nil))) }
        choose(ACPChoices(answer))
        goOn()
    }

    /// What is to be set before the prompt, as far as the agent offers it.
    private mutating func choose(_ choices: ACPChoices) {
        if request.task.planOnly {
            if let plan = choices.mode("plan") { settings.append(plan) }
        } else if let mode = request.session.permissions["driver_mode"]?.stringValue ?? configuration.mode {
            add(choices.mode(mode), "The agent offers no mode \(mode).")
        }
        if let model = request.session.model ?? configuration.model {
            let offered = choices.models.prefix(20).joined(separator: ", ")
            add(
                choices.model(model),
                "The agent offers no model \(model)\(offered.isEmpty ? "" : "; it offers \(offered)").")
        }
    }

    private mutating func add(_ setting: ACPChoices.Setting?, _ warning: String) {
        if let setting { settings.append(setting) } else { effects.append(.emit(.warning(warning))) }
    }

    private mutating func goOn() {
        guard let id = sessionID else { return }
        if let next = settings.first {
            phase = .choosing
            var params = next.params
            params["sessionId"] = .string(id)
            return send(next.method, params)
        }
        phase = .prompting
        let prompt = ACPPrompt(request, agent, folder: folder)
        effects += emit(prompt.warnings.map { .warning($0) } + usage.prompted())
        send("session/prompt", ["sessionId": .string(id), "prompt": .array(prompt.blocks)])
    }

    // MARK: - Hearing

    /// Line by line: what is asked for on one line may have its answer on the next.
    private mutating func read(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty, phase != .finished {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
            for message in peer.read(Array(rest[..<end])) { hear(message) }
            rest = rest[end...]
        }
    }

    private mutating func hear(_ message: PeerRPC.Message) {
        switch message {
        case .reply(_, let method, let reply): replied(method, reply)
        case .request(let id, let method, let params): asked(id, method, params)
        case .notification(let method, let params): told(method, params)
        case .noise(let noise): effects += emit(notices.events(noise))
        }
    }

    private mutating func replied(_ method: String, _ reply: PeerRPC.Reply) {
        if method == "session/prompt" { return prompted(reply) }
        switch (phase, reply) {
        case (.initializing, .result(let answer)): initialized(answer)
        case (.initializing, .error(let error)):
            finish(ACPErrors.unavailable("The agent \(configuration.name) refused to begin: \(error.message)"))
        case (.authenticating, .result): open()
        case (.opening, .result(let answer)): opened(answer)
        case (.opening, .error(let error)) where request.resumeID != nil && error.code != ACPErrors.authRequired:
            finish(ACPErrors.resumeLost("The agent does not know its session: \(error.message)", raw: error.json))
        case (.authenticating, .error(let error)), (.opening, .error(let error)):
            finish(ACPErrors.outcome(error, configuration.name, agent))
        case (.choosing, _):
            if case .error(let error) = reply, let setting = settings.first {
                effects.append(.emit(.warning("The agent refused \(setting.what): \(error.message)")))
            }
            settings.removeFirst(min(1, settings.count))
            goOn()
        case (.idle, _), (.prompting, _), (.finished, _): break
        }
    }

    private mutating func told(_ method: String, _ params: JSON) {
        switch method {
        case "session/update":
            guard let update = params["update"] else { return effects.append(.emit(.raw(params))) }
            if update["sessionUpdate"] == "usage_update" { return effects += emit(usage.hear(update)) }
            // What comes before the prompt is history that is told again, or what can be chosen.
            guard phase == .prompting else { return }
            notices.hasGoneOn()
            guard params["sessionId"] == nil || params["sessionId"]?.stringValue == sessionID else {
                return effects.append(.emit(.raw(params)))
            }
            effects += emit(updates.hear(update))
        case "$/cancel_request": withdraw(params["requestId"] ?? .null)
        case "_session/retrying": effects += emit(notices.retrying(params))
        default: effects.append(.emit(.raw(["method": .string(method), "params": params])))
        }
    }

    // MARK: - End

    private mutating func prompted(_ reply: PeerRPC.Reply) {
        effects += emit(updates.end())
        switch reply {
        case .result(let answer):
            let used = usage.ended(answer, turns: updates.turns)
            effects += emit(used.events)
            var outcome = ACPErrors.outcome(
                answer, hasSpoken: !updates.lastMessage.isEmpty, hasWorked: updates.hasWorked)
            outcome.usage = used.usage
            finish(outcome, keepsProcess: outcome.stopReason == .endTurn && services.isEmpty && asks.open.isEmpty)
        case .error(let error) where error.code == ACPErrors.cancelled: finish(RunOutcome(stopReason: .cancelled))
        case .error(let error): finish(ACPErrors.outcome(error, configuration.name, agent))
        }
    }

    private mutating func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        guard phase == .prompting, let id = sessionID else {
            return finish(RunOutcome(stopReason: .cancelled))
        }
        effects.append(.write(peer.notification("session/cancel", ["sessionId": .string(id)])))
        cancelAsks()
    }

    private mutating func closeInput() {
        guard !isInputClosed else { return }
        isInputClosed = true
        effects.append(.closeInput)
    }

    /// Nothing more can come: the only thing left to wait for is how the process ends.
    private mutating func outputEnded() {
        guard hasBegun else { return }
        if let message = peer.end() { hear(message) }
        if phase != .finished { closeInput() }
    }

    private mutating func exited(_ status: Int) {
        if phase != .idle, let message = peer.end() { hear(message) }
        guard phase != .finished else { return }
        effects += emit(updates.end())
        finish(ACPErrors.exited(status, errorOutput: errorOutput))
    }

    /// - Parameter outcome: of a run that nobody cancelled.
    private mutating func finish(_ outcome: RunOutcome, keepsProcess: Bool = false) {
        phase = .finished
        var outcome = outcome
        if isCancelled {
            let usage = outcome.usage
            outcome = RunOutcome(stopReason: .cancelled)
            outcome.usage = usage
            // It has nothing more to save: nobody need wait for it to go.
            if hasBegun { closeInput() }
        }
        outcome.output = updates.lastMessage
        if agent.keepsSessions, !outcome.isResumeLost { outcome.driverSessionID = sessionID }
        if keepsProcess, !isCancelled, !isInputClosed, agent.keepsSessions, let key = sessionID.flatMap(warmKey) {
            effects.append(.keepWarm(key))
        }
        effects.append(.finish(outcome))
        updates = ACPUpdates()
        asks = ACPAsks()
        services = [:]
    }
}
