import AgentModel
import JSON
import Store

/// Who makes a session that is not to be seen yet.
enum Maker {
    /// Sessions as `s` that nobody alive is making.
    static func condition(_ database: SQLiteConnection, _ hosts: HostLocks) throws -> String {
        let makers = try database.rows(
            "SELECT DISTINCT maker FROM session WHERE hidden_at IS NOT NULL AND maker NOT NULL"
        ) { try $0.id() as HostID }
        let living = makers.filter(hosts.isAlive)
        guard !living.isEmpty else { return "TRUE" }
        let list = living.map { "x'\($0.uuid.hex)'" }.joined(separator: ", ")
        return "(s.maker IS NULL OR s.maker NOT IN (\(list)))"
    }
}

/// Sessions that go on from where others stood, made out of sight in bounded steps.
extension StoreTransaction {
    func forkSession(_ fork: SessionFork) throws {
        try SchemaPart.checkpoints.require(schemaVersion)
        _ = try session(fork.source)
        let origin = try fork.checkpoint.flatMap(checkpointRow)
        if let id = fork.checkpoint, origin?.value.sessionID != fork.source {
            throw StoreFailure.notFound(id.description)
        }
        var session = fork.session
        // The source keeps the id of a project that has been deleted.
        if let project = session.projectID, try database.project(project) == nil { session.projectID = nil }
        session.forksFrom = try forkOrigins(fork.forkingDrivers, at: origin)
        try insertSession(session)
        let made = try self.session(session.id)
        try hideInMaking(made)
        var data: JSONObject = ["from_session_id": .string(fork.source.description)]
        data["from_checkpoint_id"] = origin.map { .string($0.value.id.description) }
        try log(EventDraft(.sessionForked, data: data), in: made)
    }

    /// Agents' own sessions in which nothing has run since.
    private func forkOrigins(_ drivers: Set<String>, at origin: CheckpointRow?) throws -> [String: String] {
        guard let origin, let stored = try CheckpointRow.chain(of: origin.number, database).state else { return [:] }
        return try CheckpointState(stored: stored).driverSessions.filter {
            try drivers.contains($0.key) && !DriverSessionUse.exists($0.key, $0.value, since: origin, database)
        }
    }

    func hideInMaking(_ session: SessionInUse) throws {
        change(session) { _ in }
        session.row.hiddenAt = now
        try database.run("UPDATE session SET maker = ? WHERE n = ?", [.id(host), .integer(session.row.number)])
    }

    /// A session that this host is making.
    func sessionInMaking(_ id: SessionID) throws -> SessionInUse {
        if let session = inUse(id) { return session }
        let found = try database.first(
            SessionRow.select("WHERE s.id = ? AND s.hidden_at NOT NULL AND s.maker = ?", version: schemaVersion),
            [.id(id), .id(host)]
        ) { try SessionRow(&$0) }
        guard let found else { throw StoreFailure.notFound(id.description) }
        return keep(found)
    }

    func copyHistory(_ copy: HistoryCopy) throws {
        let (source, target) = (try session(copy.source), try sessionInMaking(copy.target))
        var left = copy.limit
        var last = copy.afterSeq
        for range in copy.ranges where left > 0 && range.upperBound > last {
            let entries = try conversation(
                of: source, from: max(range.lowerBound, last + 1), through: range.upperBound, limit: left)
            for entry in entries {
                if let draft = entry.draft { try log(draft, in: target) }
                last = entry.seq
            }
            left -= entries.count
            // Nothing more of it is of the conversation.
            if left > 0 { last = range.upperBound }
        }
        commit.copiedSeq = last
        commit.isMoreLeft = last < (copy.ranges.last?.upperBound ?? 0)
    }

    private static let conversationTypes: [EventType] = [.taskQueued, .message, .toolStarted, .toolFinished]
    private static let copiedBytesMax = 1 << 20

    private func conversation(
        of source: SessionInUse, from first: Int, through last: Int, limit: Int
    ) throws -> [(seq: Int, draft: EventDraft?)] {
        var entries: [(seq: Int, draft: EventDraft?)] = []
        var bytes = 0
        let codes = Self.conversationTypes.map { String(EventData.code($0)) }.joined(separator: ", ")
        try database.each(
            """
            SELECT e.seq, e.type, t.input, e.data FROM event e LEFT JOIN task t ON t.n = e.task
            WHERE e.session = ? AND e.seq BETWEEN ? AND ? AND e.type IN (\(codes)) ORDER BY e.seq LIMIT ?
            """, [.integer(source.row.number), .int(first), .int(last), .int(limit)]
        ) { row in
            let (seq, type) = (row.int(), try EventData.type(row.int()))
            let input = type == .taskQueued ? try row.optionalJSON() : nil
            if type != .taskQueued { row.skip() }
            bytes += row.size
            let data = try row.optionalObject() ?? [:]
            entries.append((seq, Self.copied(type, data, prompt: input, seq)))
            return bytes < Self.copiedBytesMax
        }
        return entries
    }

    /// A thought is not of the conversation, and a prompt is a message in it.
    private static func copied(_ type: EventType, _ data: JSONObject, prompt: JSON?, _ seq: Int) -> EventDraft? {
        switch type {
        case .taskQueued:
            let texts = (prompt?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }
            return EventDraft(
                .message,
                data: [
                    "message_id": .string("prompt-\(seq)"), "role": "user",
                    "text": .string(texts.joined(separator: "\n")),
                ])
        case .message where data["role"] == "thought": return nil
        default: return EventDraft(type, data: data)
        }
    }

    func showFork(_ id: SessionID, driver: JSON?, turn: Int?) throws {
        let made = try sessionInMaking(id)
        try show(made)
        if schemaVersion >= SchemaPart.memory.since, let partition = try findPartitionInMaking(of: made) {
            try showMemories(in: partition)
        }
        let place = CheckpointPlace(kind: .fork, turn: turn)
        try save(newCheckpointID(), place, EventDraft(.checkpointSaved), in: made) { $0.driver = driver }
    }

    func show(_ made: SessionInUse) throws {
        change(made) { _ in }
        made.row.hiddenAt = nil
        try database.run("UPDATE session SET maker = NULL WHERE n = ?", [.integer(made.row.number)])
    }

    func abandonSession(_ id: SessionID) throws {
        let made = try sessionInMaking(id)
        try database.run("UPDATE session SET maker = NULL WHERE n = ?", [.integer(made.row.number)])
    }
}
