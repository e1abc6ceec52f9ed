import AgentModel
import JSON
import Store

extension StoreTransaction {
    private static let keyMilliseconds: Int64 = 24 * 3_600_000

    func claimKey(_ claim: IdempotencyClaim) throws {
        let key: [SQLiteValue] = [.string(claim.method), .string(claim.scope), .string(claim.key)]
        let found = try database.first(
            """
            SELECT parameters_hash, target, claimed_at FROM idempotency WHERE method = ? AND scope = ? AND key = ?
            """, key
        ) { (hash: $0.text(), target: $0.text(), at: $0.time()) }
        if let found {
            let end = try end(ofTarget: found.target, claimedAt: found.at)
            if end.map({ now < $0.adding(milliseconds: Self.keyMilliseconds) }) ?? true {
                throw found.hash == claim.parametersHash
                    ? StoreFailure.replayed(target: found.target) : StoreFailure.keyConflict(key: claim.key)
            }
        }
        try database.run(
            """
            INSERT OR REPLACE INTO idempotency(method, scope, key, parameters_hash, target, claimed_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """, key + [.string(claim.parametersHash), .string(claim.target), .time(now)])
    }

    /// When the request that a key stands for ended; `nil` while it lasts.
    private func end(ofTarget target: String, claimedAt: Timestamp) throws -> Timestamp? {
        guard let id = TaskID(target) else { return claimedAt }
        let end = try database.first("SELECT ended_at FROM task WHERE id = ?", [.id(id)]) { $0.optionalTime() }
        guard let end else { return claimedAt }
        return end
    }

    /// Removes keys past their time.
    func forgetOldKeys(limit: Int) throws {
        let before = now.adding(milliseconds: -Self.keyMilliseconds)
        let old = try database.rows(
            "SELECT method, scope, key, target, claimed_at FROM idempotency WHERE claimed_at <= ? LIMIT ?",
            [.time(before), .int(limit)]
        ) { (key: [$0.text(), $0.text(), $0.text()], target: $0.text(), at: $0.time()) }
        for entry in old {
            guard let end = try end(ofTarget: entry.target, claimedAt: entry.at), end <= before else { continue }
            try database.run(
                "DELETE FROM idempotency WHERE method = ? AND scope = ? AND key = ?", entry.key.map { .string($0) })
        }
    }
}
