import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

/// Reads what `RecordLine` writes. The ids of the session's own parts come out as they are to be here.
struct RecordDecoder: Sendable {
    let target: SessionID
    let identities: IdentityMap?

    static let seqMax = 1 << 40

    /// - Parameter type: what the line says it is.
    func decode(_ type: String, _ fields: LineFields) throws(LineFault) -> SessionRecord {
        switch type {
        case "task": try task(fields)
        case "run": .run(try run(fields))
        case "checkpoint": .checkpoint(try checkpoint(fields))
        case "ask": .ask(try ask(fields))
        case "reading": .reading(try reading(fields))
        case "artifact": .artifact(try artifact(fields))
        case "memory": .memory(try memory(fields))
        case "event": .event(try event(fields))
        default:
            throw fields.fault(
                "type", "one of task, run, checkpoint, ask, reading, artifact, artifact_bytes, memory, event")
        }
    }

    private func own<Kind>(_ id: Identifier<Kind>) -> Identifier<Kind> { identities.map { $0(id) } ?? id }

    private func ownID<Kind>(_ fields: LineFields, _ name: String) throws(LineFault) -> Identifier<Kind> {
        own(try fields.id(name))
    }

    private func optionalOwnID<Kind>(_ fields: LineFields, _ name: String) throws(LineFault) -> Identifier<Kind>? {
        try fields.optionalID(name).map(own)
    }

    // MARK: - Kinds

    private static let taskOptions = [
        "input", "driver", "mode", "persistence", "recursion_limit", "source", "metadata", "output_schema",
        "max_iterations", "budget", "timeout_ms",
    ]

    private func task(_ fields: LineFields) throws(LineFault) -> SessionRecord {
        let options = try fields.params(Wire.TaskExecuteParams.self, Self.taskOptions)
        var task = AgentTask(
            id: try ownID(fields, "id"), sessionID: target, hostID: HostID(target.uuid),
            input: try fields.array("input"), driver: try fields.text("driver", most: 100),
            mode: try fields.word("mode"), persistence: try fields.word("persistence"),
            recursionLimit: try fields.int("recursion_limit", 1...10_000), at: try fields.time("created_at"))
        task.status = try fields.word("status")
        guard task.status.isFinal else { throw fields.fault("status", "that of a task that has ended") }
        task.result = TaskResult(status: task.status, stopReason: try fields.word("stop_reason"))
        task.source = options.source
        task.context = fields.object["context"]
        task.metadata = options.metadata
        task.outputSchema = fields.object["output_schema"]
        task.planOnly = try fields.bool("plan_only")
        task.maxIterations = options.maxIterations
        task.resumption = try fields.bool("resumption")
        task.budget = options.budget.map(Budget.init)
        task.timeoutMilliseconds = options.timeoutMilliseconds
        task.detached = try fields.bool("detached")
        // Perhaps of another session: the store knows.
        task.retryOf = try fields.optionalID("retry_of")
        task.startedAt = try fields.optionalTime("started_at")
        task.endedAt = try fields.time("ended_at")
        return .task(
            task, firstSeq: try fields.int("seq_first", 1...Self.seqMax),
            lastSeq: try fields.int("seq_last", 1...Self.seqMax))
    }

    private func run(_ fields: LineFields) throws(LineFault) -> Run {
        var run = Run(
            id: try ownID(fields, "id"), taskID: try ownID(fields, "task_id"), sessionID: target,
            driver: try fields.text("driver", most: 100), at: try fields.time("started_at"))
        run.driverSessionID = try fields.optionalText("driver_session_id", most: 1000)
        run.driverResumed = try fields.bool("driver_resumed")
        run.fallback = try fields.optionalText("fallback")
        run.stopReason = try fields.optionalWord("stop_reason")
        run.usage = try fields.usage("usage")
        run.stderrTail = try fields.text("stderr_tail")
        run.endedAt = try fields.time("ended_at")
        return run
    }

    private func checkpoint(_ fields: LineFields) throws(LineFault) -> CheckpointRecord {
        var checkpoint = Checkpoint(
            id: try ownID(fields, "id"), sessionID: target, kind: try fields.word("kind"),
            seq: try fields.int("seq", 1...Self.seqMax), bytes: 0, at: try fields.time("created_at"))
        checkpoint.parentID = try optionalOwnID(fields, "parent_id")
        checkpoint.taskID = try optionalOwnID(fields, "task_id")
        checkpoint.runID = try optionalOwnID(fields, "run_id")
        checkpoint.turn = try fields.optionalInt("turn", 0...Self.seqMax)
        return CheckpointRecord(
            checkpoint, lastRunID: try optionalOwnID(fields, "last_run_id"), state: .change(fields.object["change"]))
    }

    private func ask(_ fields: LineFields) throws(LineFault) -> PermissionAsk {
        guard let kind = DriverAsk.Kind(rawValue: try fields.text("kind", most: 100)) else {
            throw fields.fault("kind", "permission or question")
        }
        var ask = PermissionAsk(
            id: try ownID(fields, "id"), sessionID: target, taskID: try optionalOwnID(fields, "task_id"),
            runID: try optionalOwnID(fields, "run_id"), driverAskID: try fields.text("driver_ask_id"), kind: kind,
            title: try fields.text("title"), at: try fields.time("created_at"))
        ask.tool = try fields.optionalText("tool")
        ask.input = try fields.json("input")
        let options = try fields.array("options")
        ask.options = options.compactMap(DriverAsk.Option.init(json:))
        guard ask.options.count == options.count else { throw fields.fault("options", "options with an id each") }
        ask.deadlineAt = try fields.optionalTime("deadline_at")
        ask.defaultOption = try fields.optionalText("default")
        guard let members = try fields.optionalMembers("resolution") else { return ask }
        let resolution = LineFields(members, "line.resolution")
        ask.resolution = PermissionAsk.Resolution(
            option: try resolution.optionalText("option_id"), by: try resolution.text("by", most: 1000),
            at: try resolution.time("at"))
        return ask
    }

