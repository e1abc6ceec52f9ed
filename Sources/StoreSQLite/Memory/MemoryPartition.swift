import AgentModel
import Store

/// Where the memories of one scope are.
enum MemoryPartition {
    static func kind(of scope: MemoryScope) -> Int {
        switch scope {
        case .user: 0
        case .connection: 1
        case .project: 2
        case .session: 3
        }
    }

    /// What tells partitions of one kind apart: nothing for the user's.
    static func scopeID(of scope: MemoryScope) -> SQLiteValue {
        switch scope {
        case .user: .blob([])
        case .connection(let id): .id(id)
        case .project(let id): .id(id)
        case .session(let id): .id(id)
        }
    }

    /// Reads `scope_id`.
    static func scope(kind: Int, _ row: inout SQLiteRow) throws -> MemoryScope {
        switch kind {
        case 0:
            row.skip()
            return .user
        case 1: return .connection(try row.id())
        case 2: return .project(try row.id())
        case 3: return .session(try row.id())
        default: throw StoreFailure.damaged("a partition of kind \(kind)")
        }
    }

    /// The partition that shows a scope's memories; `nil` when there are none or it is hidden.
    static func find(_ scope: MemoryScope, in database: SQLiteConnection) throws -> Int64? {
        try database.first(shown, [.int(kind(of: scope)), scopeID(of: scope)]) { $0.int64() }
    }

    private static let shown = SQLiteQuery(
        "SELECT id FROM partition WHERE kind = ? AND scope_id = ? AND hidden = 0")
}

extension StoreTransaction {
    /// The partition of a scope, made if it is the first time. Fails with `notFound` when what the scope names does not
    /// exist.
    func partition(of scope: MemoryScope) throws -> Int64 {
        if let found = try MemoryPartition.find(scope, in: database) { return found }
        switch scope {
        case .user: break
        case .connection(let id): try requireConnection(id)
        case .project(let id): try requireProject(id)
        case .session(let id): _ = try session(id)
        }
        try database.run(
            """
            INSERT INTO partition(kind, scope_id) VALUES (?, ?) ON CONFLICT(kind, scope_id) DO UPDATE SET hidden = 0
            """, [.int(MemoryPartition.kind(of: scope)), MemoryPartition.scopeID(of: scope)])
        guard let made = try MemoryPartition.find(scope, in: database) else {
            throw StoreFailure.damaged("a partition that was made is not there")
        }
        return made
    }
}
