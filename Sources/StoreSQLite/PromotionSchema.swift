extension Schema {
    /// Sessions that have ended and whose memories are still to be promoted: those recalled at least so often, as far
    /// as the document that was looked at last. And how often a session's driver sessions have expired.
    static let version1007 = """
        CREATE TABLE promotion(
            session INTEGER PRIMARY KEY REFERENCES session(n), least INT NOT NULL, done INT NOT NULL) STRICT;
        ALTER TABLE session ADD COLUMN expirations INT NOT NULL DEFAULT 0;
        """
}
