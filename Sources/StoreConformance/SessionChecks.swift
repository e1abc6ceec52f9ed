import AgentModel
import JSON
import Store

extension StoreCheck {
    static let sessions = [
        StoreCheck(name: "a session comes back as it was given", run: sessionKeepsEverything),
        StoreCheck(name: "a session needs its connection", run: sessionNeedsConnection),
        StoreCheck(name: "an update changes what it names and is logged", run: patches),
        StoreCheck(name: "moves follow the table", run: moves),
        StoreCheck(name: "sessions past their time expire", run: expiry),
        StoreCheck(name: "a batch takes effect whole or not at all", run: atomicity),
        StoreCheck(name: "a key is used once", run: keys),
        StoreCheck(name: "connections are kept while they are used", run: connections),
    ]

    private static func sessionKeepsEverything(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let project = try host.makeProject()
        let plan = Plan(id: Fresh.id(), title: "p", batches: [], hostID: host.store.hostID, at: StoreHost.noon)
        try expectFailure("an unknown plan", \.isNotFound) {
            try host.write(.insertSession(host.newSession { $0.planID = plan.id }))
        }
        try host.write(.insertPlan(plan))
        let session = host.newSession { session in
            session.projectID = project.id
            session.parentSessionID = Fresh.id()
            session.planID = plan.id
            session.milestoneID = "milestone"
            session.workingDirectory = "/srv/ünïcode \"quoted\""
            session.model = "m"
            session.mode = .script
            session.persistence = .fresh
            session.recursionLimit = 7
            session.ttlSeconds = 60
            session.budget = Budget(cost: Cost(nanoDollars: 7), tokens: 8)
            session.title = "Umsätze\u{0}2024"
            session.metadata = ["a": [1, 2.5, nil, "x", ["y": true]], "big": 9_223_372_036_854_775_807]
            session.learning = ["on": true]
            session.permissions = ["allow": ["sql"]]
            session.driverSessions = ["claude": "0192", "codex": "x"]
        }
        let commit = try host.write(.insertSession(session))
        try expect(commit.sessions[session.id], session, "the session in the commit")
        try expect(try host.read { try $0.session(session.id) }, session, "the session read back")
        try expectFailure("the same id again", \.isRefused) { try host.write(.insertSession(session)) }
        let unknown: SessionID = Fresh.id()
        try expect(try host.read { try $0.session(unknown) }, nil, "a session that is not there")
    }

    private static func sessionNeedsConnection(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let connection = DatabaseConnection(id: Fresh.id(), name: "shop", dialect: .sqlite, at: StoreHost.noon)
        let session = host.newSession { $0.connectionID = connection.id }
        try expectFailure("an unknown connection", \.isNotFound) { try host.write(.insertSession(session)) }
        try host.write(.insertConnection(connection), .insertSession(session))
        try expect(try host.read { try $0.session(session.id) }?.connectionID, connection.id, "the connection")
    }

    private static func patches(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        var session = try host.makeSession {
            $0.title = "old"; $0.model = "m"
        }
        var patch = SessionPatch()
        patch.title = .set("new")
        patch.model = .clear
        patch.mode = .query
        patch.budget = .set(Budget(cost: nil, tokens: 9))
        let later = StoreHost.noon.adding(milliseconds: 5)
        let commit = try host.write(.patchSession(session.id, patch), at: later)
        session.apply(patch, at: later)
        try expect(commit.sessions[session.id], session, "the session after the update")
        try expect(
            commit.events.map(\.data), [["title": "new", "model": nil, "budget": ["tokens": 9], "mode": "query"]],
            "what is logged")
        try expect(commit.events.map(\.seq), [2], "its number")
        let id = session.id
        try expect(try host.read { try $0.session(id) }, session, "the session read back")
        patch = SessionPatch()
        patch.budget = .clear
        try host.write(.patchSession(id, patch))
        try expect(try host.read { try $0.session(id) }?.budget, nil, "without its budget")
        try expect(try host.write(.patchSession(session.id, SessionPatch())).events, [], "an update of nothing logs")
        try expectFailure("an unknown session", \.isNotFound) { try host.write(.patchSession(Fresh.id(), patch)) }
    }

    private static func moves(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        for moves in [[SessionMove.pause], [.complete], [.expire], [.pause, .complete], [.complete, .resume]] {
            let session = try host.makeSession()
            var status = SessionStatus.active
            for move in moves {
                try host.write(.moveSession(session.id, move))
                status = move.next(from: status) ?? status
            }
            try expect(try host.read { try $0.session(session.id) }?.status, status, "after \(moves)")
            for move in SessionMove.allCases where move.next(from: status) == nil {
                try expectFailure("\(move) from \(status)", \.isRefused) {
                    try host.write(.moveSession(session.id, move))
                }
            }
        }
        let session = try host.makeSession()
        let types = try [SessionMove.pause, .pause, .resume, .complete, .resume, .expire].flatMap {
            try host.write(.moveSession(session.id, $0)).events.map(\.type)
        }
        try expect(
            types, [.sessionPaused, .sessionResumed, .sessionCompleted, .sessionResumed, .sessionExpired], "the log")
        let waiting = try host.makeSession()
        _ = try host.queueTask(in: waiting.id)
        try expectFailure("completing while a task waits", \.isRefused) {
            try host.write(.moveSession(waiting.id, .complete))
        }
    }

