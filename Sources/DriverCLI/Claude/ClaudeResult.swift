import AgentModel
import Driver
import JSON

/// What the CLI's `result` line means. Its words do not say it alone: `success` may be a failure of the model's server,
/// and a process that was asked for a schema may end in peace without having kept to it.
struct ClaudeResult {
    private let members: LineMembers
    private let request: RunRequest

    init(_ object: JSONObject, _ request: RunRequest) {
        members = LineMembers(object: object)
        self.request = request
    }

    /// How the run ends.
    /// - Parameters:
    ///   - isCancelled: the host has asked the CLI to stop.
    ///   - lastMessage: what the agent said last, for a result that holds no text.
    func outcome(isCancelled: Bool, lastMessage: String) -> RunOutcome {
        let subtype = members.string("subtype") ?? ""
        let isError = members.flag("is_error")
        var outcome =
            switch subtype {
            case "success" where !isError: success()
            case "error_max_turns": limited(.recursionLimit, 1005, "limit_exceeded")
            case "error_max_budget_usd": limited(.budget, 1010, "budget_exceeded")
            case "error_max_structured_output_retries": failed(.schemaUnsatisfied, nil)
            case _ where isCancelled && (isAborted || isError): RunOutcome(stopReason: .cancelled)
            case _ where isAborted: failed(.error, failure("The agent was interrupted.", retryable: true))
            case _ where isLost: lost()
            default: failed(.error, failure(words, retryable: isRetryable))
            }
        if outcome.output.isEmpty { outcome.output = lastMessage }
        if !outcome.isResumeLost { outcome.driverSessionID = members.name("session_id") }
        return outcome
    }

    private func success() -> RunOutcome {
        var outcome = RunOutcome(stopReason: .endTurn, output: members.string("result") ?? "")
        outcome.structuredOutput = members.value("structured_output")
        if request.task.outputSchema != nil, outcome.structuredOutput == nil {
            outcome.stopReason = .schemaUnsatisfied
        } else if members.string("stop_reason") == "max_tokens" {
            outcome.stopReason = .maxTokens
        } else if members.string("stop_reason") == "refusal" {
            outcome.stopReason = .refusal
        }
        return outcome
    }

    private func failed(_ reason: StopReason, _ error: TaskError?) -> RunOutcome {
        RunOutcome(stopReason: reason, error: error)
    }

    private func limited(_ reason: StopReason, _ code: Int, _ word: String) -> RunOutcome {
        var error = failure(words, retryable: true)
        error.code = code
        error.reason = word
        return failed(reason, error)
    }

    private func lost() -> RunOutcome {
        var outcome = failed(.error, failure(words, retryable: false))
        outcome.isResumeLost = true
        return outcome
    }

    private func failure(_ message: String, retryable: Bool) -> TaskError {
        var raw: JSONObject = [:]
        for key in ["subtype", "errors", "api_error_status", "api_error_type", "terminal_reason", "result"] {
            raw[key] = members.value(key)
        }
        return .driverFailed(message, retryable: retryable, raw: .object(raw))
    }

    private var isAborted: Bool { members.string("terminal_reason")?.hasPrefix("aborted") ?? false }

    private var isLost: Bool {
        request.resumeID != nil && words.contains(Self.unknownSession)
    }

    /// Too much asked of the server, or the server's own fault.
    private var isRetryable: Bool {
        guard let status = members.object["api_error_status"]?.intValue else { return false }
        return status == 408 || status == 429 || (500...599).contains(status)
    }

    /// The CLI's own words for what went wrong.
    private var words: String {
        let errors = (members.object["errors"]?.arrayValue ?? []).compactMap(\.stringValue).filter { !$0.isEmpty }
        if !errors.isEmpty { return errors.joined(separator: "\n") }
        if let text = members.name("result") { return text }
        return "The agent ended with \(members.name("subtype") ?? "an error") and did not say why."
    }

    static let unknownSession = "No conversation found with session ID"
}
