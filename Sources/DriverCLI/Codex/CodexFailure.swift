import AgentModel
import Driver
import JSON

/// What went wrong, in Codex's words and the host's.
enum CodexFailure {
    /// A turn that failed.
    /// - Parameter error: `{message, codexErrorInfo?, additionalDetails?}`; `nil` when it does not say.
    static func turn(_ error: JSON?) -> RunOutcome {
        let members = CodexMembers(error ?? .null)
        let kind = kind(members["codexErrorInfo"])
        let isCut = members.text("message")?.hasPrefix("stream disconnected") == true
        var outcome = RunOutcome(
            stopReason: kind == "sessionBudgetExceeded" ? .budget : .error,
            error: .driverFailed(
                members.text("message").map(words) ?? "Codex failed and did not say why.",
                retryable: isCut || retryable.contains(kind), raw: error))
        if kind == "unauthorized" { outcome.error?.message += " Is Codex signed in?" }
        return outcome
    }

    /// A request that app-server refused.
    static func refused(_ method: String, _ error: PeerError) -> TaskError {
        .driverFailed("Codex refused \(method): \(error.message)", raw: error.json)
    }

    /// Whether a refusal to go on with a thread says that there is no such thread.
    static func saysThreadIsLost(_ message: String) -> Bool {
        ["rollout", "not found", "invalid session id", "invalid thread id"]
            .contains { message.lowercased().hasWord($0) }
    }

    /// The process ended within a turn.
    static func exited(_ status: Int, stderr: String) -> TaskError {
        var error = TaskError.exitedWithoutResult(status)
        if let line = reason(stderr) { error.message += " It wrote: \(line)" }
        return error
    }

    /// app-server ended before it had answered anything.
    static func noAppServer(_ status: Int, stderr: String) -> TaskError {
        let line = reason(stderr).map { " It wrote: \($0)" } ?? ""
        return .driverUnavailable(
            "Codex's app-server ended before it answered.\(line) A Codex without it has to be updated, "
                + "or driven with `transport` set to `exec`.",
            raw: status < 0
                ? ["signal": .int(Int64(clamping: status.magnitude))] : ["exit_code": .int(Int64(status))])
    }

    /// The line of stderr that says what went wrong: the last that says so, else the last of all that is no warning.
    static func reason(_ stderr: String) -> String? {
        let lines = stderr.split(whereSeparator: \.isNewline).map(withoutEscapes)
            .filter { line in line.contains { !$0.isWhitespace } }
        let errors = lines.filter { $0.lowercased().hasPrefix("error:") }
        return (errors.last ?? lines.last { !$0.hasPrefix("WARNING:") }).map { String($0.prefix(500)) }
    }

    /// Errors of a model server come as the JSON that it sent.
    private static func words(_ message: String) -> String {
        guard message.hasPrefix("{"), let json = try? JSON.parse(Array(message.utf8)),
            let inner = json["error"]?["message"]?.stringValue ?? json["detail"]?.stringValue, !inner.isEmpty
        else { return message.isEmpty ? "Codex failed and did not say why." : message }
        return inner
    }

    /// A word, or an object of one member whose name is the word.
    private static func kind(_ info: JSON?) -> String {
        info?.stringValue ?? info?.objectValue?.keys.first ?? ""
    }

    private static let retryable: Set<String> = [
        "serverOverloaded", "rateLimitExceeded", "internalServerError", "httpConnectionFailed",
        "responseStreamConnectionFailed", "responseStreamDisconnected", "responseTooManyFailedAttempts",
    ]

    private static func withoutEscapes(_ line: Substring) -> String {
        var kept = String.UnicodeScalarView()
        var isEscape = false
        for scalar in line.unicodeScalars {
            if scalar == "\u{1b}" {
                isEscape = true
            } else if !isEscape {
                kept.append(scalar)
            } else if scalar.properties.isAlphabetic {
                isEscape = false
            }
        }
        return String(kept)
    }
}

extension String {
    /// Whether the text occurs in it.
    fileprivate func hasWord(_ text: String) -> Bool {
        let (whole, part) = (Array(utf8), Array(text.utf8))
        guard !part.isEmpty, whole.count >= part.count else { return false }
        return (0...(whole.count - part.count)).contains { whole[$0...].starts(with: part) }
    }
}
