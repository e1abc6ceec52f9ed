import AgentModel
import JSON
import Store

extension StoreCheck {
    static let restoring =
        [
            StoreCheck(name: "a session goes back to a checkpoint", run: restore),
            StoreCheck(name: "an agent's own session stays only where nothing ran in it since", run: movedSessions),
            StoreCheck(name: "checkpoints are deleted without breaking others", run: deletion),
            StoreCheck(name: "a session keeps as many checkpoints as it says", run: retention),
            StoreCheck(name: "a session goes on from where another stood", run: fork),
            StoreCheck(name: "a session in the making is not seen, and gone with its maker", run: making),
        ]
        + (1...6).map { seed in
            StoreCheck(name: "a random walk of checkpoints, seed \(seed)") { subject in
                let host = try subject.host()
                defer { host.store.close() }
                var walk = try CheckpointWalk(host, seed: UInt64(seed))
                for _ in 0..<120 { try walk.step() }
                try walk.compare()
            }
        }

    private static func restore(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let (first, run, _) = try host.runTask(in: session.id)
        let early: JSON = ["step": 1]
        let draft = CheckpointDraft(id: Fresh.id(), runID: run.id, taskID: first.id, turn: 1, driver: early)
        try host.write(.saveCheckpoint(session.id, draft))
        try expectFailure("while a task runs", \.isRefused) {
            try host.write(.restoreSession(session.id, draft.id, as: Fresh.id()))
        }
        _ = try host.wait(host.submit(host.finish(run)))
        let seq = try host.read { try $0.checkpoint(draft.id) }?.seq ?? 0
        let new: CheckpointID = Fresh.id()
        let commit = try host.write(.restoreSession(session.id, draft.id, as: new))
        try expect(commit.events.map(\.type), [.sessionRestored], "what is logged")
        let told = commit.events.first?.data["from_checkpoint_id"]?.stringValue
        try expect(told, draft.id.description, "what it names")
        let head = try host.read { try $0.lastCheckpoint(session.id) }
        try expect(head?.id, new, "where the session stands")
        try expect(head?.parentID, draft.id, "after what")
        try expect([head?.taskID], [first.id], "its task")
        try expect(head?.turn, 1, "its turn")
        let state = try host.read { try $0.checkpointState(new) }
        try expect(state?.driver, early, "the driver's state")
        let last = try host.read { try $0.lastSeq(session.id) }
        try expect(state?.history.ranges(through: last), [1...seq], "the conversation")
        try expectFailure("to a checkpoint of another session", \.isNotFound) {
            let other = try host.makeSession()
            try host.write(.restoreSession(other.id, draft.id, as: Fresh.id()))
        }
    }

    private static func movedSessions(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession { $0.driverSessions = [:] }
        func run(_ driver: String, _ id: String) throws -> CheckpointID? {
            let task = try host.queueTask(in: session.id) { $0.driver = driver }
            var run = host.newRun(of: task)
            try host.write(.startTask(task.id, run))
            run.driverSessionID = id
            try host.write(.updateRun(run), .setDriverSession(session.id, driver: driver, id: id))
            return try host.wait(host.submit(host.finish(run))).tasks[task.id]?.result?.checkpointID
        }
        guard let first = try run("claude", "c1"), let second = try run("codex", "x1") else {
            throw StoreConformanceFailure("a task leaves no checkpoint")
        }
        try host.write(.restoreSession(session.id, first, as: Fresh.id()))
        try expect(try host.read { try $0.session(session.id) }?.driverSessions, ["claude": "c1"], "of the first")
        try host.write(.restoreSession(session.id, second, as: Fresh.id()))
        let both = ["claude": "c1", "codex": "x1"]
        try expect(try host.read { try $0.session(session.id) }?.driverSessions, both, "of the second")
        _ = try run("claude", "c1")
        try host.write(.restoreSession(session.id, second, as: Fresh.id()))
        try expect(try host.read { try $0.session(session.id) }?.driverSessions, ["codex": "x1"], "of what went on")
    }

    private static func deletion(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let (task, run, _) = try host.runTask(in: session.id)
        let ids: [CheckpointID] = try (1...9).map { turn in
            let draft = CheckpointDraft(
                id: Fresh.id(), runID: run.id, taskID: task.id, turn: turn,
                driver: ["turn": .int(Int64(turn)), "text": .string(String(repeating: "x", count: 900 * turn))])
            try host.write(.saveCheckpoint(session.id, draft))
            return draft.id
        }
        try expectFailure("where the session stands", \.isRefused) { try host.write(.deleteCheckpoint(ids[8])) }
        for place in [0, 4, 1, 7] {
            try expect(try host.write(.deleteCheckpoint(ids[place])).removedCheckpoints, 1, "what was removed")
            try expectFailure("again", \.isNotFound) { try host.write(.deleteCheckpoint(ids[place])) }
        }
        for place in [2, 3, 5, 6, 8] {
            let state = try host.read { try $0.checkpointState(ids[place]) }
            try expect(state?.driver?["turn"]?.intValue, place + 1, "the state of \(place)")
            try expect(state?.driver?["text"]?.stringValue?.utf8.count, 900 * (place + 1), "all of it")
        }
        try expect(try host.read { try $0.checkpoint(ids[2]) }?.parentID, nil, "the first one's parent")
        try expect(try host.read { try $0.checkpoint(ids[5]) }?.parentID, ids[3], "another's parent")
    }

