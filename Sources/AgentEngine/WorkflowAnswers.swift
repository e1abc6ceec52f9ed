package import AgentModel
package import JSON

/// What became of a node.
package struct WorkflowOutcome: Hashable, Sendable {
    package enum End: Hashable, Sendable {
        case completed
        case failed(String)
        case cancelled
        /// Its host or its client was lost.
        case interrupted
        /// Its session is paused: it has not begun, or not all of it.
        case held
    }

    package var end: End
    /// The structured answer of an architect or a reviewer.
    package var result: JSON?
    package var usage = Usage.none
    package var driverSessionID: String?

    package init(_ end: End, result: JSON? = nil) {
        self.end = end
        self.result = result
    }

    package init(_ result: TaskResult) {
        end =
            switch StepOutcome(result).end {
            case .completed: .completed
            case .failed(let reason, _): .failed(reason)
            case .cancelled: .cancelled
            case .interrupted: .interrupted
            }
        self.result = result.structuredOutput
        usage = result.usage
        driverSessionID = result.driverSessionID
    }

    /// What an execution of the developer's plan came to.
    package init(_ plan: Plan) {
        end =
            switch plan.status {
            case .completed: .completed
            case .failed: .failed(plan.state.reason ?? "The plan failed.")
            case .cancelled: .cancelled
            // A plan that rests says why only when a session of it is paused.
            case .interrupted where plan.state.reason != nil: .held
            case .created, .running, .interrupted: .interrupted
            }
        usage = plan.state.usage
        driverSessionID = plan.steps.reversed().lazy.compactMap { plan.state.steps[$0.id]?.driverSessionID }.first
    }
}

/// What a reviewer says.
package struct ReviewVerdict: Hashable, Sendable {
    package var approves: Bool
    /// `none`, `low`, `medium`, `high` or `critical`.
    package var severity: String
    package var comments: [JSON]

    /// `nil` when it does not say whether it approves.
    package init?(_ json: JSON?) {
        guard let json, let approved = json["approved"]?.boolValue else { return nil }
        approves = approved
        severity = json["severity"]?.stringValue ?? "none"
        comments = json["comments"]?.arrayValue ?? []
    }

    /// What a reviewer's answer has to meet.
    package static let schema: JSON = [
        "type": "object", "required": ["approved", "severity", "comments"],
        "properties": [
            "approved": ["type": "boolean"],
            "severity": ["type": "string", "enum": ["none", "low", "medium", "high", "critical"]],
            "summary": ["type": "string"],
            "comments": [
                "type": "array",
                "items": [
                    "type": "object", "required": ["message"],
                    "properties": [
                        "file": ["type": "string"], "line": ["type": "integer"], "severity": ["type": "string"],
                        "message": ["type": "string"],
                    ],
                ],
            ],
        ],
    ]
}

extension WorkflowProposal {
    package struct Fault: Error, Hashable, Sendable {
        package var message: String
    }

    /// Reads an architect's answer `{plan, reasoning}`; a plan that could not be executed is a fault.
    package static func read(_ json: JSON?) -> Result<WorkflowProposal, Fault> {
        guard let proposal = json.flatMap(WorkflowProposal.init(json:)) else {
            return .failure(Fault(message: "The architect gave no plan."))
        }
        guard !proposal.batches.isEmpty else { return .failure(Fault(message: "The plan has no batch.")) }
        if let fault = PlanFault.first(in: proposal.batches) {
            return .failure(Fault(message: "The plan cannot be executed: \(fault.path): \(fault.message)."))
        }
        return .success(proposal)
    }

    /// What an architect's answer has to meet.
    package static let schema: JSON = [
        "type": "object", "required": ["plan", "reasoning"],
        "properties": [
            "plan": [
                "type": "object", "required": ["title", "goal", "batches"],
                "properties": [
                    "title": ["type": "string", "minLength": 1], "goal": ["type": "string", "minLength": 1],
                    "risk_summary": ["type": "string"], "estimated_minutes": ["type": "integer", "minimum": 0],
                    "test_first": ["type": "boolean"],
                    "batches": ["type": "array", "minItems": 1, "items": batch],
                ],
            ],
            "reasoning": ["type": "string"],
        ],
    ]

    private static let batch: JSON = [
        "type": "object", "required": ["steps"],
        "properties": [
            "title": ["type": "string"], "risk": ["type": "string", "enum": ["low", "medium", "high"]],
            "steps": [
                "type": "array", "minItems": 1,
                "items": [
                    "type": "object", "required": ["id", "description"],
                    "properties": [
                        "id": ["type": "string", "minLength": 1], "description": ["type": "string", "minLength": 1],
                        "type": ["type": "string", "minLength": 1], "prompt": ["type": "string", "minLength": 1],
                        "depends_on": ["type": "array", "items": ["type": "string"]],
                    ],
                ],
            ],
        ],
    ]
}
