import AgentModel
import Driver
import JSON

/// How a run ends whose process ended without a result: the reason stands on stderr, if anywhere.
enum ClaudeExit {
    private static let wordsMax = 2000

    /// - Parameters:
    ///   - status: exit code, or signal number as a negative number.
    ///   - errors: the last of what it wrote to stderr.
    static func outcome(status: Int, errors: String, _ request: RunRequest) -> RunOutcome {
        let words = Self.words(errors)
        if request.resumeID != nil, words.contains(ClaudeResult.unknownSession) {
            return lost(.driverFailed(words, raw: raw(status, words)))
        }
        if words.contains("is already in use") {
            let message = "\(words) A conversation with the id that was offered is there already; another one is begun."
            let conflict = TaskError(code: 1002, reason: "conflict", message: message, raw: raw(status, words))
            return lost(conflict)
        }
        // A shell's way to tell of a signal, and the CLI's own.
        var error = TaskError.exitedWithoutResult((129...159).contains(status) ? 128 - status : status)
        if !words.isEmpty {
            error.message = "\(error.message) It said: \(words)"
            error.raw = raw(status, words)
        }
        return RunOutcome(stopReason: .noResult, error: error)
    }

    /// The driver session cannot be had: the host may try once more with another one.
    private static func lost(_ error: TaskError) -> RunOutcome {
        var outcome = RunOutcome(stopReason: .error, error: error)
        outcome.isResumeLost = true
        return outcome
    }

    private static func words(_ errors: String) -> String {
        let lines = errors.split(whereSeparator: \.isNewline).map(String.init).filter { line in
            line.contains { !$0.isWhitespace }
        }
        return String(lines.suffix(10).joined(separator: "\n").suffix(wordsMax))
    }

    private static func raw(_ status: Int, _ words: String) -> JSON {
        var object: JSONObject =
            status < 0
            ? ["signal": .int(Int64(clamping: status.magnitude))] : ["exit_code": .int(Int64(status))]
        if !words.isEmpty { object["stderr"] = .string(words) }
        return .object(object)
    }
}
