import JSON

/// What an event of a session's log says, in a line.
enum EventText {
    static func summary(_ type: String, _ data: JSON) -> String {
        switch type {
        case "task.queued": data["prompt"]?.stringValue ?? ""
        case "run.started", "task.started": data["driver"]?.stringValue ?? ""
        case "message": data["text"]?.stringValue ?? ""
        case "tool.started": [title(data), sql(data)].compactMap { $0 }.joined(separator: ": ")
        case "tool.finished": outcome(data)
        case "artifact.created":
            "\(data["path"]?.stringValue ?? "") (\(Quantity.bytes(data["bytes"]?.intValue ?? 0)))"
        case "progress": progress(data)
        case "warning": data["message"]?.stringValue ?? ""
        case "permission.requested", "question.asked": data["title"]?.stringValue ?? ""
        case "permission.resolved", "question.answered":
            [data["outcome"], data["option_id"]].compactMap { $0?.stringValue }.joined(separator: ": ")
        case "usage.updated": usage(data) ?? ""
        case "run.ended": data["stop_reason"]?.stringValue ?? ""
        case "task.completed", "task.failed", "task.cancelled", "task.interrupted": end(data)
        case "session.updated": (data["changed"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ", ")
        default: data["detail"]?.stringValue ?? ""
        }
    }

    static func title(_ data: JSON) -> String? { data["title"]?.stringValue ?? data["name"]?.stringValue }

    /// The statement that a tool runs.
    static func sql(_ data: JSON) -> String? { data["input"]?["sql"]?.stringValue }

    /// What came out of a tool.
    static func outcome(_ data: JSON) -> String {
        let output = data["output"]
        if data["is_error"] == true {
            return "failed: " + (output?["error"]?.stringValue ?? output?.stringValue ?? output?.description ?? "")
        }
        if let rows = output?["rows"]?.intValue ?? output?["row_count"]?.intValue {
            let more = output?["truncated"] == true ? "+" : ""
            return Quantity.count(rows) + more + (rows == 1 ? " row" : " rows")
        }
        if let tables = output?["tables"]?.arrayValue { return Quantity.counted(tables.count, "table") }
        return output?.stringValue ?? output.flatMap { $0.isNull ? nil : $0.description } ?? ""
    }

    static func progress(_ data: JSON) -> String {
        let message = data["message"]?.stringValue ?? ""
        guard let done = data["done"]?.doubleValue, let total = data["total"]?.doubleValue, total > 0 else {
            return message
        }
        let percent = Int((min(max(done / total, 0), 1) * 100).rounded())
        return message.isEmpty ? "\(percent) %" : "\(percent) % \(message)"
    }

    /// Tokens and cost, when there are any.
    static func usage(_ usage: JSON) -> String? {
        let tokensIn = ["input_tokens", "cache_read_tokens", "cache_write_tokens"].reduce(0) {
            $0 &+ (usage[$1]?.intValue ?? 0)
        }
        let tokensOut = usage["output_tokens"]?.intValue ?? 0
        let cost = usage["cost_usd"]?.doubleValue ?? 0
        guard tokensIn > 0 || tokensOut > 0 || cost > 0 else { return nil }
        let tokens = "\(Quantity.count(tokensIn)) tokens in, \(Quantity.count(tokensOut)) out"
        return cost > 0 ? "\(tokens), \(dollars(cost))" : tokens
    }

    private static func dollars(_ cost: Double) -> String {
        guard cost < 1e9 else { return "over $1,000,000,000" }
        let units = Int((cost * 10_000).rounded())
        let fraction = String(10_000 + units % 10_000).dropFirst()
        return "$\(Quantity.count(units / 10_000)).\(fraction)"
    }

    private static func end(_ data: JSON) -> String {
        let reason = data["stop_reason"]?.stringValue ?? ""
        let message = data["error"]?["message"]?.stringValue.map { ": \($0)" } ?? ""
        let time = data["duration_ms"]?.intValue.map { " after \(Quantity.duration(milliseconds: $0))" } ?? ""
        return reason + time + message
    }
}
