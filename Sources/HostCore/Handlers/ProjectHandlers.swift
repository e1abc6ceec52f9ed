import AgentModel
import HostProtocol
import JSONRPC
import Store

extension Host {
    func createProject(_ params: Wire.ProjectCreateParams, _ call: Call) throws(RPCError) {
        if let driver = params.driver { try check(driver: driver) }
        var project = Project(id: clock.id(), name: params.name, at: clock.now())
        project.defaults.workingDirectory = params.workingDirectory.map(absolute)
        project.defaults.connectionID = try params.dbConnectionID.map(connectionID)
        project.defaults.driver = params.driver
        project.defaults.model = params.model
        project.metadata = params.metadata
        project.resumption = params.resumption
        let claim = claim(call, params.idempotencyKey, scope: "", target: "\(project.id)").map(StoreCommand.claimKey)
        commit(call, [claim, .insertProject(project)].compactMap(\.self)) { [self] result in
            switch result {
            case .success: reply(call, Wire.Project(project))
            case .failure(.replayed(let target)): replyProject(ProjectID(target), "params.idempotency_key", call)
            case .failure(.notFound(let id)): fail(call, .notFound(id, path: "params.db_connection_id"))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    func getProject(_ params: Wire.ProjectGetParams, _ call: Call) {
        replyProject(ProjectID(params.projectID), "params.project_id", call)
    }

    private func replyProject(_ id: ProjectID?, _ path: String, _ call: Call) {
        read(call) { reader throws -> Project? in
            try id.flatMap { try reader.project($0) }
        } then: { [self] project in
            guard let project else { return fail(call, .notFound(id?.description ?? "", path: path)) }
            reply(call, Wire.Project(project))
        }
    }

    func listProjects(_ params: Wire.ProjectListParams, _ call: Call) {
        let page = PageRequest(limit: params.limit, cursor: params.cursor)
        read(call) {
            try $0.projects(page)
        } then: { [self] found in
            reply(call, Wire.ProjectPage(items: found.items.map(Wire.Project.init), nextCursor: found.nextCursor))
        }
    }

    func updateProject(_ params: Wire.ProjectUpdateParams, _ call: Call) throws(RPCError) {
        let id = try projectID(params.projectID)
        var patch = ProjectPatch()
        patch.name = params.name
        patch.workingDirectory = .init(params.workingDirectory, absolute)
        if case .set(let text) = params.dbConnectionID {
            patch.connectionID = .set(try connectionID(text))
        } else if case .clear = params.dbConnectionID {
            patch.connectionID = .clear
        }
        if case .set(let driver) = params.driver { try check(driver: driver) }
        patch.driver = .init(params.driver) { $0 }
        patch.model = .init(params.model) { $0 }
        patch.metadata = .init(params.metadata) { $0 }
        patch.resumption = params.resumption
        switch params.lastSession {
        case .keep: break
        case .clear: patch.clearsLastSession = true
        case .set: throw .invalid("params.last_session", "null: only the host sets it")
        }
        commit(call, [.patchProject(id, patch)]) { [self] result in
            switch result {
            case .success(let commit):
                if let project = commit.projects[id] { reply(call, Wire.Project(project)) }
            case .failure(.notFound(let id)): fail(call, .missing(id, else: "project_id"))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    func deleteProject(_ params: Wire.ProjectDeleteParams, _ call: Call) throws(RPCError) {
        let id = try projectID(params.projectID)
        commit(call, [.deleteProject(id)]) { [self] result in
            switch result {
            case .success(let commit):
                let deleted = Wire.ProjectDeleted(projectID: "\(id)", memories: commit.forgotten.memories)
                guard deleted.memories > 0 else { return reply(call, deleted) }
                // Its memories are gone only once no file of the store holds them.
                eraseTraces { [self] failure in
                    if let failure { fail(call, failure) } else { reply(call, deleted) }
                }
            case .failure(.notFound): fail(call, .notFound("\(id)", path: "params.project_id"))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    func projectID(_ text: String) throws(RPCError) -> ProjectID {
        guard let id = ProjectID(text) else { throw .notFound(text, path: "params.project_id") }
        return id
    }
}

extension AgentSession {
    /// Fails with `conflict` unless it belongs to the project.
    func check(project: ProjectID) throws(RPCError) {
        guard project != projectID else { return }
        throw RPCError(
            .conflict, "the session belongs to \(projectID?.description ?? "no project")", path: "params.project_id")
    }
}

extension Wire.Project {
    init(_ project: Project) {
        self.init(
            id: "\(project.id)", name: project.name, workingDirectory: project.defaults.workingDirectory,
            dbConnectionID: project.defaults.connectionID?.description, driver: project.defaults.driver,
            model: project.defaults.model, metadata: project.metadata, resumption: project.resumption,
            lastSession: project.lastSession.map(Wire.LastSession.init), createdAt: "\(project.createdAt)",
            updatedAt: "\(project.updatedAt)")
    }
}

extension Wire.LastSession {
    init(_ last: LastSession) {
        self.init(
            sessionID: "\(last.sessionID)", driver: last.driver, driverSessionID: last.driverSessionID,
            source: last.source, updatedAt: "\(last.updatedAt)")
    }
}
