import AgentModel
import Databases
import HostProtocol
import JSON
import JSONRPC
import Store

extension Host {
    func createConnection(_ params: Wire.ConnectionCreateParams, _ call: Call) throws(RPCError) {
        var connection = DatabaseConnection(
            id: clock.id(), name: params.name, dialect: DatabaseDialect(rawValue: params.dialect.rawValue) ?? .sqlite,
            at: clock.now())
        connection.path = params.path.map(absolute)
        connection.url = params.url
        connection.passwordEnv = params.passwordEnv
        connection.readOnly = params.readOnly
        connection.allowSuperuser = params.allowSuperuser
        try check(connection)
        commit(call, [.insertConnection(connection)]) { [self] (_: StoreCommit) in
            reply(call, Wire.Connection(connection))
        }
    }

    func updateConnection(_ params: Wire.ConnectionUpdateParams, _ call: Call) throws(RPCError) {
        let id = try connectionID(params.dbConnectionID)
        read(call) {
            try $0.connection(id)
        } then: { [self] found in
            guard var connection = found else { return fail(call, .notFound("\(id)", path: "params.db_connection_id")) }
            connection.name = params.name ?? connection.name
            if let path = params.path { connection.path = absolute(path) }
            connection.url = params.url ?? connection.url
            connection.passwordEnv = SessionPatch.Change(params.passwordEnv) { $0 }.applied(to: connection.passwordEnv)
            connection.readOnly = params.readOnly ?? connection.readOnly
            connection.allowSuperuser = params.allowSuperuser ?? connection.allowSuperuser
            connection.updatedAt = clock.now()
            do throws(RPCError) {
                try check(connection)
                commit(call, [.updateConnection(connection)]) { [self] (_: StoreCommit) in
                    reply(call, Wire.Connection(connection))
                }
            } catch {
                fail(call, error)
            }
        }
    }

    /// What can be said of a connection without opening it.
    private func check(_ connection: DatabaseConnection) throws(RPCError) {
        switch connection.dialect {
        case .sqlite:
            guard let path = connection.path else {
                throw .invalid("params.path", "a path: a SQLite connection names its file")
            }
            guard connection.url == nil else { throw .invalid("params.url", "nothing: a SQLite connection has a path") }
            guard path != store.describe().path else {
                throw RPCError(.permissionDenied, "the host's own store is no database to work on", path: "params.path")
            }
        case .postgresql:
            guard let url = connection.url, url.hasPrefix("postgresql://") || url.hasPrefix("postgres://") else {
                throw .invalid("params.url", "a URL as postgresql://user@host:port/database")
            }
            guard connection.path == nil else {
                throw .invalid("params.path", "nothing: a PostgreSQL connection has a url")
            }
            guard !Self.holdsPassword(url) else {
                throw .invalid(
                    "params.url", "no password in it: name the environment variable that holds it in password_env")
            }
        }
    }

    /// Whether a URL has a password before its host or among its parameters.
    static func holdsPassword(_ url: String) -> Bool {
        let rest = url.hasPrefix("postgresql://") ? url.dropFirst(13) : url.dropFirst(11)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        if let at = authority.lastIndex(of: "@"), authority[..<at].contains(":") { return true }
        let query = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first ?? ""
        return query.split(separator: "&").contains { $0.lowercased().hasPrefix("password=") }
    }

    func getConnection(_ params: Wire.ConnectionGetParams, _ call: Call) throws(RPCError) {
        try withConnection(params.dbConnectionID, call) { [self] in reply(call, Wire.Connection($0)) }
    }

    func listConnections(_ params: Wire.ConnectionListParams, _ call: Call) {
        let page = PageRequest(limit: params.limit, cursor: params.cursor)
        read(call) {
            try $0.connections(page)
        } then: { [self] found in
            reply(call, Wire.ConnectionPage(items: found.items.map(Wire.Connection.init), nextCursor: found.nextCursor))
        }
    }

