package import AgentModel
package import JSON

/// Which database to open and how far to trust it: what a worker is told of a connection. Holds no secret.
package struct DatabaseTarget: Hashable, Sendable {
    package var dialect: DatabaseDialect
    /// Absolute path of a SQLite file.
    package var path: String?
    /// `postgresql://user@host:port/database?...` without a password.
    package var url: String?
    /// The environment variable, of the worker, that holds the password.
    package var passwordEnv: String?
    package var readOnly: Bool
    package var allowSuperuser: Bool
    /// Files that are never opened, whatever name they are given by: the host's own store.
    package var refusedPaths: [String]

    package init(
        dialect: DatabaseDialect, path: String? = nil, url: String? = nil, passwordEnv: String? = nil,
        readOnly: Bool = true, allowSuperuser: Bool = false, refusedPaths: [String] = []
    ) {
        self.dialect = dialect
        self.path = path
        self.url = url
        self.passwordEnv = passwordEnv
        self.readOnly = readOnly
        self.allowSuperuser = allowSuperuser
        self.refusedPaths = refusedPaths
    }

    package init(_ connection: DatabaseConnection, refusing: [String] = []) {
        self.init(
            dialect: connection.dialect, path: connection.path, url: connection.url,
            passwordEnv: connection.passwordEnv, readOnly: connection.readOnly,
            allowSuperuser: connection.allowSuperuser, refusedPaths: refusing)
    }

    package var json: JSON {
        var members: JSONObject = [
            "dialect": .string(dialect.rawValue), "read_only": .bool(readOnly),
            "allow_superuser": .bool(allowSuperuser), "refused_paths": .array(refusedPaths.map { .string($0) }),
        ]
        members["path"] = path.map { .string($0) }
        members["url"] = url.map { .string($0) }
        members["password_env"] = passwordEnv.map { .string($0) }
        return .object(members)
    }

    /// `nil` when the dialect is missing or unknown. Absent flags are the careful ones.
    package init?(_ json: JSON) {
        guard let dialect = json["dialect"]?.stringValue.flatMap(DatabaseDialect.init(rawValue:)) else { return nil }
        self.init(
            dialect: dialect, path: json["path"]?.stringValue, url: json["url"]?.stringValue,
            passwordEnv: json["password_env"]?.stringValue, readOnly: json["read_only"]?.boolValue ?? true,
            allowSuperuser: json["allow_superuser"]?.boolValue ?? false,
            refusedPaths: json["refused_paths"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    }
}
