import AgentModel
import JSON
import Store

/// Checkpoints and memories that come from another store.
extension RecordImporter {
    private static let stateBytesMax = 64 << 20

    /// - Returns: the bytes of its state
    func add(_ record: CheckpointRecord) throws -> Int {
        let checkpoint = record.checkpoint
        try requireUnused(checkpoint.id, "checkpoint")
        let previous = try CheckpointRow.head(of: session.row.number, database)
        let before = try transaction.chain(of: previous, in: session)
        let state = try state(record.state, after: before.state)
        let parent = try checkpoint.parentID.map(parentNumber)
        var chain = before
        if parent != previous?.number {
            chain = try parent.map { try CheckpointRow.chain(of: $0, database) } ?? StateChain()
        }
        let stored = chain.save(state)
        guard chain.stateBytes <= Self.stateBytesMax else {
            throw StoreFailure.limit("the state of \(checkpoint.id) is larger than \(Self.stateBytesMax) bytes")
        }
        try insert(checkpoint, stored, chain, parent: parent, lastRun: record.lastRunID)
        progress.covered = max(progress.covered, checkpoint.seq)
        transaction.heads.keep(chain, of: session.row.number, at: checkpoint.id)
        return chain.stateBytes
    }

    private func state(_ given: CheckpointRecord.State, after before: JSON?) throws -> JSON {
        var state: JSON
        switch given {
        case .whole(let whole): state = try own(whole)
        case .change(nil): state = before ?? [:]
        case .change(let change?): state = StateChange(json: try own(change)).applied(to: before) ?? [:]
        }
        guard case .object(var members) = state else {
            throw StoreFailure.refused("a state is no object")
        }
        // A copy's agents have sessions of their own.
        if made.identities != nil, members["driver_sessions"] != nil {
            members["driver_sessions"] = nil
            state = .object(members)
        }
        return state
    }

    private func parentNumber(_ id: CheckpointID) throws -> Int64 {
        let found = try database.first("SELECT n FROM checkpoint WHERE id = ? AND session = ?", [.id(id), number]) {
            $0.int64()
        }
        guard let found else { throw StoreFailure.notFound(id.description) }
        return found
    }

    private func insert(
        _ checkpoint: Checkpoint, _ stored: StateChain.Stored, _ chain: StateChain, parent: Int64?, lastRun: RunID?
    ) throws {
        let (isWhole, text) = stored.columns
        // What is written has to be readable: a change may lie deeper than what it changes.
        if let text, (try? JSON.parse(text.encoded())) == nil {
            throw StoreFailure.limit("the state of \(checkpoint.id) lies too deep")
        }
        let task = try checkpoint.taskID.map { try transaction.taskNumber($0, in: session) }
        let run = try checkpoint.runID.map { try transaction.runNumber($0, in: session) }
        let mark = try lastRun.map { try transaction.runNumber($0, in: session) }
        try database.run(
            """
            INSERT INTO checkpoint(
                session, id, parent, kind, seq, task, run, turn, bytes, run_mark, created_at, whole, change)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                number, .id(checkpoint.id), parent.map { .integer($0) } ?? .null,
                checkpoint.kind == .turn ? .null : .word(checkpoint.kind), .int(checkpoint.seq),
                task.map { .integer($0) } ?? .null, run.map { .integer($0) } ?? .null, .int(checkpoint.turn),
                .int(chain.stateBytes), .integer(mark ?? 0), .time(checkpoint.createdAt), .bool(isWhole), .json(text),
            ])
    }

    // MARK: - Memories

    func add(_ record: MemoryRecord) throws {
        let memory = record.memory
        let used = try database.integer(
            "SELECT count(*) FROM memory WHERE id = ? AND (current = 1 OR partition <> ?)",
            [.id(memory.id), .integer(partition)])
        guard used == 0 else { throw StoreFailure.refused("\(memory.id) exists") }
        let hasKey = memory.key != memory.id.description
        var value = memory
        value.source?.taskID = try memory.source?.taskID.map(own)
        value.source?.runID = try memory.source?.runID.map(own)
        var row = MemoryRow(
            partition: partition, hasKey: hasKey, isCaptured: record.isCaptured,
            hasText: memory.contentText != Memory.text(of: memory.value), value: value)
        row.isCurrent = record.isCurrent
        if record.isCurrent {
            let same = try database.integer(
                "SELECT count(*) FROM memory WHERE partition = ? AND namespace = ? AND key = ? AND current = 1",
                [.integer(partition), .text(memory.namespace), .text(memory.key)])
            guard !hasKey || same == 0 else { throw StoreFailure.refused("the key \(memory.key) comes twice") }
        } else {
            guard let end = memory.validTo, end >= memory.updatedAt else {
                throw StoreFailure.refused("\(memory.id) is later than its next version")
            }
        }
        let hasVersions =
            try database.integer(
                "SELECT count(*) FROM (SELECT 1 FROM memory WHERE id = ? AND current = 0 LIMIT 1)", [.id(memory.id)])
            > 0
        if record.isCurrent, hasVersions { progress.versioned -= 1 }
        if !record.isCurrent, !hasVersions { progress.versioned += 1 }
        row.number = try transaction.nextDocument()
        try database.run(MemoryRow.insert, row.values)
        if record.isCurrent { try transaction.index(row) }
        progress.settled = 0
        if record.isCurrent, memory.supersededBy != nil { progress.lastReplaced = Int(row.number) }
    }

    private static let settledMax = 500

    /// What is to be found in another's place has to be there, here. Looks at some.
    func settleMemories() throws {
        guard !progress.isSettled else { return }
        let rows = try database.rows(
            """
            SELECT n, id, superseded_by FROM memory WHERE partition = ? AND current = 1 AND n > ? ORDER BY n LIMIT ?
            """, [.integer(partition), .int(progress.settled), .int(Self.settledMax)]
        ) { (number: $0.int64(), id: try $0.id() as MemoryID, other: try $0.optionalID() as MemoryID?) }
        for row in rows {
            guard let given = row.other else { continue }
            let other = try own(given)
            let isThere =
                try database.integer(
                    "SELECT count(*) FROM memory WHERE id = ? AND current = 1", [.id(other)]) == 1
            try database.run(
                "UPDATE memory SET superseded_by = ? WHERE n = ?",
                [isThere && other != row.id ? .id(other) : .null, .integer(row.number)])
        }
        progress.settled = rows.last.map { Int($0.number) } ?? progress.lastReplaced
    }
}
