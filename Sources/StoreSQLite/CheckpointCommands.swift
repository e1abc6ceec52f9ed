import AgentModel
import JSON
import Store

/// Where sessions stand, saved as what has changed.
extension StoreTransaction {
    var hasCheckpoints: Bool { schemaVersion >= SchemaPart.checkpoints.since }

    /// So that a session whose retention was cut comes down to it, and no save takes long.
    private static let trimmedBySave = 4

    /// What a checkpoint is about.
    struct CheckpointPlace {
        var kind: Checkpoint.Kind
        var task: Int64?
        var run: Int64?
        var turn: Int?
    }

    /// After a turn.
    func saveCheckpoint(_ id: SessionID, _ draft: CheckpointDraft) throws {
        try SchemaPart.checkpoints.require(schemaVersion)
        let session = try session(id)
        let place = CheckpointPlace(
            kind: .turn, task: try taskNumber(draft.taskID, in: session), run: try runNumber(draft.runID, in: session),
            turn: draft.turn)
        let event = EventDraft(.checkpointSaved, taskID: draft.taskID, runID: draft.runID)
        try save(draft.id, place, event, in: session) { $0.driver = draft.driver }
    }

    /// After a task that has run. What its driver said of itself last stays part of the state.
    /// - Returns: `nil` in a store without checkpoints.
    func saveCheckpoint(after task: TaskInUse, _ run: RunID?, in session: SessionInUse) throws -> CheckpointID? {
        guard hasCheckpoints else { return nil }
        let id = newCheckpointID()
        let head = try CheckpointRow.head(of: session.row.number, database)
        let isOfTask = head?.value.taskID == task.row.value.id
        let place = CheckpointPlace(
            kind: .task, task: task.row.number, run: try run.map { try runNumber($0, in: session) },
            turn: isOfTask ? head?.value.turn : nil)
        let event = EventDraft(.checkpointSaved, taskID: task.row.value.id, runID: run)
        try save(id, place, event, in: session, after: head) { state in if !isOfTask { state.driver = nil } }
        return id
    }

    func newCheckpointID() -> CheckpointID {
        CheckpointID(
            UUID128(
                milliseconds: now.milliseconds, randomA: .random(in: 0...4095), randomB: .random(in: 0...UInt64.max)))
    }

    /// Saves the state that follows the session's last one, logs the event and says in it which checkpoint it is of.
    func save(
        _ id: CheckpointID, _ place: CheckpointPlace, _ event: EventDraft, in session: SessionInUse,
        after parent: CheckpointRow? = nil, _ change: (inout CheckpointState) throws -> Void
    ) throws {
        guard try database.integer("SELECT count(*) FROM checkpoint WHERE id = ?", [.id(id)]) == 0 else {
            throw StoreFailure.refused("\(id) exists")
        }
        let head = try parent ?? CheckpointRow.head(of: session.row.number, database)
        var chain = try chain(of: head, in: session)
        var state = chain.state.map(CheckpointState.init(stored:)) ?? CheckpointState()
        state.driverSessions = session.row.value.driverSessions
        try change(&state)
        let stored = chain.save(state.stored)
        var event = event
        event.data["checkpoint_id"] = .string(id.description)
        event.data["kind"] = .string(place.kind.rawValue)
        event.data["turn"] = place.turn.map { .int(Int64($0)) }
        try log(event, in: session, task: place.task, run: place.run)
        try insert(id, place, stored, bytes: chain.stateBytes, parent: head?.number, in: session)
        heads.keep(chain, of: session.row.number, at: id)
        try trim(session, limit: Self.trimmedBySave)
    }

    func chain(of head: CheckpointRow?, in session: SessionInUse) throws -> StateChain {
        guard let head else { return StateChain() }
        return try heads.chain(of: session.row.number, at: head.value.id)
            ?? CheckpointRow.chain(of: head.number, database)
    }

    private func insert(
        _ id: CheckpointID, _ place: CheckpointPlace, _ stored: StateChain.Stored, bytes: Int, parent: Int64?,
        in session: SessionInUse
    ) throws {
        let (isWhole, text) = stored.columns
        try database.run(
            """
            INSERT INTO checkpoint(
                session, id, parent, kind, seq, task, run, turn, bytes, run_mark, created_at, whole, change)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce((SELECT max(n) FROM run), 0), ?, ?, ?)
            """,
            [
                .integer(session.row.number), .id(id), parent.map { .integer($0) } ?? .null,
                place.kind == .turn ? .null : .word(place.kind),
                .int(session.row.seq), place.task.map { .integer($0) } ?? .null,
                place.run.map { .integer($0) } ?? .null, .int(place.turn), .int(bytes), .time(now), .bool(isWhole),
                .json(text),
            ])
    }

    // MARK: - What a run goes on from

    /// The checkpoint that the session was at last.
    func headID(of session: SessionInUse) throws -> CheckpointID? {
        guard hasCheckpoints else { return nil }
        return try database.first(
            "SELECT id FROM checkpoint WHERE session = ? ORDER BY n DESC LIMIT 1", [.integer(session.row.number)]
        ) { try $0.id() }
    }

    /// Keeps what a run goes on from, for the result of its task.
    func keepOrigin(_ checkpoint: CheckpointID?, ofRun number: Int64) throws {
        guard hasCheckpoints, let checkpoint else { return }
        try database.run(
            "UPDATE run SET from_checkpoint = ? WHERE n = ?", [.id(checkpoint), .integer(number)])
    }

    func origin(ofRun id: RunID) throws -> CheckpointID? {
        guard hasCheckpoints else { return nil }
        return try database.first("SELECT from_checkpoint FROM run WHERE id = ?", [.id(id)]) { try $0.optionalID() }
            .flatMap { $0 }
    }
}
