import AgentModel
import JSON
import Store

extension StoreCheck {
    static let housekeeping = [
        StoreCheck(name: "what a session recalled often outlives its end, once and with its source", run: promotion),
        StoreCheck(name: "of what two sessions hand on under one key the later stays", run: promotedKeys),
        StoreCheck(name: "promotion goes on where another host stopped", run: promotionInSteps),
        StoreCheck(name: "who does not ask for promotion keeps what it has", run: noPromotion),
        StoreCheck(name: "sessions that nobody uses go, others stay", run: retirement),
        StoreCheck(name: "what expires is counted", run: expirations),
    ]

    private static func learning(_ more: JSONObject = [:]) -> JSONObject {
        var learning: JSONObject = ["enabled": true, "promote_after": 2]
        for member in more { learning[member.key] = member.value }
        return learning
    }

    private static func makeConnection(_ host: StoreHost) throws -> ConnectionID {
        let connection = DatabaseConnection(id: Fresh.id(), name: "shop", dialect: .sqlite, at: StoreHost.noon)
        try host.write(.insertConnection(connection))
        return connection.id
    }

    /// A memory of a session's own that was recalled so often.
    private static func remember(
        _ text: String, key: String? = nil, in session: SessionID, recalled times: Int,
        at now: Timestamp = StoreHost.noon,
        _ host: StoreHost
    ) throws -> MemoryID {
        let draft = draft(.session(session), key: key, .string(text)) {
            $0.namespace = "conversation"
            $0.isCaptured = true
            $0.source = MemorySource(taskID: Fresh.id(), runID: Fresh.id(), role: "assistant", seq: 2)
        }
        let id = try host.write(.remember(draft), at: now).memories[0].memory.id
        for _ in 0..<times { try host.write(.markRecalled([id]), at: now) }
        return id
    }

    private static func memories(_ scope: MemoryScope, _ host: StoreHost) throws -> [Memory] {
        var filter = MemoryFilter()
        filter.scopes = [scope]
        return try host.read { [filter] in try $0.memories(filter, at: StoreHost.noon, PageRequest()).items }
    }

    private static func promotion(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let connection = try makeConnection(host)
        let session = try host.makeSession {
            $0.connectionID = connection; $0.learning = learning()
        }
        let often = try remember("orders are sent in May", in: session.id, recalled: 3, host)
        let seldom = try remember("orders are red", in: session.id, recalled: 1, host)
        let before = try host.read { try $0.memory(often, at: nil) }
        try expect(try host.write(.promoteMemories(limit: 10)).promoted, 0, "of a session that goes on")
        try host.write(.moveSession(session.id, .complete))
        let commit = try host.write(.promoteMemories(limit: 10))
        try expect(commit.promoted, 1, "how many were promoted")
        try expect(commit.isMoreLeft, false, "whether more is left")
        let shared = try memories(.connection(connection), host)
        try expect(shared.map(\.id), [often], "what the connection has")
        try expect(shared.first?.namespace, "findings", "the group of what is shared")
        try expect(shared.first?.recallCount, 3, "how often it was recalled")
        var source = before?.source
        source?.seq = nil
        try expect(shared.first?.source, source, "its source")
        try expect(try memories(.session(session.id), host).map(\.id), [seldom], "what the session keeps")
        let last = try host.events(session.id).last
        try expect(last?.type, .memoryCaptured, "what the log says")
        try expect(last?.data["promoted"], true, "and why")
        try expect(try host.write(.promoteMemories(limit: 10)).promoted, 0, "a second time")

        // Another session knows the same: it is not kept twice.
        let other = try host.makeSession {
            $0.connectionID = connection; $0.learning = learning()
        }
        _ = try remember("orders are sent in May", in: other.id, recalled: 2, host)
        try host.write(.moveSession(other.id, .complete))
        try expect(try host.write(.promoteMemories(limit: 10)).promoted, 0, "what is known already")
        try expect(try memories(.connection(connection), host).map(\.id), [often], "what the connection has then")
    }

    private static func promotedKeys(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let project = try host.makeProject().id
        func end(_ text: String, at now: Timestamp) throws {
            let session = try host.makeSession {
                $0.projectID = project; $0.learning = learning()
            }
            _ = try remember(text, key: "till", in: session.id, recalled: 2, at: now, host)
            try host.write(.moveSession(session.id, .complete))
            _ = try host.write(.promoteMemories(limit: 10))
        }
        func shared() throws -> [String] { try memories(.project(project), host).map(\.contentText) }
        try end("closes at nine", at: StoreHost.noon.adding(milliseconds: 10))
        try expect(try shared(), ["closes at nine"], "the first")
        try end("closed at six", at: StoreHost.noon)
        try expect(try shared(), ["closes at nine"], "after an earlier one")
        try end("closes at ten", at: StoreHost.noon.adding(milliseconds: 20))
        try expect(try shared(), ["closes at ten"], "after a later one")
        let id = try memories(.project(project), host)[0].id
        let versions = try host.read { try $0.memoryVersions(id) }.map(\.contentText)
        try expect(versions.contains("closes at nine"), true, "the version before")
    }

