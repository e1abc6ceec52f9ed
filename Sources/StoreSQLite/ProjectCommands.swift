import AgentModel
import JSON
import Store

/// A project as it is stored.
enum ProjectRow {
    static let columns = [
        "id", "name", "created_at", "updated_at", "working_dir", "connection_id", "driver", "model", "metadata",
        "resumption", "last_session_id", "last_driver", "last_driver_session_id", "last_source", "last_at",
    ]

    static func select(_ rest: String) -> String { "SELECT \(Columns.list(columns)) FROM project \(rest)" }

    static func values(_ project: Project) -> [SQLiteValue] {
        let (defaults, last) = (project.defaults, project.lastSession)
        return [
            .id(project.id), .string(project.name), .time(project.createdAt), .time(project.updatedAt),
            .string(defaults.workingDirectory), .id(defaults.connectionID), .string(defaults.driver),
            .string(defaults.model), .object(project.metadata), .bool(project.resumption), .id(last?.sessionID),
            .string(last?.driver), .string(last?.driverSessionID), .string(last?.source), .time(last?.updatedAt),
        ]
    }

    static func read(_ row: inout SQLiteRow) throws -> Project {
        var project = Project(id: try row.id(), name: row.text(), at: row.time())
        project.updatedAt = row.time()
        project.defaults.workingDirectory = row.optionalText()
        project.defaults.connectionID = try row.optionalID()
        project.defaults.driver = row.optionalText()
        project.defaults.model = row.optionalText()
        project.metadata = try row.optionalObject()
        project.resumption = row.bool()
        let session: SessionID? = try row.optionalID()
        let (driver, driverSession) = (row.optionalText(), row.optionalText())
        let (source, time) = (row.optionalText(), row.optionalTime())
        if let session, let driver, let time {
            project.lastSession = LastSession(
                sessionID: session, driver: driver, driverSessionID: driverSession, source: source, updatedAt: time)
        }
        return project
    }
}

extension SQLiteConnection {
    func project(_ id: ProjectID) throws -> Project? {
        try first(ProjectRow.select("WHERE id = ?"), [.id(id)], ProjectRow.read)
    }
}

extension StoreTransaction {
    func requireProject(_ id: ProjectID) throws {
        try SchemaPart.projects.require(schemaVersion)
        guard try database.project(id) != nil else { throw StoreFailure.notFound(id.description) }
    }

    func insertProject(_ project: Project) throws {
        try SchemaPart.projects.require(schemaVersion)
        guard try database.project(project.id) == nil else { throw StoreFailure.refused("\(project.id) exists") }
        if let connection = project.defaults.connectionID { try requireConnection(connection) }
        try database.run(Columns.insert("project", ProjectRow.columns), ProjectRow.values(project))
        commit.projects[project.id] = project
    }

    func patchProject(_ id: ProjectID, _ patch: ProjectPatch) throws {
        try requireProject(id)
        if case .set(let connection) = patch.connectionID { try requireConnection(connection) }
        try change(id) { $0.apply(patch, at: now) }
    }

    func deleteProject(_ id: ProjectID) throws {
        try requireProject(id)
        try forgetMemories(of: .project(id))
        try database.run("DELETE FROM project WHERE id = ?", [.id(id)])
    }

    func useInProject(_ session: SessionInUse, _ driver: String, _ source: String?) throws {
        let session = session.row.value
        guard let project = session.projectID, schemaVersion >= SchemaPart.projects.since else { return }
        try change(project) { project in
            project.lastSession = LastSession(
                sessionID: session.id, driver: driver, driverSessionID: session.driverSessions[driver], source: source,
                updatedAt: now)
            project.updatedAt = now
        }
    }

    /// What a task's end means for its project, and what its result says of it.
    func lastSession(after result: TaskResult, of task: AgentTask, in session: SessionInUse) throws -> LastSession? {
        guard let project = session.row.value.projectID, schemaVersion >= SchemaPart.projects.since else { return nil }
        if result.driverSessionID != nil { try useInProject(session, task.driver, task.source) }
        return try database.project(project)?.lastSession
    }

    /// A session that is gone is no project's latest.
    func leaveProjects(_ session: SessionID) throws {
        guard schemaVersion >= SchemaPart.projects.since else { return }
        let projects = try database.rows("SELECT id FROM project WHERE last_session_id = ?", [.id(session)]) {
            try $0.id() as ProjectID
        }
        for project in projects { try change(project) { $0.lastSession = nil } }
    }

    /// A project that has been deleted is left alone.
    private func change(_ id: ProjectID, _ body: (inout Project) -> Void) throws {
        guard var project = try database.project(id) else { return }
        body(&project)
        let sets = ProjectRow.columns.map { "\($0) = ?" }.joined(separator: ", ")
        try database.run("UPDATE project SET \(sets) WHERE id = ?", ProjectRow.values(project) + [.id(id)])
        commit.projects[id] = project
    }
}
