import AgentModel
import Store

/// What a plan's session and its forks spend together.
extension SQLiteReader {
    private static let depthMax = 16

    func purse(of session: AgentSession) throws -> Purse? {
        let isFork = session.planID != nil && session.parentSessionID != nil
        guard isFork || session.budget != nil, try schemaVersion >= SchemaPart.plans.since else { return nil }
        var holder = session
        for _ in 0..<Self.depthMax {
            // A fork that a client has made names no plan: it has a budget of its own.
            guard holder.planID != nil, let parent = holder.parentSessionID, let found = try sessionAlone(parent) else {
                break
            }
            holder = found
        }
        guard let budget = holder.budget else { return nil }
        let bills = try database.rows(Self.bills, [.id(holder.id)]) { try UsageColumns.read(&$0) }
        guard bills.count > 1 || holder.id != session.id else { return nil }
        return Purse(holder: holder.id, budget: budget, spent: bills.reduce(into: Usage.none) { $0.add($1) })
    }

    /// Of a session and the forks that plans executed in it have made. A fork is made later than what it is made of.
    private static let bills =
        """
        WITH RECURSIVE tree(n, id) AS (
            SELECT n, id FROM session WHERE id = ?
            UNION ALL
            SELECT s.n, s.id FROM tree t CROSS JOIN session s
            WHERE EXISTS(SELECT 1 FROM plan p WHERE p.session_id = t.id)
                AND s.n > t.n AND s.parent_id = t.id AND s.plan_id IS NOT NULL)
        SELECT \(Columns.list(UsageColumns.names, of: "s")) FROM session s WHERE s.n IN (SELECT n FROM tree)
        """
}
