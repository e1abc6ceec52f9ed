import AgentModel
import JSON
import Store

extension SQLiteReader {
    func usage(_ filter: UsageFilter) throws -> [UsageRow] {
        let runs = try sums(filter, of: "ledger l LEFT JOIN session s ON s.n = l.session AND s.hidden_at IS NULL")
        var rows: [UsageRow] = []
        for part in runs { rows.forKey(part.key) { $0.add(part.usage, runs: part.count) } }
        guard try database.integer("PRAGMA user_version") >= SchemaPart.ledger.since else { return rows }
        let outside = try sums(
            filter, of: "outside l LEFT JOIN session s ON s.id = l.session_id AND s.hidden_at IS NULL")
        for part in outside { rows.forKey(part.key) { $0.outside.add(part.usage) } }
        return outside.isEmpty ? rows : rows.sorted(by: UsageRow.isBefore)
    }

    private func sums(
        _ filter: UsageFilter, of tables: String
    ) throws -> [(key: String?, count: Int, usage: Usage)] {
        var condition = Condition("TRUE")
        if let session = filter.sessionID { condition.and("s.id = ?", .id(session)) }
        if let project = filter.projectID { condition.and("s.n IS NOT NULL AND l.project_id = ?", .id(project)) }
        if let driver = filter.driver { condition.and("l.driver = ?", .text(driver)) }
        if let from = filter.from { condition.and("l.at >= ?", .time(from)) }
        if let to = filter.to { condition.and("l.at < ?", .time(to)) }
        let sums = UsageColumns.names.dropLast().map { "sum(l.\($0))" }.joined(separator: ", ")
        return try database.rows(
            """
            SELECT \(filter.group.key) AS key, count(*), \(sums), l.accuracy FROM \(tables)
            \(condition.sql) GROUP BY 1, l.accuracy ORDER BY key IS NULL, key
            """, condition.values
        ) { row in
            (key: try filter.group.name(&row), count: row.int(), usage: try UsageColumns.read(&row))
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
                coalesce(sum(r.cache_read_tokens / max(r.turns, 1)) FILTER (WHERE r.driver_resumed), 0)
            FROM run r JOIN task t ON t.n = r.task JOIN session s ON s.n = t.session \(condition.sql)
            """, condition.values
        ) { row in
            stats.resumesTried = row.int()
            stats.resumesSucceeded = row.int()
            stats.tokensSavedByResuming = row.int()
            return true
        }
        if try database.integer("PRAGMA user_version") >= SchemaPart.promotions.since {
            stats.driverSessionsExpired = Int(
                try database.integer(
                    "SELECT coalesce(sum(s.expirations), 0) FROM session s \(condition.sql)", condition.values))
        }
        return stats
    }
}

extension [UsageRow] {
    /// Changes the row of a group, which is the last one if there is any.
    fileprivate mutating func forKey(_ key: String?, _ change: (inout UsageRow) -> Void) {
        let index = lastIndex { $0.key == key } ?? count
        if index == count {
            append(UsageRow(key: key, runs: 0, known: .none, estimated: .none, unknown: .none))
        }
        change(&self[index])
    }
}

extension UsageRow {
    /// In the order of the key, what belongs to none last.
    fileprivate static func isBefore(_ left: UsageRow, _ right: UsageRow) -> Bool {
        guard let one = left.key, let other = right.key else { return left.key != nil && right.key == nil }
        return one < other
    }

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
