import AgentModel
import JSON
import Store

/// How an event's type and data are stored: each text once, and what the store writes itself in few bytes.
///
/// - `task.queued` has only who judges the result, if anybody: its task has the rest.
/// - A terminal event leaves out `run_id`, which its row has, and like `run.ended` writes its usage as an array.
enum EventData {
    /// By code, from 1; the table `event_type` says the same. Only ever added to.
    static let types: [EventType] = [
        .taskQueued, .taskStarted, .runStarted, .message, .toolStarted, .toolUpdated, .toolFinished, .agentPlanUpdated,
        .permissionRequested, .permissionResolved, .questionAsked, .questionAnswered, .memoryInjected, .memoryCaptured,
        .checkpointSaved, .artifactCreated, .usageUpdated, .progress, .warning, .raw, .runEnded, .taskCompleted,
        .taskFailed, .taskCancelled, .taskInterrupted, .sessionCreated, .sessionUpdated, .sessionPaused,
        .sessionResumed, .sessionCompleted, .sessionFailed, .sessionExpired, .sessionForked, .sessionRestored,
    ]

    private static let codes = Dictionary(uniqueKeysWithValues: zip(types, 1...))

    static func code(_ type: EventType) -> Int { codes[type] ?? 0 }

    static func type(_ code: Int) throws -> EventType {
        guard types.indices.contains(code - 1) else { throw StoreFailure.damaged("an event of type \(code)") }
        return types[code - 1]
    }

    /// Types that only the store logs, so that it alone knows the form of their data.
    static func isOwn(_ type: EventType) -> Bool {
        switch type {
        case .taskQueued, .taskStarted, .runStarted, .runEnded, .checkpointSaved: true
        default: type.isTerminal
        }
    }

    static func stored(_ draft: EventDraft) -> SQLiteValue {
        var data = draft.data
        if draft.type == .taskQueued { data = JSONObject(judging.compactMap { name in data[name].map { (name, $0) } }) }
        if draft.type.isTerminal { data["run_id"] = nil }
        if draft.type.isTerminal || draft.type == .runEnded { data["usage"] = data["usage"].map(shortened) }
        return data.isEmpty ? .null : .object(data)
    }

    private static let judging = ["check", "accept"]

    /// Undoes `stored` for all but `task.queued`.
    static func restored(_ data: JSONObject, type: EventType, run: RunID?) -> JSONObject {
        var data = data
        if type.isTerminal || type == .runEnded { data["usage"] = data["usage"].map(lengthened) }
        if type.isTerminal, let run { data["run_id"] = .string(run.description) }
        return data
    }

    private static func shortened(_ json: JSON) -> JSON {
        let usage = Usage(json: json)
        let figures = [
            usage.inputTokens, usage.outputTokens, usage.cacheReadTokens, usage.cacheWriteTokens, usage.reasoningTokens,
            usage.turns,
        ]
        return .array(
            figures.map { .int(Int64($0)) }
                + [usage.cost.map { .int($0.nanoDollars) } ?? .null, .string(usage.accuracy.rawValue)])
    }

    private static func lengthened(_ json: JSON) -> JSON {
        guard let parts = json.arrayValue, parts.count == 8 else { return json }
        var usage = Usage.none
        usage.inputTokens = parts[0].intValue ?? 0
        usage.outputTokens = parts[1].intValue ?? 0
        usage.cacheReadTokens = parts[2].intValue ?? 0
        usage.cacheWriteTokens = parts[3].intValue ?? 0
        usage.reasoningTokens = parts[4].intValue ?? 0
        usage.turns = parts[5].intValue ?? 0
        usage.cost = parts[6].intValue.map { Cost(nanoDollars: Int64($0)) }
        usage.accuracy = parts[7].stringValue.flatMap(Accuracy.init(rawValue:)) ?? .unknown
        return usage.json
    }
}
