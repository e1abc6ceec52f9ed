import AgentModel
import JSON
import Store

/// What clients do when nothing goes wrong any more.
extension SimulatedClient {
    private static let triesMax = 12

    /// Has everything come to its end.
    func finish() throws {
        for (host, request) in asks where host.isAlive { allow(request, host) }
        asks = []
        // What was asked for before all was calm may be there only now.
        repeat { try findAll() } while try goOn()
    }

    /// Has what there is come to its end. Whether there was any that had not.
    private func goOn() throws -> Bool {
        let newPlans = plans.filter { !ended.contains("\($0)") }
        let newWorkflows = workflows.filter { !ended.contains("\($0)") }
        for plan in newPlans {
            promises.drop("\(plan) is cancelled")
            try repeatUntilDone("\(plan)") { host in
                let answer = try call("plan.execute", ["plan_id": .string("\(plan)"), "wait": true], host)
                return answer["result"]?["status"] == "completed"
            }
            ended.insert("\(plan)")
        }
        for workflow in newWorkflows {
            drop(workflow)
            try repeatUntilDone("\(workflow)") { host in
                let found = try call("workflow.get", ["workflow_id": .string("\(workflow)")])
                let status = found["result"]?["status"]
                if status == "completed" { return true }
                let method = status == "awaiting_permission" ? "workflow.approve" : "workflow.retry"
                let answer = try call(method, ["workflow_id": .string("\(workflow)"), "wait": true], host)
                return answer["result"]?["status"] == "completed"
            }
            ended.insert("\(workflow)")
        }
        return !newPlans.isEmpty || !newWorkflows.isEmpty
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
        repeat {
            let hosts = simulation.serving
            guard !hosts.isEmpty else { throw Violation("no host takes requests") }
            let host = hosts[number % hosts.count]
            simulation.trace.add("host \(host.number) is asked \(method) \(params)")
            host.send(method, params) { answer = $0 }
            try simulation.pump(method) { [self] in
                if answer == nil { try simulation.killLate(self) }
                return answer != nil || !host.isAlive
            }
        } while answer == nil
        let said = answer?["error"]?["message"]?.stringValue ?? answer?["result"]?["status"]?.stringValue ?? "done"
        simulation.trace.add("\(method) is answered: \(said)")
        return answer ?? .null
    }
}
