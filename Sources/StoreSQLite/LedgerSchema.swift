extension Schema {
    /// Where driver sessions stand, what was used outside, which row of the ledger is a run's bill, and what a session
    /// may spend.
    static let version1002 = """
        CREATE TABLE reading(
            driver TEXT NOT NULL, driver_session_id TEXT NOT NULL,
            input_tokens INT NOT NULL, output_tokens INT NOT NULL, cache_read_tokens INT NOT NULL,
            cache_write_tokens INT NOT NULL, reasoning_tokens INT NOT NULL, turns INT NOT NULL,
            cost_nano INT, accuracy TEXT NOT NULL,
            billed_input_tokens INT NOT NULL, billed_output_tokens INT NOT NULL, billed_cache_read_tokens INT NOT NULL,
            billed_cache_write_tokens INT NOT NULL, billed_reasoning_tokens INT NOT NULL, billed_turns INT NOT NULL,
            billed_cost_nano INT, billed_accuracy TEXT NOT NULL,
            PRIMARY KEY(driver, driver_session_id)) STRICT, WITHOUT ROWID;
        CREATE TABLE outside(
            n INTEGER PRIMARY KEY, session_id BLOB, project_id BLOB, driver TEXT NOT NULL, at INT NOT NULL,
            input_tokens INT NOT NULL, output_tokens INT NOT NULL, cache_read_tokens INT NOT NULL,
            cache_write_tokens INT NOT NULL, reasoning_tokens INT NOT NULL, turns INT NOT NULL,
            cost_nano INT, accuracy TEXT NOT NULL) STRICT;
        CREATE INDEX outside_session ON outside(session_id) WHERE session_id IS NOT NULL;
        CREATE INDEX run_driver_session ON run(driver, driver_session_id) WHERE driver_session_id IS NOT NULL;
        ALTER TABLE run ADD COLUMN ledger INT;
        ALTER TABLE session ADD COLUMN budget_nano INT;
        ALTER TABLE session ADD COLUMN budget_tokens INT;
        """
}
