import AgentModel
import JSON
import Store

/// Tasks, what they ask, and the sessions that they are in.
extension SimulatedClient {
    func actOnTasks() {
        chance.draw(
            [
                (5, startTask), (4, retryTask), (4, cancelTask), (7, answerAsk),
                (sessions.count < 3 ? 6 : 1, createSession), (2, pause), (3, resume), (1, deleteSession),
            ] as [(Int, () -> Void)])()
    }

    private func startTask() {
        var params: JSONObject = ["prompt": "x", "driver": pickDriver()]
        if !chance.oneIn(4), let id = chance.pick(sessions.sorted()) { params["session_id"] = .string("\(id)") }
        if chance.oneIn(3) { params["recursion_limit"] = .int(Int64(1 + chance.below(4))) }
        if chance.oneIn(4) {
            params["output_schema"] = ["type": "object", "required": ["n"], "properties": ["n": ["type": "integer"]]]
            params["max_iterations"] = .int(Int64(1 + chance.below(3)))
        }
        if chance.oneIn(6) { params["accept"] = "permission" }
        if chance.oneIn(6) { params["resumption"] = false }
        if chance.oneIn(4) { params["idempotency_key"] = .string(chance.pick(keys) ?? "") }
        send("task.start", .object(params)) { [unowned self] in know(task: $0) }
    }

    /// From its start, or from where it stopped.
    private func retryTask() {
        let goesOn = !chance.oneIn(3)
        sendPicking("task.list", ["statuses": ["completed", "failed", "cancelled", "interrupted"]]) {
            [unowned self] task in
            var params: JSONObject = ["task_id": task["id"] ?? .null, "from": goesOn ? "checkpoint" : "start"]
            if chance.oneIn(2) { params["recursion_limit"] = 100 }
            send("task.retry", .object(params)) { [unowned self] started in
                know(task: started)
                if goesOn, let id = started["task_id"]?.stringValue.flatMap({ TaskID($0) }) { continuing.insert(id) }
            }
        }
    }

    /// What was accepted is there, and its session may be used.
    func know(task started: JSON) {
        guard let id = started["task_id"]?.stringValue.flatMap({ TaskID($0) }),
            let session = started["session_id"]?.stringValue.flatMap({ SessionID($0) }), !deleted.contains(session)
        else { return }
        if !sessions.contains(session) { temporary.insert(session) }
        promises.add("\(session) has \(id)") { try $0.task(id) != nil }
    }

    private func createSession() {
        var params: JSONObject = ["driver": pickDriver()]
        if chance.oneIn(2) { params["learning"] = ["enabled": true] }
        if chance.oneIn(3) { params["checkpoints"] = ["keep_count": .int(Int64(1 + chance.below(4)))] }
        if chance.oneIn(3), let project = chance.pick(projects) { params["project_id"] = .string("\(project)") }
        send("session.create", .object(params)) { [unowned self] in know(session: $0) }
    }

    func know(session: JSON) {
        guard let id = session["id"]?.stringValue.flatMap({ SessionID($0) }) else { return }
        sessions.insert(id)
        promises.add("\(id) exists") { try $0.session(id) != nil }
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

    private func deleteSession() {
        guard let id = chance.pick(sessions.sorted()) else { return }
        deleted.insert(id)
        promises.drop(about: id)
        send("session.delete", ["session_id": .string("\(id)"), "force": .bool(chance.oneIn(2))]) { [unowned self] _ in
            promises.add("\(id) is deleted") { try $0.session(id) == nil }
        }
    }
}
