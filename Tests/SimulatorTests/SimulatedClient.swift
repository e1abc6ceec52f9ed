import AgentModel
import JSON
import Store

/// What clients ask of hosts: at any time, twice, of the wrong host.
final class SimulatedClient {
    unowned let simulation: Simulation
    var plans: [PlanID] = []
    var workflows: [FlowID] = []
    /// Those of them that were seen completed once nothing went wrong any more.
    var ended: Set<String> = []
    var projects: [ProjectID] = []
    var sessions: Set<SessionID> = []
    /// Sessions that were made for one task.
    var temporary: Set<SessionID> = []
    /// Sessions that were deleted, or may have been.
    var deleted: Set<SessionID> = []
    /// Tasks that go on where others stopped.
    var continuing: Set<TaskID> = []
    var asks: [(host: SimulatedHost, request: JSON)] = []
    /// Requests that change a plan or a workflow, under way with which hosts.
    private var underWay: [String: [Int]] = [:]
    /// How many such requests there have been.
    private(set) var asked: [String: Int] = [:]
    var lastText = 0
    let keys = (0..<6).map { "key-\($0)" }

    static let drivers = ["keeps", "forgets", "forks", "turns"]

    init(_ simulation: Simulation) { self.simulation = simulation }

    var chance: Chance { simulation.chance }
    var promises: Promises { simulation.promises }

    func greet(_ host: SimulatedHost) {
        host.asked = { [unowned self, unowned host] request in
            simulation.trace.add("host \(host.number) asks \(request["params"]?["permission_id"]?.stringValue ?? "")")
            if simulation.isCalm { allow(request, host) } else { asks.append((host, request)) }
        }
        host.send("host.initialize", ["protocol_version": 1, "capabilities": ["permissions": true]])
    }

    /// A host was killed: what it was asked has no answer.
    func lost(_ host: SimulatedHost) {
        asks.removeAll { $0.host === host }
        for subject in underWay.keys { underWay[subject]?.removeAll { $0 == host.number } }
    }

    private func forget(_ subject: String, _ host: SimulatedHost) {
        if let place = underWay[subject]?.firstIndex(of: host.number) { underWay[subject]?.remove(at: place) }
    }

    /// Nothing else is asked for it, nor has been since there were so many requests, nor will be before the answer has
    /// its say.
    func isLeftAlone(_ subject: String, since count: Int) -> Bool {
        !simulation.isCalm && underWay[subject, default: []].isEmpty && asked[subject, default: 0] == count
    }

    func allow(_ request: JSON, _ host: SimulatedHost) {
        let options = request["params"]?["options"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
        simulation.trace.add("host \(host.number) is allowed")
        host.answer(request, ["option_id": .string(options.contains("allow") ? "allow" : options.first ?? "allow")])
    }

    func send(
        _ method: String, _ params: JSON, _ subject: String? = nil, then: @escaping (JSON) -> Void = { _ in }
    ) {
        guard let host = chance.pick(simulation.serving) else { return }
        simulation.trace.add("host \(host.number) is asked \(method) \(subject ?? "")")
        if let subject {
            underWay[subject, default: []].append(host.number)
            asked[subject, default: 0] += 1
        }
        host.send(method, params) { [unowned self] answer in
            if let subject { forget(subject, host) }
            let said = answer["error"]?["message"]?.stringValue ?? answer["result"]?["status"]?.stringValue ?? "done"
            simulation.trace.add("host \(host.number) answers \(method) \(subject ?? ""): \(said)")
            if let result = answer["result"] { then(result) }
        }
    }

    // MARK: - At any time

    func act() {
        switch chance.below(100) {
        case ..<45: actOnPlans()
        case ..<75: actOnTasks()
        case ..<90: actOnCheckpoints()
        default: actOnProjects()
        }
    }

    func pickDriver() -> JSON { .string(chance.pick(Self.drivers) ?? "keeps") }

    /// One of the things that a list holds.
    func sendPicking(_ list: String, _ params: JSON, then: @escaping (JSON) -> Void) {
        send(list, params) { [unowned self] page in
            if let item = chance.pick(page["items"]?.arrayValue ?? []) { then(item) }
        }
    }
}
