import AgentModel
import JSON
import Store

extension SQLiteReader {
    func usage(_ filter: UsageFilter) throws -> [UsageRow] {
        var condition = Condition("TRUE")
        if let session = filter.sessionID { condition.and("s.id = ?", .id(session)) }
        if let project = filter.projectID { condition.and("s.n IS NOT NULL AND l.project_id = ?", .id(project)) }
        if let driver = filter.driver { condition.and("l.driver = ?", .text(driver)) }
        if let from = filter.from { condition.and("l.at >= ?", .time(from)) }
        if let to = filter.to { condition.and("l.at < ?", .time(to)) }
        let sums = UsageColumns.names.dropLast().map { "sum(l.\($0))" }.joined(separator: ", ")
        let found = try database.rows(
            """
            SELECT \(filter.group.key) AS key, count(*), \(sums), l.accuracy FROM ledger l
            LEFT JOIN session s ON s.n = l.session AND s.hidden_at IS NULL
            \(condition.sql) GROUP BY 1, l.accuracy ORDER BY key IS NULL, key
            """, condition.values
        ) { row in
            (key: try filter.group.name(&row), runs: row.int(), usage: try UsageColumns.read(&row))
        }
        return found.reduce(into: []) { rows, part in
            if rows.last?.key != part.key || rows.isEmpty {
                rows.append(UsageRow(key: part.key, runs: 0, known: .none, estimated: .none, unknown: .none))
            }
            rows[rows.count - 1].add(part.usage, runs: part.runs)
        }
    }

    func sessionStats(_ filter: SessionFilter) throws -> SessionStats {
        var stats = SessionStats()
        let condition = Condition(filter)
        try database.each(
            "SELECT s.status, count(*), sum(s.seq) FROM session s \(condition.sql) GROUP BY 1", condition.values
        ) { row in
            stats.sessionsByStatus[try row.word()] = row.int()
            stats.events += row.int()
            return true
        }
        try database.each(
            """
            SELECT t.status, t.stop_reason, count(*) FROM task t JOIN session s ON s.n = t.session \(condition.sql)
            GROUP BY 1, 2
            """, condition.values
        ) { row in
            let status: TaskStatus = try row.word()
            let reason: StopReason? = try row.optionalWord()
            let count = row.int()
            stats.tasksByStatus[status, default: 0] += count
            if status == .failed, let reason { stats.failuresByReason[reason, default: 0] += count }
            return true
        }
        try database.each(
            """
            SELECT count(*) FILTER (WHERE r.driver_resumed OR r.fallback IS NOT NULL),
                count(*) FILTER (WHERE r.driver_resumed),
                coalesce(sum(r.cache_read_tokens) FILTER (WHERE r.driver_resumed), 0)
            FROM run r JOIN task t ON t.n = r.task JOIN session s ON s.n = t.session \(condition.sql)
            """, condition.values
        ) { row in
            stats.resumesTried = row.int()
            stats.resumesSucceeded = row.int()
            stats.tokensSavedByResuming = row.int()
            return true
        }
        return stats
    }
}

extension UsageRow {
    fileprivate mutating func add(_ usage: Usage, runs more: Int) {
        runs += more
        switch usage.accuracy {
        case .known: known = usage
        case .estimated: estimated = usage
        case .unknown: unknown = usage
        }
    }
}

extension UsageFilter.Group {
    /// What groups the ledger's rows. Sessions that are hidden are nobody's, as they will be when they are purged.
    fileprivate var key: String {
        switch self {
        case .total: "NULL"
        case .session: "s.id"
        case .project: "CASE WHEN s.n IS NOT NULL THEN l.project_id END"
        case .driver: "l.driver"
        case .day: "date(l.at / 1000, 'unixepoch')"
        }
    }

    fileprivate func name(_ row: inout SQLiteRow) throws -> String? {
        switch self {
        case .total, .driver, .day: row.optionalText()
        case .session: (try row.optionalID() as SessionID?)?.description
        case .project: (try row.optionalID() as ProjectID?)?.description
        }
    }
}
