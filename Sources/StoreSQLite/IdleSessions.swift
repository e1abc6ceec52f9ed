import AgentModel
import Store

/// Sessions as `s` that retention by age may remove.
private struct IdleCondition {
    private(set) var condition: Condition

    init(unusedSince time: Timestamp, _ version: Int) {
        condition = Condition("s.hidden_at IS NULL")
        // To bring one in is to use it.
        let lastUsed =
            version >= SchemaPart.checkpoints.since
            ? "max(s.last_used_at, coalesce(s.imported_at, 0))" : "s.last_used_at"
        condition.and("\(lastUsed) < ?", .time(time))
        condition.and("s.status IN ('active', 'completed', 'failed', 'expired')")
        condition.and(
            "NOT EXISTS(SELECT 1 FROM task t WHERE t.session = s.n AND t.status IN ('queued', 'running'))")
        if version >= SchemaPart.projects.since {
            condition.and("NOT EXISTS(SELECT 1 FROM project WHERE last_session_id = s.id)")
        }
        if version >= SchemaPart.plans.since {
            condition.and(
                "NOT EXISTS(SELECT 1 FROM plan WHERE session_id = s.id AND status IN ('created', 'running'))")
        }
        if version >= SchemaPart.workflows.since {
            // A workflow names its sessions in its text only.
            let hex = "lower(hex(s.id))"
            let parts = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)].map { "substr(\(hex), \($0.0), \($0.1))" }
            let id = "'sess_' || " + parts.joined(separator: " || '-' || ")
            condition.and(
                """
                NOT EXISTS(SELECT 1 FROM workflow w
                    WHERE w.ended_at IS NULL AND instr(w.definition || w.state, \(id)) > 0)
                """)
        }
    }
}

extension SQLiteConnection {
    fileprivate func idleSessions(unusedSince time: Timestamp, _ version: Int, limit: Int) throws -> [AgentSession] {
        let idle = IdleCondition(unusedSince: time, version).condition
        return try rows(
            SessionRow.select("\(idle.sql) ORDER BY s.n LIMIT ?", version: version), idle.values + [.int(max(limit, 0))]
        ) { try SessionRow(&$0).value }
    }

    func isIdle(_ id: SessionID, unusedSince time: Timestamp, _ version: Int) throws -> Bool {
        var idle = IdleCondition(unusedSince: time, version).condition
        idle.and("s.id = ?", .id(id))
        return try integer("SELECT count(*) FROM session s \(idle.sql)", idle.values) > 0
    }
}

extension SQLiteReader {
    func idleSessions(unusedSince time: Timestamp, limit: Int) throws -> [AgentSession] {
        try database.idleSessions(
            unusedSince: time, Int(database.integer("PRAGMA user_version")), limit: limit)
    }
}
