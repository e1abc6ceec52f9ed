import AgentModel
import JSON
import Store

/// A connection as it is stored.
enum ConnectionRow {
    static let columns = [
        "id", "name", "dialect", "created_at", "path", "url", "password_env", "read_only", "allow_superuser",
        "updated_at",
    ]

    static func values(_ connection: DatabaseConnection) -> [SQLiteValue] {
        [
            .id(connection.id), .string(connection.name), .word(connection.dialect), .time(connection.createdAt),
            .string(connection.path), .string(connection.url), .string(connection.passwordEnv),
            .bool(connection.readOnly), .bool(connection.allowSuperuser), .time(connection.updatedAt),
        ]
    }

    static func read(_ row: inout SQLiteRow) throws -> DatabaseConnection {
        var connection = DatabaseConnection(id: try row.id(), name: row.text(), dialect: try row.word(), at: row.time())
        connection.path = row.optionalText()
        connection.url = row.optionalText()
        connection.passwordEnv = row.optionalText()
        connection.readOnly = row.bool()
        connection.allowSuperuser = row.bool()
        connection.updatedAt = row.time()
        return connection
    }
}

extension StoreTransaction {
    func requireConnection(_ id: ConnectionID) throws {
        guard try database.integer("SELECT count(*) FROM connection WHERE id = ?", [.id(id)]) == 1 else {
            throw StoreFailure.notFound(id.description)
        }
    }

    func insertConnection(_ connection: DatabaseConnection) throws {
        guard try database.integer("SELECT count(*) FROM connection WHERE id = ?", [.id(connection.id)]) == 0 else {
            throw StoreFailure.refused("\(connection.id) exists")
        }
        try database.run(Columns.insert("connection", ConnectionRow.columns), ConnectionRow.values(connection))
        commit.connections[connection.id] = connection
    }

    func updateConnection(_ connection: DatabaseConnection) throws {
        try requireConnection(connection.id)
        let sets = ConnectionRow.columns.map { "\($0) = ?" }.joined(separator: ", ")
        try database.run(
            "UPDATE connection SET \(sets) WHERE id = ?", ConnectionRow.values(connection) + [.id(connection.id)])
        commit.connections[connection.id] = connection
    }

    func deleteConnection(_ id: ConnectionID) throws {
        try requireConnection(id)
        let users = try database.integer(
            "SELECT count(*) FROM session WHERE connection_id = ? AND hidden_at IS NULL", [.id(id)])
        guard users == 0 else { throw StoreFailure.refused("\(id) is used: delete its sessions first (\(users))") }
        if schemaVersion >= SchemaPart.projects.since {
            let projects = try database.integer("SELECT count(*) FROM project WHERE connection_id = ?", [.id(id)])
            guard projects == 0 else { throw StoreFailure.refused("\(id) is used by projects (\(projects))") }
        }
        try forgetMemories(of: .connection(id))
        try database.run("DELETE FROM connection WHERE id = ?", [.id(id)])
    }
}
