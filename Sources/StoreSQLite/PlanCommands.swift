import AgentModel
import JSON
import Store

/// A plan as it is stored.
enum PlanRow {
    static let columns = [
        "id", "host_id", "created_at", "definition", "state", "session_id", "project_id", "revision", "updated_at",
        "started_at", "ended_at",
    ]

    static func read(_ row: inout SQLiteRow) throws -> Plan {
        let (id, host, created): (PlanID, HostID, Timestamp) = (try row.id(), try row.id(), row.time())
        var plan = Plan(id: id, definition: try row.json(), hostID: host, at: created)
        plan.state = PlanState(json: try row.json(), plan.batches)
        plan.sessionID = try row.optionalID()
        plan.projectID = try row.optionalID()
        plan.revision = row.int()
        plan.updatedAt = row.time()
        plan.startedAt = row.optionalTime()
        plan.endedAt = row.optionalTime()
        return plan
    }
}

extension StoreTransaction {
    func requirePlan(_ id: PlanID) throws {
        try SchemaPart.plans.require(schemaVersion)
        guard try database.integer("SELECT count(*) FROM plan WHERE id = ?", [.id(id)]) == 1 else {
            throw StoreFailure.notFound(id.description)
        }
    }

    func insertPlan(_ plan: Plan) throws {
        try SchemaPart.plans.require(schemaVersion)
        guard try database.integer("SELECT count(*) FROM plan WHERE id = ?", [.id(plan.id)]) == 0 else {
            throw StoreFailure.refused("\(plan.id) exists")
        }
        if let session = plan.sessionID { _ = try self.session(session) }
        if let project = plan.projectID { try requireProject(project) }
        try database.run(
            """
            INSERT INTO plan(
                id, session_id, project_id, host_id, status, revision, definition, state, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?)
            """,
            [
                .id(plan.id), .id(plan.sessionID), .id(plan.projectID), .id(plan.hostID), .word(plan.status),
                .json(plan.definition), .json(plan.state.json), .time(now), .time(now),
            ])
    }

    func updatePlan(_ plan: Plan) throws {
        try SchemaPart.plans.require(schemaVersion)
        let changed = try database.run(
            """
            UPDATE plan SET session_id = ?, host_id = ?, status = ?, revision = revision + 1, state = ?,
                updated_at = ?, started_at = ?, ended_at = ?
            WHERE id = ? AND revision = ?
            """,
            [
                .id(plan.sessionID), .id(plan.hostID), .word(plan.status), .json(plan.state.json), .time(now),
                .time(plan.startedAt), .time(plan.endedAt), .id(plan.id), .int(plan.revision),
            ])
        guard changed == 0 else { return }
        let isThere = try database.integer("SELECT count(*) FROM plan WHERE id = ?", [.id(plan.id)]) == 1
        throw isThere ? StoreFailure.outdated(plan.id.description) : .notFound(plan.id.description)
    }

    func deletePlan(_ id: PlanID) throws {
        try SchemaPart.plans.require(schemaVersion)
        let status = try database.first("SELECT status FROM plan WHERE id = ?", [.id(id)]) { $0.text() }
        guard let status else { throw StoreFailure.notFound(id.description) }
        guard status != PlanStatus.running.rawValue else { throw StoreFailure.refused("\(id) is running") }
        try database.run("DELETE FROM plan WHERE id = ?", [.id(id)])
    }
}

extension SQLiteReader {
    private var hasPlans: Bool {
        get throws { try database.integer("PRAGMA user_version") >= SchemaPart.plans.since }
    }

    func plan(_ id: PlanID) throws -> Plan? {
        guard try hasPlans else { return nil }
        return try database.first(
            "SELECT \(Columns.list(PlanRow.columns)) FROM plan WHERE id = ?", [.id(id)], PlanRow.read)
    }

    func plans(_ filter: PlanFilter, _ page: PageRequest) throws -> Page<Plan> {
        guard try hasPlans else { return Page(items: [], nextCursor: nil) }
        var condition = Condition("TRUE")
        condition.and("status", isIn: filter.statuses)
        if let session = filter.sessionID { condition.and("session_id = ?", .id(session)) }
        if let project = filter.projectID { condition.and("project_id = ?", .id(project)) }
        try condition.before(page.cursor, prefix: PlanID.init, column: "id")
        let found = try database.rows(
            "SELECT \(Columns.list(PlanRow.columns)) FROM plan \(condition.sql) ORDER BY id DESC LIMIT ?",
            condition.values + [.int(page.take + 1)], PlanRow.read)
        return page.cut(found) { $0.id.description }
    }
}
