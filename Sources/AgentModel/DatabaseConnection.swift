/// The database systems that agents may work on.
package enum DatabaseDialect: String, Sendable, CaseIterable {
    case sqlite, postgresql
}

/// A database that agents may work on. Holds no secret: a password is the name of an environment variable.
package struct DatabaseConnection: Hashable, Sendable {
    package let id: ConnectionID
    package var name: String
    package var dialect: DatabaseDialect
    /// Absolute path of a SQLite file.
    package var path: String?
    /// `postgresql://user@host:port/database?...` without a password.
    package var url: String?
    /// The environment variable that holds the password.
    package var passwordEnv: String?
    package var readOnly = true
    /// Whether a PostgreSQL superuser may be used: what such a user may do no transaction mode limits.
    package var allowSuperuser = false
    package let createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(id: ConnectionID, name: String, dialect: DatabaseDialect, at now: Timestamp) {
        self.id = id
        self.name = name
        self.dialect = dialect
        createdAt = now
        updatedAt = now
    }
}
