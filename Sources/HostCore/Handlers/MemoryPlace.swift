import AgentModel
import HostProtocol
import JSONRPC
import Store

/// Where a request about memory points: what it names, before the store is asked about it.
struct MemoryPlace: Hashable, Sendable {
    var session: SessionID?
    var project: ProjectID?
    var connection: ConnectionID?
    /// The level asked for; `nil`: the nearest that is named.
    var level: Wire.MemoryScope?

    /// - Throws: `invalid_params` for a project beside a database, where no session says that they belong together.
    init(
        session: String?, project: String?, connection: String?, scope: Wire.MemoryScope?
    ) throws(RPCError) {
        if project != nil, connection != nil, session == nil {
            throw .invalid("params.project_id", "no project beside a database without a session")
        }
        self.project = project.flatMap(ProjectID.init)
        self.session = session.flatMap(SessionID.init)
        self.connection = connection.flatMap(ConnectionID.init)
        level = scope
    }

    /// Whether the request names any place.
    var isNamed: Bool { session != nil || project != nil || connection != nil || level != nil }

    /// The scope, where it can be told without a look at the session.
    var plainScope: MemoryScope? {
        switch (session, project, connection, level) {
        case (let session?, nil, nil, nil), (let session?, nil, nil, .session?): .session(session)
        case (nil, let project?, nil, nil), (nil, let project?, nil, .project?): .project(project)
        case (nil, nil, let connection?, nil), (nil, nil, let connection?, .connection?): .connection(connection)
        case (nil, nil, nil, nil), (nil, nil, nil, .user?): .user
        default: nil
        }
    }

    /// The one scope that is meant.
    /// - Parameter found: the session that is named, as the store has it.
    /// - Throws: `not_found` without it, `conflict` where it has no such level, another project or another database.
    func scope(in found: AgentSession?) throws(RPCError) -> MemoryScope {
        try check(found)
        switch level {
        case nil:
            return found.map { .session($0.id) } ?? project.map(MemoryScope.project)
                ?? connection.map(MemoryScope.connection) ?? .user
        case .session?:
            guard let found else { throw missing("session_id", "a session id") }
            return .session(found.id)
        case .connection?:
            if let id = connection ?? found?.connectionID { return .connection(id) }
            throw found == nil ? missing("db_connection_id", "a connection id") : lacking("works on no database")
        case .project?:
            if let id = project ?? found?.projectID { return .project(id) }
            throw found == nil ? missing("project_id", "a project id") : lacking("belongs to no project")
        default: return .user
        }
    }

    /// What a recall looks at, the nearest first: what a level counts is `MEMORY.md`'s 1.0, 0.9 and 0.8; a level looked
    /// at alone counts 1.
    func levels(in found: AgentSession?) throws(RPCError) -> [RecallScope] {
        guard level == nil else { return [RecallScope(try scope(in: found))] }
        try check(found)
        var levels: [RecallScope] = []
        if let found { levels.append(RecallScope(.session(found.id))) }
        if let project = project ?? found?.projectID { levels.append(RecallScope(.project(project), weight: 0.9)) }
        if let id = connection ?? found?.connectionID { levels.append(RecallScope(.connection(id), weight: 0.9)) }
        levels.append(RecallScope(.user, weight: levels.isEmpty ? 1 : 0.8))
        return levels
    }

    /// The scopes that a filter is to look at; `nil`: all.
    func filter(in found: AgentSession?) throws(RPCError) -> [MemoryScope]? {
        isNamed ? [try scope(in: found)] : nil
    }

    private func check(_ found: AgentSession?) throws(RPCError) {
        guard let session else { return }
        guard let found else { throw .notFound("\(session)", path: "params.session_id") }
        if let connection, connection != found.connectionID {
            throw RPCError(
                .conflict, "the session works on \(found.connectionID?.description ?? "no database")",
                path: "params.db_connection_id")
        }
        if let project { try found.check(project: project) }
    }

    private func missing(_ field: String, _ what: String) -> RPCError {
        let expected = "\(what), for the scope \"\(level?.rawValue ?? "")\""
        return RPCError(
            .invalidParams, "params.\(field): expected \(expected), found nothing", path: "params.\(field)",
            expected: expected)
    }

    private func lacking(_ what: String) -> RPCError {
        RPCError(.conflict, "the session \(what)", path: "params.scope")
    }
}

extension StoreReader {
    /// The session that a place names, once what else it names is there.
    func session(of place: MemoryPlace) throws -> AgentSession? {
        if let connection = place.connection, try self.connection(connection) == nil {
            throw RPCError.notFound("\(connection)", path: "params.db_connection_id")
        }
        if let project = place.project, try self.project(project) == nil {
            throw RPCError.notFound("\(project)", path: "params.project_id")
        }
        return try place.session.flatMap { try session($0) }
    }

    func scope(_ place: MemoryPlace) throws -> MemoryScope { try place.scope(in: session(of: place)) }
}
