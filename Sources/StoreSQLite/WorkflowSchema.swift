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
