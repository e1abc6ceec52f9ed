import AgentModel
import JSON

/// How a run's end stands on a line agent's stdout.
extension RunOutcome {
    /// The stop reasons that an agent may give; the others are the host's own findings.
    private static let spoken: Set<StopReason> = [
        .endTurn, .maxTokens, .recursionLimit, .budget, .timeout, .refusal, .cancelled, .schemaUnsatisfied, .error,
    ]

    /// Reads a `result` line. It always ends the run: a stop reason that no agent may give, or none at all beside an
    /// error, counts as `error`, and an `error` without an error gets one.
    init(line object: JSONObject) {
        let members = LineMembers(object: object)
        let word = members.string("stop_reason")
        var error = object["error"]?.objectValue.map(TaskError.init(line:))
        var stopReason = word == nil ? StopReason.endTurn : StopReason(rawValue: word ?? "")
        if let known = stopReason, !Self.spoken.contains(known) { stopReason = nil }
        if error != nil, stopReason == .endTurn { stopReason = .error }
        if stopReason == nil {
            let message = "The agent ended for a reason that is not known: \(word ?? "")."
            error = error ?? .driverFailed(message, raw: .object(object))
        } else if stopReason == .error {
            let message = "The agent ended with an error and did not say which."
            error = error ?? .driverFailed(message, raw: .object(object))
        }
        self.init(stopReason: stopReason ?? .error, output: members.string("output") ?? "", error: error)
        structuredOutput = members.value("structured_output")
        findings = (object["findings"]?.arrayValue ?? []).prefix(Finding.countMax).compactMap(Finding.init(line:))
        driverSessionID = members.name("session_id")
        usage = object["usage"]?.objectValue.map(Usage.init(line:))
        isResumeLost = members.flag("resume_lost")
    }

    var line: JSON {
        .line("result") {
            $0["stop_reason"] = .string(stopReason.rawValue)
            $0["output"] = .string(output)
            if let structuredOutput { $0["structured_output"] = structuredOutput }
            if !findings.isEmpty { $0["findings"] = .array(findings.map(\.line)) }
            if let usage {
                var members: JSONObject = [:]
                usage.write(to: &members)
                $0["usage"] = .object(members)
            }
            $0.set("session_id", driverSessionID)
            if let error { $0["error"] = error.line }
            if isResumeLost { $0["resume_lost"] = true }
        }
    }
}

extension Usage {
    /// What an agent says of its usage counts as known, unless it says otherwise. Counts below zero read as zero, those
    /// over 2^50 as 2^50; a negative cost reads as none.
    init(line object: JSONObject) {
        let members = LineMembers(object: object)
        self.init()
        inputTokens = members.count("input_tokens") ?? 0
        outputTokens = members.count("output_tokens") ?? 0
        cacheReadTokens = members.count("cache_read_tokens") ?? 0
        cacheWriteTokens = members.count("cache_write_tokens") ?? 0
        reasoningTokens = members.count("reasoning_tokens") ?? 0
        turns = members.count("turns") ?? 0
        if let dollars = members.number("cost_usd"), dollars >= 0 { cost = Cost(dollars: dollars) }
        accuracy = Accuracy(rawValue: members.string("accuracy") ?? "") ?? .known
    }

    func write(to object: inout JSONObject) {
        object.set("input_tokens", inputTokens)
        object.set("output_tokens", outputTokens)
        object.set("cache_read_tokens", cacheReadTokens)
        object.set("cache_write_tokens", cacheWriteTokens)
        object.set("reasoning_tokens", reasoningTokens)
        object.set("turns", turns)
        if let cost { object["cost_usd"] = .double(cost.dollars) }
        object["accuracy"] = .string(accuracy.rawValue)
    }
}
