import AgentModel
import JSON
import Store

/// A workflow as it is stored.
enum WorkflowRow {
    static let columns = [
        "id", "host_id", "created_at", "definition", "state", "project_id", "revision", "updated_at", "ended_at",
    ]

    static func read(_ row: inout SQLiteRow) throws -> Workflow {
        let (id, host, created): (FlowID, HostID, Timestamp) = (try row.id(), try row.id(), row.time())
        var workflow = Workflow(id: id, definition: try row.json(), hostID: host, at: created)
        workflow.state = WorkflowState(json: try row.json())
        workflow.projectID = try row.optionalID()
        workflow.revision = row.int()
        workflow.updatedAt = row.time()
        workflow.endedAt = row.optionalTime()
        return workflow
    }
}

extension StoreTransaction {
    func insertWorkflow(_ workflow: Workflow) throws {
        try SchemaPart.workflows.require(schemaVersion)
        guard try database.integer("SELECT count(*) FROM workflow WHERE id = ?", [.id(workflow.id)]) == 0 else {
            throw StoreFailure.refused("\(workflow.id) exists")
        }
        if let project = workflow.projectID { try requireProject(project) }
        try database.run(
            """
            INSERT INTO workflow(
                id, project_id, host_id, status, revision, definition, state, created_at, updated_at)
            VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)
            """,
            [
                .id(workflow.id), .id(workflow.projectID), .id(workflow.hostID), .word(workflow.status),
                .json(workflow.definition), .json(workflow.state.json), .time(now), .time(now),
            ])
    }

    func updateWorkflow(_ workflow: Workflow) throws {
        try SchemaPart.workflows.require(schemaVersion)
        let changed = try database.run(
            """
            UPDATE workflow SET host_id = ?, status = ?, revision = revision + 1, state = ?, updated_at = ?,
                ended_at = ?
            WHERE id = ? AND revision = ?
            """,
            [
                .id(workflow.hostID), .word(workflow.status), .json(workflow.state.json), .time(now),
                .time(workflow.endedAt), .id(workflow.id), .int(workflow.revision),
            ])
        guard changed == 0 else { return }
        let isThere = try database.integer("SELECT count(*) FROM workflow WHERE id = ?", [.id(workflow.id)]) == 1
        throw isThere ? StoreFailure.outdated(workflow.id.description) : .notFound(workflow.id.description)
    }
}

extension SQLiteReader {
    private var hasWorkflows: Bool {
        get throws { try database.integer("PRAGMA user_version") >= SchemaPart.workflows.since }
    }

    func workflow(_ id: FlowID) throws -> Workflow? {
        guard try hasWorkflows else { return nil }
        return try database.first(
            "SELECT \(Columns.list(WorkflowRow.columns)) FROM workflow WHERE id = ?", [.id(id)], WorkflowRow.read)
    }

    func workflows(_ filter: WorkflowFilter, _ page: PageRequest) throws -> Page<Workflow> {
        guard try hasWorkflows else { return Page(items: [], nextCursor: nil) }
        var condition = Condition("TRUE")
        condition.and("status", isIn: filter.statuses)
        if let project = filter.projectID { condition.and("project_id = ?", .id(project)) }
        try condition.before(page.cursor, prefix: FlowID.init, column: "id")
        let found = try database.rows(
            "SELECT \(Columns.list(WorkflowRow.columns)) FROM workflow \(condition.sql) ORDER BY id DESC LIMIT ?",
            condition.values + [.int(page.take + 1)], WorkflowRow.read)
        return page.cut(found) { $0.id.description }
    }
}