    private static func promotionInSteps(_ subject: StoreSubject) throws {
        let one = try subject.host()
        let session = try one.makeSession { $0.learning = learning() }
        for number in 0..<5 {
            _ = try remember("fact number \(number)", in: session.id, recalled: 2, one)
        }
        try one.write(.moveSession(session.id, .complete))
        let first = try one.write(.promoteMemories(limit: 2))
        try expect(first.promoted, 2, "the first step")
        try expect(first.isMoreLeft, true, "more is left")
        one.store.close()
        let two = try subject.host()
        defer { two.store.close() }
        var steps = 0
        var promoted = 0
        var isMoreLeft = true
        while isMoreLeft, steps < 10 {
            let commit = try two.write(.promoteMemories(limit: 2))
            promoted += commit.promoted
            isMoreLeft = commit.isMoreLeft
            steps += 1
        }
        try expect(promoted, 3, "the other steps")
        try expect(try memories(.user, two).count, 5, "what is everybody's")
        try expect(try memories(.session(session.id), two), [], "what the session keeps")
    }

    private static func noPromotion(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let project = try host.makeProject().id
        let kinds: [(AgentSession) -> AgentSession] = [
            {
                var session = $0; session.learning = ["enabled": true]; return session
            },
            {
                var session = $0; session.learning = learning(["enabled": false]); return session
            },
            {
                var session = $0; session.learning = learning(); session.projectID = project; return session
            },
        ]
        for kind in kinds {
            let session = kind(host.newSession())
            try host.write(.insertSession(session))
            let id = try remember("kept", in: session.id, recalled: 9, host)
            if session.projectID != nil { try host.write(.deleteProject(project)) }
            try host.write(.moveSession(session.id, .complete))
            try expect(try host.write(.promoteMemories(limit: 9)).promoted, 0, "promoted")
            try expect(try memories(.session(session.id), host).map(\.id), [id], "what the session keeps")
        }
        let reopened = try host.makeSession { $0.learning = learning() }
        _ = try remember("later", in: reopened.id, recalled: 9, host)
        try host.write(.moveSession(reopened.id, .complete), .moveSession(reopened.id, .resume))
        try expect(try host.write(.promoteMemories(limit: 9)).promoted, 0, "of one that goes on again")
        try host.write(.moveSession(reopened.id, .complete))
        try expect(try host.write(.promoteMemories(limit: 9)).promoted, 1, "once it has ended")
    }

    private static func retirement(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let later = StoreHost.noon.adding(milliseconds: 1000)
        let project = try host.makeProject().id
        let idle = try host.makeSession()
        let ended = try host.makeSession()
        let paused = try host.makeSession()
        let waiting = try host.makeSession()
        let running = try host.makeSession()
        let latest = try host.makeSession { $0.projectID = project }
        let used = try host.makeSession()
        try host.write(.moveSession(ended.id, .complete), .moveSession(paused.id, .pause))
        _ = try host.queueTask(in: waiting.id)
        _ = try host.runTask(in: running.id)
        try host.write(.useInProject(latest.id, driver: "analyst", source: nil))
        let all = [idle, ended, paused, waiting, running, latest, used].map(\.id)
        func found(_ time: Timestamp, _ limit: Int = 100) throws -> [SessionID] {
            try host.read { try $0.idleSessions(unusedSince: time, limit: limit) }.map(\.id)
        }
        try expect(try found(StoreHost.noon), [], "nothing is older than itself")
        let (task, run) = try (host.queueTask(in: used.id), StoreHost.noon.adding(milliseconds: 2000))
        let started = host.newRun(of: task)
        try host.write(.startTask(task.id, started), at: run)
        _ = try host.wait(host.submit(host.finish(started), at: run))
        try expect(try found(later), [idle.id, ended.id], "those that may go")
        try expect(try found(later, 1), [idle.id], "the oldest first")
        let commit = try host.write(.retireSessions(all, unusedSince: later))
        try expect(Set(commit.sessions.keys), [idle.id, ended.id], "those that went")
        try expect(try host.read { try $0.hiddenSessions() }.count, 2, "what is to be purged")
        try expect(try host.read { try $0.session(paused.id) }?.status, .paused, "another")
    }

    private static func expirations(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession {
            $0.ttlSeconds = 1; $0.driverSessions = ["analyst": "a"]
        }
        let late = StoreHost.noon.adding(milliseconds: 1000)
        for _ in 0..<2 {
            let commit = try host.write(.expireSessions(limit: 10), at: late)
            try expect(commit.sessions[session.id]?.status, .expired, "its status")
            try host.write(.moveSession(session.id, .resume))
        }
        try expect(try host.read { try $0.sessionStats(SessionFilter()) }.driverSessionsExpired, 2, "how often")
    }
}
