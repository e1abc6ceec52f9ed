import AgentModel
import JSON
import Store

/// Projects, whose tasks go on in the session of the last one.
extension SimulatedClient {
    func actOnProjects() {
        chance.draw(
            [
                (projects.count < 2 ? 8 : 0, createProject), (12, startTask), (2, clear), (1, switchResumption),
                (1, deleteProject),
            ] as [(Int, () -> Void)])()
    }

    private func createProject() {
        let params: JSON = [
            "name": "Shop", "driver": pickDriver(), "idempotency_key": .string(chance.pick(keys) ?? ""),
        ]
        send("project.create", params) { [unowned self] project in
            guard let id = project["id"]?.stringValue.flatMap({ ProjectID($0) }), !projects.contains(id) else { return }
            projects.append(id)
        }
    }

    private func startTask() {
        guard let project = chance.pick(projects) else { return }
        var params: JSONObject = [
            "prompt": "x", "project_id": .string("\(project)"),
            "source": .string(chance.pick(["create_preview", "update_project", "chat_plan"]) ?? ""),
        ]
        if chance.oneIn(3) { params["driver"] = pickDriver() }
        if chance.oneIn(8) { params["resumption"] = false }
        send("task.start", .object(params), "\(project)") { [unowned self] started in
            know(task: started)
            if let session = started["session_id"]?.stringValue.flatMap({ SessionID($0) }) { sessions.insert(session) }
        }
    }

    private func clear() {
        guard let project = chance.pick(projects) else { return }
        send("project.update", ["project_id": .string("\(project)"), "last_session": nil])
    }

    private func switchResumption() {
        guard let project = chance.pick(projects) else { return }
        send("project.update", ["project_id": .string("\(project)"), "resumption": .bool(chance.oneIn(2))])
    }

    private func deleteProject() {
        guard let project = chance.pick(projects) else { return }
        send("project.delete", ["project_id": .string("\(project)")]) { [unowned self] _ in
            projects.removeAll { $0 == project }
            promises.add("\(project) is deleted") { try $0.project(project) == nil }
        }
    }
}
