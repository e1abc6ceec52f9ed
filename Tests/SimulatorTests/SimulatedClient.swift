import AgentModel
import JSON
import Store

/// What clients ask of hosts: at any time, twice, of the wrong host.
final class SimulatedClient {
    unowned let simulation: Simulation
    private(set) var plans: [PlanID] = []
    private(set) var workflows: [FlowID] = []
    private(set) var sessions: Set<SessionID> = []
    /// Sessions that were deleted, or may have been.
    private(set) var deleted: Set<SessionID> = []
    private var asks: [(host: SimulatedHost, request: JSON)] = []
    /// Requests under way that change a plan or a workflow.
    private var underWay: [String: Int] = [:]
    private var lastText = 0
    private let keys = (0..<6).map { "key-\($0)" }

    private static let triesMax = 12

    init(_ simulation: Simulation) { self.simulation = simulation }

    private var chance: Chance { simulation.chance }
    private var promises: Promises { simulation.promises }

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
        underWay = [:]
    }

    private func allow(_ request: JSON, _ host: SimulatedHost) {
        let options = request["params"]?["options"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
        simulation.trace.add("host \(host.number) is allowed")
        host.answer(request, ["option_id": .string(options.contains("allow") ? "allow" : options.first ?? "allow")])
    }

    private func send(_ method: String, _ params: JSON, _ subject: String? = nil, then: @escaping (JSON) -> Void) {
        guard let host = chance.pick(simulation.serving) else { return }
        simulation.trace.add("host \(host.number) is asked \(method) \(subject ?? "")")
        if let subject { underWay[subject, default: 0] += 1 }
        host.send(method, params) { [unowned self] answer in
            if let subject { underWay[subject, default: 1] -= 1 }
            let said = answer["error"]?["message"]?.stringValue ?? answer["result"]?["status"]?.stringValue ?? "done"
            simulation.trace.add("host \(host.number) answers \(method) \(subject ?? ""): \(said)")
            if let result = answer["result"] { then(result) }
        }
    }

    // MARK: - At any time

    func act() {
        chance.draw(
            [
                (plans.count < 3 ? 6 : 0, createPlan), (10, executePlan), (3, cancelPlan),
                (workflows.count < 2 ? 4 : 0, startWorkflow), (8, decide), (2, retryWorkflow), (2, cancelWorkflow),
                (4, cancelTask), (8, answerAsk), (3, pause), (4, resume), (3, startTask), (1, deleteSession), (1, look),
            ] as [(Int, () -> Void)])()
    }

    private func createPlan() {
        var params: JSONObject = [
            "title": "Plan", "batches": Proposals.batches(chance, stepsMax: 4),
            "driver": .string(chance.pick(["keeps", "forgets", "forks"]) ?? "keeps"),
            "parallel": .int(Int64(1 + chance.below(3))), "continue_on_failure": .bool(chance.oneIn(2)),
            "idempotency_key": .string(chance.pick(keys) ?? ""),
        ]
        if chance.oneIn(4), let session = chance.pick(sessions.sorted()) {
            params["session_id"] = .string("\(session)")
        }
        send("plan.create", .object(params)) { [unowned self] plan in
            guard let id = plan["id"]?.stringValue.flatMap({ PlanID($0) }) else { return }
            if !plans.contains(id) { plans.append(id) }
            promises.add("\(id) exists") { try $0.plan(id) != nil }
        }
    }

    private func executePlan() {
        guard let id = chance.pick(plans) else { return }
        promises.drop("\(id) is cancelled")
        let waits = chance.oneIn(2)
        send("plan.execute", ["plan_id": .string("\(id)"), "wait": .bool(waits)], "\(id)") { [unowned self] plan in
            know(plan)
            promises.add("\(id) was begun") { try $0.plan(id)?.status != .created }
            guard plan["status"] == "completed" else { return }
            promises.add("\(id) is completed") { try $0.plan(id)?.status == .completed }
        }
    }

    /// Where a plan or a workflow works.
    private func know(_ object: JSON) {
        let named = object["sessions"]?.objectValue?.map { $0.value } ?? []
        for text in (named + [object["session_id"]]).compactMap({ $0?.stringValue }) {
            if let session = SessionID(text) { sessions.insert(session) }
        }
    }

    private func cancelPlan() {
        guard let id = chance.pick(plans) else { return }
        send("plan.cancel", ["plan_id": .string("\(id)")]) { [unowned self] answer in
            guard answer["accepted"] == true, underWay["\(id)", default: 0] == 0 else { return }
            promises.add("\(id) is cancelled") {
                guard let plan = try $0.plan(id) else { return false }
                return plan.state.isCancelling || [.cancelled, .completed, .failed].contains(plan.status)
            }
        }
    }

    private func startWorkflow() {
        let drivers = (0..<3).map { _ in
            JSON.object(["driver": .string(chance.pick(["keeps", "forgets", "forks"]) ?? "")])
        }
        let reviewers: [JSON] = [["General"], ["Security", "Tests"]]
        var profile: JSONObject = [
            "architect": drivers[0], "developer": drivers[1], "reviewer": drivers[2],
            "reviewers": chance.pick(reviewers) ?? [], "sessions": chance.oneIn(2) ? "shared" : "separate",
        ]
        if chance.oneIn(3) { profile["approve_up_to"] = "medium" }
        let params: JSON = [
            "goal": "a shop", "profile": .object(profile), "wait": .bool(chance.oneIn(2)),
            "idempotency_key": .string(chance.pick(keys) ?? ""),
        ]
        send("workflow.start", params) { [unowned self] workflow in
            know(workflow)
            guard let id = workflow["id"]?.stringValue.flatMap({ FlowID($0) }) else { return }
            if !workflows.contains(id) { workflows.append(id) }
            promises.add("\(id) exists") { try $0.workflow(id) != nil }
        }
    }

    private func decide() {
        guard let id = chance.pick(workflows) else { return }
        drop(id)
        lastText += 1
        let text = "feedback \(lastText)"
        if chance.oneIn(4) {
            return send("workflow.reject", ["workflow_id": .string("\(id)"), "feedback": .string(text)], "\(id)") {
                [unowned self] in
                know($0)
                promises.add("\(id) knows \(text)") { try $0.workflow(id)?.state.feedback.contains(text) == true }
            }
        }
        send("workflow.approve", ["workflow_id": .string("\(id)"), "wait": .bool(chance.oneIn(2))], "\(id)") {
            [unowned self] in
            know($0)
            guard underWay["\(id)", default: 0] == 0 else { return }
            promises.add("\(id) is approved") { try $0.workflow(id)?.status != .awaitingPermission }
        }
    }

    private func drop(_ id: FlowID) {
        promises.drop("\(id) is cancelled")
        promises.drop("\(id) is approved")
    }

    private func retryWorkflow() {
        guard let id = chance.pick(workflows) else { return }
        drop(id)
        var params: JSONObject = ["workflow_id": .string("\(id)")]
        params["role"] = chance.pick([nil, "architect", "developer", "reviewer"] as [JSON?]) ?? nil
        send("workflow.retry", .object(params), "\(id)") { [unowned self] in know($0) }
    }

    private func cancelWorkflow() {
        guard let id = chance.pick(workflows) else { return }
        drop(id)
        send("workflow.cancel", ["workflow_id": .string("\(id)")], "\(id)") { [unowned self] in
            know($0)
            guard underWay["\(id)", default: 0] == 0 else { return }
            promises.add("\(id) is cancelled") {
                guard let workflow = try $0.workflow(id) else { return false }
                return workflow.state.isCancelling || [.cancelled, .completed, .failed].contains(workflow.status)
            }
        }
    }

    private func cancelTask() {
        send("task.list", ["statuses": ["queued", "running"]]) { [unowned self] page in
            guard let task = chance.pick(page["items"]?.arrayValue ?? [])?["id"] else { return }
            send("task.cancel", ["task_id": task]) { _ in }
        }
    }

    private func answerAsk() {
        guard !asks.isEmpty, chance.oneIn(2) else { return answerAny() }
        let (host, request) = asks.remove(at: chance.below(asks.count))
        guard host.isAlive else { return }
        chance.oneIn(4)
            ? host.answer(request, ["option_id": .string(chance.pick(["no", "deny", "x"]) ?? "")])
            : allow(request, host)
    }

    /// By whatever host, and whether or not it has its answer.
    private func answerAny() {
        send("permission.list", [:]) { [unowned self] page in
            guard let ask = chance.pick(page["items"]?.arrayValue ?? []), let id = ask["id"]?.stringValue,
                let options = ask["options"]?.arrayValue?.compactMap({ $0["id"]?.stringValue }),
                let option = chance.pick(options)
            else { return }
            for _ in 0...chance.below(2) {
                send("permission.respond", ["permission_id": .string(id), "option_id": .string(option)]) { _ in
                    guard let id = PermissionID(id) else { return }
                    self.promises.add("\(id) is answered") { reader in
                        guard let ask = try reader.ask(id) else { return true }
                        return ask.resolution?.option == option
                    }
                }
            }
        }
    }

    private func pause() {
        guard let id = chance.pick(sessions.sorted()) else { return }
        send("session.pause", ["session_id": .string("\(id)")]) { _ in }
    }

    private func resume() {
        guard let id = chance.pick(sessions.sorted()) else { return }
        send("session.resume", ["session_id": .string("\(id)")]) { _ in }
    }

    private func startTask() {
        var params: JSONObject = ["prompt": "x", "driver": .string(chance.pick(["keeps", "forks"]) ?? "")]
        if chance.oneIn(2), let id = chance.pick(sessions.sorted()) { params["session_id"] = .string("\(id)") }
        send("task.start", .object(params)) { [unowned self] started in
            guard let id = started["task_id"]?.stringValue.flatMap({ TaskID($0) }),
                let session = started["session_id"]?.stringValue.flatMap({ SessionID($0) })
            else { return }
            guard !deleted.contains(session) else { return }
            promises.add("\(session) has \(id)") { try $0.task(id) != nil }
        }
    }

    private func deleteSession() {
        guard let id = chance.pick(sessions.sorted()) else { return }
        deleted.insert(id)
        promises.drop(about: id)
        send("session.delete", ["session_id": .string("\(id)"), "force": .bool(chance.oneIn(2))]) { [unowned self] _ in
            promises.add("\(id) is deleted") { try $0.session(id) == nil }
        }
    }

    private func look() {
        send("host.status", [:]) { _ in }
        if let plan = chance.pick(plans) { send("plan.get", ["plan_id": .string("\(plan)")]) { _ in } }
    }

    // MARK: - Without anything that goes wrong

    /// Has everything come to its end.
    func finish() throws {
        for (host, request) in asks where host.isAlive { allow(request, host) }
        asks = []
        try findAll()
        for plan in plans {
            try repeatUntilDone("\(plan)") { host in
                let answer = try call("plan.execute", ["plan_id": .string("\(plan)"), "wait": true], host)
                return answer["result"]?["status"] == "completed"
            }
        }
        for workflow in workflows {
            try repeatUntilDone("\(workflow)") { host in
                let found = try call("workflow.get", ["workflow_id": .string("\(workflow)")])
                let status = found["result"]?["status"]
                if status == "completed" { return true }
                let method = status == "awaiting_permission" ? "workflow.approve" : "workflow.retry"
                let answer = try call(method, ["workflow_id": .string("\(workflow)"), "wait": true], host)
                return answer["result"]?["status"] == "completed"
            }
        }
    }

    /// Also what nobody was told of, since the answer was lost.
    private func findAll() throws {
        let flows = try call("workflow.list", [:])["result"]?["items"]?.arrayValue ?? []
        workflows = flows.compactMap { $0["id"]?.stringValue.flatMap { FlowID($0) } }
        let ofWorkflows = flows.flatMap { flow in
            (flow["nodes"]?.arrayValue ?? []).compactMap { $0["plan_id"]?.stringValue }
        }
        let found = try call("plan.list", [:])["result"]?["items"]?.arrayValue ?? []
        plans = found.compactMap { $0["id"]?.stringValue }.filter { !ofWorkflows.contains($0) }.compactMap {
            PlanID($0)
        }
    }

    /// By one host after the other: what a host has left running that lives nobody else takes over.
    private func repeatUntilDone(_ what: String, _ body: (_ host: Int) throws -> Bool) throws {
        for host in 0..<Self.triesMax {
            let paused = try call("session.list", ["statuses": ["paused"]])["result"]?["items"]?.arrayValue ?? []
            for session in paused { _ = try call("session.resume", ["session_id": session["id"] ?? .null]) }
            if try body(host) { return }
            // What another host has under way takes its time.
            let until = simulation.time.milliseconds + 5000
            try simulation.pump("time") { simulation.time.milliseconds >= until }
        }
        throw Violation("\(what) is not completed, however often it is told to go on")
    }

    private func call(_ method: String, _ params: JSON, _ number: Int = 0) throws -> JSON {
        var answer: JSON?
        let hosts = simulation.serving
        guard !hosts.isEmpty else { throw Violation("no host takes requests") }
        let host = hosts[number % hosts.count]
        simulation.trace.add("host \(host.number) is asked \(method) \(params)")
        host.send(method, params) { answer = $0 }
        try simulation.pump(method) { answer != nil }
        let said = answer?["error"]?["message"]?.stringValue ?? answer?["result"]?["status"]?.stringValue ?? "done"
        simulation.trace.add("host \(host.number) answers \(method): \(said)")
        return answer ?? .null
    }
}