    private static func expiry(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let old = try (0..<3).map { _ in
            try host.makeSession {
                $0.ttlSeconds = 10; $0.driverSessions = ["claude": "x"]
            }
        }
        let lasting = try host.makeSession()
        let busy = try host.makeSession { $0.ttlSeconds = 10 }
        _ = try host.runTask(in: busy.id)
        let early = try host.write(.expireSessions(limit: 10), at: StoreHost.noon.adding(milliseconds: 9_999))
        try expect(early.events, [], "before their time")
        let late = StoreHost.noon.adding(milliseconds: 10_000)
        let first = try host.write(.expireSessions(limit: 2), at: late)
        try expect(first.events.map(\.type), [.sessionExpired, .sessionExpired], "the first two")
        try expect(first.isMoreLeft, true, "more is left")
        let rest = try host.write(.expireSessions(limit: 2), at: late)
        try expect(rest.events.count, 1, "the last one")
        try expect(rest.isMoreLeft, false, "nothing is left")
        try expect(try host.read { try $0.session(old[0].id) }?.driverSessions, [:], "driver sessions")
        for kept in [lasting.id, busy.id] {
            try expect(try host.read { try $0.session(kept) }?.status == .expired, false, "the others")
        }
    }

    private static func atomicity(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let other = host.newSession()
        let good = host.submit([.append(session.id, [EventDraft(.warning, data: ["n": 1])])])
        let bad = host.submit([
            .insertSession(other), .append(session.id, [EventDraft(.warning, data: ["n": 2])]),
            .append(Fresh.id(), [EventDraft(.warning)]),
        ])
        let next = host.submit([.append(session.id, [EventDraft(.warning, data: ["n": 3])])])
        try expect(try host.wait(good).events.map(\.seq), [2], "before the failure")
        try expectFailure("the batch with a fault", \.isNotFound) { _ = try host.wait(bad) }
        try expect(try host.wait(next).events.map(\.seq), [3], "after the failure")
        try expect(try host.read { try $0.session(other.id) }, nil, "what came with the failure")
        try expect(try host.events(session.id).compactMap { $0.data["n"]?.intValue }, [1, 3], "the log")
        try expect(host.answers.committed.suffix(2), [good, next], "the order of commits")
    }

    private static func keys(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        func claim(_ hash: String, _ target: String, scope: String = "") -> StoreCommand {
            .claimKey(
                IdempotencyClaim(
                    method: "session.create", scope: scope, key: "k", parametersHash: hash, target: target))
        }
        let session = host.newSession()
        let target = session.id.description
        try host.write(claim("h", target), .insertSession(session))
        try expectFailure("the same again", { $0 == .replayed(target: target) }) { try host.write(claim("h", "new")) }
        try expectFailure("other parameters", { $0 == .keyConflict(key: "k") }) { try host.write(claim("i", "new")) }
        try host.write(claim("i", "new", scope: "elsewhere"))
        try expectFailure("a failed batch claims nothing", \.isNotFound) {
            try host.write(claim("j", "x", scope: "failed"), .patchSession(Fresh.id(), SessionPatch()))
        }
        try host.write(claim("j", "y", scope: "failed"))
        let day = StoreHost.noon.adding(milliseconds: 24 * 3_600_000)
        try host.write(claim("i", "again"), at: day)
        let task = try host.queueTask(in: session.id)
        try host.write(claim("t", task.id.description, scope: "task"))
        try expectFailure("while its task lasts", \.isReplayed) {
            try host.write(claim("t", "z", scope: "task"), at: day.adding(milliseconds: 24 * 3_600_000))
        }
    }

    private static func connections(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        var connection = DatabaseConnection(id: Fresh.id(), name: "shop", dialect: .postgresql, at: StoreHost.noon)
        connection.url = "postgresql://u@h/d"
        connection.passwordEnv = "SHOP_PASSWORD"
        connection.readOnly = false
        try host.write(.insertConnection(connection))
        let id = connection.id
        try expect(try host.read { try $0.connection(id) }, connection, "the connection read back")
        connection.name = "renamed"
        try expect(try host.write(.updateConnection(connection)).connections[id], connection, "after an update")
        let session = try host.makeSession { $0.connectionID = id }
        try expectFailure("removing one that is used", \.isRefused) { try host.write(.deleteConnection(id)) }
        try host.write(.hideSession(session.id, force: false), .deleteConnection(id))
        try expect(try host.read { try $0.connection(id) }, nil, "after it was removed")
        try expectFailure("removing it again", \.isNotFound) { try host.write(.deleteConnection(id)) }
        try expectFailure("updating it", \.isNotFound) { try host.write(.updateConnection(connection)) }
    }
}
