import AgentModel
import JSON
import Store

extension StoreCheck {
    static let tasks = [
        StoreCheck(name: "a task comes back as it was given", run: taskKeepsEverything),
        StoreCheck(name: "a task goes from its prompt to its result", run: life),
        StoreCheck(name: "a task ends once", run: endsOnce),
        StoreCheck(name: "a start that is asked for again is answered as it was", run: startsOnce),
        StoreCheck(name: "a result that names no run is of the last one", run: endsUnnamed),
        StoreCheck(name: "what a batch leaves behind tells that it took effect", run: witnesses),
        StoreCheck(name: "a session says whether it takes tasks", run: acceptance),
        StoreCheck(name: "a paused session finishes its task and starts no other", run: pause),
        StoreCheck(name: "a temporary session ends with its task", run: temporary),
        StoreCheck(name: "tasks wait in their order and not without bound", run: queue),
        StoreCheck(name: "further runs belong to the task", run: furtherRuns),
        StoreCheck(name: "an artifact is kept once for each path", run: artifacts),
    ]

    private static func taskKeepsEverything(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let task = host.newTask(in: session.id) { task in
            task.input = [["type": "text", "text": "a"], ["type": "image", "data": "…"]]
            task.source = "chat_plan"
            task.context = ["rows": [1, 2]]
            task.metadata = ["m": nil]
            task.outputSchema = ["type": "object"]
            task.planOnly = true
            task.maxIterations = 3
            task.check = "make test"
            task.asksToAccept = true
            task.resumption = false
            task.budget = Budget(cost: Cost(nanoDollars: 1), tokens: 2)
            task.timeoutMilliseconds = 1000
            task.detached = true
            task.retryOf = Fresh.id()
        }
        let commit = try host.write(.insertTask(task, force: false, queueLimit: 8))
        try expect(commit.tasks[task.id], task, "the task in the commit")
        try expect(try host.read { try $0.task(task.id) }, task, "the task read back")
        try expect(commit.events.map(\.data), [task.queuedData], "what is logged")
        try expect(try host.events(session.id).last?.data, task.queuedData, "what the log says later")
        try expectFailure("the same id again", \.isRefused) {
            try host.write(.insertTask(task, force: false, queueLimit: 8))
        }
    }

    private static func life(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let (task, run, epoch) = try host.runTask(in: session.id)
        try expect(try host.read { try $0.session(session.id) }?.status, .running, "while it runs")
        try expect(try host.read { try $0.leaseHolder(session.id) }?.id, host.store.hostID, "who runs it")
        let message = EventDraft(.message, taskID: task.id, runID: run.id, data: ["text": "…"])
        try host.write(.fence(session.id, epoch: epoch), .append(session.id, [message]))
        var usage = Usage.none
        usage.inputTokens = 100
        usage.cost = Cost(nanoDollars: 42)
        usage.accuracy = .known
        let ticket = host.submit(host.finish(run, usage: usage), at: StoreHost.noon.adding(milliseconds: 9))
        let commit = try host.wait(ticket)
        try expect(commit.tasks[task.id]?.result?.usage, usage, "the usage of the task is that of its runs")
        try expect(commit.sessions[session.id]?.usage, usage, "the session counts it")
        try expect(commit.sessions[session.id]?.status, .active, "the session afterwards")
        try expect(commit.sessions[session.id]?.taskCount, 1, "its tasks")
        try expect(commit.events.last?.data, commit.tasks[task.id]?.result?.json, "the terminal event tells the result")
        let log = try host.events(session.id)
        let types: [EventType] = [
            .sessionCreated, .taskQueued, .taskStarted, .runStarted, .message, .runEnded, .checkpointSaved,
            .taskCompleted,
        ]
        try expect(log.map(\.type), types, "the log")
        try expect(log.map(\.seq), Array(1...8), "its numbers")
        try expect(log.suffix(3), commit.events[...], "events read back")
        try expect(try host.read { try $0.task(task.id) }, commit.tasks[task.id], "the task read back")
        try expect(try host.read { try $0.runs(task.id) }.map(\.usage), [usage], "its run read back")
        try expect(
            try host.read { reader in try reader.runs(task.id).map { try reader.hasRun($0.id) } }, [true],
            "its run is known")
        let stranger: RunID = Fresh.id()
        try expect(try host.read { try $0.hasRun(stranger) }, false, "another is not")
        try expect(try host.read { try $0.leaseHolder(session.id) }, nil, "who runs it afterwards")
    }