    private static func retention(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession { $0.retention = CheckpointRetention(keepCount: 3) }
        try expect(try host.read { try $0.session(session.id) }?.retention?.keepCount, 3, "what it keeps")
        for _ in 1...7 {
            let (_, run, _) = try host.runTask(in: session.id)
            _ = try host.wait(host.submit(host.finish(run)))
        }
        func count() throws -> Int { try host.read { try $0.checkpoints(session.id, PageRequest()).items.count } }
        try expect(try count(), 3, "checkpoints after each save")
        var patch = SessionPatch()
        patch.retention = .set(CheckpointRetention(keepSeconds: 60))
        try host.write(.patchSession(session.id, patch))
        let later = StoreHost.noon.adding(milliseconds: 61_000)
        let first = try host.wait(host.submit([.trimCheckpoints(limit: 1)], at: later))
        try expect(first.removedCheckpoints, 1, "in steps")
        try expect(first.isMoreLeft, true, "more is left")
        _ = try host.wait(host.submit([.trimCheckpoints(limit: 9)], at: later))
        try expect(try count(), 1, "where it stands stays")
        patch.retention = .clear
        try host.write(.patchSession(session.id, patch))
        try expect(try host.read { try $0.session(session.id) }?.retention, nil, "no limit any more")
    }

    private static func fork(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let source = try host.makeSession()
        let task = try host.queueTask(in: source.id) { $0.driver = "claude" }
        var run = host.newRun(of: task)
        try host.write(.startTask(task.id, run))
        run.driverSessionID = "c1"
        let said = ["one", "two", "three"].map { text in
            EventDraft(
                .message, taskID: task.id, runID: run.id,
                data: ["message_id": "m", "role": "assistant", "text": .string(text)])
        }
        let thought = EventDraft(.message, taskID: task.id, data: ["message_id": "t", "role": "thought", "text": "hm"])
        try host.write(
            .updateRun(run), .setDriverSession(source.id, driver: "claude", id: "c1"),
            .append(source.id, said + [thought]))
        _ = try host.wait(host.submit(host.finish(run)))
        let origin = try host.read { try $0.lastCheckpoint(source.id) }
        let new = host.newSession { $0.parentSessionID = source.id }
        let fork = SessionFork(new, from: source.id, at: origin?.id, forkingDrivers: ["claude"])
        let early = host.newSession { $0.parentSessionID = source.id }
        let made = try host.write(
            .forkSession(SessionFork(early, from: source.id, at: nil, forkingDrivers: ["claude"])),
            .showFork(early.id, driver: nil, turn: nil))
        try expect(made.sessions[early.id]?.forksFrom, [:], "what copies nothing of the agent's session")
        try host.write(.forkSession(fork))
        try expect(try host.read { try $0.session(new.id) }, nil, "before it is shown")
        var copy = HistoryCopy(from: source.id, to: new.id, ranges: [1...(origin?.seq ?? 1)])
        copy.limit = 2
        var steps = 0
        while true {
            let commit = try host.write(.copyHistory(copy))
            copy.afterSeq = commit.copiedSeq ?? 0
            steps += 1
            guard commit.isMoreLeft, steps < 100 else { break }
        }
        try expect(steps > 1, true, "in steps")
        try host.write(.showFork(new.id, driver: ["a": 1], turn: 2))
        let log = try host.events(new.id)
        let types: [EventType] = [
            .sessionCreated, .sessionForked, .message, .message, .message, .message, .checkpointSaved,
        ]
        try expect(log.map(\.type), types, "its log")
        let texts = log.compactMap { $0.data["text"]?.stringValue }
        try expect(texts, ["Analyse", "one", "two", "three"], "what was said")
        try expect(log.compactMap(\.taskID), [], "without tasks")
        let head = try host.read { try $0.lastCheckpoint(new.id) }
        try expect(head?.kind, .fork, "its checkpoint")
        try expect(try host.read { try $0.checkpointState(head?.id ?? Fresh.id()) }?.driver, ["a": 1], "its state")
        try expect(try host.read { try $0.session(new.id) }?.driverSessions, [:], "its driver sessions")
        try expect(try host.read { try $0.forkOrigin(new.id, driver: "claude") }, "c1", "what its agent goes off from")
        try expect(try host.read { try $0.forkOrigin(new.id, driver: "codex") }, nil, "another driver")
        let again = try host.queueTask(in: source.id) { $0.driver = "claude" }
        try host.write(.startTask(again.id, host.newRun(of: again) { $0.driverSessionID = "c1" }))
        try expect(try host.read { try $0.forkOrigin(new.id, driver: "claude") }, nil, "when that has gone on")
    }

