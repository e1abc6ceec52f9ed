package import AgentModel
package import JSON

/// The part of the error taxonomy that drivers speak.
extension TaskError {
    /// The codes of the reasons that an agent may give for its failure.
    private static let codes: [String: Int] = [
        "not_found": 1001, "conflict": 1002, "busy": 1003, "overloaded": 1004, "limit_exceeded": 1005,
        "driver_unavailable": 1006, "driver_failed": 1007, "permission_denied": 1008, "timed_out": 1009,
        "budget_exceeded": 1010, "unsupported": 1013, "read_only": 1014,
    ]

    /// The agent ran, or should have, and failed.
    package static func driverFailed(_ message: String, retryable: Bool = false, raw: JSON? = nil) -> TaskError {
        TaskError(code: 1007, reason: "driver_failed", message: message, retryable: retryable, raw: raw)
    }

    /// The agent could not be started.
    package static func driverUnavailable(_ message: String, raw: JSON? = nil) -> TaskError {
        TaskError(code: 1006, reason: "driver_unavailable", message: message, raw: raw)
    }

    /// Why a process that gave no result ended: `raw` is `{"exit_code": n}` or `{"signal": n}`.
    /// - Parameter status: an exit code, or a signal number as a negative number.
    package static func exitedWithoutResult(_ status: Int) -> TaskError {
        status < 0
            ? driverFailed(
                "The agent was ended by signal \(status.magnitude) without a result.", retryable: true,
                raw: ["signal": .int(Int64(clamping: status.magnitude))])
            : driverFailed(
                "The agent exited with code \(status) without a result.", raw: ["exit_code": .int(Int64(status))])
    }

    /// Reads `{reason, message, retryable, raw?}`. A reason outside the taxonomy is `driver_failed`, with the agent's
    /// own words in `raw`.
    init(line object: JSONObject) {
        let members = LineMembers(object: object)
        let reason = members.string("reason") ?? "driver_failed"
        let code = Self.codes[reason]
        self.init(
            code: code ?? 1007, reason: code == nil ? "driver_failed" : reason,
            message: members.name("message") ?? "The agent failed and did not say why.",
            retryable: members.flag("retryable"),
            raw: members.value("raw") ?? (code == nil ? .object(object) : nil))
    }

    var line: JSON {
        var object: JSONObject = [
            "reason": .string(reason), "message": .string(message), "retryable": .bool(retryable),
        ]
        object["raw"] = raw
        return .object(object)
    }
}
