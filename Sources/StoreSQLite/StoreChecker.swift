import AgentModel
import CSQLite
import Store

/// Looks for what does not fit together in a store.
struct StoreChecker {
    let database: SQLiteConnection

    private static let problemsMax = 100

    /// A question about the rows whose answer lists what is wrong.
    struct Rule {
        let problem: String
        let sql: String
    }

    /// Each query returns one text for each fault.
    private static let rules = [
        Rule(
            problem: "the log of a session has holes",
            sql: """
                SELECT hex(s.id) FROM session s LEFT JOIN event e ON e.session = s.n WHERE s.hidden_at IS NULL
                GROUP BY s.n
                HAVING count(e.n) <> s.seq OR coalesce(max(e.seq), 0) <> s.seq OR coalesce(min(e.seq), 1) <> 1
                """),
        Rule(
            problem: "a task that has ended is without its terminal event",
            sql: """
                SELECT hex(t.id) FROM task t JOIN session s ON s.n = t.session
                LEFT JOIN event e ON e.session = t.session AND e.seq = t.seq_last
                WHERE s.hidden_at IS NULL AND t.status NOT IN ('queued', 'running')
                    AND (e.n IS NULL OR e.task <> t.n OR e.type NOT BETWEEN 22 AND 25)
                """),
        Rule(
            problem: "a task that has not ended has a terminal event",
            sql: """
                SELECT hex(t.id) FROM task t JOIN event e ON e.task = t.n AND e.type BETWEEN 22 AND 25
                WHERE t.status IN ('queued', 'running')
                """),
        Rule(
            problem: "a task that has ended has runs that have not",
            sql: """
                SELECT hex(t.id) FROM run r JOIN task t ON t.n = r.task
                WHERE r.ended_at IS NULL AND t.status NOT IN ('queued', 'running')
                """),
        Rule(
            problem: "a session does not count its tasks",
            sql: """
                SELECT hex(s.id) FROM session s LEFT JOIN task t ON t.session = s.n WHERE s.hidden_at IS NULL
                GROUP BY s.n
                HAVING count(t.n) <> s.task_count
                """),
        Rule(
            problem: "an ask is of a task that is not there",
            sql: """
                SELECT hex(a.id) FROM ask a WHERE a.task <> \(AskRow.noTask)
                    AND NOT EXISTS(SELECT 1 FROM task t WHERE t.n = a.task)
                """),
        Rule(
            problem: "a lease is held for a task that does not run",
            sql: """
                SELECT hex(s.id) FROM lease l JOIN session s ON s.n = l.session LEFT JOIN task t ON t.n = l.task
                WHERE t.n IS NULL OR t.status <> 'running' OR t.host_id <> l.host_id
                """),
        Rule(
            problem: "a task runs without a lease",
            sql: """
                SELECT hex(t.id) FROM task t WHERE t.status = 'running'
                    AND NOT EXISTS(SELECT 1 FROM lease l WHERE l.task = t.n)
                """),
    ]

    /// What a session has used is in the ledger, but for the runs that were imported with it: another store's ledger
    /// has these.
    private static func ledgerRule(version: Int) -> Rule {
        let columns = "input_tokens, output_tokens, turns, cost_nano"
        var bills = "SELECT session, \(columns) FROM ledger"
        if version >= SchemaPart.checkpoints.since {
            bills += """
                 UNION ALL SELECT t.session, r.input_tokens, r.output_tokens, r.turns, r.cost_nano
                FROM session i JOIN task t ON t.session = i.n JOIN run r ON r.task = t.n
                WHERE i.imported_at IS NOT NULL AND r.ledger IS NULL AND r.ended_at IS NOT NULL
                """
        }
        return Rule(
            problem: "a session has used something else than its runs in the ledger",
            sql: """
                SELECT hex(s.id) FROM session s LEFT JOIN (\(bills)) l ON l.session = s.n WHERE s.hidden_at IS NULL
                GROUP BY s.n
                HAVING (total(l.input_tokens) <> s.input_tokens AND s.input_tokens < 1 << 53)
                    OR (total(l.output_tokens) <> s.output_tokens AND s.output_tokens < 1 << 53)
                    OR total(l.turns) <> s.turns OR total(l.cost_nano) <> coalesce(s.cost_nano, 0)
                """)
    }

    private static let checkpointRules = [
        Rule(
            problem: "the state of a checkpoint cannot be read",
            sql: """
                SELECT hex(c.id) FROM checkpoint c LEFT JOIN checkpoint p ON p.n = c.parent
                WHERE c.whole = 0 AND (p.n IS NULL OR p.session <> c.session OR p.n >= c.n)
                """),
        Rule(
            problem: "a checkpoint is of what the log does not hold",
            sql: """
                SELECT hex(c.id) FROM checkpoint c JOIN session s ON s.n = c.session
                WHERE s.hidden_at IS NULL AND (c.seq < 1 OR c.seq > s.seq)
                """),
    ]

    /// - Parameter progress: told how many memories of all were compared with their index
    func check(bytes: Int, progress: @escaping (_ done: Int, _ of: Int) -> Void) throws -> StoreReport {
        var report = StoreReport()
        report.bytes = bytes
        try database.execute("BEGIN")
        defer { try? database.execute("COMMIT") }
        report.schemaVersion = try database.integer("PRAGMA user_version")
        guard try database.integer("PRAGMA application_id") == Schema.applicationID else {
            throw StoreFailure.refused("the file is a database of another program")
        }
        report.problems = try database.rows("PRAGMA integrity_check(\(Self.problemsMax))") { $0.text() }
            .filter { $0 != "ok" }
        // What the pages say makes sense only if the pages do.
        guard report.problems.isEmpty else { return report }
        report.problems += try database.rows("PRAGMA foreign_key_check") { row -> String? in
            let (table, number, parent) = (row.text(), row.optionalInt(), row.text())
            // A plan's ask has no task: a rule of its own looks at these.
            guard (table, parent) != ("ask", "task") else { return nil }
            return "row \(number ?? 0) of \(table) refers to nothing in \(parent)"
        }.compactMap { $0 }
        var rules = report.schemaVersion < SchemaPart.memory.since ? Self.rules : Self.rules + MemoryRules.all
        rules.append(Self.ledgerRule(version: report.schemaVersion))
        if report.schemaVersion >= SchemaPart.checkpoints.since { rules += Self.checkpointRules }
        for rule in rules {
            report.problems += try database.rows("\(rule.sql) LIMIT \(Self.problemsMax)") {
                "\(rule.problem): \($0.text())"
            }
        }
        if report.schemaVersion >= SchemaPart.memory.since {
            var index = IndexChecker(database, progress: progress)
            try index.check()
            report.problems += index.problems
            report.memory = try MemoryStats.read(database)
        }
        report.sessions = try database.integer("SELECT count(*) FROM session WHERE hidden_at IS NULL")
        report.tasks = try database.integer("SELECT count(*) FROM task")
        report.events = try database.integer("SELECT count(*) FROM event")
        return report
    }
}