    private static func endsOnce(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let (task, run, _) = try host.runTask(in: session.id)
        _ = try host.wait(host.submit(host.finish(run)))
        for status in [TaskStatus.cancelled, .failed, .completed, .interrupted] {
            let result = TaskResult(status: status, stopReason: .cancelled)
            try expectFailure("ending it again", \.isSuperseded) { try host.write(.endTask(task.id, result)) }
        }
        try expectFailure("updating its run", \.isSuperseded) { try host.write(.updateRun(run)) }
        try expectFailure("starting it again", \.isSuperseded) {
            try host.write(.startTask(task.id, host.newRun(of: task)))
        }
        let waiting = try host.queueTask(in: session.id)
        try expectFailure("an end that is none", \.isRefused) {
            try host.write(.endTask(waiting.id, TaskResult(status: .running, stopReason: .endTurn)))
        }
        try host.write(.endTask(waiting.id, TaskResult(status: .cancelled, stopReason: .cancelled)))
        try expect(try host.events(session.id).filter(\.type.isTerminal).count, 2, "terminal events")
        try expectFailure("a terminal event by hand", \.isRefused) {
            try host.write(.append(session.id, [EventDraft(.taskFailed, taskID: task.id)]))
        }
    }

    private static func startsOnce(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let task = try host.queueTask(in: session.id)
        let run = host.newRun(of: task) { $0.driverSessionID = "own" }
        let first = try host.write(.startTask(task.id, run))
        var again = try host.write(.startTask(task.id, run))
        again.ticket = first.ticket
        try expect(again, first, "the answer")
        let log = try host.events(session.id).map(\.type)
        try expect(log, [.sessionCreated, .taskQueued, .taskStarted, .runStarted], "the log")
        try expect(try host.read { try $0.runs(task.id) }.count, 1, "its runs")
        guard let epoch = first.leaseEpoch else { throw StoreConformanceFailure("startTask took no lease") }
        try host.write(.fence(session.id, epoch: epoch))
        try expectFailure("another run", \.isSuperseded) { try host.write(.startTask(task.id, host.newRun(of: task))) }
        let other = try subject.host()
        defer { other.store.close() }
        try expectFailure("by another host", \.isSuperseded) { try other.write(.startTask(task.id, run)) }
        _ = try host.wait(host.submit(host.finish(run)))
        try expectFailure("after its end", \.isSuperseded) { try host.write(.startTask(task.id, run)) }
    }

    private static func endsUnnamed(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let (task, first, _) = try host.runTask(in: session.id)
        var ended = first
        ended.endedAt = StoreHost.noon
        let second = host.newRun(of: task) { $0.driverSessionID = "own" }
        try host.write(.updateRun(ended), .insertRun(second))
        let commit = try host.write(.endTask(task.id, TaskResult(status: .interrupted, stopReason: .hostLost)))
        try expect(commit.tasks[task.id]?.result?.runID, second.id, "the run")
        try expect(commit.tasks[task.id]?.result?.driverSessionID, "own", "its driver session")
        let waiting = try host.queueTask(in: session.id)
        let end = try host.write(.endTask(waiting.id, TaskResult(status: .cancelled, stopReason: .cancelled)))
        try expect(end.tasks[waiting.id]?.result?.runID, nil, "the run of one that never ran")
    }

    private static func witnesses(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let task = host.newTask(in: session.id)
        let (run, further) = (host.newRun(of: task), host.newRun(of: task))
        var ended = run
        ended.endedAt = StoreHost.noon
        let said = EventDraft(.message, taskID: task.id, runID: run.id, data: ["text": "…", "n": 1])
        let progress = EventDraft(.progress, taskID: task.id, runID: run.id, data: ["done": 0.5])
        let draft = CheckpointDraft(id: Fresh.id(), runID: further.id, taskID: task.id, turn: 1, driver: nil)
        let ask = PermissionAsk(
            id: Fresh.id(), sessionID: session.id, taskID: task.id, runID: further.id, driverAskID: "a",
            kind: .permission, title: "May I?", at: StoreHost.noon)
        let file = Artifact(
            sessionID: session.id, taskID: task.id, path: "a.csv", bytes: 1, sha256: "1", mediaType: "text/csv",
            createdAt: StoreHost.noon)
        let batches: [[StoreCommand]] = [
            [.insertTask(task, force: false, queueLimit: 8)], [.startTask(task.id, run)],
            [.append(session.id, [said])], [.append(session.id, [said, progress])], [.updateRun(ended)],
            [.insertRun(further)], [.append(session.id, [progress]), .saveCheckpoint(session.id, draft)],
            [.insertAsk(ask)], [.insertArtifact(file)],
            [.endTask(task.id, TaskResult(status: .failed, stopReason: .error))],
        ]
        for batch in batches {
            let seq = try host.read { try $0.lastSeq(session.id) }
            guard let witness = StoreWitness(batch, after: seq) else {
                throw StoreConformanceFailure("nothing tells of \(batch)")
            }
            try expect(try host.read { try witness.testifies($0) }, false, "before \(batch)")
            _ = try host.wait(host.submit(batch))
            try expect(try host.read { try witness.testifies($0) }, true, "after \(batch)")
        }
        try expect(StoreWitness([.updateRun(run)]) == nil, true, "what may be given again needs no witness")
    }

