import AgentModel
import JSON
import Store

/// Where sessions stand, what goes off from there, and what they have learnt.
extension Inspection {
    func look(_ session: AgentSession, _ found: Found) throws {
        let log = found.events[session.id] ?? []
        try demand(log.map(\.seq) == Array(1..<(log.count + 1)), "the log of \(session.id) has holes")
        try lookAtChain(of: session.id, log, found)
        try lookAtFork(session, log, found)
        try lookAtMemory(of: session, log, found)
    }

    // MARK: - Checkpoints

    private func lookAtChain(of session: SessionID, _ log: [Event], _ found: Found) throws {
        let checkpoints = found.checkpoints[session] ?? []
        var told: [String: Event] = [:]
        for event in log {
            if let id = event.data["checkpoint_id"]?.stringValue, event.type.isOfCheckpoint { told[id] = event }
        }
        let last = log.last { $0.type.isOfCheckpoint }?.data["checkpoint_id"]?.stringValue
        try demand(last == checkpoints.last.map { "\($0.saved.id)" }, "\(session) does not stand where it was last")
        var states: [CheckpointID: CheckpointState] = [:]
        var lastSeq = 0
        for (saved, state) in checkpoints {
            let name = "\(saved.kind) at \(saved.seq) of \(session)"
            guard let state else { throw Violation("\(name) cannot be read") }
            try demand(saved.seq > lastSeq, "\(name) comes after one of \(lastSeq)")
            try demand(told["\(saved.id)"]?.seq == saved.seq, "\(name) is not told of where it stands")
            let isFollowing = saved.parentID.map { states[$0] != nil } ?? true
            try demand(isFollowing, "\(name) follows one that is not there")
            let ranges = state.history.ranges(through: saved.seq)
            try demand(
                zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound },
                "\(name) sees \(ranges) of the log")
            if saved.kind == .turn {
                let said = saved.runID.flatMap { agents.said["\($0)"] } ?? []
                try demand(state.driver.map(said.contains) == true, "\(name) is of what its agent never said")
            }
            let origin = told["\(saved.id)"]?.data["from_checkpoint_id"]?.stringValue.flatMap { CheckpointID($0) }
            if let origin = origin.flatMap({ states[$0] }) {
                try demand(state.driver == origin.driver, "\(name) is another state than that it goes back to")
            }
            (states[saved.id], lastSeq) = (state, saved.seq)
        }
    }

    // MARK: - Retries

    /// A task that goes on where another stopped takes the turn after that one's last, and none again.
    func lookForRepetition(_ id: TaskID, _ found: Found) throws {
        guard let task = found.tasks[id], task.driver == "turns", let log = found.events[task.sessionID],
            let queued = log.first(where: { $0.taskID == id && $0.type == .taskQueued }),
            let before = lastTurn(of: task.retryOf, until: queued.seq, log, found)
        else { return }
        let tool = log.first { $0.taskID == id && $0.type == .toolStarted }
        guard let first = tool?.data["input"]?["turn"]?.intValue else { return }
        try demand(first == before + 1, "\(id) took the turn \(first) after \(before)")
    }

    /// `nil` when the checkpoint that says so is gone, or the session was taken back since.
    private func lastTurn(of task: TaskID?, until end: Int, _ log: [Event], _ found: Found) -> Int? {
        guard let task, let task = found.tasks[task] else { return 0 }
        guard task.driver == "turns" else { return nil }
        let own = log.filter { $0.taskID == task.id && $0.seq < end }
        let first = own.first?.seq ?? 0
        let isTakenBack = log.contains { $0.type == .sessionRestored && $0.seq < end && $0.seq > first }
        guard !isTakenBack else { return nil }
        let turn = own.last { $0.type == .checkpointSaved && $0.data["kind"]?.stringValue == "turn" }
        guard let turn else { return lastTurn(of: task.retryOf, until: end, log, found) }
        let isThere = found.checkpoints[task.sessionID]?.contains { $0.saved.seq == turn.seq } == true
        return isThere ? turn.data["turn"]?.intValue : nil
    }

    // MARK: - Forks

    /// It begins with what was said in the other session, up to where it goes off.
    private func lookAtFork(_ fork: AgentSession, _ log: [Event], _ found: Found) throws {
        guard let forked = log.first(where: { $0.type == .sessionForked }), let source = fork.parentSessionID,
            let theirs = found.events[source]
        else { return }
        let origin = forked.data["from_checkpoint_id"]?.stringValue
        let points = found.checkpoints[source] ?? []
        guard let point = points.first(where: { "\($0.saved.id)" == origin }), let state = point.state else { return }
        let ranges = state.history.ranges(through: point.saved.seq)
        let expected = theirs.filter { event in ranges.contains { $0.contains(event.seq) } }
            .compactMap { said($0, found) }
        let end = log.first { $0.type == .checkpointSaved && $0.data["kind"]?.stringValue == "fork" }?.seq ?? 0
        let copied = log.filter { $0.seq > forked.seq && $0.seq < end }.compactMap { said($0, found) }
        try demand(copied == expected, "\(fork.id) begins with \(copied), not with \(expected)")
    }

    private func said(_ event: Event, _ found: Found) -> JSON? {
        switch event.type {
        case .taskQueued: .string(event.taskID.flatMap { found.tasks[$0] }?.prompt ?? "")
        case .message where event.data["role"] == "user": event.data["text"]
        case .message, .toolStarted, .toolFinished: .object(event.data)
        default: nil
        }
    }

    // MARK: - Memory

    /// What a session says that it has learnt is there, and whatever it completed taught it.
    private func lookAtMemory(of session: AgentSession, _ log: [Event], _ found: Found) throws {
        for event in log where event.type == .memoryCaptured && event.taskID != nil {
            for memory in event.data["memories"]?.arrayValue ?? [] {
                guard let id = memory["memory_id"]?.stringValue.flatMap({ MemoryID($0) }) else { continue }
                try demand(found.memories.contains(id), "\(id), which \(session.id) has learnt, is not there")
            }
        }
        guard session.learning["enabled"] == true else { return }
        for task in found.tasks.values where task.sessionID == session.id && task.status == .completed {
            let own = log.filter { $0.taskID == task.id }
            let captured = own.count { $0.type == .memoryCaptured }
            let isExcused = own.contains { event in
                event.type == .warning && event.data["message"]?.stringValue?.contains("remembered") == true
            }
            try demand(captured == 1 || isExcused, "\(task.id) was learnt from \(captured) times")
        }
    }
}

extension EventType {
    fileprivate var isOfCheckpoint: Bool { self == .checkpointSaved || self == .sessionRestored }
}