    private static func making(_ subject: StoreSubject) throws {
        let (dying, host) = (try subject.host(), try subject.host())
        defer { host.store.close() }
        let source = try host.makeSession()
        let (lost, given) = (host.newSession(), host.newSession())
        for new in [lost, given] {
            try dying.write(.forkSession(SessionFork(new, from: source.id, at: nil, forkingDrivers: [])))
        }
        try expect(try host.write(.purgeHidden(limit: 100)).purged.sessions, 0, "while its maker lives")
        try expect(try host.read { try $0.hiddenSessions() }, [], "nor is it listed")
        try expectFailure("shown by another host", \.isNotFound) {
            try host.write(.showFork(lost.id, driver: nil, turn: nil))
        }
        try dying.write(.abandonSession(given.id))
        try expect(try host.write(.purgeHidden(limit: 100)).purged.sessions, 1, "what its maker gave up")
        let (_, _, _) = try dying.runTask(in: source.id)
        dying.store.close()
        try expect(try host.read { try $0.hiddenSessions() }.map(\.id), [lost.id], "what a dead host was making")
        try expect(try host.write(.purgeHidden(limit: 100)).purged.sessions, 1, "is purged")
    }
}

/// Saves, goes back, deletes and trims at random, and demands that every checkpoint reads as it was saved.
private struct CheckpointWalk {
    struct Saved {
        var driver: JSON?
        var visible: Set<Int>
        var seq: Int
    }

    let host: StoreHost
    let session: SessionID
    private var random: SeededRandom
    private var saved: [CheckpointID: Saved] = [:]
    private var order: [CheckpointID] = []
    private var messages: [JSON] = []

    init(_ host: StoreHost, seed: UInt64) throws {
        self.host = host
        random = SeededRandom(seed: seed)
        session = try host.makeSession().id
    }

    mutating func step() throws {
        switch random.below(8) {
        case 0...2: try runTask()
        case 3, 4: try restore()
        default: try delete()
        }
        if random.below(12) == 0 { try compare() }
    }

    private var visible: Set<Int> { order.last.flatMap { saved[$0] }?.visible ?? [] }

    /// What is visible once the log has grown from there.
    private func visible(through seq: Int) -> Set<Int> {
        let last = order.last.flatMap { saved[$0] }?.seq ?? 0
        return last < seq ? visible.union((last + 1)...seq) : visible
    }

    private mutating func runTask() throws {
        let (task, run, _) = try host.runTask(in: session)
        var driver: JSON?
        for turn in 0..<random.below(5) {
            if random.below(4) == 0 { messages = Array(messages.prefix(random.below(3))) }
            messages.append(.string(String(repeating: "m", count: random.below(400))))
            let state: JSON = ["messages": .array(messages), "turn": .int(Int64(turn)), "none": nil]
            driver = state
            let draft = CheckpointDraft(id: Fresh.id(), runID: run.id, taskID: task.id, turn: turn, driver: state)
            let seq = try host.write(.saveCheckpoint(session, draft)).events.last?.seq ?? 0
            note(draft.id, Saved(driver: driver, visible: visible(through: seq), seq: seq))
        }
        _ = try host.wait(host.submit(host.finish(run)))
        guard let end = try host.read({ [session] in try $0.lastCheckpoint(session) }) else { return }
        note(end.id, Saved(driver: driver, visible: visible(through: end.seq), seq: end.seq))
    }

    private mutating func note(_ id: CheckpointID, _ one: Saved) {
        saved[id] = one
        order.append(id)
    }

    private mutating func restore() throws {
        guard let id = random.pick(order), let target = saved[id] else { return }
        let new: CheckpointID = Fresh.id()
        let commit = try host.write(.restoreSession(session, id, as: new))
        let seq = commit.events.first { $0.type == .sessionRestored }?.seq ?? 0
        note(new, Saved(driver: target.driver, visible: target.visible, seq: seq))
    }

    private mutating func delete() throws {
        guard let id = random.pick(order) else { return }
        let isHead = id == order.last
        do {
            try host.write(.deleteCheckpoint(id))
            if isHead { throw StoreConformanceFailure("the last checkpoint was deleted") }
        } catch let failure as StoreFailure where failure.isRefused && isHead {
            return
        }
        saved[id] = nil
        order.removeAll { $0 == id }
    }

    func compare() throws {
        let listed = try host.read { [session] in try $0.checkpoints(session, PageRequest(limit: 1000)).items.map(\.id)
        }
        try expect(listed, order.reversed(), "the checkpoints")
        for (id, wanted) in saved {
            let state = try host.read { try $0.checkpointState(id) }
            try expect(state?.driver, wanted.driver, "the driver's state at \(id)")
            let found = Set(state?.history.ranges(through: wanted.seq).flatMap { Array($0) } ?? [])
            try expect(found, wanted.visible, "the conversation at \(id)")
        }
    }
}
