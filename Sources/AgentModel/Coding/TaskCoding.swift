package import JSON

extension TaskResult {
    /// As it stands in the terminal event of its task and in the answer of `task.execute`.
    package var json: JSONObject {
        var object: JSONObject = [
            "status": .string(status.rawValue), "stop_reason": .string(stopReason.rawValue), "output": .string(output),
        ]
        object["structured_output"] = structuredOutput
        object["run_id"] = runID.map { .string($0.description) }
        object["driver_session_id"] = driverSessionID.map { .string($0) }
        object["driver_resumed"] = .bool(driverResumed)
        object["from_checkpoint_id"] = fromCheckpointID.map { .string($0.description) }
        object["checkpoint_id"] = checkpointID.map { .string($0.description) }
        object["usage"] = usage.json
        object["error"] = error.map { .object($0.json) }
        object["last_session"] = lastSession.map { .object($0.json) }
        object["duration_ms"] = .int(Int64(durationMilliseconds))
        return object
    }

    /// Reads what `json` wrote; `nil` without a known status and stop reason.
    package init?(json: JSONObject) {
        guard let status = json["status"]?.stringValue.flatMap(TaskStatus.init(rawValue:)),
            let stopReason = json["stop_reason"]?.stringValue.flatMap(StopReason.init(rawValue:))
        else { return nil }
        self.init(status: status, stopReason: stopReason)
        output = json["output"]?.stringValue ?? ""
        structuredOutput = json["structured_output"]
        runID = json["run_id"]?.stringValue.flatMap(RunID.init)
        driverSessionID = json["driver_session_id"]?.stringValue
        driverResumed = json["driver_resumed"]?.boolValue ?? false
        fromCheckpointID = json["from_checkpoint_id"]?.stringValue.flatMap(CheckpointID.init)
        checkpointID = json["checkpoint_id"]?.stringValue.flatMap(CheckpointID.init)
        usage = json["usage"].map(Usage.init(json:)) ?? .none
        error = json["error"]?.objectValue.flatMap(TaskError.init(json:))
        lastSession = json["last_session"]?.objectValue.flatMap(LastSession.init(json:))
        durationMilliseconds = json["duration_ms"]?.intValue ?? 0
    }
}

extension TaskError {
    package var json: JSONObject {
        var object: JSONObject = [
            "code": .int(Int64(code)), "message": .string(message), "reason": .string(reason),
            "retryable": .bool(retryable),
        ]
        object["raw"] = raw
        return object
    }

    /// Reads what `json` wrote; `nil` without a code and a reason.
    package init?(json: JSONObject) {
        guard let code = json["code"]?.intValue, let reason = json["reason"]?.stringValue else { return nil }
        self.init(
            code: code, reason: reason, message: json["message"]?.stringValue ?? "",
            retryable: json["retryable"]?.boolValue ?? false, raw: json["raw"])
    }
}

extension AgentTask {
    /// What the event `task.queued` tells.
    package var queuedData: JSONObject {
        var object: JSONObject = [
            "input": .array(input), "driver": .string(driver), "mode": .string(mode.rawValue),
            "persistence": .string(persistence.rawValue),
        ]
        object["source"] = source.map { .string($0) }
        object["retry_of"] = retryOf.map { .string($0.description) }
        if planOnly { object["plan_only"] = true }
        if detached { object["detached"] = true }
        for member in judgingData { object[member.key] = member.value }
        return object
    }

    /// Of that, who judges its result besides its schema; empty when nobody does.
    package var judgingData: JSONObject {
        var object: JSONObject = [:]
        object["check"] = check.map { .string($0) }
        if asksToAccept { object["accept"] = "permission" }
        return object
    }

    /// Reads what `judgingData` wrote.
    package mutating func readJudging(_ data: JSONObject) {
        check = data["check"]?.stringValue
        asksToAccept = data["accept"] == "permission"
    }
}

extension Run {
    /// What the event `run.started` tells.
    package var startedData: JSONObject {
        var object: JSONObject = ["driver": .string(driver), "driver_resumed": .bool(driverResumed)]
        object["driver_session_id"] = driverSessionID.map { .string($0) }
        object["fallback"] = fallback.map { .string($0) }
        object["from_checkpoint_id"] = fromCheckpointID.map { .string($0.description) }
        object["forked_from"] = forkedFrom.map { .string($0) }
        return object
    }

    /// What the event `run.ended` tells.
    package var endedData: JSONObject {
        var object: JSONObject = ["usage": usage.json]
        object["stop_reason"] = stopReason.map { .string($0.rawValue) }
        object["driver_session_id"] = driverSessionID.map { .string($0) }
        return object
    }
}

extension Artifact {
    /// What a session's log says of it.
    package var draft: EventDraft { EventDraft(.artifactCreated, taskID: taskID, data: json) }

    /// As clients see it; also what the event `artifact.created` tells.
    package var json: JSONObject {
        [
            "path": .string(path), "bytes": .int(Int64(bytes)), "sha256": .string(sha256),
            "media_type": .string(mediaType), "task_id": .string(taskID.description),
            "created_at": .string(createdAt.description),
        ]
    }
}
