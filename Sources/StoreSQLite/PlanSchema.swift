extension Schema {
    /// Plans: what is to be done, and how far it has come.
    static let version1005 = """
        CREATE TABLE plan(
            n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, session_id BLOB, project_id BLOB, host_id BLOB NOT NULL,
            status TEXT NOT NULL, revision INT NOT NULL, definition TEXT NOT NULL, state TEXT NOT NULL,
            created_at INT NOT NULL, updated_at INT NOT NULL, started_at INT, ended_at INT) STRICT;
        CREATE INDEX plan_session ON plan(session_id, id) WHERE session_id IS NOT NULL;
        CREATE INDEX plan_project ON plan(project_id, id) WHERE project_id IS NOT NULL;
        """
}
