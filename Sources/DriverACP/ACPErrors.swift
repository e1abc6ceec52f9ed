import AgentModel
import Driver
import JSON

/// How a run ends that the agent did not complete.
enum ACPErrors {
    static let authRequired = -32000
    static let resourceNotFound = -32002
    static let internalError = -32603
    static let cancelled = -32800
    /// Too many requests, as HTTP and as Mistral Vibe count it.
    private static let rateLimits: Set<Int> = [429, -31001]

    /// An error of the agent's, for what it was asked to do.
    static func outcome(_ error: PeerError, _ name: String, _ agent: ACPAgent) -> RunOutcome {
        if error.code == authRequired { return signedOut(error, name, agent) }
        let isLimit = rateLimits.contains(error.code)
        return failed(words(error), retryable: isLimit, raw: error.json)
    }

    /// The end that an answer to the prompt tells.
    /// - Parameters:
    ///   - hasSpoken: the agent said something that is no thought.
    ///   - hasWorked: it used a tool.
    static func outcome(_ answer: JSON, hasSpoken: Bool, hasWorked: Bool) -> RunOutcome {
        switch answer["stopReason"]?.stringValue {
        case "end_turn":
            // Several agents end so when their model has failed.
            return hasSpoken || hasWorked
                ? RunOutcome(stopReason: .endTurn)
                : failed(
                    "The agent ended its turn without a word: its model may have failed.", retryable: true,
                    raw: answer)
        case "max_tokens": return RunOutcome(stopReason: .maxTokens)
        case "max_turn_requests":
            return RunOutcome(
                stopReason: .recursionLimit,
                error: TaskError(
                    code: 1005, reason: "limit_exceeded", message: "The agent reached its own limit of turns.",
                    retryable: true))
        case "refusal":
            let error = TaskError.driverFailed("The agent refused, or its model failed.", raw: answer)
            return RunOutcome(stopReason: .refusal, error: hasSpoken ? nil : error)
        case "cancelled": return RunOutcome(stopReason: .cancelled)
        case let word:
            return failed("The agent ended for a reason that is not known: \(word ?? "none")", raw: answer)
        }
    }

    /// The session to go on with is not to be had: the host may begin anew.
    static func resumeLost(_ why: String, raw: JSON? = nil) -> RunOutcome {
        var outcome = RunOutcome(
            stopReason: .error, error: TaskError(code: 1001, reason: "not_found", message: why, raw: raw))
        outcome.isResumeLost = true
        return outcome
    }

    static func unavailable(_ message: String, raw: JSON? = nil) -> RunOutcome {
        RunOutcome(stopReason: .error, error: .driverUnavailable(message, raw: raw))
    }

    static func failed(_ message: String, retryable: Bool = false, raw: JSON? = nil) -> RunOutcome {
        RunOutcome(stopReason: .error, error: .driverFailed(message, retryable: retryable, raw: raw))
    }

    /// The process ended and the prompt has no answer.
    static func exited(_ status: Int, errorOutput: String) -> RunOutcome {
        var error = TaskError.exitedWithoutResult(status)
        let lastLine = errorOutput.split(whereSeparator: \.isNewline).last.map(String.init)
        if let lastLine { error.message += " It said: \(lastLine.prefix(500))" }
        return RunOutcome(stopReason: .noResult, error: error)
    }

    private static func signedOut(_ error: PeerError, _ name: String, _ agent: ACPAgent) -> RunOutcome {
        let methods = agent.authMethods.map(\.words).joined(separator: "; ")
        let ways = methods.isEmpty ? "Sign in with the agent's own program." : "It offers: \(methods)."
        return unavailable(
            "The agent \(name) is not signed in: \(words(error)) \(ways) A variable that it needs is named in "
                + "`inherits` of its configuration.", raw: error.json)
    }

    /// What the error says, with the details that some agents keep beside the message.
    private static func words(_ error: PeerError) -> String {
        let message = error.message.isEmpty ? "The agent failed with code \(error.code)." : error.message
        let data = error.data
        let detail = data?.stringValue ?? data?["details"]?.stringValue ?? data?["message"]?.stringValue
        guard let detail, !detail.isEmpty, !message.contains(detail) else { return message }
        return "\(message): \(detail)"
    }
}
