import AgentModel
import JSON
import Store

extension StoreCheck {
    static let checkpoints = [
        StoreCheck(name: "a task that has run leaves a checkpoint", run: everyTaskLeavesOne),
        StoreCheck(name: "a checkpoint after a turn keeps what the driver said", run: turns),
        StoreCheck(name: "a checkpoint is of its own session's runs", run: strangers),
        StoreCheck(name: "a task that is interrupted leaves what its last turn did", run: interrupted),
        StoreCheck(name: "checkpoints come in pages, newest first", run: checkpointPages),
    ]

    private static func everyTaskLeavesOne(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        try expect(try host.read { try $0.lastCheckpoint(session.id) }, nil, "before any task")
        let (first, run, _) = try host.runTask(in: session.id)
        try host.write(.setDriverSession(session.id, driver: "analyst", id: "d1"))
        let ended = try host.wait(host.submit(host.finish(run)))
        let checkpoint = try host.read { try $0.lastCheckpoint(session.id) }
        try expect(ended.tasks[first.id]?.result?.checkpointID, checkpoint?.id, "the result names it")
        try expect(ended.tasks[first.id]?.result?.fromCheckpointID, nil, "there was none to go on from")
        try expect(checkpoint?.taskID, first.id, "its task")
        try expect(checkpoint?.runID, run.id, "its run")
        try expect(checkpoint?.kind, .task, "its kind")
        try expect(checkpoint?.parentID, nil, "its parent")
        let saved = ended.events.first { $0.type == .checkpointSaved }
        try expect(saved?.seq, checkpoint?.seq, "it covers the log up to its event")
        try expect(saved?.data["checkpoint_id"]?.stringValue, checkpoint?.id.description, "which names it")
        let state = try host.read { try $0.checkpointState(checkpoint?.id ?? Fresh.id()) }
        try expect(state?.driverSessions, ["analyst": "d1"], "its driver sessions")

        let second = host.newTask(in: session.id)
        let queued = try host.write(.insertTask(second, force: false, queueLimit: 8))
        try expect(queued.heads[session.id], checkpoint?.id, "where the session stands when a task is queued")
        let next = host.newRun(of: second)
        let started = try host.write(.startTask(second.id, next))
        let told = started.events.last?.data["from_checkpoint_id"]?.stringValue
        try expect(told, checkpoint?.id.description, "the next run says what it goes on from")
        let end = try host.wait(host.submit(host.finish(next)))
        try expect(end.tasks[second.id]?.result?.fromCheckpointID, checkpoint?.id, "and so does its result")
        try expect(try host.read { try $0.lastCheckpoint(session.id) }?.parentID, checkpoint?.id, "the next's parent")

        let alone = try host.queueTask(in: session.id) { $0.resumption = false }
        let afresh = try host.write(.startTask(alone.id, host.newRun(of: alone)))
        try expect(afresh.events.last?.data["from_checkpoint_id"], nil, "a task that starts afresh")
        let waiting = try host.queueTask(in: session.id)
        try host.write(.endTask(waiting.id, TaskResult(status: .cancelled, stopReason: .cancelled)))
        try expect(try host.read { try $0.task(waiting.id) }?.result?.checkpointID, nil, "one that never ran")
    }

