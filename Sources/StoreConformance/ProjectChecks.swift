import AgentModel
import JSON
import Store

extension StoreCheck {
    static let projects = [
        StoreCheck(name: "a project comes back as it was given", run: projectKeepsEverything),
        StoreCheck(name: "every end of a task moves its project's latest session", run: lastSession),
        StoreCheck(name: "a project's latest session is used, cleared and left", run: useAndClear),
        StoreCheck(name: "deleting a project deletes no session", run: projectDeletion),
    ]

    private static func projectKeepsEverything(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        var connection = DatabaseConnection(id: Fresh.id(), name: "shop", dialect: .sqlite, at: StoreHost.noon)
        connection.path = "/shop.db"
        var project = Project(id: Fresh.id(), name: "Läden \"Nord\"", at: StoreHost.noon)
        project.defaults.workingDirectory = "/srv/ünï"
        project.defaults.connectionID = connection.id
        project.defaults.driver = "claude"
        project.defaults.model = "m"
        project.metadata = ["a": [1, nil]]
        project.resumption = false
        try expectFailure("an unknown connection", \.isNotFound) { try host.write(.insertProject(project)) }
        try host.write(.insertConnection(connection), .insertProject(project))
        let id = project.id
        try expect(try host.read { try $0.project(id) }, project, "the project read back")
        try expectFailure("the same id again", \.isRefused) { try host.write(.insertProject(project)) }
        try expectFailure("removing its connection", \.isRefused) { try host.write(.deleteConnection(connection.id)) }
        var patch = ProjectPatch()
        patch.name = "new"
        patch.connectionID = .clear
        patch.driver = .set("codex")
        patch.resumption = true
        let later = StoreHost.noon.adding(milliseconds: 5)
        project.apply(patch, at: later)
        let commit = try host.write(.patchProject(id, patch), at: later)
        try expect(commit.projects[id], project, "the project after an update")
        try expect(try host.read { try $0.project(id) }, project, "as it is read then")
        try host.write(.deleteConnection(connection.id))
        let second = Project(id: Fresh.id(), name: "second", at: later)
        try host.write(.insertProject(second))
        let first = try host.read { try $0.projects(PageRequest(limit: 1)) }
        try expect(first.items.map(\.id), [second.id], "the newest")
        let rest = try host.read { try $0.projects(PageRequest(limit: 1, cursor: first.nextCursor)) }
        try expect(rest.items.map(\.id), [id], "the next page")
        let unknown: ProjectID = Fresh.id()
        try expectFailure("updating one that is not there", \.isNotFound) {
            try host.write(.patchProject(unknown, patch))
        }
        try expectFailure("a session of one that is not there", \.isNotFound) {
            try host.write(.insertSession(host.newSession { $0.projectID = unknown }))
        }
    }

    private static func lastSession(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let project = try host.makeProject()
        let sessions = try (0..<2).map { _ in try host.makeSession { $0.projectID = project.id } }
        var time = StoreHost.noon
        for (index, status) in [TaskStatus.completed, .failed, .cancelled, .interrupted].enumerated() {
            let session = sessions[index % 2].id
            var task = host.newTask(in: session)
            task.source = "source \(index)"
            let run = Run(id: Fresh.id(), taskID: task.id, sessionID: session, driver: task.driver, at: time)
            try host.write(.insertTask(task, force: false, queueLimit: 10), .startTask(task.id, run))
            var result = TaskResult(status: status, stopReason: .endTurn)
            result.runID = run.id
            result.driverSessionID = "own \(index)"
            time = time.adding(milliseconds: 10)
            let commit = try host.write(
                .setDriverSession(session, driver: task.driver, id: "own \(index)"), .endTask(task.id, result), at: time
            )
            let wanted = LastSession(
                sessionID: session, driver: task.driver, driverSessionID: "own \(index)", source: "source \(index)",
                updatedAt: time)
            try expect(commit.projects[project.id]?.lastSession, wanted, "after a task that is \(status)")
            try expect(commit.tasks[task.id]?.result?.lastSession, wanted, "in its result")
            let id = task.id
            try expect(try host.read { try $0.task(id) }?.result?.lastSession, wanted, "read back")
        }
        // A task that heard of no driver session changes nothing, and says where the project stands.
        let task = try host.queueTask(in: sessions[0].id)
        let commit = try host.write(.endTask(task.id, TaskResult(status: .failed, stopReason: .error)))
        try expect(commit.projects[project.id], nil, "the project after a task without a run")
        try expect(commit.tasks[task.id]?.result?.lastSession?.sessionID, sessions[1].id, "what its result says")
    }

    private static func useAndClear(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let project = try host.makeProject()
        let session = try host.makeSession { session in
            session.projectID = project.id
            session.driverSessions = ["claude": "own"]
        }
        let id = project.id
        try host.write(.useInProject(session.id, driver: "claude", source: "chat_plan"))
        let last = try host.read { try $0.project(id) }?.lastSession
        try expect(last?.driverSessionID, "own", "the driver session")
        try expect(last?.source, "chat_plan", "what it was used for")
        var clearing = ProjectPatch()
        clearing.clearsLastSession = true
        try host.write(.patchProject(id, clearing))
        try expect(try host.read { try $0.project(id) }?.lastSession, nil, "once cleared")
        try host.write(.useInProject(session.id, driver: "analyst", source: nil))
        try expect(try host.read { try $0.project(id) }?.lastSession?.driverSessionID, nil, "of a driver without any")
        let deletion = try host.write(.hideSession(session.id, force: false))
        try expect(try host.read { try $0.project(id) }?.lastSession, nil, "once the session is deleted")
        try expect(deletion.projects[id].map(\.lastSession), .some(nil), "as the commit says")
        let plain = try host.makeSession()
        let commit = try host.write(.useInProject(plain.id, driver: "claude", source: nil))
        try expect(commit.projects, [:], "a session without a project")
    }

    private static func projectDeletion(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let project = try host.makeProject()
        let session = try host.makeSession { $0.projectID = project.id }
        let scope = MemoryScope.project(project.id)
        try host.write(.remember(draft(scope, key: "till", "closes at nine")))
        let commit = try host.write(.deleteProject(project.id))
        try expect(commit.forgotten.memories, 1, "memories that went with it")
        let (id, projectID) = (session.id, project.id)
        try expect(try host.read { try $0.project(projectID) }, nil, "the project")
        try expect(try host.read { try $0.session(id) }?.projectID, projectID, "the session's project")
        let task = try host.queueTask(in: id)
        var result = TaskResult(status: .completed, stopReason: .endTurn)
        result.driverSessionID = "own"
        let end = try host.write(.endTask(task.id, result))
        try expect(end.tasks[task.id]?.result?.lastSession, nil, "the latest session of a project that is gone")
        let fork = host.newSession { $0.projectID = projectID }
        let made = try host.write(
            .forkSession(SessionFork(fork, from: id, at: nil, forkingDrivers: [])),
            .showFork(fork.id, driver: nil, turn: nil))
        try expect(made.sessions[fork.id].map(\.projectID), .some(nil), "the project of a fork")
        try expectFailure("deleting it again", \.isNotFound) { try host.write(.deleteProject(projectID)) }
        try expectFailure("remembering for it", \.isNotFound) {
            try host.write(.remember(draft(scope)))
        }
    }
}