    private static func acceptance(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        for (move, accepts) in [(SessionMove.pause, false), (.complete, false), (.expire, true), (.resume, true)] {
            let session = try host.makeSession()
            try host.write(.moveSession(session.id, move))
            let task = host.newTask(in: session.id)
            let insert = { _ = try host.write(.insertTask(task, force: false, queueLimit: 8)) }
            if accepts {
                try insert()
                try expect(try host.read { try $0.session(session.id) }?.status, .active, "after \(move) and a task")
            } else {
                try expectFailure("a task after \(move)", \.isRefused, insert)
            }
        }
        try expectFailure("a task in no session", \.isNotFound) {
            try host.write(.insertTask(host.newTask(in: Fresh.id()), force: false, queueLimit: 8))
        }
    }

    private static func pause(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let (_, run, _) = try host.runTask(in: session.id)
        let next = try host.queueTask(in: session.id)
        try host.write(.moveSession(session.id, .pause))
        _ = try host.wait(host.submit(host.finish(run)))
        try expect(try host.read { try $0.session(session.id) }?.status, .paused, "after the task's end")
        try expectFailure("the next one", \.isRefused) { try host.write(.startTask(next.id, host.newRun(of: next))) }
        try host.write(.moveSession(session.id, .resume))
        try host.write(.startTask(next.id, host.newRun(of: next)))
        try host.write(.moveSession(session.id, .pause))
        try host.write(.moveSession(session.id, .resume))
        try expect(try host.read { try $0.session(session.id) }?.status, .running, "resumed while a task runs")
    }

    private static func temporary(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession { $0.temporary = true }
        let (_, run, _) = try host.runTask(in: session.id)
        let commit = try host.wait(host.submit(host.finish(run, .failed)))
        let ending: [EventType] = [.runEnded, .checkpointSaved, .taskFailed, .sessionCompleted]
        try expect(commit.events.map(\.type), ending, "the log")
        try expect(commit.sessions[session.id]?.status, .completed, "the session")
        try expect(commit.sessions[session.id]?.endedAt, StoreHost.noon, "its end")
    }

    private static func queue(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let tasks = try (0..<3).map { _ in try host.queueTask(in: session.id) }
        try expect(try host.read { try $0.queuedTasks(session.id) }.map(\.id), tasks.map(\.id), "their order")
        try expectFailure("one too many", \.isLimit) {
            try host.write(.insertTask(host.newTask(in: session.id), force: false, queueLimit: 3))
        }
        try host.write(.startTask(tasks[0].id, host.newRun(of: tasks[0])))
        try host.write(.insertTask(host.newTask(in: session.id), force: false, queueLimit: 3))
        try expectFailure("two at one time", { $0.isBusy || $0.isRefused }) {
            try host.write(.startTask(tasks[1].id, host.newRun(of: tasks[1])))
        }
    }

    private static func furtherRuns(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let (task, first, _) = try host.runTask(in: session.id)
        var lost = first
        lost.endedAt = StoreHost.noon
        lost.stopReason = .error
        lost.usage.inputTokens = 3
        let second = host.newRun(of: task) { $0.fallback = "unknown session" }
        try host.write(.updateRun(lost), .insertRun(second))
        var known = second
        known.usage.inputTokens = 4
        known.driverSessionID = "d"
        try host.write(.updateRun(known))
        var result = TaskResult(status: .completed, stopReason: .endTurn)
        result.runID = second.id
        let commit = try host.write(.endTask(task.id, result))
        let ending: [EventType] = [.runEnded, .checkpointSaved, .taskCompleted]
        try expect(commit.events.map(\.type), ending, "what was open ends with it")
        try expect(commit.tasks[task.id]?.result?.usage.inputTokens, 7, "the usage of both")
        let runs = try host.read { try $0.runs(task.id) }
        try expect(runs.map(\.id), [first.id, second.id], "the runs")
        try expect(runs.map { $0.endedAt != nil }, [true, true], "their ends")
        try expectFailure("a run after the end", \.isSuperseded) { try host.write(.insertRun(host.newRun(of: task))) }
    }

    private static func artifacts(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let (task, _, _) = try host.runTask(in: session.id)
        func artifact(_ path: String, _ bytes: Int) -> Artifact {
            Artifact(
                sessionID: session.id, taskID: task.id, path: path, bytes: bytes, sha256: "00", mediaType: "text/csv",
                createdAt: StoreHost.noon)
        }
        try host.write(.insertArtifact(artifact("a.csv", 1)), .insertArtifact(artifact("b.csv", 2)))
        let commit = try host.write(.insertArtifact(artifact("a.csv", 3)))
        try expect(commit.events.map(\.type), [.artifactCreated], "what is logged")
        let found = try host.read { reader in
            var filter = ArtifactFilter()
            filter.taskID = task.id
            return try reader.artifacts(filter, PageRequest()).items
        }
        try expect(found, [artifact("a.csv", 3), artifact("b.csv", 2)], "the artifacts")
    }
}
