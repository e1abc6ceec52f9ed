import AgentModel
import Store

extension StoreTransaction {
    func forgetMemories(_ ids: [MemoryID]) throws {
        for id in ids {
            let isThere = try database.integer(
                """
                SELECT count(*) FROM memory m JOIN partition p ON p.id = m.partition
                WHERE m.id = ? AND m.current = 1 AND p.hidden = 0
                """, [.id(id)])
            if isThere == 1 { try forget(id, &commit.forgotten) }
        }
    }

    /// Removes all versions of a memory.
    func forget(_ id: MemoryID, _ counts: inout ForgetCounts) throws {
        let versions = try database.rows(
            """
            SELECT n, partition, current FROM memory WHERE id = ?1 AND current = 1
            UNION ALL SELECT n, partition, current FROM memory WHERE id = ?1 AND current = 0
            """, [.id(id)]
        ) { (number: $0.int64(), partition: $0.int64(), isCurrent: $0.bool()) }
        for version in versions {
            try forget(version: version.number)
            if version.isCurrent { counts.memories += 1 } else { counts.versions += 1 }
        }
        try database.run("UPDATE memory SET superseded_by = NULL WHERE superseded_by = ?", [.id(id)])
    }

    /// Removes one version with all that is kept of it.
    func forget(version number: Int64) throws {
        try database.run("DELETE FROM embedding WHERE n = ?", [.integer(number)])
        try database.run("DELETE FROM memory WHERE n = ?", [.integer(number)])
        try database.run("UPDATE memory_index SET last_n = ?1 WHERE last_n < ?1", [.integer(number)])
    }
}
