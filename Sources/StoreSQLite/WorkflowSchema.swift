import Store

extension Schema {
    /// Workflows: the goal, and how far each has come.
    static let version1006 = """
        CREATE TABLE workflow(
            n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, project_id BLOB, host_id BLOB NOT NULL,
            status TEXT NOT NULL, revision INT NOT NULL, definition TEXT NOT NULL, state TEXT NOT NULL,
            created_at INT NOT NULL, updated_at INT NOT NULL, ended_at INT) STRICT;
        CREATE INDEX workflow_project ON workflow(project_id, id) WHERE project_id IS NOT NULL;
        """
}

/// Whether a store has the table of workflows.
enum WorkflowSchema {
    static let since = 1006

    /// Fails in a store that is older because other hosts kept this one from migrating it.
    static func require(_ version: Int) throws(StoreFailure) {
        guard version >= since else {
            throw .broken(
                reason: "old_schema",
                detail: "the store has version \(version), without workflows: end the other hosts, then start again")
        }
    }
}
