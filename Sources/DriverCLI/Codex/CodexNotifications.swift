import AgentModel
import Driver
import JSON

/// What the notifications of app-server come to as events, beside those that move the run itself.
extension CodexAppServerRun {
    /// Told for clients that show them, and of no use to a log.
    private static let passedOver: Set<String> = [
        "account/rateLimits/updated", "account/updated", "app/list/updated", "hook/completed", "hook/started",
        "item/commandExecution/terminalInteraction", "item/fileChange/outputDelta", "item/fileChange/patchUpdated",
        "item/plan/delta", "mcpServer/startupStatus/updated", "rawResponse/completed", "rawResponseItem/completed",
        "remoteControl/status/changed", "skills/changed", "thread/environment/connected", "thread/goal/cleared",
        "thread/goal/updated", "thread/name/updated", "thread/readState/changed", "thread/settings/updated",
        "thread/started", "thread/status/changed", "turn/diff/updated",
    ]

    /// - Parameter isForeign: it is about another thread than the run's.
    mutating func events(_ method: String, _ params: JSON, isForeign: Bool) -> [DriverEvent] {
        if Self.passedOver.contains(method) { return [] }
        if isForeign { return method == "item/completed" ? [Self.raw(method, params)] : [] }
        switch method {
        case "item/started", "item/completed": return item(method, params)
        case "turn/plan/updated": return [.planUpdated(CodexItem.plan(params["plan"]))]
        case "error": return error(params)
        case "warning", "guardianWarning", "configWarning", "deprecationNotice":
            let text = params["message"]?.stringValue ?? params["summary"]?.stringValue ?? ""
            return text.isEmpty ? [Self.raw(method, params)] : [.warning(text)]
        default: return delta(method, params) ?? [Self.raw(method, params)]
        }
    }

    private mutating func item(_ method: String, _ params: JSON) -> [DriverEvent] {
        guard let json = params["item"], let item = CodexItem(json) else { return [Self.raw(method, params)] }
        let whole: JSON = ["method": .string(method), "params": params]
        return method == "item/started" ? dialogue.started(item, whole) : dialogue.completed(item, whole)
    }

    /// `nil` for what is no part of something longer.
    private mutating func delta(_ method: String, _ params: JSON) -> [DriverEvent]? {
        let id = params["itemId"]?.stringValue ?? ""
        let text = params["delta"]?.stringValue ?? ""
        switch method {
        case "item/agentMessage/delta": return dialogue.said(id, text)
        case "item/reasoning/summaryTextDelta", "item/reasoning/textDelta": return dialogue.thought(id, text)
        case "item/reasoning/summaryPartAdded": return dialogue.newPart(ofThought: id)
        case "item/commandExecution/outputDelta": return dialogue.wrote(id, text)
        default: return nil
        }
    }

    /// One that is final comes once more with the turn's end.
    private mutating func error(_ params: JSON) -> [DriverEvent] {
        guard params["willRetry"]?.boolValue == true else { return [] }
        let message = params["error"]?["message"]?.stringValue ?? "Reconnecting..."
        let details = params["error"]?["additionalDetails"]?.stringValue
        return dialogue.reconnecting(details.map { "\(message) (\($0))" } ?? message)
    }

    private static func raw(_ method: String, _ params: JSON) -> DriverEvent {
        .raw(["method": .string(method), "params": params])
    }
}
