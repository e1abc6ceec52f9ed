import AgentModel
import JSON
import Store

extension StoreCheck {
    static let imports = [
        StoreCheck(name: "what a session owns makes the same session in another store", run: carried),
        StoreCheck(name: "an imported session is seen once it is whole", run: hidden),
        StoreCheck(name: "records that do not fit together are refused", run: unfit),
    ]

    /// A session with a little of everything that a host of this kind makes.
    private static func furnished(_ host: StoreHost) throws -> AgentSession {
        let session = try host.makeSession { $0.title = "Shop" }
        for number in 1...3 {
            let (task, run, _) = try host.runTask(in: session.id)
            let draft = CheckpointDraft(
                id: Fresh.id(), runID: run.id, taskID: task.id, turn: 1, driver: ["number": .int(Int64(number))])
            try host.write(.saveCheckpoint(session.id, draft))
            let told: JSONObject = ["text": "hello"]
            try host.write(.append(session.id, [EventDraft(.message, taskID: task.id, runID: run.id, data: told)]))
            var usage = Usage.none
            (usage.inputTokens, usage.accuracy) = (10, .known)
            _ = try host.wait(host.submit(host.finish(run, usage: usage)))
        }
        for value in ["apple", "pear"] {
            try host.write(
                .remember(
                    MemoryDraft(
                        id: Fresh.id(), scope: .session(session.id), namespace: "general", key: "word",
                        value: .string(value))))
        }
        return try host.read { try $0.session(session.id) } ?? session
    }

    private static func records(_ host: StoreHost, _ session: SessionID) throws -> [SessionRecord] {
        var records: [SessionRecord] = []
        var cursor: SessionRecordCursor? = .start
        while let from = cursor {
            let page = try host.read { try $0.records(of: session, from: from) }
            records += page.records
            cursor = page.next
        }
        return records
    }

    private static func add(_ records: [SessionRecord], _ made: SessionImport, _ host: StoreHost) throws {
        var left = records[...]
        while !left.isEmpty {
            left = left.dropFirst(try host.write(.importRecords(made, Array(left.prefix(7)))).importedRecords)
        }
    }

    private static func carried(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try furnished(host)
        let (records, log) = (try records(host, session.id), try host.events(session.id))
        let states = try states(host, session.id)
        let bill = try host.read { try $0.usage(UsageFilter()) }
        try host.write(.hideSession(session.id, force: false))
        try host.write(.purgeHidden(limit: 10_000))
        let made = SessionImport(session, from: session.id, identities: nil)
        try host.write(.beginImport(made))
        try add(records, made, host)
        let shown = try host.write(.showImport(made)).sessions[session.id]
        try expect(shown, session, "the session")
        try expect(try host.events(session.id), log, "its log")
        try expect(try self.states(host, session.id), states, "its states")
        try expect(try self.records(host, session.id), records, "what it owns")
        try expect(try host.read { try $0.usage(UsageFilter()) }, bill, "what was billed")
        let (_, run, _) = try host.runTask(in: session.id)
        _ = try host.wait(host.submit(host.finish(run)))
        try expect(try host.read { try $0.lastSeq(session.id) > log.count }, true, "it goes on")
    }

    private static func states(_ host: StoreHost, _ session: SessionID) throws -> [CheckpointState?] {
        try host.read { reader in
            try reader.checkpoints(session, PageRequest()).items.map { try reader.checkpointState($0.id) }
        }
    }

    private static func hidden(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try furnished(host)
        let records = try records(host, session.id)
        var copy = SessionImport(host.newSession(), from: session.id, identities: nil)
        copy.identities = IdentityMap(key: Fresh.id(of: SessionKind.self).uuid)
        try host.write(.beginImport(copy))
        try expectFailure("twice", \.isRefused) { try host.write(.beginImport(copy)) }
        let id = copy.session.id
        try expectFailure("ids that are used", \.isRefused) { try host.write(.importRecords(copy, records)) }
        try expect(try host.read { try $0.session(id) == nil }, true, "it is not seen")
        try expect(try host.read { try $0.sessions(SessionFilter(), PageRequest()).items.count }, 1, "nor listed")
        try expectFailure("without a log", \.isRefused) { try host.write(.showImport(copy)) }
        try host.write(.purgeHidden(limit: 10_000))
        try expectFailure("it is still there", \.isRefused) { try host.write(.beginImport(copy)) }
        try host.write(.abandonSession(id))
        try host.write(.purgeHidden(limit: 10_000))
        try host.write(.beginImport(copy))
    }

    private static func unfit(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try furnished(host)
        let records = try records(host, session.id)
        try host.write(.hideSession(session.id, force: false))
        try host.write(.purgeHidden(limit: 10_000))
        let made = SessionImport(session, from: session.id, identities: nil)
        try host.write(.beginImport(made))
        let tasks = records.filter { if case .task = $0 { true } else { false } }
        let others = records.filter { !tasks.contains($0) }
        try expectFailure("what refers to nothing", \.isNotFound) { try host.write(.importRecords(made, others)) }
        try add(tasks, made, host)
        try expectFailure("a task twice", \.isRefused) { try host.write(.importRecords(made, tasks)) }
        let events = records.filter { if case .event = $0 { true } else { false } }
        try expectFailure("a log with a hole", \.isRefused) {
            try host.write(.importRecords(made, Array(events.dropFirst())))
        }
        try add(others.dropLast(), made, host)
        try expectFailure("a task without its end", \.isRefused) { try host.write(.showImport(made)) }
        try add(others.suffix(1), made, host)
        try host.write(.showImport(made))
    }
}
