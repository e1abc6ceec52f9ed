import AgentModel
import Store

extension StoreCheck {
    static let readings = [
        StoreCheck(name: "where a driver session stands is told to the run that resumes it", run: standing),
        StoreCheck(name: "a rise is billed to the run before that ended without a result", run: riseOfARun),
        StoreCheck(name: "a rise that no run can have caused was used outside", run: riseOutside),
    ]

    private static func usage(_ tokens: Int, _ accuracy: Accuracy = .known) -> Usage {
        var usage = Usage.none
        usage.inputTokens = tokens
        usage.cost = Cost(nanoDollars: Int64(tokens))
        usage.accuracy = accuracy
        return usage
    }

    /// A task that runs on the driver session `d`; the commit that started it.
    private static func start(
        _ host: StoreHost, _ session: SessionID, resumes: Bool
    ) throws -> (run: Run, commit: StoreCommit) {
        let task = try host.queueTask(in: session)
        let run = host.newRun(of: task) {
            $0.driverSessionID = "d"
            $0.driverResumed = resumes
        }
        return (run, try host.write(.startTask(task.id, run)))
    }

    private static func change(_ run: Run, _ total: Int, rise: Usage = .none) -> StoreCommand {
        var change = ReadingChange(
            driver: run.driver, driverSessionID: "d",
            reading: UsageReading(total: usage(total), billed: usage(2, .estimated)), runID: run.id)
        change.rise = rise
        return .keepReading(change)
    }

    private static func standing(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let first = try start(host, session.id, resumes: false)
        try expect(first.commit.reading, nil, "before anything was read")
        try host.write(change(first.run, 10))
        _ = try host.wait(host.submit(host.finish(first.run, usage: usage(10))))
        let second = try start(host, session.id, resumes: true)
        try expect(
            second.commit.reading, UsageReading(total: usage(10), billed: usage(2, .estimated)), "where it stands")
        try expect(second.commit.previousRun, first.run.id, "who had it last")
        try host.write(change(second.run, 15))
        _ = try host.wait(host.submit(host.finish(second.run, usage: usage(5))))
        let other = try host.makeSession()
        let third = try start(host, other.id, resumes: true)
        try expect(third.commit.reading?.total, usage(15), "in another session")
        try expect(third.commit.previousRun, second.run.id, "who had it last, in another session")
        let unknown = host.newRun(of: host.newTask(in: other.id))
        try expectFailure("a reading of a run that there is not", \.isNotFound) { try host.write(change(unknown, 1)) }
    }

    private static func riseOfARun(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let dead = try start(host, session.id, resumes: false).run
        var ended = dead
        (ended.endedAt, ended.stopReason, ended.usage) = (StoreHost.noon, .noResult, usage(3, .estimated))
        try host.write(
            .updateRun(ended), .endTask(dead.taskID, TaskResult(status: .failed, stopReason: .noResult)))
        let next = try start(host, session.id, resumes: true).run
        let commit = try host.write(change(next, 10, rise: usage(7)))
        try expect(commit.sessions[session.id]?.usage, usage(10, .estimated), "what the session has used")
        try expect(try host.read { try $0.runs(dead.taskID) }.map(\.usage), [usage(10, .estimated)], "the run's bill")
        _ = try host.wait(host.submit(host.finish(next, usage: usage(1))))
        let rows = try host.read { try $0.usage(UsageFilter()) }
        try expect(rows.map(\.runs), [2], "the runs")
        try expect(rows.map(\.estimated), [usage(10, .estimated)], "the bill of the run that died")
        try expect(rows.map(\.known), [usage(1)], "the bill of the one after")
        try expect(rows.map(\.outside), [.none], "what was used outside")
    }

    private static func riseOutside(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let first = try start(host, session.id, resumes: false).run
        _ = try host.wait(host.submit(host.finish(first, usage: usage(3))))
        let next = try start(host, session.id, resumes: true).run
        try host.write(change(next, 10, rise: usage(7)))
        _ = try host.wait(host.submit(host.finish(next, usage: usage(1))))
        let used = try host.read { try $0.session(session.id) }?.usage
        try expect(used, usage(4), "what the session has used")
        for group in UsageFilter.Group.allCases {
            var filter = UsageFilter()
            filter.group = group
            let rows = try host.read { [filter] in try $0.usage(filter) }
            try expect(rows.map(\.runs), [2], "the runs by \(group)")
            try expect(rows.map(\.known), [usage(4)], "their bills by \(group)")
            try expect(rows.map(\.outside), [usage(7)], "what was used outside by \(group)")
        }
        try host.write(.hideSession(session.id, force: false))
        while try host.write(.purgeHidden(limit: 3)).isMoreLeft {}
        var filter = UsageFilter()
        filter.group = .session
        let rows = try host.read { [filter] in try $0.usage(filter) }
        try expect(rows.map(\.key), [nil], "whose it is when the session is gone")
        try expect(rows.map(\.outside), [usage(7)], "what was used outside then")
    }
}
