package import JSON

extension Usage {
    /// As it is written on the wire and in the store: counts of tokens and turns, `cost_usd` when known, `accuracy`.
    package var json: JSON {
        var object: JSONObject = [
            "input_tokens": .int(Int64(inputTokens)), "output_tokens": .int(Int64(outputTokens)),
            "cache_read_tokens": .int(Int64(cacheReadTokens)), "cache_write_tokens": .int(Int64(cacheWriteTokens)),
            "reasoning_tokens": .int(Int64(reasoningTokens)), "turns": .int(Int64(turns)),
        ]
        object["cost_usd"] = cost.map { .double($0.dollars) }
        object["accuracy"] = .string(accuracy.rawValue)
        return .object(object)
    }

    /// Reads what `json` wrote; absent members count as zero or unknown.
    package init(json: JSON) {
        inputTokens = json["input_tokens"]?.intValue ?? 0
        outputTokens = json["output_tokens"]?.intValue ?? 0
        cacheReadTokens = json["cache_read_tokens"]?.intValue ?? 0
        cacheWriteTokens = json["cache_write_tokens"]?.intValue ?? 0
        reasoningTokens = json["reasoning_tokens"]?.intValue ?? 0
        turns = json["turns"]?.intValue ?? 0
        cost = json["cost_usd"]?.doubleValue.flatMap(Cost.init(dollars:))
        accuracy = json["accuracy"]?.stringValue.flatMap(Accuracy.init(rawValue:)) ?? .unknown
    }
}
