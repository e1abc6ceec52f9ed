extension Schema {
    /// Checkpoints, how many of them a session keeps, where a session's agents are to fork from, who is making a
    /// session that is not to be seen yet, whether what a session has used was billed elsewhere, and what a run goes on
    /// from.
    ///
    /// A checkpoint's `change` is its whole state, or a `StateChange` of its parent's; none when that is the same.
    /// Nearly every parent is the row before: only the others are in the index of parents. Nearly every kind is `turn`:
    /// only the others are written.
    /// `run_mark` is the last run of the store by then: a later one of a driver session has moved that on.
    static let version1004 = """
        CREATE TABLE checkpoint(
            n INTEGER PRIMARY KEY, session INT NOT NULL REFERENCES session(n), id BLOB NOT NULL UNIQUE,
            parent INT REFERENCES checkpoint(n), kind TEXT, seq INT NOT NULL, task INT REFERENCES task(n),
            run INT REFERENCES run(n), turn INT, bytes INT NOT NULL, run_mark INT NOT NULL, created_at INT NOT NULL,
            whole INT NOT NULL, change TEXT) STRICT;
        CREATE INDEX checkpoint_session ON checkpoint(session, n);
        CREATE INDEX checkpoint_parent ON checkpoint(parent) WHERE parent <> n - 1;
        ALTER TABLE run ADD COLUMN from_checkpoint BLOB;
        ALTER TABLE session ADD COLUMN keep_count INT;
        ALTER TABLE session ADD COLUMN keep_s INT;
        ALTER TABLE session ADD COLUMN forks_from TEXT;
        ALTER TABLE session ADD COLUMN maker BLOB;
        ALTER TABLE session ADD COLUMN imported_at INT;
        CREATE INDEX session_keep ON session(n) WHERE keep_s IS NOT NULL OR keep_count IS NOT NULL;
        """
}
