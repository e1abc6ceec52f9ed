import AgentModel
import Driver
import JSON

/// What the CLI says of usage. Of its figures, `total_cost_usd` and `modelUsage` count from the beginning of the
/// conversation, over resumed runs, forks and turns of a warm process; `model_usage_since_last_result` is exactly what
/// one result is about; `usage` is so too, but without the cost, subagents and turns that were cut short.
enum ClaudeUsage {
    /// The sum over the models of an object like `model_usage_since_last_result`.
    static func sum(_ models: JSONObject) -> Usage {
        var sum = Usage()
        sum.cost = Cost(nanoDollars: 0)
        sum.accuracy = .known
        for model in models {
            guard let object = model.value.objectValue else { continue }
            let members = LineMembers(object: object)
            var usage = Usage()
            usage.inputTokens = members.count("inputTokens") ?? 0
            usage.outputTokens = members.count("outputTokens") ?? 0
            usage.cacheReadTokens = members.count("cacheReadInputTokens") ?? 0
            usage.cacheWriteTokens = members.count("cacheCreationInputTokens") ?? 0
            usage.reasoningTokens = members.count("thinkingTokens") ?? 0
            usage.cost = cost(members, "costUSD") ?? Cost(nanoDollars: 0)
            usage.accuracy = .known
            sum.add(usage)
        }
        return sum
    }

    /// What a result is exactly about; `nil` when the CLI is too old to say.
    static func since(_ result: LineMembers, turns: Int) -> Usage? {
        guard let models = result.object["model_usage_since_last_result"]?.objectValue else { return nil }
        var usage = sum(models)
        usage.turns = turns
        return usage
    }

    /// What the whole conversation has used by now; `nil` when the result does not say.
    static func total(_ result: LineMembers) -> Usage? {
        guard let models = result.object["modelUsage"]?.objectValue else { return nil }
        var usage = sum(models)
        usage.cost = cost(result, "total_cost_usd") ?? usage.cost
        return usage == sum([:]) ? nil : usage
    }

    /// What one answer of the model has used, as the Messages API says it, without its cost.
    static func message(_ json: JSON?) -> Usage {
        var usage = Usage()
        usage.accuracy = .estimated
        guard let object = json?.objectValue else { return usage }
        let members = LineMembers(object: object)
        usage.inputTokens = members.count("input_tokens") ?? 0
        usage.outputTokens = members.count("output_tokens") ?? 0
        usage.cacheReadTokens = members.count("cache_read_input_tokens") ?? 0
        usage.cacheWriteTokens = members.count("cache_creation_input_tokens") ?? 0
        return usage
    }

    private static func cost(_ members: LineMembers, _ key: String) -> Cost? {
        members.number(key).flatMap { $0 >= 0 ? Cost(dollars: $0) : nil }
    }
}
