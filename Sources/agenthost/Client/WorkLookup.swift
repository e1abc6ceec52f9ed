import HostProtocol

/// Finds plans and workflows by what people write.
extension HostClient {
    /// The whole id of a plan: as it stands, or the one that ends like a short form, as lists show them.
    func planID(_ text: String) throws -> String {
        try wholeID(text, "plan_", listed: "agenthost plans") { cursor in
            let page = try call(Wire.PlanListParams(limit: 1000, cursor: cursor))
            return (page.items.map(\.id), page.nextCursor)
        }
    }

    /// The same of a workflow.
    func workflowID(_ text: String) throws -> String {
        try wholeID(text, "flow_", listed: "agenthost workflows") { cursor in
            let page = try call(Wire.WorkflowListParams(limit: 1000, cursor: cursor))
            return (page.items.map(\.id), page.nextCursor)
        }
    }

    /// - Parameter page: the ids of a page and the cursor of the next one.
    private func wholeID(
        _ text: String, _ prefix: String, listed command: String, _ page: (String?) throws -> ([String], String?)
    ) throws -> String {
        let digits = text.dropFirst(prefix.count).lowercased()
        guard (4..<32).contains(digits.count), digits.allSatisfy(\.isHexDigit) else { return text }
        var found: [String] = []
        var cursor: String?
        repeat {
            let (ids, next) = try page(cursor)
            found += ids.filter { $0.hasSuffix(digits) }
            cursor = next
        } while cursor != nil
        guard let first = found.first else {
            throw CommandLineError("there is no \(text)", advice: "\(command) lists those there are.", .dataError)
        }
        guard found.count == 1 else {
            throw CommandLineError(
                "\(found.count) ids end with \(digits): \(found.joined(separator: ", "))", .dataError)
        }
        return first
    }
}

/// The form of a plan's or workflow's id that people read and write: its prefix and its last eight hex digits.
func shortWorkID(_ id: String) -> String { id.prefix { $0 != "_" } + "_" + shortID(id) }