    private func reading(_ fields: LineFields) throws(LineFault) -> ReadingRecord {
        ReadingRecord(
            driver: try fields.text("driver", most: 100),
            driverSessionID: try fields.text("driver_session_id", most: 1000),
            reading: UsageReading(total: try fields.usage("total"), billed: try fields.usage("billed")))
    }

    private func artifact(_ fields: LineFields) throws(LineFault) -> Artifact {
        let path = try fields.text("path", most: 4096)
        guard (try? Folder.components(path)) != nil else {
            throw fields.fault("path", "a path within the session's results folder")
        }
        let sha256 = try fields.text("sha256", most: 64)
        guard sha256.utf8.count == 64, sha256.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
            throw fields.fault("sha256", "64 hex digits")
        }
        return Artifact(
            sessionID: target, taskID: try ownID(fields, "task_id"), path: path,
            bytes: try fields.int("bytes", 0...(1 << 50)), sha256: sha256,
            mediaType: try fields.text("media_type", most: 200), createdAt: try fields.time("created_at"))
    }

    private static let memoryOptions = [
        "value", "content_text", "namespace", "key", "importance", "tags", "source", "expires_at", "valid_from",
        "valid_to", "metadata",
    ]

    private func memory(_ fields: LineFields) throws(LineFault) -> MemoryRecord {
        let options = try fields.params(Wire.MemoryRememberParams.self, Self.memoryOptions)
        let id: MemoryID = try ownID(fields, "id")
        let draft: MemoryDraft
        do throws(RPCError) { draft = try MemoryDraft(options, id: id, scope: .session(target)) } catch {
            throw LineFault(message: error.message, path: nil, isLimit: true)
        }
        var memory = Memory(
            id: id, scope: .session(target), namespace: draft.namespace, key: draft.key ?? "\(id)", value: draft.value,
            contentText: draft.contentText ?? Memory.text(of: draft.value), importance: draft.importance,
            createdAt: try fields.time("created_at"), updatedAt: try fields.time("updated_at"))
        memory.tags = draft.tags
        memory.source = draft.source
        memory.expiresAt = draft.expiresAt
        memory.validFrom = draft.validFrom
        memory.validTo = draft.validTo
        memory.metadata = draft.metadata
        memory.lastRecalledAt = try fields.optionalTime("last_recalled_at")
        memory.recallCount = try fields.int("recall_count", 0...Self.seqMax)
        memory.supersededBy = try fields.optionalID("superseded_by")
        return MemoryRecord(memory, isCurrent: try fields.bool("current"), isCaptured: try fields.bool("captured"))
    }

    private func event(_ fields: LineFields) throws(LineFault) -> Event {
        let draft = EventDraft(
            try fields.word("event"), taskID: try optionalOwnID(fields, "task_id"),
            runID: try optionalOwnID(fields, "run_id"), data: try fields.optionalMembers("data") ?? [:])
        return Event(
            sessionID: target, seq: try fields.int("seq", 1...Self.seqMax), at: try fields.time("at"), draft)
    }
}

/// The session itself, as its line says.
struct SessionDecoder {
    let fields: LineFields

    private static let options = [
        "milestone_id", "working_dir", "driver", "model", "mode", "persistence", "recursion_limit", "ttl_s", "budget",
        "checkpoints", "title", "metadata", "learning",
    ]

    /// - Parameter resultsRoot: where its results folder is to be.
    func session(id: SessionID, resultsRoot: String) throws(LineFault) -> AgentSession {
        let options = try fields.params(Wire.SessionCreateParams.self, Self.options)
        let connection: ConnectionID? = try fields.optionalID("db_connection_id")
        var session = AgentSession(
            id: id, driver: try fields.text("driver", most: 100),
            resultsDirectory: "\(resultsRoot)/\(connection?.description ?? "none")/\(id)",
            at: try fields.time("created_at"))
        session.status = try fields.word("status")
        guard session.status != .running else { throw fields.fault("status", "that of a session at rest") }
        session.temporary = try fields.bool("temporary")
        session.connectionID = connection
        session.projectID = try fields.optionalID("project_id")
        session.planID = try fields.optionalID("plan_id")
        session.milestoneID = options.milestoneID
        session.parentSessionID = try fields.optionalID("parent_session_id")
        session.workingDirectory = options.workingDirectory
        session.model = options.model
        session.mode = try fields.word("mode")
        session.persistence = try fields.word("persistence")
        session.recursionLimit = options.recursionLimit
        session.ttlSeconds = options.ttlSeconds
        session.budget = options.budget.map(Budget.init)
        session.retention = options.checkpoints.map(CheckpointRetention.init)
        session.title = options.title
        session.metadata = options.metadata
        session.learning = options.learning?.json.objectValue ?? [:]
        session.driverSessions = try fields.driverSessions("driver_sessions")
        session.forksFrom = try fields.driverSessions("forks_from")
        session.updatedAt = try fields.time("updated_at")
        session.lastUsedAt = try fields.time("last_used_at")
        session.endedAt = try fields.optionalTime("ended_at")
        return session
    }
}
