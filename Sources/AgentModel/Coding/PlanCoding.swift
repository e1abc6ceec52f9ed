package import JSON

extension Plan {
    /// What does not change once it is made, as it is stored.
    package var definition: JSON {
        var object: JSONObject = ["title": .string(title), "batches": .array(batches.map(\.json))]
        object["goal"] = goal.map(JSON.string)
        object["instructions"] = instructions.map(JSON.string)
        object["working_dir"] = workingDirectory.map(JSON.string)
        object["driver"] = driver.map(JSON.string)
        object["permissions"] = permissions.map(JSON.object)
        object["ttl_s"] = ttlSeconds.map { .int(Int64($0)) }
        if continueOnFailure { object["continue_on_failure"] = true }
        if parallel != 1 { object["parallel"] = .int(Int64(parallel)) }
        return .object(object)
    }

    /// Reads what `definition` wrote.
    package init(id: PlanID, definition: JSON, hostID: HostID, at now: Timestamp) {
        self.init(
            id: id, title: definition["title"]?.stringValue ?? "",
            batches: (definition["batches"]?.arrayValue ?? []).map(PlanBatch.init(json:)), hostID: hostID, at: now)
        goal = definition["goal"]?.stringValue
        instructions = definition["instructions"]?.stringValue
        workingDirectory = definition["working_dir"]?.stringValue
        driver = definition["driver"]?.stringValue
        permissions = definition["permissions"]?.objectValue
        ttlSeconds = definition["ttl_s"]?.intValue
        continueOnFailure = definition["continue_on_failure"]?.boolValue ?? false
        parallel = definition["parallel"]?.intValue ?? 1
    }
}

extension PlanBatch {
    package var json: JSON {
        var object: JSONObject = ["risk": .string(risk.rawValue), "steps": .array(steps.map(\.json))]
        object["title"] = title.map(JSON.string)
        return .object(object)
    }

    package init(json: JSON) {
        self.init(
            (json["steps"]?.arrayValue ?? []).map(PlanStep.init(json:)),
            risk: json["risk"]?.stringValue.flatMap(PlanRisk.init(rawValue:)) ?? .low,
            title: json["title"]?.stringValue)
    }
}

extension PlanStep {
    package var json: JSON {
        var object: JSONObject = ["id": .string(id), "description": .string(description)]
        object["type"] = type.map(JSON.string)
        object["prompt"] = prompt.map(JSON.string)
        if !dependsOn.isEmpty { object["depends_on"] = .array(dependsOn.map(JSON.string)) }
        object["output_schema"] = outputSchema
        object["driver"] = driver.map(JSON.string)
        object["timeout_ms"] = timeoutMilliseconds.map { .int(Int64($0)) }
        object["check"] = check.map(JSON.string)
        if maxIterations != 1 { object["max_iterations"] = .int(Int64(maxIterations)) }
        return .object(object)
    }

    package init(json: JSON) {
        self.init(id: json["id"]?.stringValue ?? "", description: json["description"]?.stringValue ?? "")
        type = json["type"]?.stringValue
        prompt = json["prompt"]?.stringValue
        dependsOn = (json["depends_on"]?.arrayValue ?? []).compactMap(\.stringValue)
        outputSchema = json["output_schema"]
        driver = json["driver"]?.stringValue
        timeoutMilliseconds = json["timeout_ms"]?.intValue
        check = json["check"]?.stringValue
        maxIterations = json["max_iterations"]?.intValue ?? 1
    }
}

extension PlanState {
    /// Steps by their ids in the order of the alphabet, so that equal states are equal texts.
    package var json: JSON {
        var object: JSONObject = ["status": .string(status.rawValue)]
        object["steps"] = .object(JSONObject(steps.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }))
        if let asking {
            var members: JSONObject = ["batch": .int(Int64(asking.batch))]
            members["permission_id"] = asking.permissionID.map { .string("\($0)") }
            object["asking"] = .object(members)
        }
        if !permitted.isEmpty { object["permitted"] = .array(permitted.sorted().map { .int(Int64($0)) }) }
        if !denied.isEmpty { object["denied"] = .array(denied.sorted().map { .int(Int64($0)) }) }
        if isCancelling { object["cancelling"] = true }
        object["reason"] = reason.map(JSON.string)
        return .object(object)
    }

    /// Reads what `json` wrote, for a plan of these batches.
    package init(json: JSON, _ batches: [PlanBatch]) {
        self.init(batches)
        status = json["status"]?.stringValue.flatMap(PlanStatus.init(rawValue:)) ?? .created
        for (id, step) in json["steps"]?.objectValue ?? [:] where steps[id] != nil {
            steps[id] = PlanStepState(json: step)
        }
        if let batch = json["asking"]?["batch"]?.intValue {
            let permission = json["asking"]?["permission_id"]?.stringValue
            asking = Asking(batch: batch, permissionID: permission.flatMap(PermissionID.init))
        }
        permitted = Set((json["permitted"]?.arrayValue ?? []).compactMap(\.intValue))
        denied = Set((json["denied"]?.arrayValue ?? []).compactMap(\.intValue))
        isCancelling = json["cancelling"]?.boolValue ?? false
        reason = json["reason"]?.stringValue
    }
}

extension PlanStepState {
    package var json: JSON {
        var object: JSONObject = ["status": .string(status.rawValue)]
        if attempts > 0 { object["attempts"] = .int(Int64(attempts)) }
        if isForked { object["forked"] = true }
        if !taskIDs.isEmpty { object["task_ids"] = .array(taskIDs.map { .string("\($0)") }) }
        object["session_id"] = sessionID.map { .string("\($0)") }
        object["driver_session_id"] = driverSessionID.map(JSON.string)
        object["reason"] = reason.map(JSON.string)
        object["blocked_by"] = blockedBy.map(JSON.string)
        if usage != .none { object["usage"] = usage.json }
        if !files.isEmpty { object["files"] = .array(files.map { .object($0.json) }) }
        if order > 0 { object["order"] = .int(Int64(order)) }
        return .object(object)
    }

    package init(json: JSON) {
        self.init()
        status = json["status"]?.stringValue.flatMap(PlanStepStatus.init(rawValue:)) ?? .pending
        attempts = json["attempts"]?.intValue ?? 0
        isForked = json["forked"]?.boolValue ?? false
        taskIDs = (json["task_ids"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap(TaskID.init) }
        sessionID = json["session_id"]?.stringValue.flatMap(SessionID.init)
        driverSessionID = json["driver_session_id"]?.stringValue
        reason = json["reason"]?.stringValue
        blockedBy = json["blocked_by"]?.stringValue
        usage = json["usage"].map(Usage.init(json:)) ?? .none
        files = (json["files"]?.arrayValue ?? []).compactMap(FileChange.init(json:))
        order = json["order"]?.intValue ?? 0
    }
}

extension FileChange {
    /// As clients see it.
    package var json: JSONObject {
        var object: JSONObject = [
            "path": .string(path), "change": .string(change.rawValue), "bytes": .int(Int64(bytes)),
        ]
        object["sha256"] = sha256.map(JSON.string)
        if isShared { object["shared"] = true }
        return object
    }

    /// `nil` without a path and a known change.
    package init?(json: JSON) {
        guard let path = json["path"]?.stringValue,
            let change = json["change"]?.stringValue.flatMap(Kind.init(rawValue:))
        else { return nil }
        self.init(
            path: path, change: change, bytes: json["bytes"]?.intValue ?? 0, sha256: json["sha256"]?.stringValue)
        isShared = json["shared"]?.boolValue ?? false
    }
}
