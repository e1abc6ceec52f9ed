extension Schema {
    /// Projects, each with the session that its next task goes on in.
    static let version1003 = """
        CREATE TABLE project(
            id BLOB PRIMARY KEY, name TEXT NOT NULL, created_at INT NOT NULL, updated_at INT NOT NULL,
            working_dir TEXT, connection_id BLOB, driver TEXT, model TEXT, metadata TEXT, resumption INT NOT NULL,
            last_session_id BLOB, last_driver TEXT, last_driver_session_id TEXT, last_source TEXT,
            last_at INT) STRICT, WITHOUT ROWID;
        CREATE INDEX project_last_session ON project(last_session_id) WHERE last_session_id IS NOT NULL;
        CREATE INDEX project_connection ON project(connection_id) WHERE connection_id IS NOT NULL;
        """
}
