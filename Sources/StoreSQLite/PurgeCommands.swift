import AgentModel
import JSON
import Store

extension StoreTransaction {
    /// Removes what hidden sessions own, children before parents, so that it can stop anywhere and go on later.
    func purgeHidden(limit: Int) throws {
        var left = max(limit, 0)
        left -= try purgeMemories(limit: left)
        let made = try hasCheckpoints ? Maker.condition(database, hosts) : "TRUE"
        while left > 0 {
            let hidden = try database.first(
                "SELECT n FROM session s WHERE hidden_at IS NOT NULL AND \(made) ORDER BY n LIMIT 1"
            ) { $0.int64() }
            guard let hidden else { break }
            let removed = try purge(hidden, limit: left)
            left -= removed
        }
        commit.isMoreLeft =
            try areMemoriesHidden()
            || database.integer("SELECT count(*) FROM session s WHERE hidden_at IS NOT NULL AND \(made)") > 0
    }

    /// One round over a session's tables; the session itself goes when nothing is left of it. At least one row goes.
    private func purge(_ session: Int64, limit: Int) throws -> Int {
        var left = limit
        func remove(_ table: String, _ condition: String) throws -> Int {
            guard left > 0 else { return 0 }
            let removed = try database.run(
                "DELETE FROM \(table) WHERE n IN (SELECT n FROM \(table) WHERE \(condition) LIMIT ?)",
                [.integer(session), .int(left)])
            left -= removed
            return removed
        }
        commit.purged.events += try remove("event", "session = ?")
        commit.purged.artifacts += try remove("artifact", "session = ?")
        if left > 0 {
            left -= try database.run(
                "DELETE FROM ask WHERE id IN (SELECT id FROM ask WHERE session = ? LIMIT ?)",
                [.integer(session), .int(left)])
        }
        if hasCheckpoints { commit.purged.checkpoints += try remove("checkpoint", "session = ?") }
        commit.purged.runs += try remove("run", "task IN (SELECT n FROM task WHERE session = ?)")
        commit.purged.tasks += try remove("task", "session = ?")
        if left > 0 {
            // What was used stays in the ledger; by whom goes.
            left -= try database.run(
                """
                UPDATE ledger SET session = NULL, project_id = NULL
                WHERE n IN (SELECT n FROM ledger WHERE session = ? LIMIT ?)
                """, [.integer(session), .int(left)])
        }
        guard left > 0 else { return limit }
        if hasReadings {
            try database.run(
                """
                UPDATE outside SET session_id = NULL, project_id = NULL
                WHERE session_id = (SELECT id FROM session WHERE n = ?)
                """, [.integer(session)])
        }
        try database.run("DELETE FROM lease WHERE session = ?", [.integer(session)])
        try database.run("DELETE FROM session WHERE n = ?", [.integer(session)])
        commit.purged.sessions += 1
        return limit - left + 1
    }
}
