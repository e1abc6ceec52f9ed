package import JSON

/// A state that a session was in: its log up to `seq`, and what the log does not say.
package struct Checkpoint: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// After a turn of an agent whose turns the host knows.
        case turn
        /// After a task.
        case task
        /// A return to an earlier one.
        case restore
        /// The beginning of a session that goes on from another's.
        case fork
    }

    package let id: CheckpointID
    package let sessionID: SessionID
    package let kind: Kind
    /// The task and run that it was saved in, or that what it returns to was.
    package var taskID: TaskID?
    package var runID: RunID?
    package var parentID: CheckpointID?
    /// The last event of the log that it covers.
    package let seq: Int
    /// Turns that its task had taken by then, where they are known.
    package var turn: Int?
    /// Of its state, written out.
    package var bytes: Int
    package let createdAt: Timestamp

    package init(
        id: CheckpointID, sessionID: SessionID, kind: Kind, seq: Int, bytes: Int, at now: Timestamp
    ) {
        self.id = id
        self.sessionID = sessionID
        self.kind = kind
        self.seq = seq
        self.bytes = bytes
        createdAt = now
    }
}

/// What a checkpoint keeps beside the log.
package struct CheckpointState: Hashable, Sendable {
    /// The agent's own conversation id, by driver name.
    package var driverSessions: [String: String] = [:]
    package var history = VisibleHistory()
    /// What the driver said of its own state after the last turn of the checkpoint's task.
    package var driver: JSON?

    package init() {}

    /// As it is stored: the history's last range has no end, since the checkpoint's `seq` is one.
    package var stored: JSON {
        var object: JSONObject = [:]
        if !driverSessions.isEmpty {
            let sorted = driverSessions.sorted { $0.key < $1.key }
            object["driver_sessions"] = .object(JSONObject(sorted.map { ($0.key, .string($0.value)) }))
        }
        if history != VisibleHistory() { object["history"] = history.json }
        object["driver"] = driver
        return .object(object)
    }

    /// Reads what `stored` wrote; what is not there is at its default.
    package init(stored json: JSON) {
        for member in json["driver_sessions"]?.objectValue ?? [:] {
            driverSessions[member.key] = member.value.stringValue
        }
        if let history = json["history"].flatMap(VisibleHistory.init(json:)) { self.history = history }
        driver = json["driver"]
    }
}

/// The parts of a log that a conversation consists of. It grows with the log; a return to an earlier checkpoint cuts
/// out what came after that one.
package struct VisibleHistory: Hashable, Sendable {
    /// Ascending, without overlap.
    package private(set) var closed: [ClosedRange<Int>] = []
    /// From here on everything is visible.
    package private(set) var openFrom = 1

    package init() {}

    package func contains(_ seq: Int) -> Bool { seq >= openFrom || closed.contains { $0.contains(seq) } }

    /// The ranges up to a number of the log.
    package func ranges(through seq: Int) -> [ClosedRange<Int>] {
        let whole = openFrom <= seq ? closed + [openFrom...seq] : closed
        return whole.filter { $0.lowerBound <= seq }.map { $0.lowerBound...min($0.upperBound, seq) }
    }

    /// Ends with `seq`, and goes on after `next`.
    package mutating func cut(after seq: Int, goingOnAfter next: Int) {
        closed = ranges(through: seq)
        openFrom = next + 1
    }

    /// `[[1,40],[61]]`: the last range has no end.
    var json: JSON {
        .array(
            closed.map { [.int(Int64($0.lowerBound)), .int(Int64($0.upperBound))] } + [[.int(Int64(openFrom))]])
    }

    init?(json: JSON) {
        guard let parts = json.arrayValue, let last = parts.last?.arrayValue?.first?.intValue else { return nil }
        for part in parts.dropLast() {
            guard let first = part.arrayValue?.first?.intValue, let end = part.arrayValue?.last?.intValue,
                first <= end, first > (closed.last?.upperBound ?? 0)
            else { return nil }
            closed.append(first...end)
        }
        openFrom = last
    }
}

/// Which checkpoints of a session stay: so many of the last ones, those of so many seconds. The last one always does.
package struct CheckpointRetention: Hashable, Sendable {
    package var keepCount: Int?
    package var keepSeconds: Int?

    package init(keepCount: Int? = nil, keepSeconds: Int? = nil) {
        self.keepCount = keepCount
        self.keepSeconds = keepSeconds
    }
}

/// A checkpoint that is to be saved after a turn.
package struct CheckpointDraft: Hashable, Sendable {
    package var id: CheckpointID
    package var runID: RunID
    package var taskID: TaskID
    /// Turns that the task has taken.
    package var turn: Int
    /// What the driver said of its own state.
    package var driver: JSON

    package init(id: CheckpointID, runID: RunID, taskID: TaskID, turn: Int, driver: JSON) {
        self.id = id
        self.runID = runID
        self.taskID = taskID
        self.turn = turn
        self.driver = driver
    }
}
