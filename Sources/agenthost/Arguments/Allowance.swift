import HostProtocol
import JSON

extension Flag {
    static let allow = Flag(
        "--allow", "TOOL[:PATH]",
        "Let the agent use a tool unasked, on files that fit the pattern; may be given several times.",
        standard: "it asks, or is refused where nobody is there")
}

extension Arguments {
    /// What `--allow` lets the agents do unasked; `nil` without it.
    var permissions: JSON? {
        let rules = all("--allow").map { text in
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            return Wire.PermissionRule(
                tool: parts.first ?? "", path: parts.count > 1 ? parts[1] : nil, decision: .allow)
        }
        return rules.isEmpty ? nil : ["rules": .array(rules.map(\.json))]
    }
}
