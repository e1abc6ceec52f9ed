import AgentModel
import JSON
import Store

/// What a reading is stored as.
enum ReadingColumns {
    static let figures = UsageColumns.names + UsageColumns.names.map { "billed_\($0)" }
    static let all = ["driver", "driver_session_id"] + figures
}

/// Where driver sessions stand, and who is billed for what they used meanwhile.
extension StoreTransaction {
    var hasReadings: Bool { schemaVersion >= SchemaPart.ledger.since }

    func reading(_ driver: String, _ driverSession: String) throws -> UsageReading? {
        guard hasReadings else { return nil }
        return try database.first(
            """
            SELECT \(Columns.list(ReadingColumns.figures)) FROM reading
            WHERE driver = ? AND driver_session_id = ?
            """, [.string(driver), .string(driverSession)]
        ) { UsageReading(total: try UsageColumns.read(&$0), billed: try UsageColumns.read(&$0)) }
    }

    /// What a run that resumes a driver session has to know of it.
    func lookBack(for run: Run) throws {
        if let origin = run.forkedFrom { commit.reading = try reading(run.driver, origin) }
        guard run.driverResumed, let driverSession = run.driverSessionID else { return }
        commit.reading = try reading(run.driver, driverSession)
        commit.previousRun = try previousRun(run.driver, driverSession, before: run.id)?.value.id
    }

    func keepReading(_ change: ReadingChange) throws {
        guard hasReadings else { return }
        let found = try database.first(RunRow.select("WHERE r.id = ? AND s.hidden_at IS NULL"), [.id(change.runID)]) {
            try RunRow(&$0)
        }
        guard let run = found?.value else { throw StoreFailure.notFound(change.runID.description) }
        try database.run(
            "INSERT OR REPLACE" + Columns.insert("reading", ReadingColumns.all).dropFirst("INSERT".count),
            [.string(change.driver), .string(change.driverSessionID)]
                + UsageColumns.values(change.reading.total) + UsageColumns.values(change.reading.billed))
        guard change.rise != .none else { return }
        if let previous = try previousRun(change.driver, change.driverSessionID, before: run.id),
            try bill(change.rise.known(atBest: .estimated), to: previous)
        {
            return
        }
        let session = try session(run.sessionID)
        try database.run(
            Columns.insert("outside", ["session_id", "project_id", "driver", "at"] + UsageColumns.names),
            [.id(run.sessionID), .id(session.row.value.projectID), .string(change.driver), .time(now)]
                + UsageColumns.values(change.rise))
    }

    private func previousRun(_ driver: String, _ driverSession: String, before run: RunID) throws -> RunRow? {
        try database.first(
            RunRow.select("WHERE r.driver = ? AND r.driver_session_id = ? AND r.id <> ? ORDER BY r.n DESC LIMIT 1"),
            [.string(driver), .string(driverSession), .id(run)]
        ) { try RunRow(&$0) }
    }

    /// Adds to the bill of a run that ended without a result.
    /// - Returns: whether it is such a run.
    private func bill(_ rise: Usage, to row: RunRow) throws -> Bool {
        let run = row.value
        let ledger = try database.first("SELECT ledger FROM run WHERE n = ?", [.integer(row.number)]) {
            $0.optionalInt64()
        }
        guard let ledger = ledger.flatMap({ $0 }), run.endedAt != nil, run.endedWithoutResult else { return false }
        var usage = run.usage
        usage.add(rise)
        let assignments = UsageColumns.names.map { "\($0) = ?" }.joined(separator: ", ")
        for (table, number) in [("ledger", ledger), ("run", row.number)] {
            try database.run(
                "UPDATE \(table) SET \(assignments) WHERE n = ?", UsageColumns.values(usage) + [.integer(number)])
        }
        change(try session(run.sessionID)) { $0.usage.add(rise) }
        return true
    }

    /// Which row of the ledger is a run's bill: it may come to more.
    func linkBill(ofRun number: Int64) throws {
        guard hasReadings else { return }
        try database.run(
            "UPDATE run SET ledger = ? WHERE n = ?", [.integer(database.lastInsertedRow), .integer(number)])
    }
}

extension Run {
    /// Whether its agent was ended, or died, before it could say what it had used.
    fileprivate var endedWithoutResult: Bool {
        switch stopReason {
        case .endTurn, .maxTokens, .refusal, .schemaUnsatisfied, .error: false
        default: usage.accuracy != .known
        }
    }
}
