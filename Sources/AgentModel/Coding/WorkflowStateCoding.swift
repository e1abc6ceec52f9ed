package import JSON

/// A workflow's state as it is stored.
extension WorkflowState {
    package var json: JSON {
        var object: JSONObject = ["status": .string(status.rawValue), "round": .int(Int64(round))]
        object["proposal"] = proposal?.json
        if isApproved { object["approved"] = true }
        if !feedback.isEmpty { object["feedback"] = .array(feedback.map(JSON.string)) }
        object["plan_id"] = planID.map { .string("\($0)") }
        object["round_start"] = .int(Int64(roundStart))
        object["nodes"] = .array(nodes.map(\.json))
        let sessions = WorkflowRole.allCases.compactMap { role in
            sessionIDs[role].map { (role.rawValue, JSON.string("\($0)")) }
        }
        if !sessions.isEmpty { object["sessions"] = .object(JSONObject(sessions)) }
        object["reason"] = reason.map(JSON.string)
        if isCancelling { object["cancelling"] = true }
        if isHeld { object["held"] = true }
        object["ending"] = ending?.json
        return .object(object)
    }

    /// Reads what `json` wrote.
    package init(json: JSON) {
        self.init()
        status = json["status"]?.stringValue.flatMap(WorkflowStatus.init(rawValue:)) ?? .created
        round = json["round"]?.intValue ?? 0
        proposal = json["proposal"].flatMap(WorkflowProposal.init(json:))
        feedback = (json["feedback"]?.arrayValue ?? []).compactMap(\.stringValue)
        isApproved = json["approved"]?.boolValue ?? false
        planID = json["plan_id"]?.stringValue.flatMap(PlanID.init)
        nodes = (json["nodes"]?.arrayValue ?? []).compactMap(WorkflowNode.init(json:))
        let lastRound = json["round_start"]?.intValue ?? Self.lastRound(of: nodes)
        roundStart = min(max(0, lastRound), nodes.count)
        for role in WorkflowRole.allCases {
            sessionIDs[role] = json["sessions"]?[role.rawValue]?.stringValue.flatMap(SessionID.init)
        }
        reason = json["reason"]?.stringValue
        isCancelling = json["cancelling"]?.boolValue ?? false
        isHeld = json["held"]?.boolValue ?? false
        ending = json["ending"].flatMap(Ending.init(json:))
    }

    /// Where the last round of reviews begins, with what mends its findings: states of older hosts do not say.
    private static func lastRound(of nodes: [WorkflowNode]) -> Int {
        guard let reviewed = nodes.lastIndex(where: { $0.kind != .fix }) else { return 0 }
        return nodes[...reviewed].lastIndex { $0.kind != .review }.map { $0 + 1 } ?? 0
    }
}

extension WorkflowState.Ending {
    fileprivate var json: JSON {
        var object: JSONObject = ["status": .string(status.rawValue)]
        object["reason"] = reason.map(JSON.string)
        return .object(object)
    }

    fileprivate init?(json: JSON) {
        guard let status = json["status"]?.stringValue.flatMap(WorkflowStatus.init(rawValue:)) else { return nil }
        self.init(status, json["reason"]?.stringValue)
    }
}
