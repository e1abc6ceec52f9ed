package import AgentModel
package import JSON

/// A line that a line agent writes to the host: an event, or the result that ends its run.
/// `docs/line-agents.md` lists them.
package enum AgentLine: Hashable, Sendable {
    /// A line that is not understood (an unknown type, a required member missing or of a wrong type) is `.raw`.
    case event(DriverEvent)
    case result(RunOutcome)

    package init(_ json: JSON) {
        guard let object = json.objectValue, let type = object["type"]?.stringValue else {
            self = .event(.raw(json))
            return
        }
        if type == "result" {
            self = .result(RunOutcome(line: object))
        } else {
            self = .event(DriverEvent(line: object, type: type) ?? .raw(json))
        }
    }

    package var json: JSON {
        switch self {
        case .event(let event): event.line
        case .result(let outcome): outcome.line
        }
    }

    /// The line with its newline.
    package var bytes: [UInt8] { json.encoded() + [UInt8(ascii: "\n")] }
}
