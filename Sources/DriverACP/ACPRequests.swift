import AgentModel
import Driver
import JSON

/// The asks that wait for the user, each with the request of the agent's that it answers.
struct ACPAsks {
    static let openMax = 1000

    private(set) var open: [(askID: String, request: JSON)] = []
    private var count = 0

    /// - Returns: the ask's id.
    mutating func add(_ request: JSON) -> String {
        count += 1
        let id = "ask-\(count)"
        open.append((id, request))
        return id
    }

    /// The request behind an ask that was open; it no longer is.
    mutating func close(askID: String) -> JSON? {
        guard let index = open.firstIndex(where: { $0.askID == askID }) else { return nil }
        return open.remove(at: index).request
    }

    /// The ask that stands for a request; it is no longer open.
    mutating func close(request: JSON) -> String? {
        guard let index = open.firstIndex(where: { $0.request == request }) else { return nil }
        return open.remove(at: index).askID
    }
}

/// What the agent asks of its client: consent, files, terminals.
extension ACPRun {
    /// What a tool of such a kind does leaves everything as it is.
    private static let readingKinds: Set<String> = ["read", "search", "fetch", "think"]
    private static let servicesMax = 1000

    mutating func asked(_ id: JSON, _ method: String, _ params: JSON) {
        if method == "session/request_permission" { return permission(id, params) }
        switch ACPServices.service(method, params) {
        case nil: reply(id, .error(.methodNotFound(method)))
        case .failure(let error): reply(id, .error(error))
        case .success(let service):
            guard !isCancelled || service.isEnding, services.count < Self.servicesMax else {
                return reply(id, .error(PeerError(code: ACPErrors.internalError, message: "There is no more room.")))
            }
            if request.task.planOnly, service.isChanging {
                return reply(
                    id, .error(PeerError(code: ACPErrors.internalError, message: "The task is to read and propose.")))
            }
            lastService += 1
            services["service-\(lastService)"] = (id, method)
            effects.append(.serve(id: "service-\(lastService)", service))
        }
    }

    mutating func served(_ id: String, _ result: ServiceResult) {
        guard let service = services.removeValue(forKey: id) else { return }
        reply(service.request, ACPServices.reply(service.method, result))
    }

    private mutating func reply(_ id: JSON, _ reply: PeerRPC.Reply) {
        effects.append(.write(peer.reply(to: id, reply)))
    }

    // MARK: - Consent

    private mutating func permission(_ id: JSON, _ params: JSON) {
        let call = params["toolCall"] ?? .null
        // Some agents name the call only: what it is about they have said before.
        var tool = call["toolCallId"]?.stringValue.flatMap(knownTool) ?? ACPTool()
        tool.merge(call)
        let options = (params["options"]?.arrayValue ?? []).compactMap { DriverAsk.Option($0) }
        guard phase == .prompting, !isCancelled, !options.isEmpty, asks.open.count < ACPAsks.openMax else {
            return reply(id, .result(Self.cancelled))
        }
        closeSpeech()
        if request.task.planOnly, !Self.readingKinds.contains(tool.name) { return deny(id, tool, options) }
        var ask = DriverAsk(
            id: asks.add(id), kind: .permission, tool: tool.name, title: tool.title ?? "Use \(tool.name)",
            input: tool.input, options: options)
        if ask.input.isNull, let content = call["content"], !content.isNull { ask.input = ["content": content] }
        ask.paths = tool.paths
        effects.append(.emit(.ask(ask)))
    }

    private mutating func deny(_ id: JSON, _ tool: ACPTool, _ options: [DriverAsk.Option]) {
        let rejection = options.first { $0.kind == "reject_once" } ?? options.first { $0.kind == "reject_always" }
        reply(id, .result(rejection.map { Self.selected($0.id) } ?? Self.cancelled))
        let what = tool.title ?? tool.name
        effects.append(.emit(.warning("The task is to read and propose only; denied to the agent: \(what)")))
    }

    mutating func answer(_ askID: String, _ optionID: String?) {
        guard let request = asks.close(askID: askID) else { return }
        reply(request, .result(optionID.map(Self.selected) ?? Self.cancelled))
    }

    /// Nobody is to answer any more.
    mutating func cancelAsks() {
        for ask in asks.open {
            answer(ask.askID, nil)
            effects.append(.emit(.askWithdrawn(askID: ask.askID)))
        }
    }

    /// The agent no longer waits for a request of its own.
    mutating func withdraw(_ id: JSON) {
        guard let askID = asks.close(request: id) else { return }
        reply(id, .error(PeerError(code: ACPErrors.cancelled, message: "The request was cancelled.")))
        effects.append(.emit(.askWithdrawn(askID: askID)))
    }

    private static let cancelled: JSON = ["outcome": ["outcome": "cancelled"]]

    private static func selected(_ option: String) -> JSON {
        ["outcome": ["outcome": "selected", "optionId": .string(option)]]
    }
}

extension DriverAsk.Option {
    /// The kinds are the host's own words.
    fileprivate init?(_ json: JSON) {
        guard let id = json["optionId"]?.stringValue, !id.isEmpty else { return nil }
        self.init(id: id, title: json["name"]?.stringValue ?? id, kind: json["kind"]?.stringValue)
    }
}

extension DriverService {
    /// What writes or runs something.
    fileprivate var isChanging: Bool {
        switch self {
        case .writeTextFile, .createTerminal: true
        default: false
        }
    }

    /// What an agent may still need to come to its end.
    fileprivate var isEnding: Bool {
        switch self {
        case .writeTextFile, .createTerminal, .readTextFile: false
        default: true
        }
    }
}
