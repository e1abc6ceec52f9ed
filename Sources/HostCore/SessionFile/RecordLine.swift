import AgentModel
import HostProtocol
import JSON
import Store

/// What a session owns, as lines of its file: `docs/decisions/0096-a-session-is-a-file.md`.
enum RecordLine {
    static func encode(_ object: JSONObject) -> [UInt8] { JSON.object(object).encoded() + [UInt8(ascii: "\n")] }

    /// Without its results folder and its names for agents, which are others wherever it goes, and without the consent
    /// that was given here.
    static func object(_ session: AgentSession) -> JSONObject {
        var object: JSONObject = ["type": "session"]
        for member in Wire.Session(session).json.objectValue ?? [:] { object[member.key] = member.value }
        for name in ["results_dir", "permissions", "agent_names"] { object[name] = nil }
        if !session.forksFrom.isEmpty {
            let sorted = session.forksFrom.sorted { $0.key < $1.key }
            object["forks_from"] = .object(JSONObject(sorted.map { ($0.key, .string($0.value)) }))
        }
        return object
    }

    /// - Parameter state: of the checkpoint written last; becomes that of this one.
    static func object(_ record: SessionRecord, after state: inout JSON?) -> JSONObject {
        switch record {
        case .task(let task, let first, let last): object(task, first, last)
        case .run(let run): object(run)
        case .checkpoint(let checkpoint): object(checkpoint, after: &state)
        case .ask(let ask): object(ask)
        case .reading(let reading): object(reading)
        case .artifact(let artifact): object(artifact)
        case .memory(let memory): object(memory)
        case .event(let event): object(event)
        }
    }

    private static func object(_ task: AgentTask, _ firstSeq: Int, _ lastSeq: Int) -> JSONObject {
        var object: JSONObject = [
            "type": "task", "id": .string("\(task.id)"), "status": .string(task.status.rawValue),
            "input": .array(task.input), "driver": .string(task.driver), "mode": .string(task.mode.rawValue),
            "persistence": .string(task.persistence.rawValue), "recursion_limit": .int(Int64(task.recursionLimit)),
            "plan_only": .bool(task.planOnly), "max_iterations": .int(Int64(task.maxIterations)),
            "resumption": .bool(task.resumption), "detached": .bool(task.detached),
        ]
        object["stop_reason"] = task.result.map { .string($0.stopReason.rawValue) }
        object["source"] = task.source.map(JSON.string)
        object["context"] = task.context
        object["metadata"] = task.metadata.map(JSON.object)
        object["output_schema"] = task.outputSchema
        object["budget"] = task.budget.map { .object($0.json) }
        object["timeout_ms"] = task.timeoutMilliseconds.map { .int(Int64($0)) }
        object["retry_of"] = task.retryOf.map { .string("\($0)") }
        object["created_at"] = .string("\(task.createdAt)")
        object["started_at"] = task.startedAt.map { .string("\($0)") }
        object["ended_at"] = task.endedAt.map { .string("\($0)") }
        object["seq_first"] = .int(Int64(firstSeq))
        object["seq_last"] = .int(Int64(lastSeq))
        return object
    }

    private static func object(_ run: Run) -> JSONObject {
        var object: JSONObject = [
            "type": "run", "id": .string("\(run.id)"), "task_id": .string("\(run.taskID)"),
            "driver": .string(run.driver), "driver_resumed": .bool(run.driverResumed), "usage": run.usage.json,
            "stderr_tail": .string(run.stderrTail), "started_at": .string("\(run.startedAt)"),
        ]
        object["driver_session_id"] = run.driverSessionID.map(JSON.string)
        object["fallback"] = run.fallback.map(JSON.string)
        object["stop_reason"] = run.stopReason.map { .string($0.rawValue) }
        object["ended_at"] = run.endedAt.map { .string("\($0)") }
        return object
    }

    /// Its state as what it changes of the one before.
    private static func object(_ record: CheckpointRecord, after state: inout JSON?) -> JSONObject {
        let checkpoint = record.checkpoint
        var object: JSONObject = [
            "type": "checkpoint", "id": .string("\(checkpoint.id)"), "kind": .string(checkpoint.kind.rawValue),
            "seq": .int(Int64(checkpoint.seq)), "created_at": .string("\(checkpoint.createdAt)"),
        ]
        object["parent_id"] = checkpoint.parentID.map { .string("\($0)") }
        object["task_id"] = checkpoint.taskID.map { .string("\($0)") }
        object["run_id"] = checkpoint.runID.map { .string("\($0)") }
        object["last_run_id"] = record.lastRunID.map { .string("\($0)") }
        object["turn"] = checkpoint.turn.map { .int(Int64($0)) }
        let next: JSON? =
            switch record.state {
            case .whole(let whole): whole
            case .change(nil): state
            case .change(let change?): StateChange(json: change).applied(to: state)
            }
        object["change"] = StateChange(from: state, to: next)?.json
        state = next
        return object
    }

    private static func object(_ ask: PermissionAsk) -> JSONObject {
        var object: JSONObject = [
            "type": "ask", "id": .string("\(ask.id)"), "driver_ask_id": .string(ask.driverAskID),
            "kind": .string(ask.kind.rawValue), "title": .string(ask.title), "input": ask.input,
            "options": .array(ask.options.map(\.json)), "created_at": .string("\(ask.createdAt)"),
        ]
        object["task_id"] = ask.taskID.map { .string("\($0)") }
        object["run_id"] = ask.runID.map { .string("\($0)") }
        object["tool"] = ask.tool.map(JSON.string)
        object["deadline_at"] = ask.deadlineAt.map { .string("\($0)") }
        object["default"] = ask.defaultOption.map(JSON.string)
        if let resolution = ask.resolution {
            var resolved: JSONObject = ["by": .string(resolution.by), "at": .string("\(resolution.at)")]
            resolved["option_id"] = resolution.option.map(JSON.string)
            object["resolution"] = .object(resolved)
        }
        return object
    }

    private static func object(_ record: ReadingRecord) -> JSONObject {
        [
            "type": "reading", "driver": .string(record.driver), "driver_session_id": .string(record.driverSessionID),
            "total": record.reading.total.json, "billed": record.reading.billed.json,
        ]
    }

    private static func object(_ artifact: Artifact) -> JSONObject {
        var object: JSONObject = ["type": "artifact"]
        for member in artifact.json { object[member.key] = member.value }
        return object
    }

    private static func object(_ record: MemoryRecord) -> JSONObject {
        var object: JSONObject = ["type": "memory"]
        for member in Wire.Memory(record.memory).json.objectValue ?? [:] { object[member.key] = member.value }
        for name in ["scope", "session_id", "embedding_model"] { object[name] = nil }
        if record.memory.key == record.memory.id.description { object["key"] = nil }
        if record.memory.contentText == Memory.text(of: record.memory.value) { object["content_text"] = nil }
        object["current"] = .bool(record.isCurrent)
        object["captured"] = .bool(record.isCaptured)
        return object
    }

    private static func object(_ event: Event) -> JSONObject {
        var object: JSONObject = [
            "type": "event", "seq": .int(Int64(event.seq)), "at": .string("\(event.at)"),
            "event": .string(event.type.rawValue),
        ]
        object["task_id"] = event.taskID.map { .string("\($0)") }
        object["run_id"] = event.runID.map { .string("\($0)") }
        if !event.data.isEmpty { object["data"] = .object(event.data) }
        return object
    }
}
