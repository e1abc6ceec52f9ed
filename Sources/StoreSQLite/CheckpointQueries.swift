import AgentModel
import Store

extension SQLiteReader {
    /// Whether the store is of a version that has checkpoints.
    private var hasCheckpoints: Bool {
        get throws { try schemaVersion >= SchemaPart.checkpoints.since }
    }

    func checkpoint(_ id: CheckpointID) throws -> Checkpoint? { try row(of: id)?.value }

    private func row(of id: CheckpointID) throws -> CheckpointRow? {
        guard try hasCheckpoints else { return nil }
        return try database.first(CheckpointRow.select("WHERE c.id = ? AND s.hidden_at IS NULL"), [.id(id)]) {
            try CheckpointRow(&$0)
        }
    }

    func checkpoints(_ session: SessionID, _ page: PageRequest) throws -> Page<Checkpoint> {
        guard try hasCheckpoints else { return Page(items: [], nextCursor: nil) }
        var condition = Condition("s.hidden_at IS NULL")
        condition.and("c.session = (SELECT n FROM session WHERE id = ?)", .id(session))
        if let cursor = page.cursor {
            guard let number = Int(cursor) else { throw StoreFailure.unknownCursor(cursor) }
            condition.and("c.n < ?", .int(number))
        }
        let found = try database.rows(
            CheckpointRow.select("\(condition.sql) ORDER BY c.n DESC LIMIT ?"),
            condition.values + [.int(page.take + 1)]
        ) { try CheckpointRow(&$0) }
        let cut = page.cut(found) { String($0.number) }
        return Page(items: cut.items.map(\.value), nextCursor: cut.nextCursor)
    }

    func checkpointState(_ id: CheckpointID) throws -> CheckpointState? {
        guard let row = try row(of: id) else { return nil }
        return try CheckpointRow.chain(of: row.number, database).state.map(CheckpointState.init(stored:))
    }

    func lastCheckpoint(_ session: SessionID) throws -> Checkpoint? {
        guard try hasCheckpoints else { return nil }
        let number = try database.first("SELECT n FROM session WHERE id = ? AND hidden_at IS NULL", [.id(session)]) {
            $0.int64()
        }
        return try number.flatMap { try CheckpointRow.head(of: $0, database)?.value }
    }

    func forkOrigin(_ session: SessionID, driver: String) throws -> String? {
        guard try hasCheckpoints, let id = try self.session(session)?.forksFrom[driver] else { return nil }
        let fork = try database.first(
            CheckpointRow.select("WHERE s.id = ? AND c.kind = 'fork' ORDER BY c.n DESC LIMIT 1"), [.id(session)]
        ) { try CheckpointRow(&$0) }
        guard let fork, try !DriverSessionUse.exists(driver, id, since: fork, database) else { return nil }
        return id
    }

    func lastTurn(_ task: TaskID) throws -> Checkpoint? {
        guard try hasCheckpoints else { return nil }
        return try database.first(
            CheckpointRow.select(
                """
                WHERE c.session = (SELECT session FROM task WHERE id = ?1) AND c.kind IS NULL
                    AND c.task = (SELECT n FROM task WHERE id = ?1) AND s.hidden_at IS NULL ORDER BY c.n DESC LIMIT 1
                """), [.id(task)]
        ) { try CheckpointRow(&$0).value }
    }
}
