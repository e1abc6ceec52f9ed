import AgentModel
import JSON
import Store

extension StoreCheck {
    static let logs = [
        StoreCheck(name: "a log is read from both ends, in parts and by type", run: ranges),
        StoreCheck(name: "what is logged comes back as it was", run: dataSurvives),
        StoreCheck(name: "events belong to their session", run: belonging),
    ]

    static let asks = [StoreCheck(name: "an ask is resolved once", run: resolvedOnce)]

    private static func ranges(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let task = try host.queueTask(in: session.id)
        let drafts = (3...20).map { number in
            EventDraft(
                number.isMultiple(of: 2) ? .warning : .message, taskID: number < 10 ? task.id : nil,
                data: ["text": .string(String(repeating: "x", count: 100))])
        }
        try host.write(.append(session.id, drafts))
        func seqs(_ change: @escaping @Sendable (inout EventRange) -> Void) throws -> [Int] {
            try host.read { reader in
                var range = EventRange()
                change(&range)
                return try reader.events(session.id, range).map(\.seq)
            }
        }
        try expect(try seqs { _ in }, Array(1...20), "all")
        try expect(
            try seqs {
                $0.afterSeq = 5; $0.limit = 3
            }, [6, 7, 8], "from the front")
        try expect(
            try seqs {
                $0.beforeSeq = 18; $0.limit = 3
            }, [15, 16, 17], "from the back")
        try expect(
            try seqs {
                $0.beforeSeq = 18; $0.afterSeq = 16
            }, [17], "between")
        try expect(try seqs { $0.afterSeq = 20 }, [], "past the end")
        try expect(
            try seqs {
                $0.types = [.warning]; $0.limit = 2
            }, [4, 6], "by type")
        let id = task.id
        try expect(try seqs { $0.taskID = id }, Array(2...9), "by task")
        try expect(
            try seqs {
                $0.bytesLimit = 250; $0.afterSeq = 2
            }, [3, 4], "by bytes")
        try expect(
            try seqs {
                $0.bytesLimit = 1; $0.afterSeq = 2
            }, [3], "at least one")
        try expect(try host.read { try $0.lastSeq(session.id) }, 20, "the last number")
        let unknown: SessionID = Fresh.id()
        try expect(try host.read { try $0.lastSeq(unknown) }, 0, "the last number of nothing")
    }

    private static func dataSurvives(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        var deep: JSON = "bottom"
        for _ in 0..<400 { deep = [deep] }
        let data: [JSONObject] = [
            [:], ["usage": [1, 2, 3, 4, 5, 6, nil, "known"]], ["run_id": "mine"], ["text": "\u{0}\u{1F600}\n"],
            ["n": 9_223_372_036_854_775_807, "m": -9_223_372_036_854_775_808, "d": 0.1], ["deep": deep],
        ]
        let drafts = EventType.allCases.filter { !$0.isLoggedByCommands }.flatMap { type in
            data.map { EventDraft(type, data: $0) }
        }
        try host.write(.append(session.id, drafts))
        let read = try host.events(session.id).dropFirst()
        try expect(read.map(\.data), drafts.map(\.data), "the data")
        try expect(read.map(\.type), drafts.map(\.type), "the types")
    }

    private static func belonging(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let (one, two) = (try host.makeSession(), try host.makeSession())
        let (task, run, _) = try host.runTask(in: one.id)
        for draft in [EventDraft(.message, taskID: task.id), EventDraft(.message, runID: run.id)] {
            try expectFailure("another session's", \.isNotFound) { try host.write(.append(two.id, [draft])) }
        }
        try host.write(.append(one.id, [EventDraft(.message, taskID: task.id, runID: run.id)]))
        let last = try host.events(one.id).last
        try expect(last?.taskID, task.id, "the task")
        try expect(last?.runID, run.id, "the run")
    }

    private static func resolvedOnce(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let (task, run, _) = try host.runTask(in: session.id)
        func newAsk(_ kind: DriverAsk.Kind) -> PermissionAsk {
            var ask = PermissionAsk(
                id: Fresh.id(), sessionID: session.id, taskID: task.id, runID: run.id, driverAskID: "1", kind: kind,
                title: "May I?", at: StoreHost.noon)
            ask.tool = "sql"
            ask.input = ["sql": "DROP TABLE x"]
            ask.options = [DriverAsk.Option(id: "no", title: "No", kind: "reject_once")]
            ask.deadlineAt = StoreHost.noon.adding(milliseconds: 1000)
            ask.defaultOption = "no"
            return ask
        }
        var ask = newAsk(.permission)
        let id = ask.id
        try expect(try host.write(.insertAsk(ask)).events.map(\.type), [.permissionRequested], "what is logged")
        try expect(try host.read { try $0.openAsks(nil) }, [ask], "open asks")
        let answer = PermissionAsk.Resolution(option: "no", by: "client", at: StoreHost.noon)
        let commit = try host.write(.resolveAsk(id, answer))
        ask.resolution = answer
        try expect(commit.asks[id], ask, "the ask in the commit")
        try expect(commit.events.map(\.data), [ask.resolvedData(answer)], "what is logged then")
        try expect(try host.read { try $0.ask(id) }, ask, "the ask read back")
        try expectFailure("a second answer", \.isSuperseded) {
            try host.write(.resolveAsk(id, PermissionAsk.Resolution(option: nil, by: "deadline", at: StoreHost.noon)))
        }
        let grant: JSON = ["tool": "sql", "decision": "allow", "once": true]
        try expect(try host.write(.grant(session.id, grant)).events.map(\.type), [.sessionUpdated], "what a grant logs")
        try expect(try host.write(.grant(session.id, grant)).events.count, 0, "what the same grant logs")
        try expect(try host.write(.spendGrant(session.id, grant)).sessions[session.id]?.permissions, [:], "spent")
        try expectFailure("a grant spent twice", \.isRefused) { try host.write(.spendGrant(session.id, grant)) }
        let question = newAsk(.question)
        try host.write(.insertAsk(question))
        let end = try host.wait(host.submit(host.finish(run)))
        let ending: [EventType] = [.runEnded, .questionAnswered, .checkpointSaved, .taskCompleted]
        try expect(end.events.map(\.type), ending, "asks end with their task")
        try expect(end.asks[question.id]?.resolution?.option, nil, "as cancelled")
        try expect(try host.read { try $0.openAsks(session.id) }, [], "open asks in the end")
        try expectFailure("an ask after the end", \.isSuperseded) { try host.write(.insertAsk(newAsk(.permission))) }
    }
}

extension EventType {
    /// Whether `append` refuses it.
    var isLoggedByCommands: Bool {
        isTerminal || [.taskQueued, .taskStarted, .runStarted, .runEnded, .checkpointSaved].contains(self)
    }
}