    func deleteConnection(_ params: Wire.ConnectionDeleteParams, _ call: Call) throws(RPCError) {
        let id = try connectionID(params.dbConnectionID)
        commit(call, [.deleteConnection(id)]) { [self] result in
            switch result {
            case .success(let commit):
                let deleted = Wire.ConnectionDeleted(dbConnectionID: "\(id)")
                guard commit.forgotten.memories > 0 else { return reply(call, deleted) }
                // Its memories are gone only once no file of the store holds them.
                eraseTraces { [self] failure in
                    if let failure { fail(call, failure) } else { reply(call, deleted) }
                }
            case .failure(.notFound): fail(call, .notFound("\(id)", path: "params.db_connection_id"))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    // MARK: - Through a worker

    func testConnection(_ params: Wire.ConnectionTestParams, _ call: Call) throws(RPCError) {
        try withConnection(params.dbConnectionID, call) { [self] connection in
            let limits = QueryLimits(milliseconds: params.timeoutMilliseconds)
            ask(.test, connection, limits, call) { [self] answer, milliseconds in
                var test = Wire.ConnectionTest(
                    dbConnectionID: "\(connection.id)", ok: false, durationMilliseconds: milliseconds)
                switch answer {
                case .tested(let version, let tables):
                    test.ok = true
                    test.serverVersion = version
                    test.tables = tables
                case .failed(let error):
                    test.reason = error.reason.rawValue
                    test.detail = error.message
                default: return fail(call, .workerSpokeOtherwise)
                }
                reply(call, test)
            }
        }
    }

    func connectionSchema(_ params: Wire.ConnectionSchemaParams, _ call: Call) throws(RPCError) {
        try withConnection(params.dbConnectionID, call) { [self] connection in
            let request = OverviewRequest(
                tables: params.tables, countsRows: params.rowCounts, samples: params.sampleRows)
            let limits = QueryLimits(milliseconds: params.timeoutMilliseconds)
            ask(.schema(request), connection, limits, call) { [self] answer, _ in
                switch answer {
                case .schema(let tables, let isTruncated):
                    reply(
                        call,
                        Wire.DatabaseSchema(
                            dbConnectionID: "\(connection.id)", dialect: .init(rawValue: connection.dialect.rawValue),
                            tables: tables.map { Wire.TableInfo($0, samples: params.sampleRows > 0) },
                            truncated: isTruncated))
                case .failed(let error): fail(call, RPCError(error))
                default: fail(call, .workerSpokeOtherwise)
                }
            }
        }
    }

    func queryConnection(_ params: Wire.ConnectionQueryParams, _ call: Call) throws(RPCError) {
        try withConnection(params.dbConnectionID, call) { [self] connection in
            let limits = QueryLimits(
                rows: params.maxRows, bytes: params.maxBytes, milliseconds: params.timeoutMilliseconds)
            ask(.query(sql: params.sql, parameters: params.parameters ?? []), connection, limits, call) {
                [self] answer, milliseconds in
                switch answer {
                case .result(let result):
                    reply(
                        call,
                        Wire.QueryResult(
                            columns: result.columns, rows: result.rows, rowCount: result.rows.count,
                            truncated: result.isTruncated, changes: result.changes, durationMilliseconds: milliseconds))
                case .failed(let error): fail(call, RPCError(error))
                default: fail(call, .workerSpokeOtherwise)
                }
            }
        }
    }

    private func ask(
        _ operation: DatabaseRequest.Operation, _ connection: DatabaseConnection, _ limits: QueryLimits, _ call: Call,
        then: @escaping (DatabaseReply, Int) -> Void
    ) {
        let start = clock.monotonicMilliseconds()
        let target = DatabaseTarget(connection, refusing: [store.describe().path])
        let withdraw = workers.ask(DatabaseRequest(operation, of: target, limits: limits)) { [self] answer in
            guard isOpen(call) else { return }
            then(answer, Int(clock.monotonicMilliseconds() - start))
        }
        call.cancel = { [unowned self, unowned call] in
            fail(call, .cancelled)
            withdraw()
        }
        // What follows on this connection need not wait for the database.
        releaseLane(call)
    }

    private func withConnection(
        _ text: String, _ call: Call, then: @escaping (DatabaseConnection) -> Void
    ) throws(RPCError) {
        let id = try connectionID(text)
        read(call) {
            try $0.connection(id)
        } then: { [self] connection in
            guard let connection else { return fail(call, .notFound("\(id)", path: "params.db_connection_id")) }
            then(connection)
        }
    }

    func connectionID(_ text: String) throws(RPCError) -> ConnectionID {
        guard let id = ConnectionID(text) else { throw .notFound(text, path: "params.db_connection_id") }
        return id
    }
}

extension RPCError {
    static func invalid(_ path: String, _ expected: String) -> RPCError {
        RPCError(.invalidParams, "\(path): expected \(expected)", path: path, expected: expected)
    }

    fileprivate static var workerSpokeOtherwise: RPCError {
        RPCError(.internalError, "the worker answered another question")
    }

    /// What a client is told of a database's refusal.
    init(_ error: DatabaseError) {
        let code: Code =
            switch error.reason {
            case .readOnly: .readOnly
            case .notAllowed: .permissionDenied
            case .timedOut: .timedOut
            case .limit: .limitExceeded
            case .syntax: .invalidParams
            case .constraint: .conflict
            case .cannotOpen, .notADatabase, .failed: .driverFailed
            }
        self.init(code, error.message, reason: error.reason.rawValue, isRetryable: error.reason == .timedOut)
        if error.reason == .syntax {
            path = "params.sql"
            expected = "one statement of SQL"
            detail = error.position.map { "at byte \($0)" }
        }
    }
}

extension Wire.TableInfo {
    init(_ table: TableOverview, samples: Bool) {
        let schema = table.schema
        let key = schema.columns.filter { $0.primaryKeyPlace > 0 }.sorted { $0.primaryKeyPlace < $1.primaryKeyPlace }
        self.init(
            namespace: schema.namespace, name: schema.name, kind: schema.isView ? .view : .table,
            columns: schema.columns.map {
                Wire.ColumnInfo(name: $0.name, type: $0.type, nullable: $0.isNullable)
            }, primaryKey: key.map(\.name),
            foreignKeys: schema.foreignKeys.map {
                Wire.ForeignKey(columns: $0.columns, table: $0.table, targetColumns: $0.targetColumns)
            }, rowCount: table.rowCount?.rows, samples: samples ? table.samples : nil)
    }
}
