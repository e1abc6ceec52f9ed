package import JSON

extension WorkflowProfile {
    package var json: JSON {
        var object: JSONObject = [
            "sessions": .string(sharesSession ? "shared" : "separate"),
            "reviewers": .array(reviewers.map(JSON.string)), "max_review_rounds": .int(Int64(maxReviewRounds)),
        ]
        object["approve_up_to"] = approveUpTo.map { .string($0.rawValue) }
        for (role, settings) in roles { object[role.rawValue] = settings.json }
        return .object(object)
    }

    /// Reads what `json` wrote.
    package init(json: JSON) {
        self.init()
        sharesSession = json["sessions"]?.stringValue != "separate"
        approveUpTo = json["approve_up_to"]?.stringValue.flatMap(PlanRisk.init(rawValue:))
        reviewers = json["reviewers"]?.arrayValue?.compactMap(\.stringValue) ?? reviewers
        maxReviewRounds = json["max_review_rounds"]?.intValue ?? maxReviewRounds
        for role in WorkflowRole.allCases {
            if let settings = json[role.rawValue] { roles[role] = Role(json: settings) }
        }
    }
}

extension WorkflowProfile.Role {
    package var json: JSON {
        var object = JSONObject()
        object["driver"] = driver.map(JSON.string)
        object["model"] = model.map(JSON.string)
        object["instructions"] = instructions.map(JSON.string)
        if parallel != 1 { object["parallel"] = .int(Int64(parallel)) }
        return .object(object)
    }

    package init(json: JSON) {
        self.init()
        driver = json["driver"]?.stringValue
        model = json["model"]?.stringValue
        instructions = json["instructions"]?.stringValue
        parallel = json["parallel"]?.intValue ?? 1
    }
}

extension WorkflowNode {
    package var json: JSON {
        var object: JSONObject = [
            "kind": .string(kind.rawValue), "round": .int(Int64(round)), "status": .string(status.rawValue),
        ]
        object["focus"] = focus.map(JSON.string)
        object["task_id"] = taskID.map { .string("\($0)") }
        object["plan_id"] = planID.map { .string("\($0)") }
        object["session_id"] = sessionID.map { .string("\($0)") }
        object["driver"] = driver.map(JSON.string)
        object["driver_session_id"] = driverSessionID.map(JSON.string)
        object["result"] = result
        object["reason"] = reason.map(JSON.string)
        if usage != .none { object["usage"] = usage.json }
        if attempt != 1 { object["attempt"] = .int(Int64(attempt)) }
        return .object(object)
    }

    /// Reads what `json` wrote; `nil` without a known kind.
    package init?(json: JSON) {
        guard let kind = json["kind"]?.stringValue.flatMap(Kind.init(rawValue:)) else { return nil }
        self.init(kind, round: json["round"]?.intValue ?? 0, focus: json["focus"]?.stringValue)
        status = json["status"]?.stringValue.flatMap(Status.init(rawValue:)) ?? .interrupted
        taskID = json["task_id"]?.stringValue.flatMap(TaskID.init)
        planID = json["plan_id"]?.stringValue.flatMap(PlanID.init)
        sessionID = json["session_id"]?.stringValue.flatMap(SessionID.init)
        driver = json["driver"]?.stringValue
        driverSessionID = json["driver_session_id"]?.stringValue
        result = json["result"]
        reason = json["reason"]?.stringValue
        usage = json["usage"].map(Usage.init(json:)) ?? .none
        attempt = json["attempt"]?.intValue ?? 1
    }
}

extension Workflow {
    /// What does not change once it is made, as it is stored.
    package var definition: JSON {
        var object: JSONObject = ["title": .string(title), "goal": .string(goal), "profile": profile.json]
        object["issue"] = issue
        object["working_dir"] = workingDirectory.map(JSON.string)
        object["permissions"] = permissions.map(JSON.object)
        return .object(object)
    }

    /// Reads what `definition` wrote.
    package init(id: FlowID, definition: JSON, hostID: HostID, at now: Timestamp) {
        self.init(
            id: id, title: definition["title"]?.stringValue ?? "", goal: definition["goal"]?.stringValue ?? "",
            profile: WorkflowProfile(json: definition["profile"] ?? [:]), hostID: hostID, at: now)
        issue = definition["issue"]
        workingDirectory = definition["working_dir"]?.stringValue
        permissions = definition["permissions"]?.objectValue
    }
}

extension WorkflowProposal {
    /// As an architect gives it: `{plan, reasoning}`.
    package var json: JSON {
        var plan: JSONObject = [
            "title": .string(title), "goal": .string(goal), "batches": .array(batches.map(\.json)),
            "test_first": .bool(isTestFirst),
        ]
        plan["risk_summary"] = riskSummary.map(JSON.string)
        plan["estimated_minutes"] = estimatedMinutes.map { .int(Int64($0)) }
        return ["plan": .object(plan), "reasoning": .string(reasoning)]
    }

    /// `nil` without a list of batches. Whether these can be executed is another question.
    package init?(json: JSON) {
        guard let plan = json["plan"], let batches = plan["batches"]?.arrayValue else { return nil }
        self.init(
            title: plan["title"]?.stringValue ?? "", goal: plan["goal"]?.stringValue ?? "",
            batches: batches.map(PlanBatch.init(json:)), reasoning: json["reasoning"]?.stringValue ?? "")
        riskSummary = plan["risk_summary"]?.stringValue
        estimatedMinutes = plan["estimated_minutes"]?.intValue
        isTestFirst = plan["test_first"]?.boolValue ?? false
    }
}
