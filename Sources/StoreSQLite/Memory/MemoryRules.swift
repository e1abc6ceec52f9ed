/// What must hold of memories and of what their tail and dictionary refer to.
enum MemoryRules {
    static let all = [
        StoreChecker.Rule(
            problem: "a memory has versions but no current one",
            sql: """
                SELECT DISTINCT hex(id) FROM memory h WHERE h.current = 0
                    AND NOT EXISTS(SELECT 1 FROM memory m WHERE m.id = h.id AND m.current = 1)
                    AND NOT EXISTS(SELECT 1 FROM partition p WHERE p.hidden <> 0)
                """),
        StoreChecker.Rule(
            problem: "a memory is later than its next version",
            sql: """
                SELECT hex(h.id) FROM memory h WHERE h.current = 0
                    AND (h.valid_to IS NULL OR h.valid_to < h.updated_at)
                """),
        StoreChecker.Rule(
            problem: "a memory is to be found in the place of another and does not exist",
            sql: """
                SELECT hex(m.superseded_by) FROM memory m WHERE m.current = 1 AND m.superseded_by IS NOT NULL
                    AND NOT EXISTS(SELECT 1 FROM memory o WHERE o.id = m.superseded_by AND o.current = 1)
                """),
        StoreChecker.Rule(
            problem: "the tail of the index has a document that is no current memory",
            sql: """
                SELECT t.n FROM tail t LEFT JOIN memory m ON m.n = t.n AND m.partition = t.partition AND m.current = 1
                WHERE m.n IS NULL
                """),
        StoreChecker.Rule(
            problem: "a current memory is neither in the tail of the index nor in the range of a segment",
            sql: """
                SELECT m.n FROM memory m WHERE m.current = 1
                    AND NOT EXISTS(SELECT 1 FROM tail t WHERE t.partition = m.partition AND t.n = m.n)
                    AND NOT EXISTS(
                        SELECT 1 FROM segment s WHERE s.partition = m.partition AND s.state = 1
                            AND m.n BETWEEN s.first_n AND s.last_n)
                """),
        StoreChecker.Rule(
            problem: "a memory that is marked as replaced is current",
            sql: "SELECT t.n FROM tomb t JOIN memory m ON m.n = t.n AND m.current = 1"),
        StoreChecker.Rule(
            problem: "a word of the dictionary has a stem that is not there",
            sql: "SELECT w.word FROM word w WHERE NOT EXISTS(SELECT 1 FROM word s WHERE s.id = w.stem)"),
    ]
}