    private static func turns(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let (task, run, _) = try host.runTask(in: session.id)
        var messages: [JSON] = []
        var ids: [CheckpointID] = []
        for turn in 1...60 {
            messages.append(.string("message \(turn)"))
            let draft = CheckpointDraft(
                id: Fresh.id(), runID: run.id, taskID: task.id, turn: turn,
                driver: ["messages": .array(messages), "note": nil])
            let commit = try host.write(.saveCheckpoint(session.id, draft))
            try expect(commit.events.map(\.type), [.checkpointSaved], "what is logged")
            ids.append(draft.id)
        }
        for (place, id) in ids.enumerated() {
            let wanted: JSON = ["messages": .array(Array(messages[...place])), "note": nil]
            try expect(
                try host.read { try $0.checkpointState(id) }?.driver, wanted, "the state after turn \(place + 1)")
            let found = try host.read { try $0.checkpoint(id) }
            try expect(found?.turn, place + 1, "its turn")
            try expect(found?.parentID, place == 0 ? nil : ids[place - 1], "its parent")
        }
        try expect(try host.read { try $0.lastTurn(task.id) }?.id, ids.last, "the task's last turn")
        try expectFailure("the same id again", \.isRefused) {
            let again = CheckpointDraft(id: ids[0], runID: run.id, taskID: task.id, turn: 61, driver: 1)
            try host.write(.saveCheckpoint(session.id, again))
        }
        _ = try host.wait(host.submit(host.finish(run)))
        let last = try host.read { try $0.lastCheckpoint(session.id) }
        try expect(last?.turn, 60, "the task's end tells how many turns it took")
        try expect(
            try host.read { try $0.checkpointState(last?.id ?? Fresh.id()) }?.driver?["note"], nil as JSON, "a null")

        let (other, after, _) = try host.runTask(in: session.id)
        _ = try host.wait(host.submit(host.finish(after)))
        let end = try host.read { try $0.lastCheckpoint(session.id) }
        let state = try host.read { try $0.checkpointState(end?.id ?? Fresh.id()) }
        try expect(state?.driver, nil, "another task has a state of its own, or none")
        try expect(try host.read { try $0.lastTurn(other.id) }, nil, "and no turns")
    }

    private static func strangers(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let (here, there) = (try host.makeSession(), try host.makeSession())
        let (task, run, _) = try host.runTask(in: there.id)
        let draft = CheckpointDraft(id: Fresh.id(), runID: run.id, taskID: task.id, turn: 1, driver: [:])
        try expectFailure("a checkpoint of another session's run", \.isNotFound) {
            try host.write(.saveCheckpoint(here.id, draft))
        }
        try expect(try host.read { try $0.checkpoint(draft.id) }, nil, "a checkpoint that was not saved")
        try expectFailure("saying so by hand", \.isRefused) {
            try host.write(.append(there.id, [EventDraft(.checkpointSaved)]))
        }
    }

    private static func interrupted(_ subject: StoreSubject) throws {
        let (dying, host) = (try subject.host(), try subject.host())
        defer { host.store.close() }
        let session = try host.makeSession()
        let (task, run, _) = try dying.runTask(in: session.id)
        let draft = CheckpointDraft(
            id: Fresh.id(), runID: run.id, taskID: task.id, turn: 3, driver: ["done": [1, 2, 3]])
        try dying.write(.saveCheckpoint(session.id, draft))
        dying.store.close()
        try host.write(.buryHost(dying.store.hostID))
        let result = try host.read { try $0.task(task.id) }?.result
        let last = try host.read { try $0.lastCheckpoint(session.id) }
        try expect(result?.checkpointID, last?.id, "what the interrupted task left")
        try expect(last?.parentID, draft.id, "its parent")
        try expect(last?.turn, 3, "its turns")
        let state = try host.read { try $0.checkpointState(last?.id ?? Fresh.id()) }
        try expect(state?.driver, ["done": [1, 2, 3]], "its state")
    }

    private static func checkpointPages(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        for _ in 1...5 {
            let (_, run, _) = try host.runTask(in: session.id)
            _ = try host.wait(host.submit(host.finish(run)))
        }
        var seqs: [[Int]] = []
        var page = PageRequest(limit: 2)
        repeat {
            let found = try host.read { [page] in try $0.checkpoints(session.id, page) }
            seqs.append(found.items.map(\.seq))
            page.cursor = found.nextCursor
        } while page.cursor != nil
        try expect(seqs.map(\.count), [2, 2, 1], "the pages")
        let all = seqs.flatMap { $0 }
        try expect(all, all.sorted(by: >), "their order")
        try host.write(.hideSession(session.id, force: false))
        try expect(
            try host.read { try $0.checkpoints(session.id, PageRequest()).items.count }, 0, "of a hidden session")
        var purged = PurgeCounts()
        repeat {
            let commit = try host.write(.purgeHidden(limit: 7))
            purged.checkpoints += commit.purged.checkpoints
            guard commit.isMoreLeft else { break }
        } while true
        try expect(purged.checkpoints, 5, "checkpoints that were purged")
    }
}
